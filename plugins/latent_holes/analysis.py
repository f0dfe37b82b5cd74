# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

import workbench as wb
from registry.parameters import Subject

FEWEST = 20  # codes below which nothing is compared


class LatentHoles(wb.Analysis):
    """Does the prior draw where the encoder puts no data?

    Sets the codes of the data (posterior means, and samples of the posterior where the encoder gives a spread) against
    draws from the prior of the same space: which share of the draws lies farther from every code than codes lie from
    each other, whether the codes leave a loop or void, whether codes lie outside the prior, and whether both can be
    told apart at all. Decodes what the largest holes hold. Beside each number stands what the prior gives against
    itself, which is what a perfect encoder would.
    """

    name = "latent-holes"
    title = "Holes between data and prior"
    version = "2"
    tags: ClassVar[tuple[str, ...]] = ("prior", "posterior", "holes", "voids", "homology", "MMD", "VAE")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """With the defaults 2,000 codes, in halves of 1,000."""

        encode: wb.Pick[wb.Map[wb.Images | wb.Vectors, wb.Vectors]] = Field(
            description="The map to the codes; the space it ends at needs a prior."
        )
        limit: int = Field(2000, ge=FEWEST, le=10_000, description="Most codes, of rows taken at random.")
        quantile: float = Field(
            0.95,
            ge=0.5,
            le=0.999,
            description="Share of held-out codes whose nearest other code is at a typical distance.",
        )
        trials: int = Field(10, ge=3, le=100, description="Random halves of the codes that are compared.")
        permutations: int = Field(200, ge=19, le=10_000, description="Permutations for the p value of MMD.")
        max_dim: int = Field(2, ge=1, le=2, description="Holes looked for by homology: loops (1), voids (2) too.")
        half: int = Field(100, ge=20, le=300, description="Points of each barcode.")
        draws: int = Field(20, ge=5, le=100, description="Random subsets of which barcodes are made.")
        holes: int = Field(6, ge=1, le=24, description="Most holes shown.")
        neighbours: int = Field(6, ge=1, le=24, description="Nearest samples shown of each hole.")

    @classmethod
    def missing(cls, subject: Subject) -> list[str]:
        """Also asks that the map ends at a space with a prior."""
        from plugins.coverage.ways import with_prior

        lacking = super().missing(subject)
        there = with_prior(subject.spaces)
        if not lacking and not any(
            one.target in there and isinstance(subject.spaces.get(one.source), (wb.Images, wb.Vectors))
            for one in subject.maps.values()
        ):
            lacking.append("'encode' needs a map to a space of vectors with a prior")
        return lacking

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Codes, draws, the trials, the holes, and what stands out."""
        from plugins.latent_holes.codes import codes_of
        from plugins.latent_holes.discrepancy import discrepancy
        from plugins.latent_holes.holes import control_of, find_holes
        from plugins.latent_holes.pictures import pictures_of
        from plugins.latent_holes.results import Found, result_of
        from plugins.latent_holes.shares import measure
        from plugins.latent_holes.voids import voids_of

        job.progress(0.0, "codes")
        codes = codes_of(job, params, FEWEST)
        job.progress(0.2, "shares")
        sizes = params.quantile, params.trials
        means = measure(
            lambda: codes.means, codes.draw, *sizes, job.rng, lambda done: job.progress(0.2 + 0.15 * done, "shares")
        )
        samples = None
        if codes.spread is not None:
            samples = measure(
                lambda: codes.sample(job.rng),
                codes.draw,
                *sizes,
                job.rng,
                lambda done: job.progress(0.35 + 0.15 * done, "shares of posterior samples"),
            )
        told = samples if samples is not None else means
        taken = codes.sample(job.rng)
        job.progress(0.5, "kernel test")
        apart = discrepancy(taken, codes.draw(len(taken)), params.permutations, job.rng)
        voids = voids_of(
            taken,
            codes.draw,
            params.max_dim,
            params.half,
            params.draws,
            job.rng,
            lambda done: job.progress(0.55 + 0.35 * done, "voids"),
        )
        job.progress(0.9, "holes")
        holes = find_holes(taken, codes.draw, float(told.radius.mean()), params.holes, params.neighbours)
        shown = pictures_of(job, codes, holes)
        job.progress(0.93, "holes of draws alone")
        beside = control_of(codes.draw, len(taken), float(told.prior_radius.mean()), params.holes)
        job.progress(0.97, "result")
        return result_of(Found(codes, means, samples, apart, voids, holes, beside, shown), params)
