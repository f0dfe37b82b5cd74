# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

import workbench as wb
from plugins.mapper.lenses import Lens


class Mapper(wb.Analysis):
    """What does the shape of the points look like as a small graph, with samples at its nodes?

    Looks at the samples through a lens (one number for each), cuts its range into intervals that overlap, takes the
    samples of each interval apart into pieces, and joins pieces that share samples. A circle becomes a cycle of nodes,
    a branching shape a tree, blobs apart become components. Such a graph is a choice of lens, intervals, overlap and
    radius: so it is made again with other intervals and overlaps, on random halves of the samples, and on normal points
    of the same covariance, and only what stays is stated.
    """

    name = "mapper"
    title = "Mapper graph"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("topology", "Mapper", "Reeb graph", "clustering")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """The lens is what the graph is laid along; everything else says how finely."""

        space: wb.Pick[wb.Vectors | wb.Images] = Field(
            description="Whose points are looked at; layers and images count as vectors."
        )
        lens: Lens = Field(
            "first-component",
            description="Number for each sample: a principal component; eccentricity (mean distance to all samples); "
            "log density or distance by nearest neighbours; an axis of the space; a column of numbers; or the distance "
            "that a point moves by decoding and encoding (round-trip).",
        )
        column: wb.Pick[wb.Column] | None = Field(None, description="Only lens column: a column of numbers.")
        axis: int = Field(0, ge=0, description="Only lens axis: its number, from 0.")
        intervals: int = Field(10, ge=1, le=100, description="Intervals that the range of the lens is cut into.")
        overlap: float = Field(
            0.3,
            ge=0.05,
            le=0.49,
            description="Share of an interval's length that also lies in the next one: |A and B| / |A|.",
        )
        cover: Literal["length", "samples"] = Field(
            "length", description="Intervals are equally long, or hold equally many samples."
        )
        clustering: Literal["linkage", "average", "modes"] = Field(
            "linkage",
            description="How an interval is taken apart: samples joined up to the radius (linkage); average linkage "
            "cut at the radius, which also cuts what hangs together; or peaks of the density (modes, no radius).",
        )
        radius: float | None = Field(
            None, ge=0, description="Distance up to which samples are joined; empty: the rule of Carriere and others."
        )
        smallest: int = Field(5, ge=1, le=1000, description="Samples of a node at least; smaller pieces are left out.")
        by: wb.Pick[wb.Column] | None = Field(
            None, description="Column of classes for the nodes; empty: the first column that has classes."
        )
        limit: int = Field(2000, ge=3, le=50_000, description="Most points looked at, taken at random.")
        draws: int = Field(
            20, ge=5, le=100, description="Random halves, and as many clouds of normal points to hold against."
        )

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """The graph, then the graphs beside it, then what stays."""
        from plugins.mapper.lenses import lens_of
        from plugins.mapper.measures import measure
        from plugins.mapper.results import result_of
        from plugins.modes.sample import sample_of

        job.progress(0.0, "points")
        sample = sample_of(job, params.space, params.limit, params.by)
        job.progress(0.05, "lens")
        lens, words = lens_of(job, sample, params.lens, params.column, params.axis)
        measured = measure(sample, lens, params, job.rng, _part(job, 0.1, 0.95))
        job.progress(0.96, "result")
        return result_of(sample, lens, words, measured, params, job.seed)


def _part(job: wb.Job, start: float, end: float) -> Callable[[float, str], None]:
    return lambda fraction, stage: job.progress(start + (end - start) * min(max(fraction, 0.0), 1.0), stage)
