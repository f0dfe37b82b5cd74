# SPDX-License-Identifier: Apache-2.0
"""Rectifiers with a gradient where they are shut, so that the first steps find a way to a unit that is at 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

CEILINGS: Final[dict[Any, float]] = {
    F.relu: float("inf"),
    torch.relu: float("inf"),
    torch.relu_: float("inf"),
    Tensor.relu: float("inf"),
    Tensor.relu_: float("inf"),
    F.relu6: 6.0,
}
IN_PLACE: Final = (torch.relu_, Tensor.relu_)


class Redirected(TorchFunctionMode):
    """While it is entered, rectifiers (modules and functions) let gradients through that would open them.

    Where the gradient of a rectifier is 0 throughout a picture, the gradient that comes from above is passed on, but
    for what would push shut units further down. Values are not changed, and where the rectifier has a gradient of its
    own, that is used. Source: Olah, Mordvintsev and Schubert, *Feature Visualization*, Distill 2017, section "The
    enemy of feature visualization", and its code (lucid, ``redirected_relu_grad``).
    """

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        ceiling = CEILINGS.get(function)
        if ceiling is None:
            return function(*args, **named)
        entering = args[0] if args else named["input"]
        written = function in IN_PLACE or bool(named.get("inplace", args[1] if len(args) > 1 else False))
        leaving: Callable[..., Tensor] = _Rectified.apply
        result = leaving(entering, ceiling)
        if not written:
            return result
        if entering.requires_grad:  # what was written into the memory of its input is read by others
            return entering.copy_(result) if not entering.is_leaf else result
        return entering.copy_(result)


class _Rectified(torch.autograd.Function):
    """min(max(x, 0), ceiling), with the gradient redirected where it would vanish for a whole picture."""

    @staticmethod
    def forward(context: Any, entering: Tensor, ceiling: float) -> Tensor:
        context.save_for_backward(entering.clone())
        context.ceiling = ceiling
        return entering.clamp(0, ceiling)

    @staticmethod
    def backward(context: Any, above: Tensor) -> tuple[Tensor, None]:
        (entering,) = context.saved_tensors
        plain = above * ((entering > 0) & (entering < context.ceiling))
        shut = (entering <= 0) & (above < 0) | (entering >= context.ceiling) & (above > 0)
        redirected = above.masked_fill(shut, 0.0)
        lost = (plain.flatten(1) == 0).all(dim=1).reshape(-1, *([1] * (above.ndim - 1)))
        return torch.where(lost, redirected, plain), None
