# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pydantic import Field

import workbench as wb


class ModesOfDensity(wb.Analysis):
    """How many peaks does the density of the points have, how high are they, and which samples belong to each?

    Every sample climbs to denser neighbours until it stands on a peak (ToMATo). The prominence of a peak is how far one
    has to descend from it to reach a higher one; peaks that are no more than ripples of the estimate are merged. Beside
    them stand the peaks of normal points of the same covariance, which have one mode, and how often each mode comes
    back on random halves of the samples.
    """

    name = "modes"
    title = "Modes of density (ToMATo)"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("topology", "clustering", "density", "ToMATo", "prominence")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Neighbours, threshold and dimension have rules of their own when left empty."""

        space: wb.Pick[wb.Vectors | wb.Images] = Field(
            description="Whose points are looked at; layers and images count as vectors."
        )
        by: wb.Pick[wb.Column] | None = Field(
            None, description="Column of classes that the modes are held against; empty: the first that has classes."
        )
        neighbours: int | None = Field(
            None,
            ge=2,
            le=1000,
            description="Neighbours of each sample, itself included; empty: the square root of the number of samples.",
        )
        prominence: float | None = Field(
            None,
            ge=0,
            description="Modes are peaks of more than this prominence (of the natural logarithm of density); empty: 6 "
            "standard errors of the estimate.",
        )
        count: int | None = Field(
            None, ge=1, le=1000, description="In place of a prominence: keep so many of the most prominent."
        )
        dimension: float | None = Field(
            None,
            gt=0,
            le=10_000,
            description="Dimension that the samples fill, the exponent of density; empty: estimated from neighbours.",
        )
        limit: int = Field(2000, ge=20, le=50_000, description="Most points looked at, taken at random.")
        draws: int = Field(
            20, ge=5, le=100, description="Random halves, and as many clouds of normal points to hold against."
        )

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """The modes, those of halves, those of normal points, and what can be said."""
        from plugins.modes.measures import measure
        from plugins.modes.results import result_of
        from plugins.modes.sample import FEWEST_OF_DENSITY, sample_of

        if params.count is not None and params.prominence is not None:
            raise wb.ParameterError("ask for a 'count' of modes or for a 'prominence', not for both")
        job.progress(0.0, "points")
        sample = sample_of(job, params.space, params.limit, params.by)
        if len(sample) < FEWEST_OF_DENSITY:
            raise wb.DataError(
                f"at least {FEWEST_OF_DENSITY} points of '{params.space}' are needed for a density, got {len(sample)}: "
                "take more points, another slice or data set"
            )
        measured = measure(sample, params, job.rng, _part(job, 0.1, 0.95))
        job.progress(0.96, "result")
        return result_of(sample, measured, params, job.seed)


def _part(job: wb.Job, start: float, end: float) -> Callable[[float, str], None]:
    return lambda fraction, stage: job.progress(start + (end - start) * min(max(fraction, 0.0), 1.0), stage)
