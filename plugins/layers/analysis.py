# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

import workbench as wb

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from plugins.layers.measures import Measured

FEWEST = 10  # points below which nothing is measured
PROBED = 7  # points on which the order of the layers is learned; a number that few other dimensions have


class Layers(wb.Analysis):
    """What becomes of the data, layer by layer?

    Takes one sample through all layers of a map, from its input to its output, and draws each layer as a small map
    (its two principal components). Beside each stand how well a linear probe tells the labels (against the majority
    rate and shuffled labels), how many dimensions the points fill (TwoNN), and how apart the classes lie (silhouette).
    """

    name = "layers"
    title = "Layer by layer"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("layers", "probe", "intrinsic dimension", "silhouette", "PCA")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    needs_model = True

    class Params(wb.Params):
        """Without labels only the maps and the dimension are measured."""

        through: wb.Pick[wb.Map[wb.Images | wb.Vectors | wb.Scalars | wb.Items, wb.Space]] = Field(
            description="The map whose layers are walked through, in the order in which they run."
        )
        label: wb.Pick[wb.Column] | None = Field(
            None, description="Column of classes; empty: the first column with 2 to 40 values, if there is one."
        )
        limit: int = Field(1000, ge=FEWEST, le=5000, description="Most points looked at, taken at random.")
        folds: int = Field(5, ge=2, le=20, description="Parts of the cross-validation of the probe.")
        most_layers: int = Field(24, ge=1, le=200, description="Most layers shown; of more, those at even steps.")
        most_units: int = Field(
            8192, ge=16, le=65_536, description="Most units of a layer looked at; of more, so many drawn at random."
        )

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Capture, measure one layer after the other, and say what stands out."""
        from plugins.layers.classes import labels_of
        from plugins.layers.flat_maps import turned
        from plugins.layers.measures import measure
        from plugins.layers.results import result_of
        from plugins.layers.separability import held_out
        from plugins.layers.walk import batch_of, find_way, steps_of

        through = job.model.maps[params.through]
        job.progress(0.0, "points")
        sample = job.points(through.source.name, limit=params.limit)
        if len(sample) < FEWEST:
            raise wb.DataError(f"at least {FEWEST} points of '{through.source.name}' are needed, got {len(sample)}")
        labels, notes = labels_of(sample.columns, params.label, params.folds)
        seed = int(job.rng.integers(2**31))
        batch = batch_of(sample)
        way = find_way(job.model, through, batch[:PROBED].to(job.device), params.most_layers)
        parts: list[NDArray[np.int64]] = []
        if labels is not None and labels.measurable:
            parts = held_out(labels.codes[labels.used], params.folds, seed)
        count = 2 + len(way.layers)
        measured: list[Measured] = []
        before: NDArray[np.float64] | None = None
        for step, values in steps_of(job, through, sample, batch, way, params.most_units, seed):
            job.progress(0.05 + 0.9 * len(measured) / count, step.name)
            one = measure(step, values, labels, parts, seed)
            if one.state == "measured":
                if before is not None:
                    one.coordinates[:] = turned(one.coordinates, before)
                before = one.coordinates
            measured.append(one)
        job.progress(0.96, "result")
        return result_of(sample, through, measured, labels, [*notes, *way.notes], params, seed)
