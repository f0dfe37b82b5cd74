# SPDX-License-Identifier: Apache-2.0
"""Cycles around loops: circles and figure-eights whose loops are known, and any distances at all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

import workbench as wb
from plugins.homology.engines import rips_cocycles
from plugins.homology.representatives import cochain, cycle, edges, edges_within, gap_centre, pairing
from tests.plugins.homology.clouds_of_loops import circle, distances, figure_eight


def loops(apart: Any, field: int = 47) -> list[tuple[Any, float, float]]:
    """Cocycle, birth and death of each loop, the longest first."""
    barcode, cocycles = rips_cocycles(apart, field=field)
    bars = barcode.dimension(1)
    order = np.argsort(bars[:, 0] - bars[:, 1])
    return [(cocycles[one], float(bars[one, 0]), float(bars[one, 1])) for one in order]


def largest_angle(points: Any) -> float:
    """Largest angle between neighbours around the origin, degrees."""
    angles = np.sort(np.arctan2(points[:, 1], points[:, 0]))
    return float(np.degrees(np.diff(np.r_[angles, angles[0] + 2 * np.pi]).max()))


@pytest.mark.parametrize("seed", range(5))
def test_circle(seed: int) -> None:
    points, _ = circle(300, 0.02, seed)
    apart = distances(points)
    cocycle, birth, death = loops(apart)[0]
    found = cycle(apart, cocycle, birth, death)
    assert found.pairing == pairing(found.positions, cocycle) == 1
    assert pairing(found.positions[::-1], cocycle) == -1
    assert pairing(np.tile(found.positions, 2), cocycle) == 2
    assert len(np.unique(found.positions)) == len(found.positions) > 20
    assert largest_angle(points[found.positions]) <= 15
    steps = apart[found.positions, np.roll(found.positions, -1)]
    assert steps.max() <= found.scale * (1 + 1e-6) and found.scale == pytest.approx(birth + 0.02 * (death - birth))
    assert found.length == pytest.approx(steps.sum())
    assert 5.5 < found.length < 2 * np.pi * 1.05  # chords of a ring of radius 0.95 to 1.05
    turned = np.unwrap(np.arctan2(*points[np.r_[found.positions, found.positions[:1]]].T[::-1]))
    assert abs(turned[-1] - turned[0]) == pytest.approx(2 * np.pi)  # in order: once around, not to and fro


@pytest.mark.parametrize("seed", range(12))
def test_edges_and_middle_of_a_circle(seed: int) -> None:
    points, _ = circle(150, 0.02, seed)
    apart = distances(points)
    cocycle, birth, death = loops(apart)[0]
    ends = edges(apart, cocycle, birth, death)
    assert ends.death is not None and ends.triangle is not None
    assert apart[tuple(ends.birth)] == pytest.approx(birth, rel=1e-6)
    assert apart[tuple(ends.death)] == pytest.approx(death, rel=1e-6)
    assert set(ends.death) < set(ends.triangle) and len(set(ends.triangle)) == 3
    sides = apart[np.ix_(ends.triangle, ends.triangle)]
    assert sides.max() == apart[tuple(ends.death)] and sides[sides > 0].min() > 1.55  # nearly even: sqrt(3)
    gap = gap_centre(points, ends.triangle)
    assert np.abs(gap.centre).max() < 0.05 and 0.9 < gap.distance < 1
    assert gap.distance == pytest.approx(np.linalg.norm(points - gap.centre, axis=1).min())
    assert np.linalg.norm(points[gap.nearest] - gap.centre) == pytest.approx(gap.distance)
    more = np.concatenate([points, [[0.2, 0.0]]])
    assert gap_centre(points, ends.triangle, more).nearest == 150


@pytest.mark.parametrize("seed", range(3))
def test_figure_eight_has_one_cycle_for_each_lobe(seed: int) -> None:
    points = figure_eight(400, 0.02, seed)
    apart = distances(points)
    two = loops(apart)[:2]
    found = [cycle(apart, *one) for one in two]
    table = [[pairing(path.positions, cocycle) for cocycle, _, _ in two] for path in found]
    assert table == [[1, 0], [0, 1]]
    on_the_right = [float((path.positions < 200).mean()) for path in found]
    assert max(on_the_right) >= 0.94 and min(on_the_right) <= 0.06


def test_polygon_is_its_own_cycle() -> None:
    angles = 2 * np.pi * np.arange(12) / 12
    apart = distances(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    ((cocycle, birth, death),) = loops(apart)
    found = cycle(apart, cocycle, birth, death)
    assert sorted(found.positions) == list(range(12))
    assert set(np.abs(np.diff(found.positions))) <= {1, 11}
    assert found.length == pytest.approx(24 * math.sin(math.pi / 12))
    ends = edges(apart, cocycle, birth, death)
    assert ends.triangle is not None and set(np.diff(np.sort(ends.triangle))) == {4}  # every fourth: an even triangle


def by_the_recipe(apart: Any, cocycle: Any, scale: float) -> float:
    """Length of a cycle made more simply: from one end of an edge of the cocycle to the other without such edges."""
    values = cochain(cocycle, len(apart), 47)
    first, second = edges_within(apart, scale).T
    value = values[first, second]
    free = value == 0
    graph = csr_array((apart[first, second][free], (first[free], second[free])), apart.shape)
    away = dijkstra(graph, directed=False)
    once = np.abs(value) == 1
    return float((away[first[once], second[once]] + apart[first, second][once]).min())


@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_no_cycle_of_a_simpler_kind_is_shorter(noise: float) -> None:
    apart = distances(circle(200, noise, 7)[0])
    cocycle, birth, death = loops(apart)[0]
    found = cycle(apart, cocycle, birth, death)
    assert found.length <= by_the_recipe(apart, cocycle, found.scale) + 1e-9


@settings(max_examples=60, deadline=None)
@given(
    st.integers(4, 24), st.integers(0, 10**6), st.sampled_from(["plane", "grid", "any"]), st.sampled_from([2, 3, 47])
)
def test_every_bar_of_any_distances_has_a_cycle_and_ends(n: int, seed: int, kind: str, field: int) -> None:
    """Also with ties and equal points (a grid) and without the triangle inequality."""
    random = np.random.default_rng(seed)
    points = random.integers(0, 4, (n, 2)).astype(float) if kind == "grid" else random.random((n, 2))
    apart = distances(points)
    if kind == "any":
        apart = np.triu(random.random((n, n)), 1)
        apart = apart + apart.T
    for cocycle, birth, death in loops(apart, field):
        found = cycle(apart, cocycle, birth, death, field)
        assert pairing(found.positions, cocycle, field) == 1
        assert len(np.unique(found.positions)) == len(found.positions) >= 4
        assert apart[found.positions, np.roll(found.positions, -1)].max() <= found.scale * (1 + 1e-6)
        ends = edges(apart, cocycle, birth, death, field)
        assert apart[tuple(ends.birth)] == pytest.approx(birth, rel=1e-6)
        assert ends.triangle is not None
        assert apart[np.ix_(ends.triangle, ends.triangle)].max() == pytest.approx(death, rel=1e-6)


def test_loop_that_does_not_end() -> None:
    apart = distances(circle(40, 0.02, 0)[0])
    barcode, cocycles = rips_cocycles(apart, threshold=1.0)
    (at,) = np.flatnonzero(np.isinf(barcode.dimension(1)[:, 1]))
    birth, death = barcode.dimension(1)[at]
    found = cycle(apart, cocycles[at], birth, death)
    assert found.scale == birth and len(found.positions) > 10
    ends = edges(apart, cocycles[at], birth, death)
    assert ends.death is None and ends.triangle is None and len(ends.birth) == 2


def test_what_does_not_belong_together_is_said() -> None:
    apart = distances(circle(60, 0.02, 0)[0])
    cocycle, birth, death = loops(apart)[0]
    with pytest.raises(wb.DataError, match="No closed path"):
        cycle(apart, cocycle, birth / 10, death / 10, 47)
    with pytest.raises(wb.DataError, match="shortest edge"):
        edges(apart, cocycle, birth / 2, death)
    with pytest.raises(wb.DataError, match="No triangle"):
        edges(apart, cocycle, birth, death * 1.0001)
    with pytest.raises(wb.DataError, match="belongs to no loop"):
        edges(apart, np.empty((0, 3), dtype=np.int64), birth, death)
    with pytest.raises(wb.DataError, match="not among the 20"):
        cycle(apart[:20, :20], [[50, 3, 1]], birth, death)
    with pytest.raises(wb.DataError, match="rows of two points"):
        cycle(apart, [[1, 0]], birth, death)
    with pytest.raises(wb.DataError, match="square table"):
        cycle(apart[:3], cocycle, birth, death)
    with pytest.raises(wb.DataError, match="not of one space"):
        gap_centre(np.zeros((5, 2)), [0, 1, 2], np.zeros((5, 3)))
    with pytest.raises(wb.DataError, match="not of one space"):
        gap_centre(np.zeros((5, 2)), [0, 1, 2], np.zeros((0, 2)))
