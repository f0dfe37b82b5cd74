# SPDX-License-Identifier: Apache-2.0
"""Intrinsic dimension: bodies whose dimension is known, the interval, invariance, and what is not defined."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.datasets import make_swiss_roll

from plugins.layers.dimension import Dimension, from_ratios, two_nearest
from plugins.layers.distances import centred_products, first_of_equals, is_constant, squared_distances


def dimension(points: Any) -> Dimension:
    return from_ratios(*two_nearest(squared_distances(centred_products(np.asarray(points)))))


def ball(n: int, d: int, seed: int) -> Any:
    random = np.random.default_rng(seed)
    points = random.standard_normal((n, d))
    return points / np.linalg.norm(points, axis=1, keepdims=True) * random.random((n, 1)) ** (1 / d)


@pytest.mark.parametrize(
    ("d", "low", "high"),
    [(1, 0.88, 1.12), (2, 1.8, 2.2), (5, 4.0, 5.3), (10, 7.4, 9.6)],
)
def test_balls_and_cubes(d: int, low: float, high: float) -> None:
    """Edges make high dimensions too low: 10 comes out near 8.5 with a thousand points, as in the paper's figure 2."""
    for seed in range(3):
        for points in (ball(1000, d, seed), np.random.default_rng(seed).random((1000, d))):
            found = dimension(points)
            assert low < found.value < high
            assert found.fit == pytest.approx(found.value, rel=0.1)
            assert found.low < found.value < found.high


def test_space_without_edges_has_no_bias() -> None:
    """On a torus (wrapped cube) of 10 dimensions the mean estimate is 10 within three standard errors."""
    estimates = []
    for seed in range(12):
        points = np.random.default_rng(seed).random((500, 10))
        apart = np.abs(points[:, None] - points[None])
        squared = np.square(np.minimum(apart, 1 - apart)).sum(axis=2)
        estimates.append(from_ratios(*two_nearest(squared)).value)
    assert np.mean(estimates) == pytest.approx(10, abs=3 * float(np.std(estimates)) / 12**0.5)


def test_line_in_a_hundred_dimensions_is_one() -> None:
    random = np.random.default_rng(0)
    points = random.random((1000, 1)) @ random.standard_normal((1, 100)) + random.standard_normal(100)
    assert dimension(points).value == pytest.approx(1, abs=0.12)


def test_swiss_roll_is_two() -> None:
    points, _ = make_swiss_roll(2000, random_state=0)
    assert dimension(points).value == pytest.approx(2, abs=0.15)


def test_ratios_of_the_law_give_its_exponent_without_bias() -> None:
    """Pareto numbers of exponent 4; dropping the tenth that is largest changes the spread, not the mean."""
    random = np.random.default_rng(0)
    for discard in (0.0, 0.1, 0.5):
        values = [from_ratios((1 - random.random(200)) ** (-1 / 4), discard=discard).value for _ in range(400)]
        assert np.mean(values) == pytest.approx(4, abs=3 * float(np.std(values)) / 20)


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """On wrapped squares; neighbours share distances, and independent ratios would cover 85 to 90 %."""
    held = 0
    for seed in range(200):
        points = np.random.default_rng(seed).random((150, 2))
        apart = np.abs(points[:, None] - points[None])
        found = from_ratios(*two_nearest(np.square(np.minimum(apart, 1 - apart)).sum(axis=2)))
        held += found.low <= 2 <= found.high
    assert 181 <= held <= 199


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-3, 1e3), d=st.integers(2, 6), shift=st.floats(-10, 10))
def test_scaling_rotation_and_shift_change_nothing(seed: int, scale: float, d: int, shift: float) -> None:
    random = np.random.default_rng(seed)
    points = random.standard_normal((60, d))
    turned = scale * points @ ortho_group.rvs(d, random_state=seed % 2**31) + shift
    one, other = dimension(points), dimension(turned)
    assert (other.value, other.low, other.high, other.fit) == pytest.approx(
        (one.value, one.low, one.high, one.fit), rel=1e-5
    )


def test_lattice_has_no_dimension() -> None:
    """Both neighbours of a point are at one distance: all ratios are 1."""
    found = dimension(np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0)), axis=-1).reshape(-1, 2))
    assert np.isnan([found.value, found.low, found.high, found.fit]).all()
    assert found.points == 64


def test_few_points_have_no_dimension() -> None:
    assert np.isnan(dimension(np.random.default_rng(0).random((19, 2))).value)
    assert dimension(np.random.default_rng(0).random((20, 2))).value > 0


def test_equal_points_are_counted_once() -> None:
    points = np.random.default_rng(0).random((50, 3)).astype(np.float32)
    twice = np.concatenate([points, points[:20], -0.0 * points[:1], 0.0 * points[:1]])
    assert first_of_equals(twice).tolist() == [*range(50), 70]


def test_distances_are_those_of_the_points() -> None:
    points = np.random.default_rng(0).standard_normal((40, 5000)).astype(np.float32)  # wider than a block
    squared = squared_distances(centred_products(points))
    wide = points.astype(np.float64)
    assert squared == pytest.approx(np.square(wide[:, None] - wide[None]).sum(axis=2), rel=1e-9)


@pytest.mark.parametrize(("noise", "constant"), [(0.0, True), (1e-7, True), (1e-3, False)])
def test_rounding_is_no_variation(noise: float, constant: bool) -> None:
    points = (1 + noise * np.random.default_rng(0).standard_normal((30, 8))).astype(np.float32)
    assert is_constant(points, centred_products(points)) == constant


def test_all_zeros_are_constant() -> None:
    points = np.zeros((5, 3), dtype=np.float32)
    assert is_constant(points, centred_products(points))
