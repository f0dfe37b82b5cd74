# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

import workbench as wb

FEWEST = 50  # distinct points below which nothing is measured


class Neighbourhood(wb.Analysis):
    """Can nearest neighbours be trusted here, or do hubs, frequency and a common direction decide them?

    Counts how often each point is among the nearest of others (hubness), beside normal clouds of as many points and
    axes: some hubness belongs to many dimensions. Measures the mean cosine of two points (0 where directions are
    uniform) before and after the mean and the strongest components are taken away, how much distances differ at all,
    and, for words in order of frequency, how much of a neighbourhood is frequency.
    """

    name = "neighbourhood"
    title = "Hubs, frequency and anisotropy"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("nearest neighbours", "hubness", "anisotropy", "cosine", "words", "embedding")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)

    class Params(wb.Params):
        """Neighbours are exact, among the points of the sample."""

        space: wb.Pick[wb.Vectors] | None = Field(
            None, description="Where the points are; empty: the first space of vectors of the model, or the data."
        )
        limit: int = Field(2000, ge=FEWEST, le=20_000, description="Most points looked at, taken at random.")
        neighbours: int = Field(10, ge=1, le=100, description="Neighbours of each point (k).")
        metric: Literal["auto", "cosine", "euclidean"] = Field(
            "auto", description="How near two points are; auto: as the space says."
        )
        frequency: Literal["auto", "order", "none"] = Field(
            "auto",
            description="Whether the items stand in order of frequency, the most frequent first; auto: so for a "
            "vocabulary of at least 1,000 items.",
        )
        counts: wb.Pick[wb.Column] | None = Field(
            None, description="A column that says how frequent each row is; the larger, the more frequent."
        )
        clouds: int = Field(3, ge=1, le=20, description="Normal clouds of each kind that hubness is compared with.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Points, neighbours, clouds beside them, and what stands out."""
        from plugins.neighbourhood.ground import ground_of
        from plugins.neighbourhood.measures import measure
        from plugins.neighbourhood.results import result_of

        job.progress(0.0, "points")
        ground = ground_of(job, params, FEWEST)
        found = measure(ground, params, job.rng, job.progress)
        job.progress(0.97, "result")
        return result_of(ground, found, params, job.seed)
