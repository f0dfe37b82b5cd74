# SPDX-License-Identifier: Apache-2.0
"""Mapper graphs of shapes that are known: a circle, blobs, a line, a star."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.mapper.graph import Graph, intervals, mapper, typical_radius
from tests.plugins.homology.clouds_of_loops import circle, figure_eight


def degrees(graph: Graph) -> list[int]:
    return sorted(np.bincount(graph.edges.ravel(), minlength=len(graph.nodes)).tolist())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cover", ["length", "samples"])
def test_circle_is_a_cycle(seed: int, cover: Literal["length", "samples"]) -> None:
    points, _ = circle(500, 0.02, seed)
    graph = mapper(points, points[:, 0], count=8, cover=cover)
    assert graph.pieces == 1 and graph.loops == 1
    assert degrees(graph) == [2] * len(graph.nodes) and len(graph.nodes) == 14  # one at each end, two in between


def test_two_blobs_are_two_pieces() -> None:
    random = np.random.default_rng(0)
    disc = np.sqrt(random.random((600, 1))) * np.exp(2j * np.pi * random.random((600, 1)))
    points = np.concatenate([disc.real, disc.imag], axis=1) + np.repeat([[0, 0], [10, 0]], 300, axis=0)
    for lens in points.T:  # side by side and one behind the other
        graph = mapper(points, lens, count=6)
        assert graph.pieces == 2 and graph.loops == 0
        for node in graph.nodes:
            assert len(set(node // 300)) == 1


def test_figure_eight_has_two_loops_and_a_line_none() -> None:
    points = figure_eight(800, 0.02, 0)
    assert mapper(points, points[:, 0], count=12, overlap=0.3).loops == 2
    line = np.linspace(0, 1, 200)[:, None]
    graph = mapper(line, line[:, 0], count=7)
    assert len(graph.nodes) == 7 and graph.edges.tolist() == [[one, one + 1] for one in range(6)]
    assert np.all(np.diff(graph.lens[:, 0]) > 0) and graph.cells[:, 0].tolist() == list(range(7))


def test_star_has_three_ends() -> None:
    arms = np.linspace(0, 1, 100)[:, None]
    angles = 2 * np.pi * np.arange(3) / 3
    points = np.concatenate([arms * [np.cos(one), np.sin(one)] for one in angles])
    graph = mapper(points, np.linalg.norm(points, axis=1), count=5, radius=0.05)
    assert graph.pieces == 1 and graph.loops == 0
    assert degrees(graph).count(1) == 3 and max(degrees(graph)) == 3


def test_overlap_is_what_it_says() -> None:
    """Of equally spaced samples the shared share of an inner interval is the overlap that was asked for."""
    line = np.linspace(0, 1, 10_001)
    for overlap in (0.1, 0.3, 0.49):
        graph = mapper(line[:, None], line, count=6, overlap=overlap, radius=0.001)
        shares = graph.overlaps / [len(graph.nodes[one]) for one in graph.edges[:, 0]]
        assert np.allclose(shares, overlap, atol=2e-3)
        cuts = intervals(0, 1, 6, overlap)
        assert np.allclose((cuts[:-1, 1] - cuts[1:, 0]) / (cuts[:-1, 1] - cuts[:-1, 0]), overlap)
        assert cuts[0, 0] == 0 and cuts[-1, 1] == 1


def test_samples_cover_holds_equally_many() -> None:
    lens = np.random.default_rng(0).lognormal(sigma=2, size=3000)
    graph = mapper(lens[:, None], lens, count=5, cover="samples", radius=1e9)
    sizes = [len(node) for node in graph.nodes]
    assert len(sizes) == 5 and max(sizes) - min(sizes) <= 2
    by_length = [len(node) for node in mapper(lens[:, None], lens, count=5, radius=1e9).nodes]
    assert max(by_length) > 10 * min(by_length)


def test_two_lenses() -> None:
    """A square sheet seen from above is a sheet of cells, each joined to its eight neighbours, across corners too."""
    sheet = np.stack(np.meshgrid(*[np.linspace(0, 1, 61)] * 2), axis=2).reshape(-1, 2)
    graph = mapper(sheet, sheet, count=3, overlap=0.3)
    assert len(graph.nodes) == 9 and graph.pieces == 1 and graph.cells.shape == graph.lens.shape == (9, 2)
    assert degrees(graph) == [3] * 4 + [5] * 4 + [8]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 60),
    st.integers(0, 10**6),
    st.integers(1, 6),
    st.floats(0.05, 0.45),
    st.sampled_from(["length", "samples"]),
    st.booleans(),
)
def test_every_sample_is_in_one_or_two_nodes(
    n: int, seed: int, count: int, overlap: float, cover: Literal["length", "samples"], ties: bool
) -> None:
    random = np.random.default_rng(seed)
    points = random.integers(0, 3, (n, 2)).astype(float) if ties else random.standard_normal((n, 2))
    graph = mapper(points, points[:, 0], count=count, overlap=overlap, cover=cover)
    times = np.bincount(np.concatenate(graph.nodes), minlength=n)
    assert times.min() >= 1 and times.max() <= 2
    for (first, second), shared in zip(graph.edges, graph.overlaps, strict=True):
        assert first < second
        assert len(np.intersect1d(graph.nodes[first], graph.nodes[second])) == shared > 0
        assert abs(int(graph.cells[first, 0]) - int(graph.cells[second, 0])) == 1
    order = random.permutation(n)  # the order of samples does not matter (the radius is drawn, so it is given here)
    again = mapper(points[order], points[order, 0], count=count, overlap=overlap, cover=cover, radius=graph.radius)
    before = {frozenset(node.tolist()) for node in graph.nodes}
    assert {frozenset(order[node].tolist()) for node in again.nodes} == before


def test_radius_joins_at_most_it() -> None:
    line = np.array([[0.0], [1.0], [2.0], [5.0]])
    graph = mapper(line, np.zeros(4), radius=1.0)
    assert [node.tolist() for node in graph.nodes] == [[0, 1, 2], [3]] and graph.pieces == 2
    assert [node.tolist() for node in mapper(line, np.zeros(4), radius=1.0, smallest=2).nodes] == [[0, 1, 2]]
    assert mapper(line, np.zeros(4), radius=0.5, smallest=2).nodes == ()
    assert mapper(line, np.zeros(4), radius=0.5, smallest=2).pieces == 0


def test_radius_scales_with_the_data() -> None:
    points, _ = circle(300, 0.02, 0)
    assert typical_radius(7 * points) == pytest.approx(7 * typical_radius(points))
    assert typical_radius(points, seed=1) != typical_radius(points, seed=2)
    assert typical_radius(points[:1]) == 0


@pytest.mark.parametrize(
    ("points", "lens", "message"),
    [
        (np.zeros((0, 2)), np.zeros(0), "at least one sample"),
        (np.zeros((3, 2)), np.zeros(4), "lens value for each sample"),
        (np.zeros(3), np.zeros(3), "lens value for each sample"),
        (np.array([[0.0], [np.nan]]), np.zeros(2), "not finite"),
        (np.zeros((2, 1)), np.array([0.0, np.inf]), "not finite"),
        (np.zeros((50_001, 1)), np.zeros(50_001), "50,001 samples lie in one interval"),
    ],
)
def test_bad_samples(points: Any, lens: Any, message: str) -> None:
    with pytest.raises(wb.DataError, match=message):
        mapper(points, lens, radius=1.0)


@pytest.mark.parametrize(
    "settings",
    [{"count": 0}, {"overlap": 0.5}, {"overlap": 0.0}, {"smallest": 0}, {"radius": -1.0}, {"radius": np.nan}],
)
def test_bad_settings(settings: dict[str, Any]) -> None:
    with pytest.raises(wb.ParameterError, match="Mapper"):
        mapper(np.zeros((3, 1)), np.arange(3.0), **settings)


def test_one_sample_and_equal_samples() -> None:
    one = mapper(np.zeros((1, 2)), np.zeros(1))
    assert [node.tolist() for node in one.nodes] == [[0]] and one.pieces == 1 and one.loops == 0
    equal = mapper(np.ones((20, 2)), np.ones(20))
    assert len(equal.nodes) == 1 and len(equal.nodes[0]) == 20
