# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import Field, field_validator

import workbench as wb

BUDGET: Final = 4e7  # entries of Jacobians, all points together, that the automatic number of points allows
MOST, LEAST = 200, 16


class Geometry(wb.Analysis):
    """Where does a decoder stretch its latent space, and where does it bend it?

    Measures the metric that the decoder pulls back, G = J^T J: how much a small piece of latent space grows when it is
    decoded (magnification, the root of the determinant), how unequal its directions are (condition number, local rank),
    and how fast all that changes (turning and stretching of decoded straight lines), at codes of data or draws of the
    prior, and over the plane through three of them.
    """

    name = "geometry"
    title = "Geometry of a decoder"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("geometry", "metric", "Jacobian", "magnification", "curvature")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """The defaults fit any decoder into about a minute."""

        decode: wb.Pick[wb.Map[wb.Vectors, wb.Images | wb.Vectors]] = Field(description="The map that is measured.")
        codes: int = Field(
            0, ge=0, le=20_000, description="Codes measured; 0: as many as their Jacobians allow, 16 to 200."
        )
        grid: int = Field(13, ge=5, le=65, description="Nodes of a side of the plane: 4 m + 1 (9, 13, 17 ...).")
        first: int | None = Field(None, ge=0, description="Row of a sample that spans the plane; empty: at random.")
        second: int | None = Field(None, ge=0, description="Row of the second sample; empty: at random.")
        third: int | None = Field(None, ge=0, description="Row of the third sample; empty: at random.")
        step: float = Field(0.1, gt=0, le=10, description="Length of the step over which bending is measured.")
        directions: int = Field(2, ge=1, le=64, description="Random directions at each code for the bending.")
        exact_up_to: int = Field(
            512, ge=1, le=4096, description="Axes up to which the whole Jacobian is taken; beyond, its largest part."
        )
        strongest: int = Field(
            16, ge=2, le=256, description="Singular values found by subspace iteration where there are more axes."
        )

        @field_validator("grid")
        @classmethod
        def _nodes(cls, value: int) -> int:
            if value % 4 != 1:
                raise ValueError(
                    "choose 4 m + 1 nodes (9, 13, 17, 21 ...), so that every second node is a grid as well"
                )
            return value

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Metric, bending and plane, everything random under the seed of the run."""
        from plugins.geometry.measuring import measure
        from plugins.geometry.results import result_of

        map_ = job.model.maps[params.decode]
        found = measure(job, map_, params)
        result = result_of(found, params, job.seed)
        job.progress(1.0, "done")
        return result
