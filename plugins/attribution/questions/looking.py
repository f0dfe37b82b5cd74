# SPDX-License-Identifier: Apache-2.0
"""What a pass of a few points tells of a question: its layers in order, random numbers, whether it has a gradient."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn

import workbench as wb
from plugins.attribution.structure import Structure, recorded

if TYPE_CHECKING:
    from plugins.attribution.questions import Question

SEEDS: Final = (1, 2)
MOST: Final = 4  # points that are asked alone and together


def looked(question: Question, few: Tensor) -> Question:
    """The question with its layers, the seed of its noise where it has any, and whether it has a gradient."""
    asked = question.module
    few = few[:MOST]
    notes = list(question.notes)
    with torch.no_grad():
        if not torch.equal(*(_once(asked, few[:1], seed) for seed in SEEDS)):
            asked.noise = 0
            notes.append(
                "The map draws random numbers: the same ones for every point in every pass, so that the number depends "
                "on the point alone. Another seed would give another map."
            )
        _steady(asked, few, question.sentence)
        if asked.noise is None and len(few) > 1 and not _by_itself(asked, few):
            asked.apart = True
            notes.append(
                "The number of a point hangs on the other points of its batch (statistics of the batch, a mean over "
                "it): every point goes through by itself here."
            )
    layers, calls, shapes = _run(question, few)
    structure = _structure(question, few)
    asked.tally.forwards = asked.tally.backwards = 0
    return replace(
        question,
        layers=layers,
        calls=calls,
        shapes=shapes,
        structure=structure,
        notes=tuple(notes),
        differentiable=question.differentiable or _without_gradient(question, few),
    )


def _once(asked: nn.Module, few: Tensor, seed: int) -> Tensor:
    devices = [few.device.index or 0] if few.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        given: Tensor = asked(few)
    return given


def _steady(asked: nn.Module, few: Tensor, sentence: str) -> None:
    """Raise :class:`workbench.MapError` where a number changes from pass to pass although the random numbers do not."""
    one, other = (_once(asked, few[:1], SEEDS[0]) for _ in range(2))
    if not _same(one, other):
        raise wb.MapError(
            f"{sentence} changes from pass to pass at the same point, with the same random numbers: the model keeps "
            "something from pass to pass, or draws from a generator of its own; make the map a function of its input"
        )


def _by_itself(asked: nn.Module, few: Tensor) -> bool:
    """Whether a point has the number that it has beside others."""
    return _same(_once(asked, few, SEEDS[0]), torch.cat([_once(asked, one, SEEDS[0]) for one in torch.split(few, 1)]))


def _same(one: Tensor, other: Tensor) -> bool:
    """Equal up to the rounding that the order of sums makes; NaN at the same places."""
    if one.shape != other.shape:
        return False
    scale = 1e-3 if one.dtype in (torch.float16, torch.bfloat16) else 1e-4
    reach = float(one[one.isfinite()].abs().max()) if one.isfinite().any() else 0.0
    return bool(torch.allclose(one, other, rtol=scale, atol=scale * reach, equal_nan=True))


def _run(question: Question, few: Tensor) -> tuple[dict[str, nn.Module], dict[str, int], dict[str, tuple[int, ...]]]:
    """Layers in the order in which they first end, their calls, and the shapes of those with one row a point."""
    known = question.module.model.layers()
    order: list[str] = []
    calls: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {}

    def hook(name: str) -> Any:
        def seen(module: nn.Module, inputs: Any, output: Any) -> None:
            if name not in calls:
                order.append(name)
            calls[name] = calls.get(name, 0) + 1
            if isinstance(output, Tensor) and output.is_floating_point() and output.ndim and len(output) == 1:
                shapes[name] = tuple(output.shape[1:])

        return seen

    with ExitStack() as stack, torch.no_grad():
        for name, module in known.items():
            stack.callback(module.register_forward_hook(hook(name)).remove)
        question.module(few[:1])
    return {name: known[name] for name in order}, calls, shapes


def _structure(question: Question, few: Tensor) -> Structure:
    """Modules and functions of one pass of one point, the number itself left out."""
    points = few[:1].detach().clone().requires_grad_()
    with recorded(question.module) as structure, torch.enable_grad():
        output = None
        with suppress(RuntimeError):  # what cannot be differentiated is said by itself
            output = question.module.read(points)
        return structure(output)


def _without_gradient(question: Question, few: Tensor) -> str:
    """Why the number has no gradient by the input, in one clause; else nothing."""
    points = few.detach().clone().requires_grad_()
    try:
        with torch.enable_grad():
            numbers = question.module(points)
            if not numbers.requires_grad:
                return "the model leaves the graph on the way (detach, no_grad, argmax, numpy or another library)"
            (gradient,) = torch.autograd.grad(numbers.sum(), points, allow_unused=True)
    except wb.WorkbenchError:
        raise
    except RuntimeError as error:
        return f"the model cannot be differentiated: {str(error).splitlines()[0]}"
    return "" if gradient is not None else "the number does not hang on the input by anything that has a gradient"
