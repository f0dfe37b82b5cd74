# SPDX-License-Identifier: Apache-2.0
"""Maps laid over each other, and the strip of seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.projection.methods import Settings
from plugins.projection.procrustes import align, align_all, stability
from plugins.projection.seed_strip import seed_strip


def turned(seed: int, dimensions: int) -> Any:
    """A random orthogonal matrix, mirroring or not."""
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((dimensions, dimensions)))[0]


@given(
    seed=st.integers(0, 2**31), dimensions=st.integers(1, 3), factor=st.floats(0.01, 100), shift=st.floats(-1e3, 1e3)
)
@settings(max_examples=40, deadline=None)
def test_finds_the_motion_back(seed: int, dimensions: int, factor: float, shift: float) -> None:
    target = np.random.default_rng(seed).standard_normal((12, dimensions))
    moved = factor * target @ turned(seed, dimensions) + shift
    found = align(moved, target)
    np.testing.assert_allclose(found.coordinates, target, atol=1e-8)
    np.testing.assert_allclose(found.scale * moved @ found.rotation + found.shift, target, atol=1e-7)
    assert found.disparity == pytest.approx(0, abs=1e-12)
    assert found.scale == pytest.approx(1 / factor)
    assert found.displacement.max() < 1e-8


@given(seed=st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_disparity_is_that_of_scipy(seed: int) -> None:
    from scipy.spatial import procrustes

    random = np.random.default_rng(seed)
    one, other = random.standard_normal((20, 2)), random.standard_normal((20, 2))
    assert align(other, one).disparity == pytest.approx(procrustes(one, other)[2], abs=1e-12)


def test_displacement_names_the_point_that_moved() -> None:
    target = np.random.default_rng(0).standard_normal((100, 2))
    moved = target.copy()
    moved[3] += 2
    assert align(moved, target).displacement.argmax() == 3
    assert align(2 * target, target, scaling=False).scale == 1
    assert align(2 * target, target, scaling=False).disparity == pytest.approx(1)


def test_points_all_in_one_place() -> None:
    assert align(np.ones((5, 2)), np.zeros((5, 2))).disparity == 0
    assert align(np.eye(5, 2), np.zeros((5, 2))).disparity == pytest.approx(0)  # shrunk to the point
    assert align(np.ones((5, 2)), np.eye(5, 2)).disparity == pytest.approx(1)


def test_all_maps_are_laid_over_the_first() -> None:
    first = np.random.default_rng(0).standard_normal((30, 2))
    stacked, disparity = align_all([first, 3 * first @ turned(0, 2) + 1, first + 5])
    np.testing.assert_allclose(stacked, np.stack([first] * 3), atol=1e-9)
    np.testing.assert_allclose(disparity, 0, atol=1e-12)


def test_stability_of_equal_and_of_unrelated_maps() -> None:
    random = np.random.default_rng(0)
    one, other = random.standard_normal((400, 2)), random.standard_normal((400, 2))
    assert stability([one, 2 * one @ turned(0, 2)], 15).tolist() == [1.0] * 400
    assert stability([one, other], 15).mean() == pytest.approx(15 / 399, abs=0.005)
    half = stability([one, one, other], 15).mean()  # pairs: same, unrelated, unrelated
    assert half == pytest.approx((1 + 2 * 15 / 399) / 3, abs=0.005)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: align(np.ones((3, 2)), np.ones((4, 2))), r"\[3, 2\] and \[4, 2\]"),
        (lambda: align_all([]), "no maps"),
        (lambda: stability([np.eye(3)]), "at least 2 maps"),
        (lambda: stability([np.eye(3), np.eye(4)], 1), "differ in number of rows"),
        (lambda: seed_strip(np.eye(3), Settings(), 1), "at least 2 maps, but 1"),
        (lambda: seed_strip(np.eye(2), Settings(), 2), "at least 3 points"),
    ],
)
def test_refuses(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_strip_of_seeds_of_tsne() -> None:
    points = np.random.default_rng(0).standard_normal((80, 5))
    strip = seed_strip(points, Settings("tsne", perplexity=30, iterations=100), 3, k=10, limit=60, seed=4)
    assert strip.maps.shape == (3, 60, 2)
    assert strip.maps.dtype == np.float32
    assert strip.seeds == (5, 6, 7)
    assert (np.diff(strip.rows) > 0).all()
    assert strip.disparity[0] == 0
    assert (strip.disparity[1:] > 0.01).all()  # seeds matter
    assert strip.chance < strip.stability.mean() < 1
    again = seed_strip(points, Settings("tsne", perplexity=30, iterations=100), 3, k=10, limit=60, seed=4)
    np.testing.assert_array_equal(strip.maps, again.maps)


def test_strip_of_seeds_of_pca_tells_firm_axes_from_loose_ones() -> None:
    random = np.random.default_rng(0)
    firm = random.standard_normal((300, 10)) * ([10, 5] + [1] * 8)
    loose = random.standard_normal((300, 10))
    strips = [seed_strip(points, Settings("pca"), 4) for points in (firm, loose)]
    assert strips[0].disparity.max() < 0.05 < strips[1].disparity.max()
    assert strips[0].stability.mean() > strips[1].stability.mean()
