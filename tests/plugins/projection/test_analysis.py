# SPDX-License-Identifier: Apache-2.0
"""The analysis as a job runs it: what the result holds, what it finds, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.projection import workbench_analyses
from plugins.projection.analysis import Projection
from registry.errors import DataError
from tests.plugins.projection.jobs import OneSpace, clusters, run


def codes(result: wb.Result) -> list[str]:
    return [finding.code for finding in result.findings]


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_result_holds_what_is_promised(method: str, dimensions: int) -> None:
    points, labels = clusters()
    job = OneSpace(points, labels=labels)
    result = run(job, method=method, dimensions=dimensions, iterations=100, seeds=2)
    arrays = result.arrays
    assert {name: (each.dtype.name, each.shape) for name, each in arrays.items()} == {
        "coordinates": ("float32", (120, dimensions)),
        "stress": ("float32", (120,)),
        "rows": ("int64", (120,)),
        "placed": ("bool", (120,)),
        "neighbour_distance": ("float32", (120,)),
        "points": ("float32", (120, 10)),
        **({"mean": ("float32", (10,)), "components": ("float32", (dimensions, 10))} if method == "pca" else {}),
        "seed_maps": ("float32", (2, 120, dimensions)),
        "seed_rows": ("int64", (120,)),
        "seeds": ("int64", (2,)),
        "seed_disparity": ("float64", (2,)),
        "stability": ("float32", (120,)),
    }
    assert arrays["rows"][3] == 30
    assert set(result.tables["quality"]["k"].dropna()) == {5, 15, 50}
    assert set(result.charts) == {"quality"} | ({"explained_variance"} if method == "pca" else set())
    assert result.images["map"].shape == (700, 900, 3)
    assert 0.9 < result.numbers()["trustworthiness"] <= 1
    assert "stability" in result.metrics
    fractions = [fraction for fraction, _ in job.reported]
    assert fractions == sorted(fractions)
    assert fractions[-1] <= 1
    again = run(OneSpace(points, labels=labels), method=method, dimensions=dimensions, iterations=100, seeds=2)
    np.testing.assert_array_equal(again.arrays["coordinates"], arrays["coordinates"])
    np.testing.assert_array_equal(again.arrays["seed_maps"], arrays["seed_maps"])


def test_distances_to_the_nearest_other_point() -> None:
    points = np.random.default_rng(0).standard_normal((300, 3))
    points[7] = points[11]
    for method in ("pca", "tsne"):
        result = run(OneSpace(points), method=method, iterations=50, seeds=0)
        away = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(away, np.inf)
        np.testing.assert_allclose(result.arrays["neighbour_distance"], away.min(axis=1), atol=1e-6)
        metric = result.metrics["neighbour_distance"]
        assert isinstance(metric, wb.Metric)
        assert (metric.n, metric.low) == (300, None)
        assert metric.value == pytest.approx(np.median(away.min(axis=1)))


def test_rows_of_the_data_are_not_kept_twice() -> None:
    class OfData(OneSpace):
        """A job on a data set whose rows may be the points themselves."""

        stored: Any

        @property
        def data(self) -> wb.Dataset | None:
            return wb.ArrayDataset(self.stored[np.arange(len(self.values) * 10) // 10], wb.vectors(10))

    points = clusters()[0]
    job = OfData(points)
    job.stored = job.values
    assert "points" not in run(job, seeds=0).arrays
    job.stored = job.values + 1  # the points came through a map
    np.testing.assert_array_equal(run(job, seeds=0).arrays["points"], points.astype(np.float32))


def test_points_of_a_cosine_space_are_kept_as_they_are() -> None:
    points = clusters()[0]
    arrays = run(OneSpace(points, wb.vectors(10, metric="cosine")), seeds=0).arrays
    np.testing.assert_array_equal(arrays["points"], points.astype(np.float32))
    assert np.linalg.norm(arrays["mean"]) < 1


def test_pca_says_how_much_variance_the_map_holds() -> None:
    points = np.random.default_rng(0).standard_normal((500, 6)) * [10, 5, 1, 1, 1, 1]
    result = run(OneSpace(points), seeds=0)
    table = result.tables["explained_variance"]
    assert len(table) == 6
    assert table["cumulative"].iloc[-1] == pytest.approx(1)
    assert result.numbers()["explained_variance"] == pytest.approx(table["share"][:2].sum())
    assert "stability" not in result.metrics
    assert codes(result) == []


def test_estimates_carry_intervals_and_their_sample() -> None:
    points = np.random.default_rng(0).standard_normal((4500, 4)) * [3, 2, 1, 0.5]
    result = run(OneSpace(points), seeds=0)
    metric = result.metrics["trustworthiness"]
    assert isinstance(metric, wb.Metric)
    assert metric.low is not None
    assert metric.high is not None
    assert metric.low < metric.value < metric.high
    assert metric.n == 1000
    assert "1000 of 4500 points, k = 15, seed 0" in metric.note
    exact = run(OneSpace(points[:300]), seeds=0).metrics["trustworthiness"]
    assert isinstance(exact, wb.Metric)
    assert exact.low is None


def test_noise_is_found_not_to_be_kept() -> None:
    result = run(OneSpace(np.random.default_rng(0).standard_normal((600, 60))), seeds=4)
    assert set(codes(result)) >= {
        "projection.low-trustworthiness",
        "projection.low-continuity",
        "projection.low-explained-variance",
        "projection.seed-dependent",
    }
    first = result.findings[0]
    assert first.value < 0.75
    assert first.severity == "serious"
    assert first.threshold == 0.9
    assert first.wrong_if
    assert first.figure in result.charts


def test_a_space_without_variation_is_found() -> None:
    result = run(OneSpace(np.ones((30, 8))))
    assert codes(result) == ["projection.no-variation"]
    assert np.isfinite(result.arrays["coordinates"]).all()
    assert all(np.isnan(value) for value in result.numbers().values())
    assert all("all points are equal" in one.note for one in result.metrics.values() if isinstance(one, wb.Metric))


def test_the_meaning_of_gaps_is_a_note_not_a_finding() -> None:
    result = run(OneSpace(clusters()[0]), method="tsne", iterations=50, seeds=0)
    told = next(note for note in result.notes if "gaps between them" in note)
    assert "size of a cluster on the map says nothing" in told
    assert "first principal components, where the map began" in told
    random = run(OneSpace(clusters()[0]), method="tsne", iterations=50, seeds=0, initialisation="random")
    assert any("Where a cluster stands is chance" in note for note in random.notes)


def test_held_out_points_are_placed() -> None:
    result = run(OneSpace(clusters()[0]), method="tsne", iterations=50, fit_limit=90, seeds=0)
    assert result.arrays["placed"].sum() == 30
    assert any("30 of 120 points were placed" in note for note in result.notes)


def test_images_are_vectors_too() -> None:
    values = np.random.default_rng(0).random((40, 1, 8, 8))
    result = run(OneSpace(values, wb.images(1, 8, 8, low=0, high=1)), seeds=2)
    assert result.arrays["coordinates"].shape == (40, 2)


def test_the_metric_of_the_space_is_honoured() -> None:
    points, _ = clusters()
    lengths = np.random.default_rng(1).uniform(0.1, 10, (120, 1))
    space = wb.vectors(10, metric="cosine")
    one, other = run(OneSpace(points, space), seeds=0), run(OneSpace(points * lengths, space), seeds=0)
    np.testing.assert_allclose(one.arrays["coordinates"], other.arrays["coordinates"], atol=1e-5)
    assert any("cosine" in note for note in one.notes)


def test_few_points_lower_k_and_say_so() -> None:
    result = run(OneSpace(clusters(20)[0]), seeds=2)
    assert any("up to 9 neighbours; 15 were asked for" in note for note in result.notes)
    assert set(result.tables["quality"]["k"].dropna()) == {5, 9}


@pytest.mark.parametrize(
    ("values", "params", "message"),
    [
        (np.ones((3, 2)), {}, "at least 4 points, but 'z' has 3"),
        (np.array([[0.0, np.nan]] * 9), {}, "points of z hold NaN or infinity in 9 of 9 rows"),
        (np.eye(20), {"method": "tsne", "perplexity": 30}, "6.3 for 20 points, but is 30"),
    ],
)
def test_refuses_poor_points(values: Any, params: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, DataError), match=message):
        run(OneSpace(values), **params)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"method": "tsne", "limit": 250_000}, "set fit_limit to 200000 or less"),
        ({"dimensions": 4}, "dimensions"),
        ({"method": "lda"}, "method"),
    ],
)
def test_refuses_poor_parameters(params: dict[str, Any], message: str) -> None:
    with pytest.raises(wb.ParameterError, match=message):
        Projection.Params.read({"space": "z", **params})


def test_many_points_are_accepted_where_they_are_placed_or_exact() -> None:
    for params in ({"method": "tsne", "limit": 60_000, "fit_limit": 5000}, {"method": "pca", "limit": 200_000}):
        assert Projection.Params.read({"space": "z", **params}).limit >= 60_000


def test_listing_the_plugin_imports_nothing_heavy() -> None:
    assert workbench_analyses() == [Projection]
    heavy = "{'torch', 'pandas', 'streamlit', 'sklearn', 'openTSNE', 'umap', 'altair', 'scipy'}"
    code = f"import sys, plugins.projection as p; p.workbench_analyses(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
