# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

import workbench as wb

FEWEST = 20  # points below which nothing is compared


class SpaceComparison(wb.Analysis):
    """Do the same points make the same shape in two spaces?

    Takes one sample into two spaces or layers and compares what is connected with what. Representation topology
    divergence (RTD) follows the points one by one: 0 where both spaces join them in the same order. The bottleneck and
    Wasserstein distances compare pieces, loops and voids alone, whichever points make them. Each number is a mean over
    random subsets, with its interval and beside a control: the points in random order, or two halves of the same space.
    """

    name = "space-comparison"
    title = "Two spaces compared by shape"
    version = "3"
    tags: ClassVar[tuple[str, ...]] = ("topology", "homology", "layers", "RTD")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """The defaults for RTD are those of its authors."""

        first: wb.Pick[wb.Vectors | wb.Images] = Field(description="One space.")
        second: wb.Pick[wb.Vectors | wb.Images] = Field(description="The other, reached by the same points.")
        limit: int = Field(2000, ge=FEWEST, le=5000, description="Most points looked at, taken at random.")
        metric: Literal["auto", "euclidean", "cosine", "geodesic"] = Field(
            "auto",
            description="Distance of two points: that of each space (auto), or in both Euclidean, by angle, or along "
            "the graph of nearest neighbours.",
        )
        neighbours: int = Field(
            15, ge=1, le=500, description="Neighbours of the geodesic graph, and by which sparse places are told."
        )
        trim: float = Field(
            0.0, ge=0, le=0.5, description="Share of the points, the sparsest in either space, that is left out first."
        )
        trials: int = Field(10, ge=2, le=100, description="Random subsets of the points.")
        batch: int = Field(500, ge=10, le=1500, description="Points of each subset for RTD.")
        half: int = Field(
            150, ge=10, le=400, description="Points of each of two disjoint subsets for the persistence diagrams."
        )
        max_dim: int = Field(2, ge=0, le=2, description="Diagrams of pieces (0), loops (1) and voids (2) up to this.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """The same rows in both spaces, their distances, the trials, and what stands out."""
        from plugins.space_comparison.measures import check_cost, measure
        from plugins.space_comparison.results import result_of

        job.progress(0.0, "points")
        first = job.points(params.first, limit=params.limit)
        second = job.points(params.second, rows=first.rows)
        if first.source != second.source:
            raise wb.DataError(
                f"the points of '{params.first}' come from {first.source} and those of '{params.second}' from "
                f"{second.source}: they are not the same points in two spaces"
            )
        if len(first) < FEWEST:
            raise wb.DataError(
                f"at least {FEWEST} points of '{params.first}' are needed, got {len(first)}: take another data "
                "set or slice"
            )
        job.progress(0.05, "distances")
        different = first_of_each(first.flat(), second.flat())
        if len(different) < FEWEST:
            raise wb.DataError(
                f"at least {FEWEST} different points are needed, and of {len(first):,} points only {len(different)} "
                f"differ in '{params.first}' or '{params.second}': take another data set or slice"
            )
        here, there = (
            _distances(one, different, name, params) for one, name in ((first, params.first), (second, params.second))
        )
        kept = densest(here, there, params.trim, params.neighbours)
        if len(kept) < FEWEST:
            raise wb.DataError(f"at least {FEWEST} points are needed, and 'trim' leaves {len(kept)}: trim less")
        here, there = here[np.ix_(kept, kept)], there[np.ix_(kept, kept)]
        sizes = params.trials, params.batch, params.half, params.max_dim
        check_cost(here, there, *sizes)
        found = measure(
            here,
            there,
            *sizes,
            job.rng,
            lambda done: job.progress(0.1 + 0.85 * done, "trials"),
        )
        job.progress(0.96, "result")
        return result_of(first, second, different[kept], len(different), found, params)


def metric_of(sample: wb.Points, params: SpaceComparison.Params) -> Literal["euclidean", "cosine", "geodesic"]:
    """The metric in which the points of a space are compared."""
    if params.metric != "auto":
        return params.metric
    return "cosine" if getattr(sample.space, "metric", "euclidean") == "cosine" else "euclidean"


def first_of_each(first: Any, second: Any) -> Any:
    """Positions of the points ``[n, d]``, ``[n, e]``, one of each set of those that are equal in both spaces, rising.

    Points that are repeated would be in every random subset, and what differs between subsets would say nothing.

    >>> one, other = np.array([[0.0], [1.0], [0.0], [0.0]]), np.array([[5.0], [5.0], [5.0], [6.0]])
    >>> first_of_each(one, other).tolist()
    [0, 1, 3]
    """
    seen: dict[tuple[int, int], int] = {}
    for at, pair in enumerate(zip(first, second, strict=True)):
        one, other = (hash(np.ascontiguousarray(row + np.float32(0)).tobytes()) for row in pair)  # -0 and 0 are one
        seen.setdefault((one, other), at)
    return np.array(list(seen.values()), dtype=np.int64)


def densest(first: Any, second: Any, trim: float, neighbours: int) -> Any:
    """Positions of the points that are left when the share farthest from its neighbour, in either space, is left out.

    >>> line = np.abs(np.subtract.outer([0.0, 1, 2, 9], [0.0, 1, 2, 9]))
    >>> densest(line, line, 0.25, 1).tolist()
    [0, 1, 2]
    """
    n = len(first)
    k = min(neighbours, n - 1)
    sparse = np.zeros(n)
    for table in (first, second):
        away = np.partition(table, k, axis=1)[:, k]
        sparse = np.maximum(sparse, np.argsort(np.argsort(away, kind="stable"), kind="stable"))
    return np.sort(np.argsort(sparse, kind="stable")[: n - int(trim * n)])


def _distances(sample: wb.Points, chosen: Any, name: str, params: SpaceComparison.Params) -> Any:
    """Distances of all pairs of the chosen points ``[n, n]``.

    Raises
    ------
    DataError
        When half of the distances are zero, a point has no direction where angles are compared, or the graph of
        neighbours falls into pieces.
    """
    from plugins.homology.distances import median_distance, pairwise

    found = pairwise(sample.flat()[chosen], metric_of(sample, params), k=params.neighbours)
    if not np.isfinite(found).all():
        raise wb.DataError(
            f"the graph of {params.neighbours} nearest neighbours of '{name}' falls into pieces, between which there "
            "is no distance: take more neighbours or another metric"
        )
    if not median_distance(found) > 0:
        raise wb.DataError(f"most points of '{name}' are equal: there is no shape to compare; choose another")
    return found
