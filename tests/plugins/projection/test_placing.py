# SPDX-License-Identifier: Apache-2.0
"""Points of a slice placed on the map that the others make, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

import workbench as wb
from plugins.projection.placing import placed_quality
from tests.plugins.projection.jobs import OneSpace, clusters, run


def with_slice(rows: Any, n: int = 120, **options: Any) -> OneSpace:
    points, labels = clusters(n)
    job = OneSpace(points, labels=labels, **options)
    job.slices["new"] = np.asarray(rows)
    return job


def test_pca_of_the_others_places_the_slice_exactly() -> None:
    rows = np.arange(100, 120)
    job = with_slice(rows)
    result = run(job, place="new", seeds=2)
    arrays = result.arrays
    assert arrays["placed"].tolist() == [False] * 100 + [True] * 20
    assert (arrays["rows"] == np.arange(120) * 10).all()
    fitted = PCA(2, svd_solver="full").fit(job.values[:100].astype(np.float64))
    expected = fitted.transform(job.values.astype(np.float64))
    expected *= np.sign((expected * arrays["coordinates"]).sum(axis=0))
    np.testing.assert_allclose(arrays["coordinates"], expected, atol=1e-4)
    # nothing of the slice has a part in the map: move it far away, and the others stay where they are
    job.values[rows] += 1000
    moved = run(job, place="new", seeds=2).arrays
    np.testing.assert_array_equal(moved["coordinates"][:100], arrays["coordinates"][:100])
    assert arrays["seed_rows"].max() < 100


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_placed_points_are_marked_and_measured(method: str) -> None:
    result = run(with_slice(range(0, 120, 4)), method=method, iterations=100, place="new", seeds=0)
    placed = result.arrays["placed"]
    assert placed.sum() == 30
    assert sorted(result.arrays["rows"][placed].tolist()) == list(range(0, 1200, 40))
    metric = result.metrics["placed_trustworthiness"]
    assert isinstance(metric, wb.Metric)
    assert metric.low is not None
    assert metric.high is not None
    assert 0.8 < metric.low <= metric.value <= metric.high <= 1
    assert metric.n == 30
    assert "30 placed points, among 90 that made the map, k = 15" in metric.note
    assert "placed_continuity" in set(result.tables["quality"]["measure"])
    assert any("30 of 120 points were placed in a map made from the other 90" in note for note in result.notes)


@pytest.mark.slow  # numba compiles at first use
def test_umap_is_held_to_the_same() -> None:
    pytest.importorskip("umap")
    result = run(with_slice(range(90, 120)), method="umap", place="new", seeds=0)
    assert result.arrays["placed"].sum() == 30
    assert result.numbers()["placed_trustworthiness"] > 0.8


def test_a_slice_leaves_room_for_the_limit_of_the_fit() -> None:
    result = run(with_slice(range(20)), place="new", fit_limit=50, seeds=0)
    assert (~result.arrays["placed"]).sum() == 50
    assert result.arrays["placed"][-20:].all()
    assert "placed_trustworthiness" not in run(with_slice([]), seeds=0).metrics


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "the slice 'new' has no points to place"),
        (range(117), "the slice 'new' holds all but 3 of the 120 points drawn, and at least 4 must be left"),
    ],
)
def test_refuses_slices_that_leave_no_map(rows: Any, message: str) -> None:
    with pytest.raises(wb.DataError, match=message):
        run(with_slice(rows), place="new")


def _by_definition(fitted: Any, drawn: Any, new: Any, new_drawn: Any, k: int) -> float:
    f, total = len(fitted), 0
    for point, shown in zip(new, new_drawn, strict=True):
        order = np.argsort(np.square(fitted - point).sum(axis=1), kind="stable").tolist()
        near = np.argsort(np.square(drawn - shown).sum(axis=1), kind="stable")[:k].tolist()
        total += sum(order.index(j) + 1 - k for j in near if j not in order[:k])
    return 1 - 2 * total / (len(new) * k * (2 * f - 3 * k + 1))


@pytest.mark.parametrize("k", [1, 7])
def test_measures_are_their_definitions(k: int) -> None:
    random = np.random.default_rng(0)
    fitted, new = random.integers(0, 4, (50, 5)).astype(float), random.integers(0, 4, (12, 5)).astype(float)
    drawn, new_drawn = fitted[:, :2], new[:, :2]
    trust, continuity = placed_quality((fitted, drawn), (new, new_drawn), k)
    assert trust.value == pytest.approx(_by_definition(fitted, drawn, new, new_drawn, k), abs=1e-12)
    assert continuity.value == pytest.approx(_by_definition(drawn, fitted, new_drawn, new, k), abs=1e-12)
    assert (trust.count, trust.anchors) == (50, 12)


def test_the_worst_places_give_nothing_and_random_ones_half() -> None:
    line = np.arange(40.0)[:, None]
    worst, _ = placed_quality((line, -line), (np.array([[-1.0]]), np.array([[-41.0]])), 10)
    assert worst.value == pytest.approx(0)
    random = np.random.default_rng(0)
    fitted, new = (random.standard_normal((n, 9)) for n in (600, 300))
    trust, continuity = placed_quality((fitted, random.random((600, 2))), (new, random.random((300, 2))), 15)
    for each in (trust, continuity):
        assert each.value == pytest.approx(0.5, abs=0.03)
        assert each.interval is not None
        assert each.interval[0] < 0.5 < each.interval[1]


def test_refuses_more_neighbours_than_half() -> None:
    with pytest.raises(ValueError, match="below half the number of fitted points"):
        placed_quality((np.eye(4), np.eye(4)), (np.eye(4), np.eye(4)), 2)
