# SPDX-License-Identifier: Apache-2.0
"""Passes of as many rows as memory holds, halved when it runs out after all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

import workbench as wb

if TYPE_CHECKING:
    from plugins.attribution.questions import Question

MEMORY: Final = 512 * 2**20  # bytes of a pass
KEPT: Final = 3  # an activation, its gradient, and what the operation keeps for it
MOST: Final = 256  # rows: on a processor more are no faster


def rows_of(question: Question, shape: tuple[int, ...], memory: int = MEMORY, itemsize: int = 4) -> int:
    """How many rows a pass of a question may have: activations of all leaf layers, with their gradients, in memory."""
    return max(1, min(MOST, memory // max(1, KEPT * itemsize * numbers_of(question, shape))))


def numbers_of(question: Question, shape: tuple[int, ...]) -> int:
    """Numbers that one row of a shape ``[*shape]`` brings about: itself a few times, and the outputs of leaf layers."""
    numbers = 4 * _size(shape)
    for name, one in question.shapes.items():
        if not list(question.layers[name].children()):
            numbers += _size(one) * question.calls[name]
    return numbers


class Passes:
    """Makes passes of at most ``rows`` rows; after an out-of-memory error of half as many, for good.

    Raises :class:`workbench.DataError` when one row alone does not fit.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.halved = 0

    def over(self, count: int, work: Callable[[slice], Tensor]) -> Tensor:
        """What ``work`` gives for all of ``count`` rows, a slice of them at a time, one after another."""
        found: list[Tensor] = []
        start = 0
        while start < count:
            part = slice(start, min(count, start + self.rows))
            try:
                found.append(work(part))
            except (MemoryError, RuntimeError) as error:
                if not out_of_memory(error):
                    raise
                if self.rows == 1:
                    raise wb.DataError(
                        "the memory does not hold a pass of one point: choose smaller images, a smaller model or "
                        "another device"
                    ) from error
                self.halve()
                continue
            start = part.stop
        return torch.cat(found)

    def halve(self) -> None:
        """Half as many rows from now on, memory that is cached being let go of."""
        self.rows = max(1, self.rows // 2)
        self.halved += 1
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def gradient(self, module: nn.Module, points: Tensor) -> Tensor:
        """Gradient of the number by each of the points, ``[m, *shape]``."""
        return self.over(len(points), lambda part: gradient(module, points[part]))


def gradient(module: nn.Module, points: Tensor) -> Tensor:
    """Gradient of the number by the points, in one pass; 0 where nothing hangs on them."""
    asked = points.detach().clone().requires_grad_()
    with torch.enable_grad():
        (found,) = torch.autograd.grad(module(asked).sum(), asked, allow_unused=True)
    return torch.zeros_like(points) if found is None else found.detach()


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out: of a device, or of the processor (which has no class of its own).

    >>> out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory")), out_of_memory(RuntimeError("shape"))
    (True, False)
    """
    words = ("can't allocate memory", "not enough memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(one in str(error) for one in words)


def _size(shape: tuple[int, ...]) -> int:
    numbers = 1
    for side in shape:
        numbers *= side
    return numbers
