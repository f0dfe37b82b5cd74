# SPDX-License-Identifier: Apache-2.0
"""Small shifts, scales and turns between steps: what survives them is not a pattern of single pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

Transformation = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Shaking:
    """How much a picture is shaken before each step.

    Attributes
    ----------
    jitter : pixels by which it is rolled at most, each way (rolled, not shifted: nothing is lost at the border)
    scale : largest share by which it is enlarged or made smaller
    turn : largest angle, in degrees
    """

    jitter: int = 0
    scale: float = 0.0
    turn: float = 0.0

    def __call__(self, pictures: Tensor, generator: torch.Generator) -> Tensor:
        """The pictures ``[n, c, h, w]`` under one draw of the transformation; the size stays."""
        return self.drawn(tuple(pictures.shape[2:]), generator)(pictures)

    def drawn(self, size: tuple[int, ...], generator: torch.Generator) -> Transformation:
        """One draw, for pictures of this height and width."""
        numbers = torch.rand(4, generator=generator).tolist()
        most = min(self.jitter, *(side - 1 for side in size))
        rolls = tuple(round((2 * one - 1) * most) for one in numbers[:2])
        factor = 1.0 + (2 * numbers[2] - 1) * self.scale
        angle = math.radians((2 * numbers[3] - 1) * self.turn)

        def transformed(pictures: Tensor) -> Tensor:
            shifted = torch.roll(pictures, rolls, dims=(2, 3)) if any(rolls) else pictures
            if factor == 1.0 and angle == 0.0:
                return shifted
            return turned(shifted, factor, angle)

        return transformed


def turned(pictures: Tensor, factor: float, angle: float) -> Tensor:
    """Pictures ``[n, c, h, w]`` enlarged by ``factor`` and turned by ``angle`` (radians) about their centre.

    What lies beyond the border is mirrored.
    """
    height, width = pictures.shape[2:]
    cosine, sine = math.cos(angle) / factor, math.sin(angle) / factor
    ratio = height / width
    matrix = [[cosine, -sine * ratio, 0.0], [sine / ratio, cosine, 0.0]]
    theta = torch.tensor(matrix, dtype=pictures.dtype, device=pictures.device).expand(len(pictures), 2, 3)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
