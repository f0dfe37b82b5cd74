# SPDX-License-Identifier: Apache-2.0
"""Modes of known densities, an own ToMATo as oracle, and what has no density."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

import workbench as wb
from plugins.modes.peaks import filled_dimension, log_density, modes, neighbours_for, noise_prominence


def blobs(centres: Any, each: int, seed: int) -> tuple[Any, Any]:
    """Normal blobs of standard deviation 1 and which one each sample is of."""
    places = np.asarray(centres, dtype=np.float64)
    which = np.repeat(np.arange(len(places)), each)
    return np.random.default_rng(seed).standard_normal((len(which), places.shape[1])) + places[which], which


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_well_separated_modes(count: int) -> None:
    points, which = blobs([[30 * math.cos(one), 30 * math.sin(one)] for one in range(count)], 200, count)
    found = modes(points)
    assert len(found.peaks) == count
    for label in range(count):  # each mode is one blob
        assert len(set(which[found.labels == label])) == 1
        assert found.labels[found.peaks[label]] == label
        assert found.density[found.peaks[label]] == found.density[found.labels == label].max()
    assert np.isinf(found.prominences).all()  # no path of neighbours leads from one to the other
    assert found.threshold == noise_prominence(neighbours_for(len(points)))


@pytest.mark.parametrize(("apart", "seed"), [(2.0, 0), (2.0, 1), (2.5, 0), (2.5, 1)])
def test_prominence_is_the_fall_of_the_log_density(apart: float, seed: int) -> None:
    """Two equal blobs at plus and minus a: log density a^2 / 2 - log 2 higher at the peaks than in the middle."""
    points, which = blobs([[-apart, 0], [apart, 0]], 3000, seed)
    found = modes(points, dimension=2)
    assert len(found.peaks) == 2 and np.isinf(found.prominences[0])
    assert found.prominences[1] == pytest.approx(apart**2 / 2 - math.log(2), abs=0.3)
    right = (found.labels == found.labels[found.peaks[0]]) == (which == which[found.peaks[0]])
    assert right.mean() > 0.96
    assert (np.diff(found.all_prominences[1:]) <= 0).all()
    assert found.all_prominences[2] < found.threshold < found.prominences[1]  # a gap between modes and ripples


@pytest.mark.parametrize("width", [1, 2, 5, 16])
def test_one_blob_and_one_cube_have_one_mode(width: int) -> None:
    for seed in range(3):
        random = np.random.default_rng(seed)
        for n in (100, 1000):
            assert len(modes(random.standard_normal((n, width))).peaks) == 1
            assert len(modes(random.random((n, width))).peaks) == 1


def test_a_count_or_a_prominence_can_be_asked_for() -> None:
    points, _ = blobs([[0, 0], [5, 0], [12, 0]], 500, 0)
    three = modes(points, count=3)
    assert len(three.peaks) == 3 and math.isnan(three.threshold)
    two = modes(points, count=2)
    assert two.peaks.tolist() == three.peaks[:2].tolist()
    assert len(modes(points, prominence=three.prominences[2] * 1.01).peaks) == 2
    assert len(modes(points, prominence=three.prominences[2] * 0.99).peaks) == 3
    every = modes(points, prominence=0)
    assert len(every.peaks) == (every.all_prominences > 0).sum() > 3
    assert np.allclose(every.prominences, every.all_prominences[: len(every.prominences)])


def test_dimension_is_of_the_space_that_is_filled() -> None:
    """A plane in 20 dimensions has the same modes and nearly the same prominences as by itself."""
    points, _ = blobs([[-2.5, 0], [2.5, 0]], 1000, 0)
    turned = points @ np.linalg.qr(np.random.default_rng(0).standard_normal((20, 2)))[0].T
    flat, inside = modes(points), modes(turned)
    assert np.array_equal(flat.labels, inside.labels) and len(flat.peaks) == 2
    assert inside.prominences[1] == pytest.approx(flat.prominences[1], rel=0.05)
    away, _ = cKDTree(turned).query(turned, k=40)
    assert filled_dimension(away, 20) == pytest.approx(2, abs=0.15)
    assert filled_dimension(away, 1) == 1


def test_scale_and_order_do_not_matter() -> None:
    points, _ = blobs([[-2.5, 0], [2.5, 0]], 300, 3)
    order = np.random.default_rng(0).permutation(len(points))
    plain, scaled, moved = modes(points), modes(1000 * points), modes(points[order])
    assert np.array_equal(plain.labels, scaled.labels)
    assert plain.prominences == pytest.approx(scaled.prominences)
    assert np.array_equal(plain.labels[order], moved.labels) and np.array_equal(plain.peaks, order[moved.peaks])


def by_union_find(neighbours: Any, density: Any, threshold: float) -> tuple[Any, list[float]]:
    """ToMATo written out: samples from the densest down, each joined to what its denser neighbours belong to."""
    links: list[set[int]] = [set(row) for row in neighbours.tolist()]
    for one, row in enumerate(neighbours.tolist()):
        for other in row:
            links[other].add(one)
    order = sorted(range(len(density)), key=lambda one: -density[one])
    rank = {one: at for at, one in enumerate(order)}
    peak: dict[int, int] = {}

    def top(one: int) -> int:
        while peak[one] != one:
            one = peak[one]
        return one

    for one in order:
        denser = sorted((other for other in links[one] if rank[other] < rank[one]), key=lambda other: rank[other])
        peak[one] = top(denser[0]) if denser else one
        for other in denser:
            high, low = sorted((top(one), top(other)), key=lambda each: rank[each])
            if high != low and density[low] - density[one] <= threshold:
                peak[low] = high
    tops = [top(one) for one in range(len(density))]
    return np.array(tops), sorted(set(tops))


@settings(max_examples=40, deadline=None)
@given(st.integers(12, 80), st.integers(0, 10**6), st.integers(3, 8), st.floats(0, 2))
def test_same_clusters_as_written_out(n: int, seed: int, k: int, threshold: float) -> None:
    random = np.random.default_rng(seed)
    points = random.standard_normal((n, 2)) + 4 * random.integers(0, 2, (n, 1))
    found = modes(points, k, prominence=threshold, dimension=2)
    away, which = cKDTree(points).query(points, k=k)
    assert np.allclose(found.density, log_density(away, 2))
    tops, peaks = by_union_find(which, found.density, threshold)
    assert sorted(found.peaks.tolist()) == peaks
    assert np.array_equal(found.peaks[found.labels], tops)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(0, 10**6), st.integers(1, 3))
def test_ties_and_equal_samples(n: int, seed: int, width: int) -> None:
    """Grids, where most densities are equal."""
    points = np.random.default_rng(seed).integers(0, 3, (n, width)).astype(float)
    for prominence in (None, 0.0):
        found = modes(points, prominence=prominence)
        assert sorted(set(found.labels)) == list(range(len(found.peaks)))
        assert np.isfinite(found.density).all() and np.isinf(found.prominences[0])
        assert (found.prominences[:-1] >= found.prominences[1:]).all()
        assert (found.labels[found.peaks] == np.arange(len(found.peaks))).all()
        assert np.allclose(found.density[found.peaks], found.heights)


def test_one_sample_and_equal_samples() -> None:
    assert modes(np.zeros((1, 3))).labels.tolist() == [0]
    assert modes(np.ones((50, 2))).labels.tolist() == [0] * 50
    three = modes(np.repeat([[0.0], [5.0], [9.0]], 30, axis=0))
    assert np.bincount(three.labels).tolist() == [30, 30, 30] and np.isinf(three.prominences).all()


def test_one_neighbour_is_the_sample_itself() -> None:
    found = modes(np.arange(6.0)[:, None], 1)
    assert len(found.peaks) == 6 and np.isfinite(found.density).all()


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((0, 2)), "at least one row"),
        (np.zeros((4, 0)), "at least one row"),
        (np.zeros(4), "at least one row"),
        (np.array([[0.0], [np.nan]]), "not finite"),
    ],
)
def test_bad_samples(points: Any, message: str) -> None:
    with pytest.raises(wb.DataError, match=message):
        modes(points)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"k": 0}, "1 to 5 neighbours"),
        ({"k": 6}, "1 to 5 neighbours"),
        ({"count": 0}, "count of modes"),
        ({"count": 2, "prominence": 1.0}, "not for both"),
        ({"prominence": -1.0}, "at least 0"),
        ({"prominence": math.nan}, "at least 0"),
        ({"dimension": 0.0}, "above 0"),
        ({"dimension": math.inf}, "above 0"),
    ],
)
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(wb.ParameterError, match=message):
        modes(np.arange(5.0)[:, None], **settings)
