# SPDX-License-Identifier: Apache-2.0
"""Methods of plain gradients: at the input, near it, and on the way from a baseline."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from plugins.attribution.methods.method import Method, Settings, Task


def saliency(task: Task) -> Tensor:
    """Size of the gradient at the input (Simonyan, Vedaldi and Zisserman, 2014, section 3)."""
    return task.passes.gradient(task.module, task.inputs).abs()


def input_x_gradient(task: Task) -> Tensor:
    """Gradient times input (Shrikumar et al., Not Just a Black Box, 2016)."""
    return task.inputs * task.passes.gradient(task.module, task.inputs)


def integrated_gradients(task: Task) -> Tensor:
    """Mean gradient on the straight way from the baseline times the way (Sundararajan, Taly and Yan, 2017, eq. 1).

    Gauss-Legendre nodes: exact for gradients that are polynomials of a degree below twice the steps.
    """
    nodes, weights = gauss_legendre(task.settings.steps)
    found = torch.zeros_like(task.inputs)
    for row, (end, start) in enumerate(zip(task.inputs, task.start, strict=True)):
        for part in np.array_split(np.arange(len(nodes)), _parts(len(nodes), task.passes.rows)):
            at = torch.from_numpy(nodes[part]).to(end).reshape(-1, *[1] * end.ndim)
            gradients = task.passes.gradient(task.module, start + at * (end - start))
            found[row] += torch.tensordot(torch.from_numpy(weights[part]).to(end), gradients, dims=1)
    return found * (task.inputs - task.start)


def gauss_legendre(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on 0..1, float64 ``[steps]``; the weights sum to 1.

    >>> nodes, weights = gauss_legendre(2)
    >>> round(float(weights @ nodes**3), 12)
    0.25
    """
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return (nodes + 1) / 2, weights / 2


def smoothgrad(task: Task) -> Tensor:
    """Mean gradient at noisy copies of the input (Smilkov et al., SmoothGrad, 2017, equation 1)."""
    return _noisy(task)[0]


def smoothgrad_squared(task: Task) -> Tensor:
    """Mean square of the gradient at noisy copies (Hooker et al., 2019, section 3)."""
    return _noisy(task)[1]


def vargrad(task: Task) -> Tensor:
    """Variance of the gradient over noisy copies (Adebayo et al., Local Explanation Methods, 2018, section 2)."""
    mean, square = _noisy(task)
    count = task.settings.draws
    return (square - mean.square()).clamp_min(0) * count / max(1, count - 1)


def _noisy(task: Task) -> tuple[Tensor, Tensor]:
    """Mean and mean square of the gradient; the noise is a share of the range of the input, as the paper has it."""
    count = task.settings.draws
    mean, square = torch.zeros_like(task.inputs), torch.zeros_like(task.inputs)
    for row, one in enumerate(task.inputs):
        generator = task.generator(row)
        spread = task.settings.noise * (float(one.max() - one.min()) or 1.0)
        for part in np.array_split(np.arange(count), _parts(count, task.passes.rows)):
            points = one + spread * _drawn(torch.randn, (len(part), *one.shape), generator).to(one)
            gradients = task.passes.gradient(task.module, points)
            mean[row] += gradients.sum(dim=0) / count
            square[row] += gradients.square().sum(dim=0) / count
    return mean, square


def gradient_shap(task: Task) -> Tensor:
    """Gradient at a random place on the way from a random baseline, times the way, on average.

    Lundberg and Lee, 2017, as Erion et al. (Expected Gradients, 2021, equation 3) write it. The baselines of the pool
    take turns in random order; places on the way are spread evenly (one in each of as many equal parts).
    """
    count = task.settings.draws
    found = torch.zeros_like(task.inputs)
    for row, end in enumerate(task.inputs):
        pool = task.pool if task.pool is not None else task.start[row : row + 1]
        turns = task.rng(row).permutation(np.arange(count) % len(pool))
        places = (torch.arange(count, dtype=torch.float64) + _drawn(torch.rand, (count,), task.generator(row))) / count
        for part in np.array_split(np.arange(count), _parts(count, task.passes.rows)):
            starts = pool[torch.from_numpy(turns[part]).to(pool.device)].to(end)
            at = places[torch.from_numpy(part)].to(end).reshape(-1, *[1] * end.ndim)
            gradients = task.passes.gradient(task.module, starts + at * (end - starts))
            found[row] += (gradients * (end - starts)).sum(dim=0) / count
    return found


def _drawn(make: Callable[..., Tensor], shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return make(shape, generator=generator, dtype=torch.float64)


def _parts(count: int, rows: int) -> int:
    return max(1, -(-count // rows))


def _steps(segments: int, settings: Settings) -> tuple[int, int]:
    return settings.steps + 2, settings.steps


def _draws(segments: int, settings: Settings) -> tuple[int, int]:
    return settings.draws, settings.draws


def _once(segments: int, settings: Settings) -> tuple[int, int]:
    return 1, 1


METHODS = (
    Method("saliency", "Saliency", saliency, _once, signed=False, source="Simonyan et al. 2014"),
    Method("input-x-gradient", "Input x gradient", input_x_gradient, _once, source="Shrikumar et al. 2016"),
    Method(
        "integrated-gradients",
        "Integrated gradients",
        integrated_gradients,
        _steps,
        needs_baseline=True,
        complete=True,
        source="Sundararajan et al. 2017",
    ),
    Method("smoothgrad", "SmoothGrad", smoothgrad, _draws, source="Smilkov et al. 2017"),
    Method(
        "smoothgrad-squared",
        "SmoothGrad squared",
        smoothgrad_squared,
        _draws,
        signed=False,
        source="Hooker et al. 2019",
    ),
    Method("vargrad", "VarGrad", vargrad, _draws, signed=False, source="Adebayo et al. 2018"),
    Method(
        "gradient-shap",
        "GradientSHAP",
        gradient_shap,
        _draws,
        needs_baseline=True,
        source="Lundberg and Lee 2017; Erion et al. 2021",
    ),
)
