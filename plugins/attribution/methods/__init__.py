# SPDX-License-Identifier: Apache-2.0
"""Methods of attribution by name, and :func:`attribute`, the one way to use them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from plugins.attribution.adapting import fitted
from plugins.attribution.batching import MEMORY, Passes, out_of_memory, rows_of
from plugins.attribution.methods import gradients, hooked, layers, perturbing
from plugins.attribution.methods.choosing import layer_of
from plugins.attribution.methods.method import Attributed, Method, Settings, Task
from plugins.attribution.questions import Question, Tally
from plugins.attribution.segments import segments_of

__all__ = ["METHODS", "Attributed", "Method", "Settings", "attribute", "method_called", "segments_of"]

Float64 = NDArray[np.float64]

METHODS: Mapping[str, Method] = {
    one.name: one for group in (gradients, hooked, perturbing, layers) for one in group.METHODS
}


def attribute(
    question: Question,
    inputs: Tensor,
    method: str,
    *,
    baseline: Tensor | None = None,
    pool: Tensor | None = None,
    layer: str | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    streams: Sequence[int] | None = None,
    memory: int = MEMORY,
    progress: Callable[[float], None] = lambda fraction: None,
    **more: Any,
) -> Attributed:
    """What drives the number at each input, by one method.

    Parameters
    ----------
    inputs : ``[n, *shape]``, real numbers, on the device of the model
    method : a name of :data:`METHODS`
    baseline : as the inputs, or ``[1, *shape]`` for all of them; methods that need none leave it alone
    pool : ``[b, *shape]``, baselines that GradientSHAP draws from; ``None``: the baseline alone
    layer : for methods that attribute to a layer or by way of one; ``None``: the last with maps (Grad-CAM), or the last
        before the number
    settings : steps, draws, segments; single ones may be given by name, ``steps=200``
    seed : of random draws; the draws of an input are the same however the inputs are batched
    streams : the number of the random draws of each input; ``None``: its position
    memory : bytes that a pass may take, about
    progress : told the fraction of the rows that have gone through

    Raises
    ------
    ParameterError
        For a name that is no method, or no layer.
    DoesNotApply
        When the method cannot answer the question, with the reason.
    SpaceError
        When the inputs are no real numbers, or the baseline has another shape.
    DataError
        When values are NaN or infinite, or the memory does not hold one row.

    Examples
    --------
    >>> from plugins.attribution.questions import ask_function
    >>> asked = ask_function(lambda x: x[:, 0] * x[:, 1], torch.ones(1, 2))
    >>> found = attribute(asked, torch.tensor([[2.0, 3.0]]), "integrated-gradients", baseline=torch.zeros(1, 2))
    >>> found.values.round(4).tolist()
    [[3.0, 3.0]]
    """
    chosen = method_called(method)
    _check(question, chosen, inputs, baseline)
    given = replace(settings or Settings(), **more)
    used = layer_of(question, chosen, layer)
    began = time.perf_counter()
    if baseline is not None:
        baseline = baseline.expand_as(inputs)
    fit, adapted = fitted(question, number=chosen.name == "lrp") if chosen.hooks else (question, ())
    alone = question.module.alone and (chosen.hooks or chosen.layer or chosen.through_layer)
    rows = 1 if alone else rows_of(question, tuple(inputs.shape[1:]), memory, inputs.element_size())
    passes = Passes(rows)  # hooks see a pass of one row where rows go through one by one
    segments = segments_of(tuple(inputs.shape[1:]), given.segments)[1]
    expected = sum(chosen.cost(segments, given)) * len(inputs)
    tally = fit.module.tally = Tally(told=lambda *rows: progress(min(1.0, sum(rows) / max(1, expected))))
    task = Task(
        fit,
        inputs,
        baseline,
        pool,
        None if used is None else fit.layers[used],
        given,
        seed,
        passes,
        streams or range(len(inputs)),
    )
    try:
        with torch.random.fork_rng(devices=[inputs.device] if inputs.device.type == "cuda" else []):
            values = _ran(chosen, task).detach()
        _check_finite(chosen, values)
        gap, change = _completeness(chosen, task, values)
    finally:
        fit.module.tally = Tally()
    notes = [one for one in (chosen.caveat(fit), _memory(passes)) if one]
    return Attributed(
        chosen.name,
        values.cpu().numpy(),
        gap,
        change,
        tally.forwards,
        tally.backwards,
        time.perf_counter() - began,
        adapted,
        tuple(notes),
        used,
    )


def _ran(method: Method, task: Task) -> Tensor:
    """The values; what the library of a method that hooks modules cannot do is a reason, told with its own words."""
    try:
        return method.run(task)
    except (RuntimeError, AttributeError, AssertionError, IndexError) as error:
        if not method.hooks or out_of_memory(error):
            raise
        said = (str(error).splitlines() or ["no reason given"])[0]
        raise wb.DoesNotApply(
            f"{method.title} cannot answer '{task.question.sentence}': its library cannot pass through "
            f"this model: {type(error).__name__}: {said}"
        ) from error


def method_called(name: str) -> Method:
    """The method; raises :class:`workbench.ParameterError` naming those there are."""
    if name not in METHODS:
        raise wb.ParameterError(f"there is no method '{name}': there are {', '.join(METHODS)}")
    return METHODS[name]


def _check(question: Question, method: Method, inputs: Tensor, baseline: Tensor | None) -> None:
    if not inputs.is_floating_point():
        raise wb.SpaceError(f"{question.space.label}: got numbers of type {inputs.dtype}, expected floating point")
    wanted = question.space.row_shape or question.shape
    shape = tuple(inputs.shape[1:])
    if len(shape) != len(wanted) or any(side not in (None, have) for side, have in zip(wanted, shape, strict=True)):
        raise wb.SpaceError(f"{question.space.label}: got points of shape {list(shape)}, expected {list(wanted)}")
    if reason := method.refused(question):
        raise wb.DoesNotApply(f"{method.title} cannot answer '{question.sentence}': {reason}")
    if baseline is None:
        if method.needs_baseline:
            raise wb.ParameterError(f"{method.title} measures from a baseline: give one")
    elif baseline.shape[1:] != inputs.shape[1:] or len(baseline) not in (1, len(inputs)):
        raise wb.SpaceError(f"the baseline has shape {list(baseline.shape)}, and the inputs {list(inputs.shape)}")


def _completeness(method: Method, task: Task, values: Tensor) -> tuple[Float64 | None, Float64 | None]:
    """Gap and change of each input, for a method that promises that its values add up."""
    if task.baseline is None or not method.complete:
        return None, None
    change = task.question.values(task.inputs, task.passes.rows) - task.question.values(task.start, task.passes.rows)
    return values.double().reshape(len(values), -1).sum(dim=1).cpu().numpy() - change, change


def _check_finite(method: Method, values: Tensor) -> None:
    bad = int((~values.reshape(len(values), -1).isfinite().all(dim=1)).sum())
    if bad:
        raise wb.DataError(
            f"{method.title}: values are NaN or infinite at {bad} of {len(values)} inputs; the gradient has no value "
            "there (a root or a logarithm at 0), or the model overflows: look at the model, or take a method without "
            "gradients"
        )


def _memory(passes: Passes) -> str:
    if not passes.halved:
        return ""
    return f"The memory ran out {passes.halved} times: passes were made smaller, to {passes.rows} rows."
