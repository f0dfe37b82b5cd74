# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

import workbench as wb


class Interpolation(wb.Analysis):
    """What lies on the way from one sample to another?

    Draws six paths between pairs of codes: pixel blend, straight line (lerp), spherical line (slerp), the shortest path
    of the metric that the decoder pulls back (geodesic), a circle and a random walk. Each is measured by the length of
    what is decoded and by how far from the centre of the prior it runs; the geodesic comes with what proves that the
    search for it has ended: even speed, energy against squared length, and its change when the path is refined.
    """

    name = "interpolation"
    title = "Paths between samples"
    version = "2"
    tags: ClassVar[tuple[str, ...]] = ("interpolation", "geodesic", "slerp", "geometry")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """A pair of rows, or some random pairs."""

        decode: wb.Pick[wb.Map[wb.Vectors, wb.Images | wb.Vectors]] = Field(description="The map that is travelled.")
        first: int | None = Field(None, ge=0, description="Row that the path starts from; empty: random pairs.")
        second: int | None = Field(None, ge=0, description="Row that it leads to; empty: random pairs.")
        pairs: int = Field(
            0, ge=0, le=200, description="Random pairs; 0: as many as the size of outputs allows, 2 to 5."
        )
        segments: int = Field(
            0,
            ge=0,
            le=256,
            description="Segments K of the geodesic, refined to 2 K; 0: by the size of outputs, 12 to 32.",
        )
        iterations: int = Field(
            0,
            ge=0,
            le=2000,
            description="Most iterations of L-BFGS at each refinement; 0: by the size of outputs, 30 to 100.",
        )
        ridge: float = Field(
            0.01,
            ge=0,
            le=1,
            description="How much a step of the code itself counts in the metric of the geodesic, as a share of what "
            "it changes in the output on average; 0: the metric of the output alone, whose paths may run far off.",
        )
        walk: float = Field(0.9, ge=0, lt=1, description="Correlation of neighbouring codes of the random walk.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Paths, lengths and certificates, everything random under the seed of the run."""
        from plugins.interpolation.measuring import measure
        from plugins.interpolation.results import result_of

        if (params.first is None) != (params.second is None):
            raise wb.ParameterError("a pair needs both rows: give 'first' and 'second', or neither")
        if 0 < params.segments < 4:
            raise wb.ParameterError(f"'segments' is 0 (automatic) or at least 4, not {params.segments}")
        found = measure(job, job.model.maps[params.decode], params)
        result = result_of(found, params, job.seed)
        job.progress(1.0, "done")
        return result
