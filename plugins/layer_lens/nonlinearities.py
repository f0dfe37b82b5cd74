# SPDX-License-Identifier: Apache-2.0
"""What is known of activation functions: where they are flat, and which keep apart what is apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import torch
    from torch import Tensor

RECTIFIERS: Final = ("ReLU", "ReLU6", "Threshold")
PASSING: Final = (
    *("MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "AdaptiveAvgPool1d"),
    *("AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "Flatten", "Unflatten", "Identity", "Dropout", "Dropout2d", "Upsample"),
)
"""Layers that hand on zeros of others: their zeros are not their own."""

ELEMENTWISE: Final = (
    *("ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Tanh", "Sigmoid", "Softplus"),
    *("Softsign", "Hardtanh", "Hardsigmoid", "Hardswish", "LogSigmoid", "Threshold"),
)
INCREASING: Final = ("Tanh", "Sigmoid", "Softplus", "Softsign", "ELU", "SELU", "CELU", "LogSigmoid")
"""Continuous and strictly increasing, whatever their settings: with a square matrix of full rank, a homeomorphism."""


def slope_left(module: torch.nn.Module) -> Callable[[Tensor], Tensor] | None:
    """The derivative of a bounded activation as a share of its largest, from what it gave; ``None`` for others.

    tanh: ``1 - y^2``; sigmoid: ``4 y (1 - y)``; softsign: ``(1 - |y|)^2``; ReLU6 and Hardtanh: 0 at an upper or lower
    bound, else 1 (0 of ReLU6 is counted as off, not as saturated).
    """
    kind = type(module).__name__
    low, high = float(getattr(module, "min_val", -1.0)), float(getattr(module, "max_val", 1.0))
    known: dict[str, Callable[[Tensor], Tensor]] = {
        "Tanh": lambda y: 1 - y * y,
        "Sigmoid": lambda y: 4 * y * (1 - y),
        "Softsign": lambda y: (1 - y.abs()) ** 2,
        "ReLU6": lambda y: (y < 6).to(y.dtype),
        "Hardtanh": lambda y: ((y > low) & (y < high)).to(y.dtype),
        "Hardsigmoid": lambda y: ((y > 0) & (y < 1)).to(y.dtype),
    }
    return known.get(kind)


def keeps_apart(module: torch.nn.Module | None) -> bool:
    """Whether the activation is a homeomorphism of the line onto its image: continuous and strictly increasing."""
    if module is None:
        return True
    kind = type(module).__name__
    if kind == "LeakyReLU":
        return float(getattr(module, "negative_slope", 0.0)) > 0
    if kind in ("ELU", "CELU"):
        return float(getattr(module, "alpha", 1.0)) > 0
    return kind in INCREASING


def with_slope(module: torch.nn.Module | None, values: Tensor) -> tuple[Tensor, Tensor]:
    """What an elementwise activation gives for ``values``, and its derivative there (float64, same shape)."""
    import torch

    if module is None:
        return values, torch.ones_like(values)
    with torch.enable_grad():
        x = values.detach().clone().requires_grad_(True)
        y: Any = module(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
    return y.detach(), slope.detach()
