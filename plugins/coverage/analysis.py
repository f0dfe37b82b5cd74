# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

import workbench as wb
from registry.parameters import Subject

FEWEST = 8  # real points below which nothing is compared


class Coverage(wb.Analysis):
    """Does the model draw what the data holds, and nothing else?

    Decodes draws from the prior and sets them against as many rows of real data: how many draws lie among the data
    (precision, density), and how much of the data has a draw near it (recall, coverage). Beside each number stands what
    two halves of the data give, which is what a perfect model would. Shows which samples no draw comes near, whether
    a class is missing, which draws are off the data, and whether both sets have the same shape (pieces, loops, voids).
    """

    name = "coverage"
    title = "Real data against decoded prior samples"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("precision", "recall", "density", "coverage", "prior", "homology", "GAN", "VAE")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """With the defaults 2,000 rows of the data against 2,000 draws, in halves of 1,000."""

        generate: wb.Pick[wb.Map[wb.Vectors, wb.Images | wb.Vectors]] = Field(
            description="The map that makes samples; draws are from the prior of the space it starts at."
        )
        compare_in: wb.Pick[wb.Images | wb.Vectors] | None = Field(
            None,
            description="Space or layer in which both are compared, such as an encoder's; empty: where the map ends.",
        )
        label: wb.Pick[wb.Column] | None = Field(
            None, description="Column of classes; empty: the first column with 2 to 40 values, if there is one."
        )
        limit: int = Field(2000, ge=FEWEST, le=8000, description="Most real points, taken at random; as many draws.")
        truncation: float = Field(
            1.0,
            gt=0,
            le=1,
            description="Draws are moved toward the middle of the prior to this share of their distance from it: below "
            "1 samples are more typical and less varied (the truncation of StyleGAN).",
        )
        k: int = Field(5, ge=1, le=100, description="The neighbour that the ball around a point reaches.")
        trials: int = Field(10, ge=3, le=100, description="Random halves of the real points that are compared.")
        half: int = Field(120, ge=10, le=400, description="Points of each barcode.")
        max_dim: int = Field(1, ge=0, le=2, description="Shapes up to this: pieces (0), loops (1), voids (2).")
        pictures: int = Field(24, ge=0, le=96, description="Most samples shown of each kind.")

    @classmethod
    def missing(cls, subject: Subject) -> list[str]:
        """Also asks for a prior that a map leads from."""
        from plugins.coverage.ways import way, with_prior

        lacking = super().missing(subject)
        if not lacking and not any(
            way(subject.maps, with_prior(subject.spaces), one.source) is not None
            for one in subject.maps.values()
            if isinstance(subject.spaces.get(one.target), (wb.Images, wb.Vectors))
        ):
            lacking.append("'generate' needs a space of vectors with a prior that a map leads from")
        return lacking

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Both sets, their distances, the trials, and what stands out."""
        from plugins.coverage.neighbours import distances, square
        from plugins.coverage.results import result_of
        from plugins.coverage.samples import labels_of, pictures_of, samples_of
        from plugins.coverage.trials import Tables, measure, shapes

        job.progress(0.0, "points")
        both = samples_of(job, params, FEWEST)
        labels, notes = labels_of(both.columns, params.label)
        job.progress(0.3, "distances")
        tables = Tables(
            square(both.real),
            distances(both.real, both.generated),
            square(both.generated),
        )
        found = measure(
            tables,
            params.k,
            params.trials,
            None if labels is None else labels.codes,
            0 if labels is None else len(labels.names),
            job.rng,
            lambda done: job.progress(0.45 + 0.2 * done, "neighbours"),
        )
        unit = float(np.median(tables.real[np.triu_indices(len(tables.real), 1)]))
        formed = None
        if unit > 0:
            formed = shapes(
                tables,
                unit,
                params.half,
                params.max_dim,
                params.trials,
                job.rng,
                lambda done: job.progress(0.65 + 0.3 * done, "shapes"),
            )
        else:
            notes = [*notes, "Most real points are equal: there is no shape to compare."]
        job.progress(0.96, "result")
        shown = pictures_of(both, tables, found, params.pictures)
        return result_of(both, tables, found, formed, labels, shown, notes, params)
