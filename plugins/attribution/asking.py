# SPDX-License-Identifier: Apache-2.0
"""From the parameters of a run to its question: which number, read where, and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

import workbench as wb
from plugins.attribution.questions import (
    Channel,
    Distance,
    Mean,
    Number,
    Projection,
    Question,
    Region,
    Unit,
    ask,
)
from plugins.attribution.questions.probing import learn, shuffled

if TYPE_CHECKING:
    from plugins.attribution.parameters import AttributionParams

PROBED = 1000  # points that a probe is learned from and tested on, at most


@dataclass(frozen=True)
class Asking:
    """A run that asks: the job, its parameters, the map, and the inputs ``[n, *shape]`` on the job's device."""

    job: wb.Job
    params: AttributionParams
    through: wb.Map[Any, Any]
    inputs: Tensor

    @property
    def at(self) -> str | None:
        """The layer where the number is read; ``None`` for the output of the map."""
        space = self.params.space
        if space is None or space == self.through.target.name:
            return None
        if space in self.job.model.layers():
            return str(space)
        raise wb.ParameterError(
            f"'space' = '{space}': the number is read at a layer, or at '{self.through.target.name}', where the map "
            f"'{self.through.name}' ends"
        )

    @property
    def where(self) -> str:
        """Where the number is read, in words."""
        return self.at or self.through.target.name

    def asked(self, number: Number, sentence: str, **more: Any) -> Question:
        """The question with a number."""
        return ask(self.job.model, self.through.name, number, self.inputs, sentence, at=self.at, **more)

    def read(self, inputs: Tensor) -> Tensor:
        """What the number is read from, at some points, ``[m, ...]`` on the processor."""
        parts = []
        for one in torch.split(inputs, 64):
            layers = [] if self.at is None else [self.at]
            (found,) = wb.capture(self.job.model, self.through.name, [one], layers, device=self.job.device)
            output = found["" if self.at is None else self.at]
            if not isinstance(output, Tensor):
                raise wb.MapError(f"{self.where}: what the map gives there is a {type(output).__name__}, no tensor")
            parts.append(output.detach().cpu())
        return torch.cat(parts)


def question_of(asking: Asking) -> Question:
    """The question that the parameters name.

    Raises
    ------
    ParameterError
        For a unit, class, region or row that there is not.
    DataError
        When a probe has too few points of a class.
    DoesNotApply
        When the map has no such output: no classes, no images.
    """
    from plugins.attribution.texts import similarity

    kind = asking.params.question
    made: Question = {
        "automatic": _automatic, "unit": _unit, "channel": _channel, "class": _class, "region": _region,
        "direction": _direction, "probe": _probe, "distance": _distance, "mean": _mean,
        "similarity": similarity,
    }[kind](asking)  # fmt: skip
    return made


def _automatic(asking: Asking) -> Question:
    target = asking.through.target
    if isinstance(target, wb.Scalars):
        return _class(asking) if len(target.names) > 1 else _unit_at(asking, 0)
    if isinstance(target, wb.Images):
        high, wide = asking.read(asking.inputs[:1]).shape[2:]
        return _region_at(asking, Region(high // 4, wide // 4, max(1, high // 2), max(1, wide // 2)))
    outputs = asking.read(asking.inputs)
    if not outputs.is_floating_point():
        raise wb.DoesNotApply(f"the map '{asking.through.name}' gives no real numbers: nothing can be asked of it")
    return _unit_at(asking, int(outputs.reshape(len(outputs), -1).double().var(dim=0, correction=0).argmax()))


def _unit(asking: Asking) -> Question:
    return _unit_at(asking, asking.params.unit or 0)


def _unit_at(asking: Asking, unit: int) -> Question:
    target = asking.through.target
    names = getattr(target, "names", None) or getattr(target, "axes", None) or ()
    named = f" ('{names[unit]}')" if asking.at is None and unit < len(names) else ""
    return asking.asked(Unit(unit), f"unit {unit}{named} of {asking.where}")


def _channel(asking: Asking) -> Question:
    channel = asking.params.unit or 0
    return asking.asked(Channel(channel), f"mean of channel {channel} of {asking.where}")


def _class(asking: Asking) -> Question:
    target = asking.through.target
    if not isinstance(target, wb.Scalars):
        raise wb.DoesNotApply(f"the map '{asking.through.name}' ends at {target.label}, which has no named classes")
    wanted, notes = asking.params.class_name, []
    if wanted is None:
        likely = asking.read(asking.inputs).argmax(dim=1)
        at = int(torch.mode(likely).values)
        share = int((likely == at).sum())
        others = "; at the others the maps say what speaks for it all the same" if share < len(likely) else ""
        notes.append(
            f"The class '{target.names[at]}' was chosen because it is the most likely at {share} of {len(likely)} "
            f"samples{others}."
        )
    elif wanted in target.names:
        at = target.names.index(wanted)
    else:
        near = get_close_matches(wanted, target.names, n=5, cutoff=0.4) or list(target.names[:12])
        raise wb.ParameterError(f"'class_name' = '{wanted}' is no class of '{target.name}': there is {', '.join(near)}")
    if not target.logits and len(target.names) > 1:
        notes.append(
            "The numbers of the classes are no logits: where they are probabilities, gradients vanish at sure ones."
        )
    what = "logit" if target.logits else "score"
    return asking.asked(Unit(at), f"{what} of '{target.names[at]}'", notes=tuple(notes))


def _region(asking: Asking) -> Question:
    one = asking.params
    return _region_at(asking, Region(one.top or 0, one.left or 0, one.height or 1, one.width or 1))


def _region_at(asking: Asking, region: Region) -> Question:
    if not isinstance(asking.through.target, wb.Images):
        raise wb.DoesNotApply(f"the map '{asking.through.name}' gives no images: there is no region to ask about")
    rows = f"rows {region.top} to {region.top + region.height - 1}"
    columns = f"columns {region.left} to {region.left + region.width - 1}"
    return asking.asked(region, f"mean of {rows}, {columns} of {asking.where}")


def _direction(asking: Asking) -> Question:
    kept = asking.job.direction(asking.params.kept[0])
    if kept.space != asking.where:
        raise wb.ParameterError(f"the direction '{kept.name}' is of '{kept.space}', and 'space' is '{asking.where}'")
    vector = torch.from_numpy(np.array(kept.vector, dtype=np.float64))
    return asking.asked(Projection.along(vector), f"component along '{kept.name}' in {asking.where}")


def _distance(asking: Asking) -> Question:
    row = asking.params.other
    point = asking.job.points(asking.through.source.name, rows=np.array([row], dtype=np.int64)).tensor()
    return asking.asked(Distance(asking.read(point)), f"distance in {asking.where} from row {row}")


def _mean(asking: Asking) -> Question:
    return asking.asked(Mean(), f"mean of {asking.where}")


def _probe(asking: Asking) -> Question:
    job, column, value = asking.job, asking.params.by, asking.params.value
    if asking.at is None and not isinstance(asking.through.target, (wb.Vectors, wb.Scalars)):
        raise wb.ParameterError("a probe is learned on a layer or on an output of vectors: name one by 'space'")
    points = job.points(asking.through.source.name, limit=PROBED)
    if column not in points.columns:
        raise wb.DoesNotApply(f"the points of '{asking.through.source.name}' have no column '{column}'")
    classes = points.columns[column].astype(str).to_numpy()
    if value not in classes:
        there = ", ".join(sorted(set(classes.tolist()))[:12])
        raise wb.ParameterError(f"'value' = '{value}' is no value of the column '{column}': it has {there}")
    activations = asking.read(points.tensor()).flatten(1).float().numpy()
    number, probe = learn(activations, classes == value, job.seed)
    sentence = f"log odds of '{value}' ({column}) by a probe at {asking.where}"
    question = asking.asked(number, sentence, probe=probe)

    def relabelled(seed: int) -> Question:
        other = question.copied()
        other.module.number = shuffled(activations, classes == value, seed)
        return other

    notes = [
        f"The probe tells '{value}' from as many others with accuracy {probe.accuracy:.2f} "
        f"[{probe.low:.2f}, {probe.high:.2f}] on {probe.held_out} held-out points; probes of shuffled labels reach "
        f"{probe.control:.2f} [{probe.control_low:.2f}, {probe.control_high:.2f}]."
    ]
    return replace(question, relabelled=relabelled, notes=(*question.notes, *notes))
