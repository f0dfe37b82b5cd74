# SPDX-License-Identifier: Apache-2.0
"""The analysis on shapes that are known: what it counts, what it states, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from plugins.mapper.analysis import Mapper
from plugins.mapper.layout import layout, on_cycle
from plugins.mapper.lenses import component, eccentricity
from plugins.mapper.measures import settings
from tests.plugins.homology.jobs import Job, circle, figure_eight


def run(job: Job, **params: Any) -> wb.Result:
    return Mapper().run(job, Mapper.Params.read({"space": "points", **params}))  # type: ignore[arg-type]


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


def blobs(seed: int) -> Any:
    random = np.random.default_rng(seed)
    return 0.3 * random.standard_normal((450, 3)) + np.repeat([[0, 0, 0], [5, 0, 0], [0, 5, 0]], 150, axis=0)


@pytest.mark.parametrize("seed", range(2))
def test_a_circle_is_one_cycle_in_one_component(seed: int) -> None:
    result = run(Job(circle(800, seed=seed), seed=seed), draws=10)
    numbers = result.numbers()
    assert (numbers["components"], numbers["cycles"]) == (1, 1)
    assert (numbers["components_that_stay"], numbers["cycles_that_stay"]) == (1, 1)
    assert result.tables["nodes"]["on_cycle"].all()
    (finding,) = result.findings
    assert finding.code == "mapper.cycle" and finding.low is not None and finding.threshold is not None
    assert finding.low > finding.threshold and finding.n == 10


def test_a_figure_eight_is_two_cycles() -> None:
    result = run(Job(figure_eight(1200, axes=4)), draws=10)
    assert result.numbers()["cycles"] == result.numbers()["cycles_that_stay"] == 2
    assert "at least 2 independent cycles" in result.findings[0].statement


def test_three_blobs_are_three_components_without_a_cycle() -> None:
    result = run(Job(blobs(0)), draws=10)
    assert (result.numbers()["components"], result.numbers()["cycles"]) == (3, 0)
    assert codes(result) == ["mapper.components"]
    nodes = result.tables["nodes"].groupby("component")["size"].sum()
    assert len(nodes) == 3 and nodes.min() >= 150


@pytest.mark.parametrize("width", [2, 16])
@pytest.mark.parametrize("clustering", ["linkage", "average"])
def test_normal_points_state_nothing(width: int, clustering: str) -> None:
    points = np.random.default_rng(width).standard_normal((400, width))
    assert "mapper.cycle" not in codes(run(Job(points), draws=10, clustering=clustering))
    assert "mapper.components" not in codes(run(Job(points), draws=10, clustering=clustering))


def test_a_lens_that_jumps_tears_the_graph_and_this_is_not_stated() -> None:
    result = run(Job(circle(400, axes=4)), lens="density", draws=10)
    assert result.numbers()["components"] > 1
    assert "mapper.components" not in codes(result)


def test_members_are_those_of_the_nodes() -> None:
    kinds = pd.DataFrame({"weight": np.linspace(0, 1, 450), "kind": np.repeat(["a", "b", "c"], 150)})
    result = run(Job(blobs(1), kinds), draws=5)
    bounds, members = np.asarray(result.arrays["node_bounds"]), np.asarray(result.arrays["node_members"])
    nodes, edges, lens = result.tables["nodes"], result.tables["edges"], np.asarray(result.arrays["lens"])
    assert np.diff(bounds).tolist() == nodes["size"].tolist() and bounds[-1] == len(members)
    for row in nodes.to_dict("records"):
        mine = members[bounds[row["node"]] : bounds[row["node"] + 1]]
        assert lens[mine].mean() == pytest.approx(row["lens"])
        assert row["label"] == kinds["kind"].iloc[mine].mode()[0] and row["label_share"] == 1
        assert row["middle"] in mine
    for edge in edges.to_dict("records"):
        one, other = (members[bounds[edge[end]] : bounds[edge[end] + 1]] for end in ("a", "b"))
        assert edge["shared"] == len(np.intersect1d(one, other)) > 0
    assert "graph_by_class" in result.charts and str(np.asarray(result.arrays["column"])[0]) == "kind"


def test_the_same_run_gives_the_same_result() -> None:
    one, two = (run(Job(circle(200, axes=3), seed=3), draws=5) for _ in range(2))
    pd.testing.assert_frame_equal(one.tables["nodes"], two.tables["nodes"])
    pd.testing.assert_frame_equal(one.tables["stability"], two.tables["stability"])


def test_each_lens_is_what_it_says() -> None:
    points = np.random.default_rng(0).standard_normal((60, 3)) * [5, 2, 1]
    frame = pd.DataFrame({"weight": np.arange(60.0), "word": ["x"] * 60})
    assert np.allclose(run(Job(points, frame), lens="column", column="weight", draws=5).arrays["lens"], np.arange(60))
    assert np.allclose(run(Job(points), lens="axis", axis=2, draws=5).arrays["lens"], points[:, 2], atol=1e-6)
    far = np.sqrt(np.square(points[:, None] - points[None]).sum(axis=2)).mean(axis=1)
    assert np.allclose(eccentricity(points), far)
    for number in (0, 1):
        wide = component(points @ np.eye(3, 80), number)  # more axes than points: through the other products
        assert np.allclose(wide, component(points, number), atol=1e-6)
        left, _, right = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
        assert abs(np.corrcoef(component(points, number), left[:, number])[0, 1]) == pytest.approx(1)
    assert not component(points[:, :1], 1).any()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"lens": "column"}, "needs the name of a column"),
        ({"lens": "column", "column": "none"}, "no such column"),
        ({"lens": "column", "column": "word"}, "holds no numbers"),
        ({"lens": "axis", "axis": 7}, "has 3 axes"),
        ({"by": "none"}, "no such column"),
    ],
)
def test_a_lens_that_is_not_there(params: dict[str, Any], message: str) -> None:
    points = np.random.default_rng(0).standard_normal((30, 3))
    with pytest.raises(wb.ParameterError, match=message):
        run(Job(points, pd.DataFrame({"word": ["x", "y"] * 15})), **params)


def test_a_lens_with_missing_values_is_refused() -> None:
    frame = pd.DataFrame({"weight": [np.nan, *range(29)]})
    with pytest.raises(wb.DataError, match="1 of 30 samples have no finite value of 'weight'"):
        run(Job(np.random.default_rng(0).standard_normal((30, 3)), frame), lens="column", column="weight")


def test_a_lens_there_and_back_needs_a_model() -> None:
    with pytest.raises(wb.DoesNotApply, match="no model"):
        run(Job(circle(50)), lens="round-trip")


@pytest.mark.parametrize("values", [np.zeros((1, 2)), np.ones((50, 2)), np.full((5, 2), np.nan)])
def test_fewer_than_three_different_points_are_refused(values: Any) -> None:
    with pytest.raises(wb.DataError, match="at least 3 different finite points"):
        run(Job(values))


def test_points_without_a_number_are_left_out_and_named() -> None:
    points = circle(200, axes=3)
    points[::50] = np.nan
    result = run(Job(points), draws=5)
    assert any("4 of 200 points hold NaN" in one for one in result.notes)
    assert 0 not in np.asarray(result.arrays["rows"]) and len(np.asarray(result.arrays["lens"])) == 196


def test_a_constant_lens_is_one_interval_and_named() -> None:
    points = np.random.default_rng(0).standard_normal((80, 2)) + np.repeat([[0, 0], [40, 0]], 40, axis=0)
    result = run(Job(points, pd.DataFrame({"same": np.ones(80)})), lens="column", column="same", radius=5, draws=5)
    assert result.tables["nodes"]["size"].tolist() == [40, 40] and result.tables["edges"].empty
    assert any("one value for all samples" in one for one in result.notes)


def test_fewer_rows_than_intervals() -> None:
    result = run(Job(np.arange(12.0).reshape(6, 2)), intervals=20, smallest=1, draws=5)
    assert any("fewer samples (6) than intervals" in one for one in result.notes)
    with pytest.raises(wb.DataError, match="no piece has 5 samples or more among 6"):
        run(Job(np.arange(12.0).reshape(6, 2)), intervals=20, draws=5)


def test_duplicates_are_in_the_same_node() -> None:
    result = run(Job(np.repeat(circle(60, axes=2), 5, axis=0)), draws=5)
    bounds, members = np.asarray(result.arrays["node_bounds"]), np.asarray(result.arrays["node_members"])
    for node in range(len(bounds) - 1):
        assert (np.bincount(members[bounds[node] : bounds[node + 1]] // 5) % 5 == 0).all()


def test_other_settings_are_around_the_chosen_ones() -> None:
    others = settings(1, 0.05)
    assert all(count >= 1 and 0.05 <= overlap <= 0.49 for count, overlap in others)
    assert (1, 0.05) not in others


def test_what_lies_on_a_cycle() -> None:
    """A triangle, a bridge, a square, and a path that hangs on it; each node beside its neighbours in the drawing."""
    edges = np.array([[0, 1], [1, 2], [0, 2], [2, 3], [3, 4], [4, 5], [5, 6], [3, 6], [6, 7], [7, 8]])
    assert on_cycle(10, edges).tolist() == [True] * 7 + [False] * 3
    assert not on_cycle(3, np.array([[0, 1], [1, 2]])).any() and not on_cycle(2, np.empty((0, 2), dtype=int)).any()
    places = layout(10, edges)
    lengths = np.linalg.norm(places[edges[:, 0]] - places[edges[:, 1]], axis=1)
    assert np.isfinite(places).all() and lengths.min() > 0.5 and lengths.max() < 1.6
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(10)
    assert apart.min() > 0.5
    assert np.array_equal(places, layout(10, edges))


def test_a_ring_is_drawn_as_a_ring() -> None:
    ring = np.stack([np.arange(12), (np.arange(12) + 1) % 12], axis=1)
    places = layout(12, np.sort(ring, axis=1))
    away = np.linalg.norm(places - places.mean(axis=0), axis=1)
    assert away.std() < 0.02 * away.mean()
