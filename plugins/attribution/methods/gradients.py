# SPDX-License-Identifier: Apache-2.0
"""Methods of plain gradients: at the input, near it, and on the way from a baseline."""

from __future__ import annotations

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


def _parts(count: int, rows: int) -> int:
    return max(1, -(-count // rows))


def _steps(segments: int, settings: Settings) -> tuple[int, int]:
    return settings.steps + 2, settings.steps


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
)
