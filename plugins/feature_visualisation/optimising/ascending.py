# SPDX-License-Identifier: Apache-2.0
"""The loop: shake, read, differentiate, step; with the value before every step, and a word where it goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from plugins.feature_visualisation.optimising.adam import Adam
from plugins.feature_visualisation.optimising.objectives import likeness
from plugins.feature_visualisation.optimising.parametrisations import Parametrisation
from plugins.feature_visualisation.optimising.reading import is_memory
from plugins.feature_visualisation.optimising.relu import Redirected
from plugins.feature_visualisation.optimising.transformations import Shaking

Rule = Literal["raw", "mean", "length", "adam"]
"""How a gradient becomes a step: as it is; divided by its mean size; by its length; or as Adam has it."""


@dataclass(frozen=True)
class Climb:
    """How to climb.

    Attributes
    ----------
    steps, rule, rate : how many steps, which rule, and its factor (of "raw", "mean" and "length": what the normalised
        gradient is multiplied by, in the units of the numbers that are moved)
    shaking : the transformation before each step
    redirected : steps at the start in which shut rectifiers let gradients through
    diversity : how much the likeness of the pictures of a batch counts, as a share of the value that is raised
    """

    steps: int
    rule: Rule = "mean"
    rate: float = 0.05
    shaking: Shaking = Shaking()
    redirected: int = 0
    diversity: float = 0.0


@dataclass(frozen=True)
class Climbed:
    """What was reached.

    Attributes
    ----------
    points : the points at the end ``[n, ...]``, detached
    values : float64 ``[steps, n]``, the objective before each step, under that step's transformation
    flat : bool ``[n]``: the gradient was exactly 0 at every step
    """

    points: Tensor
    values: NDArray[np.float64]
    flat: NDArray[np.bool_]


def climb(
    form: Parametrisation,
    read: Callable[[Tensor], Any],
    objective: Callable[[Any], Tensor],
    how: Climb,
    generator: torch.Generator,
    *,
    told: Callable[[int, Tensor, float], None] = lambda step, points, value: None,
    alike: Callable[[Any], Tensor] = likeness,
) -> Climbed:
    """Raise ``objective(read(points))`` for every point of the form at once; rows do not depend on each other.

    Parameters
    ----------
    read : points ``[n, ...]`` to activations: a tensor, or whatever ``objective`` and ``alike`` take
    objective : activations to numbers ``[n]``
    alike : activations to how alike the points are, which ``how.diversity`` holds against them
    told : called after each step with its number, the points before it and the mean objective

    Raises
    ------
    DataError
        When the objective or its gradient is NaN or infinite.
    MapError
        When the objective has no gradient by the points.
    """
    values, lasting = [], torch.ones(len(form.numbers), dtype=torch.bool)
    adam = Adam(form.numbers, how.rate) if how.rule == "adam" else None
    for step in range(how.steps):
        with Redirected() if step < how.redirected else nullcontext():
            points = form.points()
            activations = read(how.shaking(points, generator) if points.ndim == 4 else points)
            raised = objective(activations)
            gradient = _gradient(form, _total(raised, activations, how.diversity, alike))
        _check(raised, gradient, step)
        values.append(raised.detach().double().cpu().numpy())
        lasting &= ~(gradient.flatten(1) != 0).any(dim=1).cpu()
        _step(form, gradient, how, adam)
        form.settle()
        told(step, points.detach(), float(values[-1].mean()))
    with torch.no_grad():
        ended = form.points().detach()
    return Climbed(ended, np.array(values).reshape(len(values), -1), lasting.numpy())


def _total(raised: Tensor, activations: Any, diversity: float, alike: Callable[[Any], Tensor]) -> Tensor:
    if raised.ndim != 1:
        raise wb.MapError(f"the objective has shape {list(raised.shape)}: a number for each picture is wanted")
    total = raised.sum()
    if diversity > 0 and len(raised) > 1:
        weight = diversity * raised.detach().abs().mean() * len(raised)
        total = total - weight * alike(activations)
    return total


def _gradient(form: Parametrisation, total: Tensor) -> Tensor:
    if not total.requires_grad:
        raise wb.MapError(
            "the layer has no gradient by the picture: the map leaves the graph on the way (detach, no_grad, numpy)"
        )
    try:
        (gradient,) = torch.autograd.grad(total, [form.numbers], allow_unused=True)
    except RuntimeError as error:
        if is_memory(error):
            raise
        raise wb.MapError(f"the map cannot be differentiated: {str(error).splitlines()[0]}") from error
    if gradient is None:
        raise wb.MapError("the layer does not hang on the picture: choose another layer or map")
    return gradient


def _check(raised: Tensor, gradient: Tensor, step: int) -> None:
    for what, one in (("the objective", raised), ("the gradient", gradient)):
        if not bool(torch.isfinite(one).all()):
            way_out = (
                "the model overflows on such a picture; take smaller steps, or another layer"
                if step
                else "look at the weights of the model, or take another layer or picture"
            )
            raise wb.DataError(f"{what} is NaN or infinite at step {step + 1}: {way_out}")


def _step(form: Parametrisation, gradient: Tensor, how: Climb, adam: Adam | None) -> None:
    if adam is not None:
        adam.step(-gradient)
        return
    with torch.no_grad():
        form.numbers.add_(normalised(gradient, how.rule), alpha=how.rate)


def normalised(gradient: Tensor, rule: Rule) -> Tensor:
    """The gradient of each point as a step: raw, divided by its mean size, or by its length.

    The raw gradient of a mean over many units is so small that no useful rate moves the picture. Of a point whose
    gradient is 0 nothing is moved.

    >>> normalised(torch.tensor([[3.0, -4.0], [0.0, 0.0]]), "length").tolist()
    [[0.6000000238418579, -0.800000011920929], [0.0, 0.0]]
    """
    if rule == "raw":
        return gradient
    flat = gradient.flatten(1)
    size = flat.abs().mean(dim=1) if rule == "mean" else flat.norm(dim=1)
    size = torch.where(size > 0, size, torch.ones_like(size))
    return gradient / size.reshape(-1, *([1] * (gradient.ndim - 1)))
