# SPDX-License-Identifier: Apache-2.0
"""The analysis: exemplars of a concept, a decision, layers between them, and a test of one by the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

import numpy as np
from pydantic import Field, model_validator

import workbench as wb

if TYPE_CHECKING:
    import torch

    from plugins.concept_sensitivity.groups import Groups
    from plugins.concept_sensitivity.testing import Measured

PROBED: Final = 7  # points on which the layers of a map are learned; a number that few other dimensions have


class ConceptSensitivity(wb.Analysis):
    """Is a decision sensitive to a concept?

    Takes exemplars of a concept (a slice, or a class) through a map to a layer, finds the direction there that leads
    from other points to them (concept activation vector), and asks at how many points a number of the map's output
    rises along it (TCAV score), and by how much on average (mean derivative). Both are ranked among those of random
    concepts of the same size, corrected for the number of layers; halves of the exemplars say whether the concept was
    learnt at all.
    """

    name = "concept-sensitivity"
    title = "Is a decision sensitive to a concept?"
    version = "1"
    needs_model = True
    tags: ClassVar[tuple[str, ...]] = ("TCAV", "concept", "CAV", "attribution", "layers", "direction")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """The decision, the layer, the concept, and how much is spent."""

        through: wb.Pick[wb.Map[wb.Images | wb.Vectors | wb.Scalars, wb.Space]] = Field(
            description="The map whose output is the decision: an encoder, a classifier, a discriminator, a decoder."
        )
        unit: int | None = Field(
            None, ge=0, description="Which number of its output (counted from 0) decides; empty: the mean of all."
        )
        layer: wb.Pick[wb.Layer] | None = Field(
            None, description="The layer at which the concept is looked for; empty: all layers of the map, corrected."
        )
        concept: wb.Pick[wb.Slice] | None = Field(None, description="Exemplars of the concept.")
        others: wb.Pick[wb.Slice] | None = Field(None, description="Points without it; empty: all others.")
        by: wb.Pick[wb.Column] | None = Field(
            None, description="In place of a slice: the column one of whose classes is the concept."
        )
        value: str | None = Field(None, description="The class of the column that is the concept.")
        at: wb.Pick[wb.Slice] | None = Field(
            None, description="Points at which the decision is asked; empty: those of the run."
        )
        kind: Literal["logistic", "svm", "mean-difference"] = Field(
            "mean-difference",
            description="How the direction is found: the difference of means, or the boundary of a classifier, which "
            "takes minutes at wide layers.",
        )
        limit: int = Field(200, ge=10, le=5000, description="Most exemplars, taken at random.")
        most_points: int = Field(300, ge=10, le=5000, description="Most points at which the decision is asked.")
        repetitions: int = Field(30, ge=10, le=500, description="Random halves of the exemplars.")
        random: int = Field(99, ge=59, le=999, description="Random concepts; the smallest p is one by one more.")
        most_layers: int = Field(12, ge=1, le=200, description="Most layers; of more, those at even steps.")
        most_units: int = Field(
            8192, ge=16, le=65_536, description="Most units of a layer looked at; of more, so many drawn at random."
        )

        @model_validator(mode="after")
        def _one_concept(self) -> Self:
            if (self.concept is None) == (self.by is None):
                raise ValueError("name the concept by a slice ('concept') or by a class ('by' and 'value'), not both")
            if (self.by is None) != (self.value is None):
                raise ValueError("'by' and 'value' go together: the column, and its class that is the concept")
            return self

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Look at both groups and the asked points once, then test layer by layer."""
        from plugins.concept_sensitivity.decisions import decided, look
        from plugins.concept_sensitivity.groups import groups_of
        from plugins.concept_sensitivity.results import Tests, result_of
        from plugins.concept_sensitivity.testing import measure, sets_of
        from plugins.layers.walk import batch_of

        through = job.model.maps[params.through]
        job.progress(0.0, "points")
        groups = groups_of(job, through.source.name, params)
        units, widths, notes = self._layers(job, through, batch_of(groups.asked)[:PROBED], params)
        job.progress(0.03, "derivatives")
        asked = look(
            job.model,
            through,
            batch_of(groups.asked),
            units,
            decision=lambda output: decided(output, params.unit, through.name),
            device=job.device,
            progress=lambda part: job.progress(0.03 + 0.12 * part, "derivatives"),
        )
        left = {name: one for name, one in units.items() if name in asked.derivatives}
        without = dict(asked.without)
        seen = [look(job.model, through, one, left, decision=None, device=job.device) for one in _pair(groups)]
        sets = sets_of(len(groups.concept), len(groups.others), params.random, params.repetitions, job.rng)
        measured: dict[str, Measured] = {}
        for at, name in enumerate(left):
            try:
                measured[name] = measure(
                    np.concatenate([one.activations[name] for one in seen]),
                    asked.derivatives[name],
                    float(asked.decision.std()),
                    sets,
                    params.kind,
                    _part(job, at, len(left), name),
                )
            except wb.DataError as error:
                if params.layer is not None:
                    raise wb.DataError(f"the layer '{name}': {error}") from None
                without[name] = str(error)
        self._some_left(params, through, measured, without)
        job.progress(0.97, "result")
        return result_of(Tests(groups, asked, measured, units, widths, without), params, notes)

    def _layers(
        self, job: wb.Job, through: wb.Map[Any, Any], few: torch.Tensor, params: Params
    ) -> tuple[dict[str, Any], dict[str, int], list[str]]:
        """Units that are looked at and widths of the layers, in the order in which they run."""
        from plugins.layers.walk import find_way, units_of

        notes: list[str] = []
        widths: dict[str, int]
        if params.layer is not None:
            (outputs,) = wb.capture(job.model, through.name, [few.to(job.device)], [params.layer], device=job.device)
            widths = {str(params.layer): int(np.prod(outputs[params.layer].shape[1:]))}
        else:
            way = find_way(job.model, through, few.to(job.device), params.most_layers)
            notes.extend(way.notes)
            widths = {one.name: one.width for one in way.layers}
        if not widths:
            raise wb.DoesNotApply(f"the map '{through.name}' runs no layer whose output could hold a concept")
        units = {
            name: units_of(width, params.most_units, job.seed + at) for at, (name, width) in enumerate(widths.items())
        }
        return units, widths, notes

    def _some_left(
        self, params: Params, through: wb.Map[Any, Any], measured: Mapping[str, Measured], without: Mapping[str, str]
    ) -> None:
        if measured:
            return
        if params.layer is not None:
            raise wb.DoesNotApply(f"the layer '{params.layer}' cannot be asked: {without[params.layer]}")
        told = "; ".join(f"{name}: {why}" for name, why in list(without.items())[:4])
        raise wb.DoesNotApply(f"no layer of the map '{through.name}' can be asked: {told}")


def _pair(groups: Groups) -> tuple[torch.Tensor, torch.Tensor]:
    from plugins.layers.walk import batch_of

    return batch_of(groups.concept), batch_of(groups.others)


def _part(job: wb.Job, at: int, count: int, stage: str) -> Callable[[float], None]:
    return lambda part: job.progress(0.2 + 0.75 * (at + part) / count, stage)
