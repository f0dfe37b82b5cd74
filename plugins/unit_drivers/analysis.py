# SPDX-License-Identifier: Apache-2.0
"""The analysis: units of a layer or latent space over many samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

import workbench as wb

if TYPE_CHECKING:
    from plugins.unit_drivers.maps import ClassMaps


class UnitDrivers(wb.Analysis):
    """What drives the units of a layer or a latent space, over many samples?

    Relates every unit to every column and score of the samples by rank correlation, corrected for all pairs; says which
    class each unit tells apart best; shows the samples that drive a unit most and least; and where in the input it
    looks, as the mean attribution map of each class, with the likeness of the maps of two halves of a class beside that
    of halves of two classes.
    """

    name = "unit-drivers"
    title = "What drives the units of a layer?"
    version = "1"
    needs_model = True
    tags: ClassVar[tuple[str, ...]] = ("attribution", "unit", "neuron", "selectivity", "top samples", "mean map")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """The units, what they are set against, and how much is spent."""

        space: wb.Pick[wb.Vectors] = Field(description="The units: a latent space, or a layer (channels as a whole).")
        unit: int | None = Field(
            None, ge=0, description="The unit whose maps are made; empty: the one that follows an attribute most."
        )
        by: wb.Pick[wb.Column] | None = Field(
            None, description="Classes for selectivity and mean maps; empty: the first column with 2 to 20 of them."
        )
        scorers: tuple[wb.Scored, ...] = Field(
            (), description="Scores of the pictures that drive the units; empty: all that apply."
        )
        method: Literal["integrated-gradients", "input-x-gradient", "saliency", "smoothgrad"] = Field(
            "integrated-gradients",
            description="How maps are made; integrated gradients measure from the mean of the samples.",
        )
        limit: int = Field(1000, ge=8, le=100_000, description="Most samples, taken at random.")
        per_class: int = Field(16, ge=4, le=500, description="Samples of each class that are attributed.")
        steps: int = Field(24, ge=4, le=1000, description="Steps of integrated gradients.")
        shuffles: int = Field(199, ge=19, le=9999, description="Shuffles that correlations are ranked among.")
        most_units: int = Field(512, ge=2, le=16_384, description="Most units; of more, so many drawn at random.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Relate, compare, attribute."""
        from plugins.unit_drivers.attributes import attributes_of, joined, mostly_known, scored
        from plugins.unit_drivers.ground import ground_of
        from plugins.unit_drivers.relating import related
        from plugins.unit_drivers.results import Found, chosen_unit, classes_of, result_of
        from plugins.unit_drivers.selectivity import selectivity

        job.progress(0.0, "samples")
        ground = ground_of(job, params)
        source = None if ground.through is None else job.model.maps[ground.through].source.name
        job.progress(0.2, "attributes")
        rows = np.asarray(ground.points.rows)
        whole = joined(attributes_of(ground.points.columns), scored(job, source, rows, params))
        attributes = mostly_known(whole)
        known = np.isfinite(attributes.values).all(axis=1)
        relation = None
        if attributes.names and known.sum() >= 8:
            job.progress(0.3, "relating units and attributes")
            relation = related(ground.values[known], attributes.values[known], params.shuffles, job.rng)
        column, classes = classes_of(ground.points.columns, params.by)
        preferred = selectivity(ground.values, ground.units, classes)
        unit = chosen_unit(ground, relation, params.unit)
        job.progress(0.5, "maps")
        maps: ClassMaps | None = None
        why = ""
        try:
            maps = self._maps(job, ground, unit, classes, params)
        except (wb.DoesNotApply, wb.DataError, wb.SpaceError, wb.MapError) as error:
            why = str(error)
        job.progress(0.98, "result")
        return result_of(Found(ground, attributes, relation, int(known.sum()), column, preferred, unit, maps, why))

    def _maps(self, job: wb.Job, ground: Any, unit: int, classes: Any, params: Params) -> ClassMaps:
        from plugins.unit_drivers.maps import class_maps

        whole = classes if (classes != "").any() else np.full(len(classes), "all samples")
        return class_maps(
            job, ground, unit, whole, params, lambda part: job.progress(0.5 + 0.45 * part, "maps of the unit")
        )
