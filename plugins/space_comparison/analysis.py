# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

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
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("topology", "homology", "layers", "RTD")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """The defaults for RTD are those of its authors."""

        first: wb.Pick[wb.Vectors | wb.Images] = Field(description="One space.")
        second: wb.Pick[wb.Vectors | wb.Images] = Field(description="The other, reached by the same points.")
        limit: int = Field(2000, ge=FEWEST, le=5000, description="Most points looked at, taken at random.")
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
            raise wb.DataError(f"at least {FEWEST} points of '{params.first}' are needed, got {len(first)}")
        job.progress(0.05, "distances")
        here, there = _distances(first, params.first), _distances(second, params.second)
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
        return result_of(first, second, found, params)


def _distances(sample: wb.Points, name: str) -> Any:
    """Distances of all pairs ``[n, n]`` in the metric of the space.

    Raises
    ------
    DataError
        When half of the distances are zero, or a point has no direction where the space compares by angle.
    """
    from plugins.homology.distances import median_distance, pairwise

    cosine = getattr(sample.space, "metric", "euclidean") == "cosine"
    found = pairwise(sample.flat(), "cosine" if cosine else "euclidean")
    if not median_distance(found) > 0:
        raise wb.DataError(f"most points of '{name}' are equal: there is no shape to compare")
    return found
