# SPDX-License-Identifier: Apache-2.0
"""Neighbours among many points: exact where that is quick, else found with the recall that is stated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.projection import search
from plugins.projection.measures import quality
from plugins.projection.neighbours import nearest_neighbours
from plugins.projection.search import Search
from tests.plugins.projection.jobs import OneSpace, run


def spread(n: int = 3000, d: int = 12) -> Any:
    random = np.random.default_rng(0)
    return (random.standard_normal((n, 4)) @ random.standard_normal((4, d)) + 1000).astype(np.float32)


@pytest.fixture
def approximate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "EXACT_PAIRS", 1000)


def test_few_points_have_exact_neighbours() -> None:
    points = spread(500)
    found = Search(points)
    neighbours = found.among(9)
    assert neighbours.exact
    assert found.recall is None
    np.testing.assert_array_equal(neighbours.indices, nearest_neighbours(points, 9).indices)


@pytest.mark.usefixtures("approximate")
def test_many_points_have_neighbours_with_the_recall_that_is_stated() -> None:
    points = spread()
    search = Search(points, seed=3)
    found, truth = search.among(15), nearest_neighbours(points, 15)
    assert not found.exact
    recall = search.recall
    assert recall is not None
    assert recall.rows == 500
    within = (found.distances <= truth.distances[:, -1:] * (1 + 1e-9)).mean()
    assert recall.low <= recall.value <= recall.high
    assert recall.value == pytest.approx(within, abs=0.01)
    assert within > 0.97
    assert recall.probed < recall.cells
    # what is found is no point itself, is at the distance that is said, nearest first, and never nearer than the truth
    assert (found.indices != np.arange(3000)[:, None]).all()
    away = np.linalg.norm(points[found.indices].astype(np.float64) - points[:, None], axis=2)
    np.testing.assert_allclose(found.distances, away)
    assert (np.diff(found.distances, axis=1) >= 0).all()
    assert (found.distances >= truth.distances - 1e-9).all()
    again = Search(points, seed=3).among(15)
    np.testing.assert_array_equal(again.indices, found.indices)


@pytest.mark.usefixtures("approximate")
def test_other_points_look_for_neighbours_too() -> None:
    points = spread()
    search = Search(points[:2500], asked=500)
    found, truth = search.of(points[2500:], 10), nearest_neighbours(points[:2500], 10, queries=points[2500:])
    assert not found.exact
    assert search.recall is None
    assert search.recall_of_others is not None
    assert (found.indices == truth.indices).mean() > 0.97


@pytest.mark.usefixtures("approximate")
@pytest.mark.parametrize(
    "points",
    [
        np.ones((300, 3), dtype=np.float32),
        np.repeat(np.random.default_rng(0).standard_normal((10, 4)), 30, axis=0),
        np.arange(300.0)[:, None],
    ],
    ids=["all equal", "duplicates", "one dimension"],
)
def test_poor_points_have_as_many_neighbours_as_asked(points: Any) -> None:
    found = Search(points).among(40)
    truth = nearest_neighbours(points, 40)
    assert all(len(set(row)) == 40 for row in found.indices.tolist())
    assert (found.indices != np.arange(300)[:, None]).all()
    assert np.isfinite(found.distances).all()
    assert (found.distances >= truth.distances - 1e-9).all()


@pytest.mark.usefixtures("approximate")
def test_measures_take_exact_neighbours_where_the_graph_is_approximate() -> None:
    points = spread(800)
    flat = points[:, :2]
    found = Search(points).among(20)
    expected = quality(points, flat, [15], anchors=300).get("trustworthiness", 15).value
    assert quality(points, flat, [15], neighbours=found, anchors=300).get("trustworthiness", 15).value == expected


@pytest.mark.usefixtures("approximate")
def test_a_result_states_the_recall_of_its_graph() -> None:
    result = run(OneSpace(spread(600)), method="tsne", iterations=50, seeds=0)
    metric = result.metrics["neighbour_recall"]
    assert isinstance(metric, wb.Metric)
    assert metric.low is not None
    assert metric.n == 429  # of the 600, after those that it was tuned on
    assert any("searched approximately" in note and "95 % interval" in note for note in result.notes)
    whole = nearest_neighbours(result.arrays["points"], 1).distances[:, 0]
    np.testing.assert_allclose(result.arrays["neighbour_distance"], whole, rtol=1e-5)


@pytest.mark.usefixtures("approximate")
def test_placed_points_are_searched_for_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.projection import methods

    whole = run(OneSpace(spread(600)), method="tsne", iterations=50, seeds=0, fit_limit=200)
    monkeypatch.setattr(methods, "PLACED_AT_ONCE", 37)
    parts = run(OneSpace(spread(600)), method="tsne", iterations=50, seeds=0, fit_limit=200)
    np.testing.assert_allclose(parts.arrays["coordinates"], whole.arrays["coordinates"], atol=0.05)
    assert any("Neighbours of the placed points were searched" in note for note in parts.notes)


def test_refuses_more_neighbours_than_points(approximate: None) -> None:
    with pytest.raises(ValueError, match="300 points have at most 299"):
        Search(spread(300)).among(300)
    with pytest.raises(ValueError, match="at least 1"):
        Search(spread(300)).of(spread(9), 0)
