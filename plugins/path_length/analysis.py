# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

import numpy as np
from pydantic import Field

import workbench as wb

BUDGET: Final = 2.5e6  # numbers of the output, all pairs together, that the automatic number of pairs allows
FEWEST, MOST = 150, 2000


class PerceptualPathLength(wb.Analysis):
    """How abruptly does the output change along paths between codes?

    The mean squared change of the output for a step of length epsilon along straight (lerp) and spherical (slerp)
    paths between random codes, over epsilon squared: low where codes lie so that outputs change evenly and slowly. The
    distance is that of the output itself or of features that the model has; no weights of a perceptual network are
    shipped, so that numbers of papers, which use such a network, are not comparable.
    """

    name = "perceptual-path-length"
    title = "Perceptual path length"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("geometry", "interpolation", "PPL", "smoothness")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """The defaults are those of the paper, but for trimming."""

        decode: wb.Pick[wb.Map[wb.Vectors, wb.Images | wb.Vectors]] = Field(description="The map that is measured.")
        features: wb.Pick[wb.Vectors] | None = Field(
            None, description="Space or layer read off the output that distances are taken in; empty: the output."
        )
        pairs: int = Field(
            0, ge=0, le=100_000, description="Pairs of codes; 0: as many as the size of outputs allows, 150 to 2,000."
        )
        epsilon: float = Field(1e-4, gt=0, le=0.5, description="Length of the step, as a share of the path.")
        where: Literal["full", "end"] = Field("full", description="Steps anywhere on the path, or at its start only.")
        trim: bool = Field(
            False, description="Leave out the lowest and the highest hundredth, as the authors' code does."
        )

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Lerp and slerp over the same pairs and places, everything random under the seed of the run."""
        import torch

        from plugins.geometry.decoding import check, evaluate, in_double
        from plugins.geometry.frame import frame_of
        from plugins.geometry.samples import sample_of, tensor_of
        from plugins.path_length.features import decoder_to
        from plugins.path_length.measuring import measure
        from plugins.path_length.results import result_of

        job.progress(0.0, "codes")
        map_ = job.model.maps[params.decode]
        decode, distance = decoder_to(job, map_, params.features)
        space = map_.source.name
        few = tensor_of(sample_of(job, space, 8, 4).flat(), job.device)
        check(map_, few)
        outputs = evaluate(flat_of(map_), few[:1]).shape[1]
        count = params.pairs or int(np.clip(BUDGET // outputs, FEWEST, MOST))
        points = sample_of(job, space, 2 * count, 4)
        frame = frame_of(map_.source, points.flat().astype(np.float64))
        with in_double(job.model):
            like, double = few.double(), True
            try:
                double = evaluate(decode, like).dtype == torch.float64
            except RuntimeError:  # tensors that the model keeps elsewhere stayed float32
                double = False
            if double:
                found = measure(job, decode, points, frame, params, like)
        if not double:
            found = measure(job, decode, points, frame, params, few)
        job.progress(1.0, "done")
        return result_of(found, params, job.seed, distance, map_, points, double)


def flat_of(map_: wb.Map[Any, Any]) -> Any:
    """The map as a function to flat outputs."""
    from plugins.geometry.decoding import flat

    return flat(map_)
