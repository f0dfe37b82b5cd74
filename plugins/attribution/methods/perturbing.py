# SPDX-License-Identifier: Apache-2.0
"""Methods that take parts of the input away and look at the number: they need no gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from plugins.attribution.methods.fitting import coalitions, kernel_shap_fit, lime_fit, lime_masks
from plugins.attribution.methods.method import Method, Settings, Task
from plugins.attribution.segments import segments_of

TIMES = 20  # random masks of KernelSHAP and LIME for each draw


def occlusion(task: Task) -> Tensor:
    """Fall of the number when a window slides over the input, the mean of all windows over a place (Zeiler 2014)."""
    shape = tuple(task.inputs.shape[1:])
    windows = list(windows_of(shape, task.settings))
    covered = torch.stack(windows).sum(dim=0).clamp_min(1).to(task.inputs)
    found = torch.zeros_like(task.inputs)
    for row in range(len(task.inputs)):
        whole = _numbers(task, task.inputs[row : row + 1])[0]
        for part in _parts(len(windows), task.passes.rows):
            masks = torch.stack(windows[part]).to(task.inputs.device)
            fall = whole - _numbers(task, torch.where(masks, task.start[row], task.inputs[row]))
            found[row] += torch.tensordot(fall, masks.to(fall), dims=1)
    return found / covered


def feature_ablation(task: Task) -> Tensor:
    """Fall of the number when one part alone is replaced by the baseline."""
    _, count = _segments(task)
    masks = np.vstack([np.ones((1, count), dtype=bool), ~np.eye(count, dtype=bool)])
    numbers = np.array([_masked(task, row, masks) for row in range(len(task.inputs))])
    return _spread(task, numbers[:, :1] - numbers[:, 1:])


def shapley_sampling(task: Task) -> Tensor:
    """Mean rise of the number when parts come in one by one in random order (Castro, Gomez and Tejada, 2009).

    Every order sums to f(input) - f(baseline), and so does the mean.
    """
    _, count = _segments(task)
    found = []
    for row in range(len(task.inputs)):
        rng = task.rng(row)
        orders = [rng.permutation(count) for _ in range(task.settings.draws)]
        ends = _end(task, row, 0), _end(task, row, 1)
        total = np.zeros(count)
        for order in orders:
            masks = np.argsort(order)[None, :] < np.arange(1, count)[:, None]
            numbers = _masked(task, row, masks) if count > 1 else np.empty(0)
            total[order] += np.diff(np.concatenate([ends[:1], numbers, ends[1:]]))
        found.append(total / len(orders))
    return _spread(task, np.array(found))


def kernel_shap(task: Task) -> Tensor:
    """Shapley values by a weighted line through random sets of parts (Lundberg and Lee, 2017, theorem 2).

    All sets are taken where there are no more of them than were asked for: the values are exact then.
    """
    _, count = _segments(task)
    found = []
    for row in range(len(task.inputs)):
        masks, weights = coalitions(count, TIMES * task.settings.draws, task.rng(row))
        low, high = _end(task, row, 0), _end(task, row, 1)
        numbers = _masked(task, row, masks) if len(masks) else np.empty(0)
        found.append(kernel_shap_fit(masks, weights, numbers - low, high - low))
    return _spread(task, np.array(found))


def lime(task: Task) -> Tensor:
    """Coefficients of a line through inputs with random parts left, near ones counting more (Ribeiro et al., 2016)."""
    _, count = _segments(task)
    found = []
    for row in range(len(task.inputs)):
        masks = lime_masks(count, TIMES * task.settings.draws, task.rng(row))
        found.append(lime_fit(masks, _masked(task, row, masks)))
    return _spread(task, np.array(found))


def windows_of(shape: tuple[int, ...], settings: Settings) -> Iterator[Tensor]:
    """Where each window lies, bool ``[*shape]``; of an image over all channels. The last ones end at the edge."""
    sides = shape[1:] if len(shape) == 3 else (math.prod(shape),)
    cell = max(1, round((math.prod(sides) / max(1, settings.segments)) ** (1 / len(sides))))
    window = settings.window or (2 * cell if len(sides) == 2 else cell)
    stride = settings.stride or cell
    if stride > window:
        raise wb.ParameterError(f"a stride of {stride} leaves gaps between windows of {window}: take a smaller one")
    starts = [_starts(side, min(window, side), stride) for side in sides]
    for corner in np.ndindex(*(len(one) for one in starts)):
        mask = torch.zeros(sides, dtype=torch.bool)
        mask[
            tuple(
                slice(one[at], one[at] + min(window, side)) for at, one, side in zip(corner, starts, sides, strict=True)
            )
        ] = True
        yield mask.expand(shape).contiguous() if len(shape) == 3 else mask.reshape(shape)


def _starts(side: int, window: int, stride: int) -> list[int]:
    starts = list(range(0, side - window + 1, stride))
    return starts if starts[-1] + window == side else [*starts, side - window]


def _segments(task: Task) -> tuple[Tensor, int]:
    return segments_of(tuple(task.inputs.shape[1:]), task.settings.segments)


def _numbers(task: Task, points: Tensor) -> Tensor:
    with torch.no_grad():
        return task.passes.over(len(points), lambda part: task.module(points[part]))


def _end(task: Task, row: int, which: int) -> float:
    """The number at the baseline (0) or the input (1)."""
    return float(_numbers(task, (task.start, task.inputs)[which][row : row + 1])[0])


def _masked(task: Task, row: int, masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The number where the parts of each mask ``[m, parts]`` are there, the others replaced by the baseline."""
    segments = _segments(task)[0].to(task.inputs.device)
    numbers = []
    for part in _parts(len(masks), task.passes.rows):
        there = torch.from_numpy(masks[part]).to(task.inputs.device)[:, segments]
        numbers.append(_numbers(task, torch.where(there, task.inputs[row], task.start[row])).double().cpu().numpy())
    return np.concatenate(numbers)


def _spread(task: Task, values: NDArray[np.float64]) -> Tensor:
    """Values of parts ``[n, parts]`` shared evenly among the places of each part."""
    segments, count = _segments(task)
    sizes = torch.bincount(segments.reshape(-1), minlength=count).double()
    shares = torch.from_numpy(values) / sizes
    return shares[:, segments].to(task.inputs)


def _parts(count: int, rows: int) -> list[slice]:
    return [slice(start, min(count, start + rows)) for start in range(0, count, rows)]


def _groups(segments: int, settings: Settings) -> tuple[int, int]:
    return segments + 1, 0


def _orders(segments: int, settings: Settings) -> tuple[int, int]:
    return settings.draws * (segments - 1) + 4, 0


def _masks(segments: int, settings: Settings) -> tuple[int, int]:
    return TIMES * settings.draws + 4, 0


def _method(name: str, title: str, run: object, cost: object, **more: object) -> Method:
    return Method(name, title, run, cost, needs_baseline=True, gradient=False, **more)  # type: ignore[arg-type]


METHODS = (
    _method("occlusion", "Occlusion", occlusion, _groups, source="Zeiler and Fergus 2014"),
    _method("feature-ablation", "Feature ablation", feature_ablation, _groups),
    _method(
        "shapley-sampling", "Shapley sampling", shapley_sampling, _orders, complete=True, source="Castro et al. 2009"
    ),
    _method("kernel-shap", "KernelSHAP", kernel_shap, _masks, complete=True, source="Lundberg and Lee 2017"),
    _method("lime", "LIME", lime, _masks, source="Ribeiro et al. 2016"),
)
