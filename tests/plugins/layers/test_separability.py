# SPDX-License-Identifier: Apache-2.0
"""The probe: nothing leaks, what can be told is told, and the interval is Wilson's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.decomposition import PCA

from plugins.layers.separability import _first_components, held_out, separability, wilson


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
    found = separability(points, codes, held_out(codes, 5, 0), 0)
    for told in (found.correct, found.control):
        low, high = wilson(int(told.sum()), 300, 3.0)
        assert low <= 0.6 <= high or told.mean() < 0.6  # the majority rate


def test_classes_that_a_plane_parts_are_told_and_shuffled_ones_are_not() -> None:
    random = np.random.default_rng(0)
    codes = np.arange(200) % 4
    points = random.standard_normal((200, 10)).astype(np.float32)
    points[:, :4] += 8 * np.eye(4)[codes]
    found = separability(points, codes, held_out(codes, 5, 0), 0)
    assert found.correct.mean() > 0.98
    assert found.control.mean() < 0.4
    assert (found.components, found.converged) == (10, True)


def test_ring_around_a_disc_is_not_linear() -> None:
    random = np.random.default_rng(0)
    angle, codes = random.random(400) * 2 * np.pi, np.arange(400) % 2
    points = (1 + 3 * codes[:, None]) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert separability(points.astype(np.float32), codes, held_out(codes, 5, 0), 0).correct.mean() < 0.65


def test_label_along_a_direction_of_little_variance_is_told() -> None:
    """Standardised units: a unit that varies a thousandth as much as others counts as they do."""
    random = np.random.default_rng(0)
    codes = np.arange(200) % 2
    points = random.standard_normal((200, 20)) * 100
    points[:, 7] = (codes + 0.1 * random.standard_normal(200)) / 1000
    assert separability(points.astype(np.float32), codes, held_out(codes, 5, 0), 0).correct.mean() > 0.95


def test_wide_layers_are_reduced_and_units_that_never_vary_do_no_harm() -> None:
    random = np.random.default_rng(0)
    codes = np.arange(200) % 2
    hidden = random.standard_normal((200, 3)) + 3 * codes[:, None]
    points = np.concatenate([hidden @ random.standard_normal((3, 400)), np.ones((200, 50))], axis=1)
    found = separability(points.astype(np.float32), codes, held_out(codes, 5, 0), 0)
    assert found.components == 3  # no more vary
    assert found.correct.mean() > 0.95


@pytest.mark.parametrize(("n", "width"), [(60, 150), (150, 60)])
def test_components_are_those_of_scikit_learn(n: int, width: int) -> None:
    random = np.random.default_rng(0)
    points = random.standard_normal((n, width)) * np.linspace(5, 0.5, width)
    train, rest = points - points.mean(axis=0), random.standard_normal((9, width)) - points.mean(axis=0)
    inner, outer = _first_components(train, rest, 10)
    theirs = PCA(10, svd_solver="full").fit(train)
    for mine, other in ((inner, theirs.transform(train)), (outer, theirs.transform(rest))):
        assert np.abs(mine[:, ::-1]) == pytest.approx(np.abs(other), abs=1e-9)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-2, 1e2))
def test_units_of_measurement_do_not_matter(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    codes = np.arange(60) % 2
    points = (random.standard_normal((60, 5)) + codes[:, None]).astype(np.float32)
    parts = held_out(codes, 3, seed)
    one = separability(points, codes, parts, seed).correct
    other = separability(points * np.float32(scale) + 3, codes, parts, seed).correct
    assert (one != other).mean() <= 0.05  # a point on the boundary may fall to either side


def test_same_seed_same_answers() -> None:
    random = np.random.default_rng(0)
    points, codes = random.standard_normal((100, 200)).astype(np.float32), np.arange(100) % 3
    one, other = (separability(points, codes, held_out(codes, 5, 7), 7) for _ in range(2))
    assert (one.correct == other.correct).all()
    assert (one.control == other.control).all()
