# SPDX-License-Identifier: Apache-2.0
"""The search: Adam on pixels cut to their range, or L-BFGS on numbers whose sigmoid is the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch import Tensor

import workbench as wb
from plugins.feature_visualisation.optimising.adam import Adam
from plugins.feature_visualisation.optimising.parametrisations import Parametrisation, Pixels, Sigmoid
from plugins.feature_visualisation.optimising.reading import is_memory
from plugins.style_transfer.losses import Parts

ITERATIONS: Final = 5  # of L-BFGS between two looks
Look = Callable[[int, Tensor, Parts], None]


@dataclass(frozen=True)
class Search:
    """Which optimiser, how many steps, and Adam's rate as a share of the range."""

    optimiser: Literal["adam", "lbfgs"] = "adam"
    steps: int = 120
    rate: float = 0.03


def descend(
    start: Tensor, limits: tuple[float, float], losses: Callable[[Tensor], Parts], search: Search, look: Look
) -> Tensor:
    """The picture ``[1, c, h, w]`` after the search; ``look`` is called with the losses of the picture before a step.

    L-BFGS keeps a history of gradients that must not be disturbed: pixels are not cut between its steps, which ends at
    NaN, but made by a sigmoid; the line search by the strong Wolfe conditions makes it independent of the weights.

    Raises
    ------
    DataError
        When the loss or its gradient is NaN or infinite.
    MapError
        When the losses cannot be differentiated.
    """
    if search.optimiser == "adam":
        return _adam(Pixels(start, *limits), losses, search, limits[1] - limits[0], look)
    return _lbfgs(Sigmoid(start, *limits), losses, search, look)


def _adam(form: Parametrisation, losses: Callable[[Tensor], Parts], search: Search, width: float, look: Look) -> Tensor:
    adam = Adam(form.numbers, search.rate * width)
    for step in range(search.steps):
        picture = form.points()
        parts = losses(picture)
        gradient = gradient_of(parts.total, form, step)
        look(step, picture.detach(), parts)
        adam.step(gradient)
        form.settle()
    return form.points().detach()


def _lbfgs(form: Parametrisation, losses: Callable[[Tensor], Parts], search: Search, look: Look) -> Tensor:
    stepper = torch.optim.LBFGS(
        [form.numbers],
        max_iter=ITERATIONS,
        history_size=20,
        line_search_fn="strong_wolfe",
        tolerance_grad=1e-10,
        tolerance_change=1e-12,
    )
    done = 0
    while done < search.steps:
        step = done
        first: list[tuple[Tensor, Parts]] = []

        def closure(step: int = step, first: list[Any] = first) -> Any:
            picture = form.points()
            parts = losses(picture)
            form.numbers.grad = gradient_of(parts.total, form, step)
            if not first:
                first.append((picture.detach(), parts))
            return parts.total

        stepper.param_groups[0]["max_iter"] = min(ITERATIONS, search.steps - done)
        stepper.step(closure)  # type: ignore[no-untyped-call]
        look(step, *first[0])  # the picture before these iterations
        done += ITERATIONS
    return form.points().detach()


def gradient_of(total: Tensor, form: Parametrisation, step: int) -> Tensor:
    """The gradient of the loss by the numbers that are moved, checked."""
    try:
        (gradient,) = torch.autograd.grad(total, [form.numbers], allow_unused=True)
    except RuntimeError as error:
        if is_memory(error):
            raise
        raise wb.MapError(f"the map cannot be differentiated: {str(error).splitlines()[0]}") from error
    if gradient is None:
        raise wb.MapError("the layers do not hang on the picture: choose others")
    if not bool(torch.isfinite(total)) or not bool(torch.isfinite(gradient).all()):
        raise wb.DataError(
            f"the loss or its gradient is NaN or infinite at step {step + 1}: take a smaller rate, or other layers"
        )
    return gradient
