# SPDX-License-Identifier: Apache-2.0
"""Principal components of differences between pairs, centred or not: centring takes away the difference looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import workbench as wb
from plugins.difference_direction.separation import Estimate, area_under_curve, interval_of_area
from registry.arrays import bad_rows

Float64 = NDArray[np.float64]
FEWEST = 20


class DifferenceComponents(wb.Analysis):
    """Does the first component of differences between two classes find what tells them apart?

    Pairs points of one class with points of another at random and takes the first principal component of their
    differences. What all pairs share is the mean of the differences; centring subtracts it first, and what is left is
    how the pairs scatter. Judged on points that took no part: how well the component tells the classes apart.
    """

    name = "difference-components"
    title = "Components of differences"
    version = "2"
    tags: ClassVar[tuple[str, ...]] = ("direction", "PCA", "classes")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Two classes of a column, and whether differences are centred."""

        space: wb.Pick[wb.Vectors] = Field(description="Where the points are: a latent space or a layer.")
        by: wb.Pick[wb.Column] = Field(description="Column of classes.")
        first: str = Field("", description="The class that differences lead from; empty: the most frequent.")
        second: str = Field("", description="The class that they lead to; empty: the second most frequent.")
        centred: bool = Field(False, description="Subtract the mean of the differences first, as PCA usually does.")
        limit: int = Field(2000, ge=2 * FEWEST, le=50_000, description="Most points, taken at random.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """The component of one half of the points, judged on the other."""
        points = job.points(params.space, limit=params.limit)
        codes = points.flat().astype(np.float64)
        if (bad := bad_rows(codes)).size:
            raise wb.DataError(f"{bad.size:,} of {len(codes):,} points hold NaN or infinity: leave these rows out")
        labels = points.columns[params.by].astype(str).to_numpy()
        names = _classes(labels, params)
        toward, away = (job.rng.permutation(np.flatnonzero(labels == one)) for one in (names[1], names[0]))
        if min(len(toward), len(away)) < FEWEST:
            raise wb.DataError(
                f"'{names[0]}' has {len(away)} and '{names[1]}' {len(toward)} of the points taken: at least {FEWEST} "
                "of each are needed"
            )
        half = min(len(toward), len(away)) // 2
        differences = codes[toward[:half]] - codes[away[:half]]
        component, share = first_component(differences, centred=params.centred)
        shift = differences.mean(axis=0)
        length = float(np.linalg.norm(shift))
        if not length > 0:
            raise wb.DataError(f"the classes '{names[0]}' and '{names[1]}' have the same mean: nothing leads between")
        area = either_way(codes[toward[half:]] @ component, codes[away[half:]] @ component)
        count = len(toward) + len(away) - 2 * half
        return wb.Result(
            metrics={
                "separation": wb.Metric(
                    area.value, max(0.5, area.low), area.high, n=count, better="higher",
                    label="area under the curve of held-out points along the component, either way round",
                ),
                "cosine_with_mean_difference": wb.Metric(abs(float(component @ shift)) / length, n=half),
                "share_of_variance": wb.Metric(share, n=half),
            },
            arrays={"component": component.astype(np.float32), "mean_difference": shift.astype(np.float32)},
            notes=[
                f"{half:,} pairs of '{names[0]}' and '{names[1]}', matched at random; judged on {count:,} others. The "
                "sign of a component is arbitrary, so that the area is taken either way round: 0.5 is chance, and a "
                "little above it by that choice."
            ],
        )  # fmt: skip


def first_component(differences: Float64, *, centred: bool) -> tuple[Float64, float]:
    """The first right singular vector of rows ``[n, d]``, and its share of their sum of squares.

    >>> rows = np.array([[3.0, 1.0], [3.0, -1.0], [3.0, 1.0], [3.0, -1.0]])
    >>> [abs(first_component(rows, centred=one)[0]).round(3).tolist() for one in (False, True)]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    rows = differences - differences.mean(axis=0) if centred else differences
    _, lengths, vectors = np.linalg.svd(rows, full_matrices=False)
    total = float(np.square(lengths).sum())
    return np.asarray(vectors[0]), float(lengths[0] ** 2 / total) if total > 0 else float("nan")


def either_way(one: Float64, other: Float64) -> Estimate:
    """Area under the curve of two samples with its interval, taken the way round in which it is at least 0.5."""
    area = float(area_under_curve(one, other))
    return interval_of_area(max(area, 1 - area), len(one), len(other))


def _classes(labels: NDArray[Any], params: DifferenceComponents.Params) -> tuple[str, str]:
    values, counts = np.unique(labels, return_counts=True)
    order = [str(one) for one in values[np.argsort(-counts, kind="stable")]]
    for name in (params.first, params.second):
        if name and name not in order:
            raise wb.ParameterError(f"'{params.by}' has no class '{name}': it has {', '.join(order[:12])}")
    first = params.first or next((one for one in order if one != params.second), "")
    second = params.second or next((one for one in order if one != first), "")
    if not second or first == second:
        raise wb.ParameterError(f"two different classes of '{params.by}' are needed")
    return first, second
