# SPDX-License-Identifier: Apache-2.0
"""The analysis: two clouds in one space, the distance of their means, and what closing it does to retrieval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

import workbench as wb
from plugins.retrieval.pairs import PairParams, lacking, pairs_of
from registry.parameters import Subject

FEWEST = 20


class ModalityGap(wb.Analysis):
    """Do pictures and captions lie in two separate parts of the space that they share?

    Measures the distance between the means of the two clouds of unit vectors, beside that of random halves of each
    cloud, and how surely a plane tells the two kinds apart. Then it closes the gap, by centring each cloud and by
    shifting them toward each other, on held-out pairs, and shows what that does to retrieval both ways.
    """

    name = "modality-gap"
    title = "Modality gap"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("captions", "pictures", "texts", "cone", "shared space")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(PairParams):
        """The pairs, and the controls."""

        draws: int = Field(200, ge=20, le=5000, description="Random halves, and random swaps within pairs.")

    @classmethod
    def missing(cls, subject: Subject) -> list[str]:
        """Texts with a map and a column, or a second space."""
        return lacking(subject)

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Measure the gap and close it, everything random under the seed of the run."""
        from plugins.modality_gap import gap
        from plugins.modality_gap.results import Measured, result_of

        job.progress(0.0, "pairs")
        pairs = pairs_of(job, params)
        if len(pairs) < FEWEST:
            raise wb.DataError(f"{len(pairs)} pairs are too few to be halved: at least {FEWEST} are needed")
        if pairs.first.shape[1] != pairs.second.shape[1]:
            raise wb.ParameterError(
                f"the two sides have {pairs.first.shape[1]:,} and {pairs.second.shape[1]:,} numbers: there is a gap "
                "only between points of one space"
            )
        clouds = gap.Clouds.of(pairs.first, pairs.second)
        if np.ptp(clouds.first, axis=0).max() < 1e-9 and np.ptp(clouds.second, axis=0).max() < 1e-9:
            raise wb.DataError("all points of either side are equal: there are no clouds to compare")
        job.progress(0.4, "gap")
        distance, share = gap.bootstrap(clouds, job.rng)
        halves = gap.halves(clouds, params.draws, job.rng)
        p = gap.swap_p(clouds, max(params.draws, 999), job.rng)
        job.progress(0.5, "separability")
        separable = gap.separability(clouds, job.rng)
        job.progress(0.7, "closing the gap")
        parts = gap.two_halves(len(pairs), job.rng)
        closing = gap.close(clouds, parts)
        job.progress(0.8, "shifting")
        moved = gap.shifted(clouds, parts)
        found = Measured(distance, share, halves, p, separable, closing, moved, parts, clouds.distance)
        return result_of(pairs, clouds, found, params, job.rng)
