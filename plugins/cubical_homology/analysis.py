# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

import workbench as wb

FEWEST = 2  # images


class CubicalHomology(wb.Analysis):
    """Which blobs and rings do the values of each image make, and do classes differ in them?

    Lets a threshold rise through the grey values of an image and notes at which value each blob appears and joins
    another, and each ring closes and fills (the cubical complex). A blob or ring counts whose values differ from those
    around it by more than the prominence asked for. Beside the counts stand those of the same pixels in random order.
    With a column of classes: the mean counts of each with intervals, how much of their spread the classes explain, and
    the barcode of each class's mean image.
    """

    name = "cubical-homology"
    title = "Blobs and rings of images"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("topology", "persistent homology", "images", "cubical complex")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Of colour images the mean of the channels is looked at."""

        space: wb.Pick[wb.Images] = Field(description="Images or fields.")
        by: wb.Pick[wb.Column] | None = Field(None, description="Column of classes: the counts of each as well.")
        limit: int = Field(500, ge=FEWEST, le=20_000, description="Most images looked at, taken at random.")
        levels: Literal["high", "low"] = Field(
            "high", description="Blobs and rings of high values (bright), or of low ones (dark)."
        )
        prominence: float = Field(
            0.2, ge=0, le=1, description="Least length of a bar that counts, as a share of the range of the space."
        )
        periodic: bool = Field(False, description="Opposite borders are glued, as of textures and fields that repeat.")
        field: int = Field(2, ge=2, le=97, description="Coefficients, a prime.")

        @field_validator("field")
        @classmethod
        def _prime(cls, value: int) -> int:
            if any(value % one == 0 for one in range(2, int(value**0.5) + 1)):
                raise ValueError("choose a prime: 2, 3, 5, 7, 11, ...")
            return value

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Every image by itself, its pixels in random order, the mean images, and what the classes explain."""
        from plugins.cubical_homology.measures import measure
        from plugins.cubical_homology.results import result_of

        job.progress(0.0, "images")
        sample = job.points(params.space, limit=params.limit)
        found = measure(sample, params, job.rng, lambda done: job.progress(0.05 + 0.85 * done, "barcodes"))
        job.progress(0.92, "result")
        return result_of(sample, found, params)
