# SPDX-License-Identifier: Apache-2.0
"""Every method of a run on its question, with every baseline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

import workbench as wb
from plugins.attribution.baselines import baseline
from plugins.attribution.batching import gradient
from plugins.attribution.checks.spending import Spending, suited
from plugins.attribution.methods import METHODS, Attributed, Settings, attribute
from plugins.attribution.questions import Question
from plugins.attribution.segments import segments_of

MOST_WITH_OTHER_BASELINES = 8  # samples
DEEPLIFT_GAP = 0.01  # of the change; above it the rescale rule has met something that it has no rule for
PATH_GAP = 0.05  # of the change; above it the steps on the way miss where the number changes


@dataclass(frozen=True)
class Working:
    """What the methods of a run share.

    Attributes
    ----------
    starts : by name of the baseline, as the inputs; the first is the main one
    pool : points of the data ``[m, *shape]`` that GradientSHAP draws baselines from
    """

    question: Question
    inputs: Tensor
    starts: Mapping[str, Tensor]
    pool: Tensor | None
    layer: str | None
    settings: Settings
    seed: int

    @property
    def start(self) -> Tensor:
        """The main baseline of each input."""
        return next(iter(self.starts.values()))

    def spending(self, methods: Iterable[str]) -> Spending:
        """What the checks of these methods may cost."""
        costs = {name: partial(METHODS[name].cost, self.parts) for name in methods}
        return suited(self.question, len(self.inputs), costs, self.settings)

    @property
    def parts(self) -> int:
        """How many parts an input is cut into."""
        return segments_of(tuple(self.inputs.shape[1:]), self.settings.segments)[1]

    def values(self, question: Question, inputs: Tensor, method: str) -> np.ndarray:
        """Values of a method for other weights, or for inputs that were moved a little: as this run attributes.

        Each input has the baseline and the random draws of the sample of the run that it is nearest to.
        """
        mine = torch.cdist(inputs.flatten(1).double(), self.inputs.flatten(1).double()).argmin(dim=1)
        streams = [int(one) for one in mine]
        return self.one(method, self.start[mine], question=question, inputs=inputs, streams=streams).values

    def one(self, method: str, start: Tensor, **given: Any) -> Attributed:
        """One method from one baseline."""
        layer = self.layer if METHODS[method].layer or METHODS[method].through_layer else None
        asked = given.pop("question", self.question)
        inputs = given.pop("inputs", self.inputs)
        return attribute(
            asked, inputs, method, baseline=start, pool=self.pool, layer=layer, settings=self.settings,
            seed=self.seed, **given,
        )  # fmt: skip


@dataclass
class Worked:
    """What the methods gave: by method, by method and other baseline, and why some gave nothing."""

    attributed: dict[str, Attributed] = field(default_factory=dict)
    by_baseline: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def starts_of(
    names: tuple[str, ...], question: Question, inputs: Tensor, data: Tensor | None, seed: int
) -> dict[str, Tensor]:
    """The baselines by name."""
    return {name: baseline(name, question, inputs, data=data, seed=seed) for name in names}


def work(working: Working, methods: tuple[str, ...], progress: Callable[[float, str], None]) -> Worked:
    """All methods; one that cannot answer is listed with its reason.

    Raises
    ------
    DoesNotApply
        When none can.
    DataError
        When the number is the same everywhere.
    """
    check_varies(working)
    found = Worked()
    others = list(working.starts.items())[1:]
    cost = {name: _cost(working, name, len(others)) for name in methods}
    total, done = sum(cost.values()), 0.0
    for name in methods:
        method = METHODS[name]

        def told(part: float, start: float = done, share: float = cost[name], title: str = method.title) -> None:
            progress((start + part * share) / total, title)

        told(0.0)
        done += cost[name]
        try:
            one = working.one(name, working.start, progress=told)
            found.attributed[name] = flagged(one)
            if method.needs_baseline and others:
                few = slice(0, MOST_WITH_OTHER_BASELINES)
                inputs = working.inputs[few]
                found.by_baseline[name] = {
                    other: working.one(name, start[few], inputs=inputs).values for other, start in others
                }
        except wb.WorkbenchError as error:
            found.refused[name] = _reason(error, method.title)
    if not found.attributed:
        told_why = "; ".join(f"{METHODS[name].title}: {why}" for name, why in found.refused.items())
        raise wb.DoesNotApply(f"no method can answer '{working.question.sentence}': {told_why}")
    return found


def cost_in_words(working: Working, methods: tuple[str, ...]) -> str:
    """What the methods will cost, before they begin: rows, and seconds by the time that one row takes now.

    Rows go through together later, so that it is an upper bound on most machines.
    """
    others = len(working.starts) - 1
    rows = sum(_cost(working, name, others) for name in methods)
    one = working.inputs[:1]
    working.question.values(one)
    began = time.perf_counter()
    working.question.values(one)
    seconds = rows * (time.perf_counter() - began)
    return (
        f"{question_cost(rows)} for {len(methods)} methods, {len(working.inputs)} samples and {others + 1} baselines: "
        f"about {max(1, round(seconds))} s at most, without the checks"
    )


def question_cost(rows: float) -> str:
    """Rows in words.

    >>> question_cost(1234.0)
    '1,234 rows forwards and backwards'
    """
    return f"{rows:,.0f} rows forwards and backwards"


def check_varies(working: Working) -> None:
    """Raise :class:`workbench.DataError` where nothing drives the number, or it is not a number."""
    question, inputs = working.question, working.inputs
    numbers = np.concatenate([question.values(inputs), *(question.values(one) for one in working.starts.values())])
    if not np.isfinite(numbers).all():
        raise wb.DataError(
            f"{question.sentence} is NaN or infinite at {int((~np.isfinite(numbers)).sum())} of {len(numbers)} points: "
            "nothing can be attributed"
        )
    if np.ptp(numbers) > 0:
        return
    if not question.differentiable and bool(gradient(question.module, inputs[:1]).any()):
        return
    raise wb.DataError(
        f"{question.sentence} is {numbers[0]:.4g} at every sample and baseline, and has no slope: nothing drives it; "
        "ask about another number or layer"
    )


def flagged(one: Attributed) -> Attributed:
    """DeepLIFT with a note where its gap says that the rule does not hold; integrated gradients where steps miss."""
    gap = one.relative_gap
    if one.method == "integrated-gradients" and gap is not None and gap > PATH_GAP:
        note = (
            f"The values miss the change of the number by {gap:.1%}: it changes on a part of the way that the steps "
            "pass over. Take more steps or another baseline until this is small, or read occlusion."
        )
        return replace(one, notes=(*one.notes, note))
    if one.method != "deeplift" or gap is None or not gap > DEEPLIFT_GAP:
        return one
    note = (
        f"The values miss the change of the number by {gap:.1%}: a step that bends was passed with its plain gradient. "
        "This is not DeepLIFT; take integrated gradients."
    )
    return replace(one, notes=(*one.notes, note))


def _cost(working: Working, name: str, others: int) -> float:
    """Rows forwards and backwards of a method, all baselines."""
    method = METHODS[name]
    each = sum(method.cost(working.parts, working.settings))
    more = min(len(working.inputs), MOST_WITH_OTHER_BASELINES) * others if method.needs_baseline else 0
    return float(each * (len(working.inputs) + more))


def _reason(error: wb.WorkbenchError, title: str) -> str:
    said = str(error)
    return said.partition("': ")[2] or said if said.startswith(f"{title} cannot answer") else said


def batch_of(points: wb.Points, device: str) -> Tensor:
    """Points as a map takes them, on the device; whole numbers stay whole, so that they are refused by name."""
    values = torch.from_numpy(np.array(points.values))
    return (values if not values.is_floating_point() else values.float()).to(device)
