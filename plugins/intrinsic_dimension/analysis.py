# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

import workbench as wb

FEWEST = 100  # distinct points below which nothing is measured


class IntrinsicDimension(wb.Analysis):
    """How many dimensions do the points of a space fill?

    A space of 784 pixels may hold points that vary in ten ways. Four estimators that look at different things are set
    beside each other: distances to the two nearest neighbours (TwoNN), to the ten nearest (maximum likelihood), the
    principal components of small neighbourhoods, and the growth of the spanning tree (persistent homology of degree
    0). Each stands with its interval and beside a Gaussian of the same covariance and as many points, and it is said
    when they disagree or when there are too few points for the dimension found.
    """

    name = "intrinsic-dimension"
    title = "Intrinsic dimension"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("intrinsic dimension", "topology", "nearest neighbours", "PCA")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Distances are Euclidean."""

        space: wb.Pick[wb.Vectors | wb.Images] = Field(description="Where the points are.")
        limit: int = Field(2000, ge=FEWEST, le=5000, description="Most points looked at, taken at random.")
        neighbours: int = Field(10, ge=3, le=50, description="Neighbours of each point for the maximum likelihood.")
        neighbourhood: int = Field(
            30, ge=5, le=200, description="Neighbours of each point for its principal components."
        )
        halves: int = Field(20, ge=5, le=200, description="Random halves of the points, for the intervals.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Distances, four estimates with intervals, the Gaussian beside them, and what stands out."""
        from plugins.intrinsic_dimension.measures import Neighbourhoods, estimates, gaussian_of
        from plugins.intrinsic_dimension.results import result_of
        from plugins.layers.distances import centred_products, first_of_equals, squared_distances

        job.progress(0.0, "points")
        sample = job.points(params.space, limit=params.limit)
        flat = sample.flat()
        first = first_of_equals(flat)
        if len(first) < FEWEST:
            raise wb.DataError(
                f"at least {FEWEST} distinct points of '{params.space}' are needed, got {len(first):,} among "
                f"{len(flat):,}: take more points or another space"
            )
        job.progress(0.05, "distances")
        products = centred_products(flat[first])
        near = Neighbourhoods(params.neighbours, params.neighbourhood)
        if len(first) // 2 <= max(near.mle, near.lpca):
            raise wb.DataError(
                f"{len(first):,} distinct points are too few for neighbourhoods of {max(near.mle, near.lpca)}: take "
                f"more than {2 * max(near.mle, near.lpca) + 1:,} points or smaller neighbourhoods"
            )
        found = estimates(
            squared_distances(products),
            near,
            params.halves,
            job.rng,
            lambda done: job.progress(0.1 + 0.4 * done, "estimates"),
        )
        control = estimates(
            gaussian_of(products, job.rng),
            near,
            params.halves,
            job.rng,
            lambda done: job.progress(0.5 + 0.45 * done, "Gaussian beside them"),
        )
        job.progress(0.96, "result")
        return result_of(sample, len(first), found, control, params)
