# SPDX-License-Identifier: Apache-2.0
"""Methods that attribute to the units of a layer: which channels of it drive the number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plugins.attribution.batching import Passes
from plugins.attribution.methods.gradients import gauss_legendre
from plugins.attribution.methods.method import Method, Settings, Task


def tapped(passes: Passes, module: nn.Module, layer: nn.Module, points: Tensor) -> tuple[Tensor, Tensor]:
    """Output of a layer, and the gradient of the number by it, ``[m, *layer]`` each."""

    def work(part: slice) -> Tensor:
        kept: list[Tensor] = []

        def keep(one: nn.Module, inputs: Any, output: Tensor) -> Tensor:
            live = output.clone() if output.requires_grad else output.detach().clone().requires_grad_()
            kept.append(live)
            return live.clone()

        numbers = _hooked(module, layer, keep, points[part].detach().clone().requires_grad_())
        (gradient,) = torch.autograd.grad(numbers.sum(), kept[0], allow_unused=True)
        found = torch.zeros_like(kept[0]) if gradient is None else gradient
        return torch.stack((kept[0].detach(), found.detach()), dim=1)

    both = passes.over(len(points), work)
    return both[:, 0], both[:, 1]


def replaced(passes: Passes, module: nn.Module, layer: nn.Module, points: Tensor, outputs: Tensor) -> Tensor:
    """Gradient of the number by the output of a layer, where that is replaced by ``outputs``, ``[m, *layer]``."""

    def work(part: slice) -> Tensor:
        live = outputs[part].detach().clone().requires_grad_()
        numbers = _hooked(module, layer, lambda one, inputs, output: live.clone(), points[part])
        (gradient,) = torch.autograd.grad(numbers.sum(), live, allow_unused=True)
        return torch.zeros_like(live) if gradient is None else gradient.detach()

    return passes.over(len(points), work)


def _hooked(module: nn.Module, layer: nn.Module, hook: Callable[..., Tensor], points: Tensor) -> Tensor:
    handle = layer.register_forward_hook(hook)
    try:
        with torch.enable_grad():
            numbers: Tensor = module(points)
    finally:
        handle.remove()
    return numbers


def gradient_x_activation(task: Task) -> Tensor:
    """Gradient by the layer times its output."""
    outputs, gradients = tapped(task.passes, task.module, task.tapped, task.inputs)
    return outputs * gradients


def conductance(task: Task) -> Tensor:
    """Flow of integrated gradients through each unit (Dhamdhere, Sundararajan and Yan, 2018, equation 3).

    The sum over evenly spaced places, both ends among them, of the mean gradient of two neighbours times the difference
    of the unit's outputs. (The differences telescope, so that the ends must be there: at the open nodes of
    Gauss-Legendre a linear model would lose the ends of the way.)
    """
    found = []
    for end, start in zip(task.inputs, task.start, strict=True):
        total: Tensor | None = None
        last: tuple[Tensor, Tensor] | None = None
        for part in _slices(task, task.settings.steps + 1):
            at = torch.from_numpy(part / task.settings.steps).to(end).reshape(-1, *[1] * end.ndim)
            outputs, gradients = tapped(task.passes, task.module, task.tapped, start + at * (end - start))
            if last is not None:
                outputs, gradients = torch.cat((last[0], outputs)), torch.cat((last[1], gradients))
            flow = ((gradients[1:] + gradients[:-1]) / 2 * outputs.diff(dim=0)).sum(dim=0)
            total = flow if total is None else total + flow
            last = outputs[-1:], gradients[-1:]
        assert total is not None
        found.append(total)
    return torch.stack(found)


def internal_influence(task: Task) -> Tensor:
    """Mean gradient by the layer on the way from the baseline (Leino et al., 2018, definition 1)."""
    nodes, weights = gauss_legendre(task.settings.steps)
    found = []
    for end, start in zip(task.inputs, task.start, strict=True):
        parts = []
        for part in _slices(task, len(nodes)):
            at = torch.from_numpy(nodes[part]).to(end).reshape(-1, *[1] * end.ndim)
            gradients = tapped(task.passes, task.module, task.tapped, start + at * (end - start))[1]
            parts.append(torch.tensordot(torch.from_numpy(weights[part]).to(end), gradients, dims=1))
        found.append(torch.stack(parts).sum(dim=0))
    return torch.stack(found)


def layer_integrated_gradients(task: Task) -> Tensor:
    """Integrated gradients in the space of the layer: from its output at the baseline to that at the input.

    What goes around the layer keeps its value at the input, so that the sum is f(input) - f(baseline) only where
    nothing does.
    """
    nodes, weights = gauss_legendre(task.settings.steps)
    found = []
    for end, start in zip(task.inputs, task.start, strict=True):
        (high, low), _ = tapped(task.passes, task.module, task.tapped, torch.stack((end, start)))
        total = torch.zeros_like(high)
        for part in _slices(task, len(nodes)):
            at = torch.from_numpy(nodes[part]).to(high).reshape(-1, *[1] * high.ndim)
            points = end.expand(len(part), *end.shape)
            gradients = replaced(task.passes, task.module, task.tapped, points, low + at * (high - low))
            total += torch.tensordot(torch.from_numpy(weights[part]).to(high), gradients, dims=1)
        found.append(total * (high - low))
    return torch.stack(found)


def _slices(task: Task, count: int) -> list[np.ndarray]:
    return np.array_split(np.arange(count), max(1, -(-count // task.passes.rows)))


def _once(segments: int, settings: Settings) -> tuple[int, int]:
    return 1, 1


def _steps(extra: int, ends: int) -> Callable[[int, Settings], tuple[int, int]]:
    return lambda segments, settings: (settings.steps + extra + 2, settings.steps + ends)


METHODS = (
    Method("layer-gradient-x-activation", "Layer gradient x activation", gradient_x_activation, _once, layer=True),
    Method(
        "layer-conductance",
        "Layer conductance",
        conductance,
        _steps(1, 1),
        needs_baseline=True,
        complete=True,
        layer=True,
        source="Dhamdhere et al. 2018",
    ),
    Method(
        "layer-integrated-gradients",
        "Layer integrated gradients",
        layer_integrated_gradients,
        _steps(2, 2),
        needs_baseline=True,
        complete=True,
        layer=True,
        source="Sundararajan et al. 2017, at a layer",
    ),
    Method(
        "internal-influence",
        "Internal influence",
        internal_influence,
        _steps(0, 0),
        needs_baseline=True,
        layer=True,
        source="Leino et al. 2018",
    ),
)
