# SPDX-License-Identifier: Apache-2.0
"""What the number is: a unit, a mean, a projection, a distance, a similarity; ``[n, ...] -> [n]``, differentiable."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

import workbench as wb

Number = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Unit:
    """One number of the flattened output; raises :class:`workbench.ParameterError` out of range."""

    unit: int

    def __call__(self, output: Tensor) -> Tensor:
        flat = output.reshape(len(output), -1)
        check_unit("unit", self.unit, flat.shape[1], "numbers")
        return flat[:, self.unit]


@dataclass(frozen=True)
class Channel:
    """The mean over positions of one channel (the first axis after the points)."""

    channel: int

    def __call__(self, output: Tensor) -> Tensor:
        check_unit("unit", self.channel, output.shape[1], "channels")
        return output[:, self.channel].reshape(len(output), -1).mean(dim=1)


@dataclass(frozen=True)
class Mean:
    """The mean of all numbers."""

    def __call__(self, output: Tensor) -> Tensor:
        return output.reshape(len(output), -1).mean(dim=1)


@dataclass(frozen=True)
class Region:
    """The mean over the channels of a rectangle of an image, in pixels from the upper left corner."""

    top: int
    left: int
    height: int
    width: int

    def __call__(self, output: Tensor) -> Tensor:
        if output.ndim != 4:
            raise wb.ParameterError(f"a region needs an output of images, and it has shape {list(output.shape[1:])}")
        high, wide = output.shape[2:]
        bottom, right = self.top + self.height, self.left + self.width
        if self.top < 0 or self.left < 0 or bottom > high or right > wide:
            raise wb.ParameterError(
                f"the region from row {self.top}, column {self.left} to row {bottom}, column {right} leaves the image "
                f"of {high} x {wide} pixels"
            )
        return output[:, :, self.top : bottom, self.left : right].mean(dim=(1, 2, 3))


@dataclass(frozen=True)
class Projection:
    """The component along a direction, plus a constant: ``x . direction / scale + offset``; ``direction [d]``."""

    direction: Tensor
    offset: float = 0.0

    @classmethod
    def along(cls, direction: Tensor) -> Projection:
        """The component along the direction, in the units of its space."""
        length = float(direction.double().norm())
        if not math.isfinite(length) or length == 0:
            raise wb.DataError("the direction is 0 or not finite: nothing can be projected on it")
        return cls(direction / length)

    def __call__(self, output: Tensor) -> Tensor:
        flat = output.reshape(len(output), -1)
        if flat.shape[1] != len(self.direction):
            raise wb.ParameterError(
                f"the direction has {len(self.direction):,} numbers, and a point there has {flat.shape[1]:,}"
            )
        return flat @ self.direction.to(flat) + self.offset


@dataclass(frozen=True)
class Distance:
    """Root mean square difference from the output of another point ``[1, ...]``."""

    other: Tensor

    def __call__(self, output: Tensor) -> Tensor:
        difference = (output - self.other.to(output)).reshape(len(output), -1)
        mean = difference.square().mean(dim=1)
        return torch.where(mean > 0, mean.clamp_min(torch.finfo(mean.dtype).tiny).sqrt(), mean)


@dataclass(frozen=True)
class Similarity:
    """Cosine of the angle to a direction ``[d]`` from 0, less that to another where one is given; 0 at 0 itself."""

    direction: Tensor
    against: Tensor | None = None

    def __call__(self, output: Tensor) -> Tensor:
        unit = torch.nn.functional.normalize(output.reshape(len(output), -1), dim=1)
        cosine = unit @ torch.nn.functional.normalize(self.direction.to(unit), dim=0)
        if self.against is None:
            return cosine
        return cosine - unit @ torch.nn.functional.normalize(self.against.to(unit), dim=0)


def check_unit(name: str, position: int, count: int, what: str) -> None:
    """Raise :class:`workbench.ParameterError` unless the position is one of ``count``."""
    if not 0 <= position < count:
        raise wb.ParameterError(f"'{name}' = {position}: there are {count:,} {what}, 0 to {count - 1:,}")
