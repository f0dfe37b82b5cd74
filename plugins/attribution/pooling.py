# SPDX-License-Identifier: Apache-2.0
"""Maximum pooling whose windows overlap, written as windows that do not: captum's DeepLIFT is wrong on the former.

Its rule hands contributions back with ``max_unpool``, which keeps one of several where windows share a place.
"""

from __future__ import annotations

from typing import Any, Final

from torch import Tensor, nn
from torch.nn import functional

LOW: Final = -1e30  # beyond the edge; finite, since contributions are differences


class UnfoldedMaxPool(nn.Module):
    """The same numbers as a ``MaxPool2d``: every window laid out by itself, then a pooling without overlap."""

    def __init__(self, original: nn.MaxPool2d) -> None:
        super().__init__()
        self.size, self.stride, self.padding = (_pair(getattr(original, one)) for one in SIZES)
        self.ceil = original.ceil_mode
        self.largest = nn.MaxPool1d(self.size[0] * self.size[1])

    def forward(self, maps: Tensor) -> Tensor:
        """Largest number of each window, ``[n, channels, rows, columns]``."""
        sides = maps.shape[2:]
        edges = [
            self._beyond(side, size, stride, padding)
            for side, size, stride, padding in zip(sides, self.size, self.stride, self.padding, strict=True)
        ]
        (top, bottom), (left, right) = edges
        padded = functional.pad(maps, (left, right, top, bottom), value=LOW)
        windows = padded.unfold(2, self.size[0], self.stride[0]).unfold(3, self.size[1], self.stride[1])
        count, channels, rows, columns = windows.shape[:4]
        flat = windows.reshape(count, channels * rows * columns, -1)
        return self.largest(flat).reshape(count, channels, rows, columns)  # type: ignore[no-any-return]

    def _beyond(self, side: int, size: int, stride: int, padding: int) -> tuple[int, int]:
        """Places added before and after; with ceil_mode so many that a last window begins inside."""
        if not self.ceil:
            return padding, padding
        count = -(-(side + 2 * padding - size) // stride) + 1
        if (count - 1) * stride >= side + padding:
            count -= 1
        return padding, max(padding, (count - 1) * stride + size - side - padding)


SIZES: Final = ("kernel_size", "stride", "padding")


def overlaps(module: nn.Module) -> bool:
    """Whether windows of a maximum pooling share places, or have gaps inside."""
    if not isinstance(module, (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)):
        return False
    size, stride, dilation = (_several(getattr(module, one)) for one in ("kernel_size", "stride", "dilation"))
    return any(step < length for step, length in zip(stride, size, strict=True)) or any(one > 1 for one in dilation)


def can_unfold(module: nn.Module) -> bool:
    """Whether :class:`UnfoldedMaxPool` can stand for it."""
    return isinstance(module, nn.MaxPool2d) and _pair(module.dilation) == (1, 1) and not module.return_indices


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _several(value: Any) -> tuple[int, ...]:
    return (value,) * 3 if isinstance(value, int) else tuple(int(one) for one in value)
