# SPDX-License-Identifier: Apache-2.0
"""Disentanglement where the answer is known: matrices by hand, and codes whose scores have a closed form."""

from __future__ import annotations

from math import cos, log, radians
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.disentanglement.importance import completeness, disentanglement
from plugins.disentanglement.information import (
    binned,
    contingency,
    entropy,
    gaps,
    information_matrix,
    modularity,
    mutual_information,
)
from plugins.disentanglement.measuring import rotation
from plugins.disentanglement.scores import (
    area,
    beta_vae,
    explicitness,
    factor_vae,
    interventional_robustness,
    separations,
    squared_correlations,
)

DUPLICATED = np.vstack([np.eye(5), np.eye(5)])
TWO_FACTORS = np.hstack([np.eye(5), np.eye(5)])


@pytest.mark.parametrize(
    ("matrix", "one_factor_an_axis", "one_axis_a_factor"),
    [
        pytest.param(np.diag([5.0, 3.0, 1.0, 1.0]), 1, 1, id="diagonal, whatever the weights"),
        pytest.param(DUPLICATED, 1, 1 - log(2) / log(10), id="every axis twice"),
        pytest.param(np.vstack([np.eye(10)] * 2), 1, 1 - log(2) / log(20), id="ten axes twice"),
        pytest.param(TWO_FACTORS, 1 - log(2) / log(10), 1, id="every axis for two factors"),
        pytest.param(np.zeros((10, 10)), 0, 0, id="nothing matters"),
        pytest.param(np.ones((4, 6)), 0, 0, id="everything matters alike"),
        pytest.param(np.array([[1.0, 0], [0, 1], [0, 0]]), 1, 1, id="a dead axis has no weight"),
    ],
)
def test_dci_by_hand(matrix: Any, one_factor_an_axis: float, one_axis_a_factor: float) -> None:
    assert disentanglement(matrix) == pytest.approx(one_factor_an_axis, abs=1e-6)
    assert completeness(matrix) == pytest.approx(one_axis_a_factor, abs=1e-6)


def test_shuffled_importances_are_poor() -> None:
    random = np.random.default_rng(0)
    matrix = np.stack([random.permutation(np.linspace(0, 1, 10)) for _ in range(10)])
    assert disentanglement(matrix) < 0.2
    assert completeness(matrix) < 0.2


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        pytest.param(np.diag([2.0, 1.0, 0.5]), 1, id="diagonal"),
        pytest.param(DUPLICATED, 1, id="every axis twice"),
        pytest.param(TWO_FACTORS, 1 - 1 / 9, id="every axis for two factors"),
        pytest.param(np.array([[1.0, 0], [0, 1], [0, 0]]), 2 / 3, id="a dead axis counts as 0"),
        pytest.param(np.zeros((10, 10)), 0, id="no information"),
    ],
)
def test_modularity_by_hand(matrix: Any, expected: float) -> None:
    assert modularity(matrix).mean() == pytest.approx(expected)


def test_gap_by_hand() -> None:
    information = np.array([[1.0, 0.2], [0.25, 0.5], [0.0, 0.4]])
    assert gaps(information, np.array([1.0, 2.0])) == pytest.approx([0.75, 0.05])
    assert gaps(information[:1], np.array([1.0, 1.0])) == pytest.approx([1.0, 0.2])  # the second axis is none
    assert gaps(np.zeros((0, 2)), np.array([1.0, 1.0])) == pytest.approx([0, 0])
    with pytest.raises(ValueError, match="one value"):
        gaps(information, np.array([1.0, 0.0]))


@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_information_is_that_of_scikit_learn_and_symmetric(a: int, b: int, seed: int) -> None:
    from sklearn.metrics import mutual_info_score

    random = np.random.default_rng(seed)
    first, second = random.integers(a, size=200), random.integers(b, size=200)
    found = mutual_information(contingency(first, second))
    assert found == pytest.approx(mutual_info_score(first, second), abs=1e-10)
    assert found == pytest.approx(mutual_information(contingency(second, first)), abs=1e-10)
    assert mutual_information(contingency(first, first)) == pytest.approx(entropy(first))
    assert 0 <= found <= min(entropy(first), entropy(second)) + 1e-10


def test_bins_of_equal_counts_are_not_starved_by_one_far_point() -> None:
    random = np.random.default_rng(0)
    levels = np.arange(2000) % 4
    codes = levels[:, None] + 0.01 * random.standard_normal((2000, 1))
    codes[0] = 1e6
    by_range, by_count = (
        information_matrix(binned(codes, 20, by), levels[:, None])[0, 0] for by in ("range", "quantile")
    )
    assert by_range < 0.01
    assert by_count == pytest.approx(entropy(levels), abs=0.05)


def test_a_constant_axis_has_one_bin_and_no_information() -> None:
    codes = np.array([[0.3, 1.0], [0.3, 2.0], [0.3, 3.0]])
    assert binned(codes)[:, 0].tolist() == [0, 0, 0]
    assert information_matrix(binned(codes), np.array([[0], [1], [2]]))[0, 0] == 0


def independent(n: int = 6000, factors: int = 4, levels: int = 8, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(levels, size=(n, factors))


@pytest.mark.parametrize("degrees", [0, 15, 30, 45])
def test_sap_of_turned_pairs_is_the_cosine_of_twice_the_angle(degrees: float) -> None:
    """Squared correlations of a turned pair are cos^2 and sin^2, and their difference is cos 2 theta."""
    levels = independent(40_000)
    c, s = np.cos(radians(degrees)), np.sin(radians(degrees))
    codes = levels @ np.kron(np.eye(2), np.array([[c, s], [-s, c]]))
    found = separations(squared_correlations(codes.astype(float), levels.astype(float)))
    assert found == pytest.approx(cos(2 * radians(degrees)), abs=0.02)


def test_perfect_codes_have_perfect_scores_in_any_order_and_sign() -> None:
    levels = independent()
    codes = -3.0 * levels[:, ::-1] + 7
    rng = np.random.default_rng(1)
    assert interventional_robustness(codes, levels)[0] == pytest.approx(1)
    assert factor_vae(codes, levels, rng, votes=400) == 1
    assert beta_vae(codes, levels, rng, votes=400) == 1
    assert explicitness(codes, levels) == pytest.approx(np.ones(4), abs=0.01)
    matrix = information_matrix(binned(codes), levels)
    assert gaps(matrix, np.array([entropy(one) for one in levels.T])).mean() > 0.99


def test_irs_by_hand() -> None:
    """One axis that follows factor 0 and strays by 1 at fixed level, of 3 at the most: 1 - 1 / 3."""
    levels = np.array([[a, b] for a in range(2) for b in range(2)]).repeat(50, axis=0)
    codes = (4.0 * levels[:, :1] + 2.0 * levels[:, 1:]) - 3
    score, matrix = interventional_robustness(codes, levels)
    assert matrix[0] == pytest.approx([1 - 1 / 3, 1 - 2 / 3])
    assert score == pytest.approx(2 / 3)


def test_constant_axes_change_no_score_of_votes_or_strays() -> None:
    levels = independent()
    codes = levels.astype(float) @ rotation(4, np.random.default_rng(3))
    dead = np.hstack([codes, np.full((len(codes), 2), 0.1)])
    assert interventional_robustness(dead, levels)[0] == interventional_robustness(codes, levels)[0]
    votes = [factor_vae(one, levels, np.random.default_rng(0), votes=300) for one in (codes, dead)]
    assert votes[0] == votes[1]


def test_codes_that_collapse_are_at_chance_and_never_crash() -> None:
    levels = independent()
    for codes in (np.zeros((6000, 3)), np.zeros((6000, 0))):
        rng = np.random.default_rng(0)
        assert interventional_robustness(codes, levels)[0] == 0
        assert factor_vae(codes, levels, rng) == pytest.approx(1 / 4, abs=0.05)
        assert beta_vae(codes, levels, rng) == pytest.approx(1 / 4, abs=0.05)
        assert explicitness(codes, levels).tolist() == [0.5] * 4


def test_area_counts_ties_half_and_needs_both_kinds() -> None:
    assert area(np.array([1.0, 1.0, 1.0, 1.0]), np.array([True, False, True, False])) == 0.5
    assert area(np.array([3.0, 2.0, 1.0]), np.array([False, True, True])) == 0.0
    assert np.isnan(area(np.array([1.0, 2.0]), np.array([True, True])))


def test_rotations_are_orthogonal_and_even_in_sign() -> None:
    rng = np.random.default_rng(0)
    made = np.stack([rotation(3, rng) for _ in range(2000)])
    assert np.abs(made @ made.transpose(0, 2, 1) - np.eye(3)).max() < 1e-12
    assert np.abs(made.mean(axis=0)).max() < 0.05
    assert np.square(made).mean(axis=0) == pytest.approx(np.full((3, 3), 1 / 3), abs=0.03)
