# SPDX-License-Identifier: Apache-2.0
"""The probe: nothing leaks, what can be told is told, and the interval is Wilson's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from plugins.layers.distances import centred_products
from plugins.layers.separability import Separability, _as_they_are, _standardised, held_out, separability, wilson


def probed(points: Any, codes: Any, folds: int = 5, seed: int = 0) -> Separability:
    table = np.asarray(points, dtype=np.float32)
    return separability(table, centred_products(table), codes, held_out(codes, folds, seed), seed)


def test_wilson_is_that_of_scipy() -> None:
    for right, n in ((0, 10), (8, 10), (50, 100), (997, 1000), (3, 3)):
        exact = binomtest(right, n).proportion_ci(method="wilson")
        assert wilson(right, n) == pytest.approx((exact.low, exact.high), abs=1e-12)


def test_every_point_is_held_out_once_with_the_classes_in_proportion() -> None:
    codes = np.repeat([0, 1, 2], [50, 30, 10])
    parts = held_out(codes, 5, 3)
    assert sorted(np.concatenate(parts).tolist()) == list(range(90))
    assert [np.bincount(codes[part]).tolist() for part in parts] == [[10, 6, 2]] * 5


@pytest.mark.parametrize("width", [5, 50, 3000])
def test_labels_that_have_nothing_to_do_with_the_points_stay_at_chance(width: int) -> None:
    """Also with many more units than points, where a choice of directions outside of the folds would find some."""
    random = np.random.default_rng(width)
    points = random.standard_normal((300, width)).astype(np.float32)
    codes = random.permutation(np.repeat([0, 1], [180, 120]))
    found = probed(points, codes)
    for told in (found.correct, found.control):
        low, high = wilson(int(told.sum()), 300, 3.0)
        assert low <= 0.6 <= high or told.mean() < 0.6  # the majority rate


def test_classes_that_a_plane_parts_are_told_and_shuffled_ones_are_not() -> None:
    random = np.random.default_rng(0)
    codes = np.arange(200) % 4
    points = random.standard_normal((200, 10)).astype(np.float32)
    points[:, :4] += 8 * np.eye(4)[codes]
    found = probed(points, codes)
    assert found.correct.mean() > 0.98
    assert found.control.mean() < 0.4
    assert (found.components, found.converged) == (10, True)


def test_ring_around_a_disc_is_not_linear() -> None:
    random = np.random.default_rng(0)
    angle, codes = random.random(400) * 2 * np.pi, np.arange(400) % 2
    points = (1 + 3 * codes[:, None]) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert probed(points, codes).correct.mean() < 0.65


def test_label_along_a_direction_of_little_variance_is_told() -> None:
    """Standardised units: a unit that varies a thousandth as much as others counts as they do."""
    random = np.random.default_rng(0)
    codes = np.arange(200) % 2
    points = random.standard_normal((200, 20)) * 100
    points[:, 7] = (codes + 0.1 * random.standard_normal(200)) / 1000
    assert probed(points, codes).correct.mean() > 0.95


def test_wide_layers_are_reduced_and_units_that_never_vary_do_no_harm() -> None:
    random = np.random.default_rng(0)
    codes = np.arange(200) % 2
    hidden = random.standard_normal((200, 3)) + 3 * codes[:, None]
    points = np.concatenate([hidden @ random.standard_normal((3, 400)), np.ones((200, 50))], axis=1)
    found = probed(points, codes)
    assert found.components == 3  # no more of them vary
    assert found.correct.mean() > 0.95


@pytest.mark.parametrize(("n", "width"), [(60, 150), (150, 60)])
def test_components_are_those_of_scikit_learn(n: int, width: int) -> None:
    """Learned from the training part alone, for both ways of taking the units."""
    random = np.random.default_rng(0)
    points = random.standard_normal((n + 9, width)) * np.linspace(5, 0.5, width) + 3
    train, rest = np.arange(n), np.arange(n, n + 9)
    scaler = StandardScaler().fit(points[train])
    for made, table in (
        (_as_they_are(centred_products(points), train, rest, 10), points),
        (_standardised(points[train], points[rest], 10), scaler.transform(points)),
    ):
        theirs = PCA(10, svd_solver="full").fit(table[train])
        size = np.sqrt(theirs.transform(table[train]).var(axis=0).mean())
        for mine, rows in zip(made, (train, rest), strict=True):
            assert np.abs(mine[:, ::-1]) == pytest.approx(np.abs(theirs.transform(table[rows]) / size), abs=1e-9)


def test_axes_of_the_same_points_do_not_matter() -> None:
    """Turning points to their principal axes loses nothing, though standardising these would drown three in noise."""
    random = np.random.default_rng(0)
    codes = np.arange(240) % 3
    points = 0.3 * random.standard_normal((240, 200))
    points[:, :3] += 3 * np.eye(3)[codes]
    left, singular, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    one, other = probed(points, codes), probed(left * singular, codes)
    assert min(one.correct.mean(), other.correct.mean()) > 0.98
    assert other.standardised < 0.5


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-2, 1e2))
def test_units_of_measurement_do_not_matter(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    codes = np.arange(60) % 2
    points = (random.standard_normal((60, 5)) + codes[:, None]).astype(np.float32)
    one = probed(points, codes, 3, seed).correct
    other = probed(points * np.float32(scale) + 3, codes, 3, seed).correct
    assert (one != other).mean() <= 0.05  # a point on the boundary may fall to either side


def test_same_seed_same_answers() -> None:
    random = np.random.default_rng(0)
    points, codes = random.standard_normal((100, 200)).astype(np.float32), np.arange(100) % 3
    one, other = (probed(points, codes, seed=7) for _ in range(2))
    assert (one.correct == other.correct).all()
    assert (one.control == other.control).all()
