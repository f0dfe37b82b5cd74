# SPDX-License-Identifier: Apache-2.0
"""PCA of very many points: the numbers of the way in memory, in bounded memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.projection import sample
from plugins.projection import streamed as streaming
from plugins.projection.methods import Settings
from tests.plugins.projection.jobs import OneSpace, run


class Refusing(OneSpace):
    """A job that gives points as a whole only of a slice."""

    def points(self, space: str, *, limit: int | None = None, spread: bool = False, slice: str | None = None) -> Any:
        assert slice is not None, "the points were asked for as a whole"
        return super().points(space, slice=slice)


def table(n: int = 1200, d: int = 12) -> Any:
    random = np.random.default_rng(0)
    return random.standard_normal((n, d)) * np.linspace(4, 1, d) + 3


@pytest.mark.parametrize(
    ("metric", "options"),
    [
        ("euclidean", {}),
        ("euclidean", {"fit_limit": 700}),
        ("euclidean", {"place": "new"}),
        ("cosine", {"place": "new", "fit_limit": 700}),
    ],
)
def test_the_same_numbers_as_in_memory(metric: Any, options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = []
    for kind in (OneSpace, Refusing):
        jobs.append(kind(table(), wb.vectors(12, metric=metric), labels=np.arange(1200) % 3))
        jobs[-1].slices["new"] = np.arange(3, 1200, 5)
    whole = run(jobs[0], seeds=2, **options)
    monkeypatch.setattr(sample, "STREAM_BYTES", 10_000)
    monkeypatch.setattr(streaming, "BATCH_NUMBERS", 997)
    streamed = run(jobs[1], seeds=2, **options)
    np.testing.assert_array_equal(streamed.arrays["rows"], whole.arrays["rows"])
    np.testing.assert_array_equal(streamed.arrays["placed"], whole.arrays["placed"])
    np.testing.assert_allclose(streamed.arrays["coordinates"], whole.arrays["coordinates"], atol=1e-5)
    shares = [each.tables["explained_variance"]["share"] for each in (streamed, whole)]
    np.testing.assert_allclose(shares[0].to_numpy(), shares[1].to_numpy(), atol=1e-5)
    # the points are kept as they are, and every measured distance to the nearest other one is that of all the points
    np.testing.assert_array_equal(streamed.arrays["points"], whole.arrays["points"])
    distances, measured = streamed.arrays["neighbour_distance"], whole.arrays["neighbour_distance"]
    assert np.isfinite(distances).sum() == 1000
    np.testing.assert_allclose(distances[np.isfinite(distances)], measured[np.isfinite(distances)], rtol=1e-5)
    metric = streamed.metrics["neighbour_distance"]
    assert isinstance(metric, wb.Metric)
    assert metric.n == 1000
    assert metric.low is not None
    assert metric.high is not None
    assert metric.low < whole.numbers()["neighbour_distance"] < metric.high
    for name in ("mean", "components"):
        np.testing.assert_allclose(streamed.arrays[name], whole.arrays[name], atol=1e-5)
    # measured on a sample that says so, of which the strip is a part
    stress = streamed.arrays["stress"]
    assert np.isfinite(stress).sum() == 1000
    assert np.nanmean(stress) * 1200 == pytest.approx(1, abs=1e-3)
    assert np.isfinite(stress[streamed.arrays["seed_rows"]]).all()
    assert not (
        set(streamed.arrays["seed_rows"].tolist()) & set(np.flatnonzero(streamed.arrays["placed"]).tolist())
    ) or ("fit_limit" in options)
    for name in ("trustworthiness", "distance_pearson", "distance_spearman", "normalised_stress"):
        assert streamed.numbers()[name] == pytest.approx(whole.numbers()[name], abs=0.03)
    assert any("among 1,000 random ones" in note for note in streamed.notes)
    assert streamed.images["map"].shape == (700, 900, 3)


def test_few_points_under_a_high_limit_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "STREAM_BYTES", 100_000)
    assert not any("streamed" in note for note in run(OneSpace(table()), limit=1_000_000, seeds=0).notes)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(Refusing):
        """40,000 points of 200 coordinates (30 MiB) that are made when they are read."""

        def batches(self, space: str, *, limit: int | None = None, size: int = 256) -> Iterator[wb.Points]:
            for start in range(0, 40_000, size):
                rows = np.arange(start, min(start + size, 40_000))
                values = np.random.default_rng(start).standard_normal((len(rows), 200)).astype(np.float32)
                yield wb.Points(values, rows, self.space, "points", self.columns.iloc[:0].reindex(range(len(rows))))

    monkeypatch.setattr(sample, "STREAM_BYTES", 2**20)
    monkeypatch.setattr(sample, "KEPT_BYTES", 2**20)
    monkeypatch.setattr(streaming, "BATCH_NUMBERS", 2**16)
    job = Endless(np.zeros((1, 200)))
    wanted = sample.Wanted("z", 40_000)
    assert sample.too_large(job, wanted)
    tracemalloc.start()
    mapped = streaming.map_streamed(job, wanted, Settings("pca"), lambda fraction, stage: None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mapped.projected.coordinates.shape == (40_000, 2)
    assert peak < 9 * 2**20
    assert mapped.kept is None
    assert any("31 MiB and are not kept in the result (at most 1 MiB are)" in note for note in mapped.notes)


@pytest.mark.parametrize(("count", "message"), [(1198, "holds all but 2"), (0, "has no points to place")])
def test_refuses_slices_that_leave_no_map(count: int, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "STREAM_BYTES", 10_000)
    job = Refusing(table())
    job.slices["new"] = np.arange(count)
    with pytest.raises(wb.DataError, match=message):
        run(job, place="new")
