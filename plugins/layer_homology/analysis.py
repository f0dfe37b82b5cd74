# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

import workbench as wb

if TYPE_CHECKING:
    from plugins.layer_homology.steps import Shaped

FEWEST = 20  # points below which nothing is measured
PROBED = 7  # points on which the order of the layers is learned; a number that few other dimensions have
LANDMARKS: Mapping[int, int] = {0: 300, 1: 200, 2: 100}  # by the highest dimension asked for


class LayerHomology(wb.Analysis):
    """Which layer removes a loop, tears a class, or merges two?

    Takes one sample through all layers of a map and measures the shape at each step on the same rows: pieces, loops
    and voids, over the same random subsets at every step. Loops are followed by their samples: a loop is kept where the
    angle that it gives each sample comes back at the next step. With a column of classes, the same of each class, and
    which pairs of classes join before each is one piece.
    """

    name = "layer-homology"
    title = "Shape through the layers"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("topology", "persistent homology", "layers", "Betti numbers")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """Scales are in median distances of the layer, as layers differ in size."""

        through: wb.Pick[wb.Map[wb.Images | wb.Vectors | wb.Scalars | wb.Items, wb.Space]] = Field(
            description="The map whose layers are walked through, in the order in which they run."
        )
        label: wb.Pick[wb.Column] | None = Field(
            None, description="Column of classes: the shape of each class and which classes merge, as well."
        )
        max_dim: int = Field(1, ge=0, le=2, description="0: pieces; 1: loops as well; 2: voids as well.")
        metric: Literal["euclidean", "cosine", "geodesic", "hops"] = Field(
            "euclidean",
            description="Distance of two points: straight, by angle, along the graph of nearest neighbours, or the "
            "number of edges along it (Naitzat, Zhitnikov and Lim 2020).",
        )
        neighbours: int = Field(15, ge=1, le=200, description="Only geodesic and hops: neighbours of each point.")
        limit: int = Field(1000, ge=FEWEST, le=3000, description="Most points looked at, taken at random.")
        landmarks: int | None = Field(
            None, ge=10, le=1000, description="Points of a barcode; empty: 200 for loops, 100 for voids."
        )
        how: Literal["trimmed", "random", "farthest"] = Field(
            "trimmed",
            description="How landmarks are chosen, once, at the first step: farthest points after the sparsest share "
            "is left out; at random; or farthest points of all.",
        )
        draws: int = Field(20, ge=2, le=100, description="Random subsets, the same at every step.")
        trials: int = Field(
            8, ge=0, le=50, description="Subsets on which neighbouring steps are compared (RTD); 0: not at all."
        )
        most_layers: int = Field(24, ge=1, le=100, description="Most layers shown; of more, those at even steps.")
        most_units: int = Field(
            8192, ge=16, le=65_536, description="Most units of a layer looked at; of more, so many drawn at random."
        )

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Choose rows once, measure them step by step, then follow loops and classes from step to step."""
        from plugins.layer_homology.results import result_of
        from plugins.layer_homology.rows import rows_of
        from plugins.layer_homology.steps import check_cost, shape_of
        from plugins.layers.walk import batch_of, find_way, steps_of

        through = job.model.maps[params.through]
        job.progress(0.0, "points")
        sample = job.points(through.source.name, limit=params.limit)
        rows = rows_of(sample, params, job.rng)
        seed = int(job.rng.integers(2**31))
        batch = batch_of(sample)
        way = find_way(job.model, through, batch[:PROBED].to(job.device), params.most_layers)
        count = 2 + len(way.layers)
        shaped: list[Shaped] = []
        checked = False
        for step, values in steps_of(job, through, sample, batch, way, params.most_units, seed):
            job.progress(0.05 + 0.85 * len(shaped) / count, step.name)
            if not checked:
                check_cost(values, rows, params, count)
                checked = True
            shaped.append(shape_of(step, values, rows, params, shaped, seed))
        job.progress(0.92, "from step to step")
        return result_of(sample, through, rows, shaped, params, job.seed, list(way.notes))
