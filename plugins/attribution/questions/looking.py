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


def looked(question: Question, few: Tensor) -> Question:
    """The question with its layers, the seed of its noise where it has any, and whether it has a gradient."""
    asked = question.module
    notes = list(question.notes)
    with torch.no_grad():
        if not torch.equal(*(_once(asked, few[:1], seed) for seed in SEEDS)):
            asked.noise = 0
            notes.append(
                "The map draws random numbers: the same ones for every point in every pass, so that the number depends "
                "on the point alone. Another seed would give another map."
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
