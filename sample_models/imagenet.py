# SPDX-License-Identifier: Apache-2.0
"""What networks of natural images share: how pixels in 0..1 are turned into input."""

from __future__ import annotations

import torch
from torch import Tensor, nn

CAFFE_MEAN = (103.939, 116.779, 123.68)
"""Mean blue, green and red of ImageNet's pictures in 0..255, as the networks of Caffe were trained with."""


class CaffeInput(nn.Module):
    """Pixels ``[n, 3, h, w]`` red, green, blue in 0..1 to blue, green, red in 0..255 less a mean of each colour."""

    mean: Tensor

    def __init__(self, mean: tuple[float, float, float] = CAFFE_MEAN) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        return pixels.flip(1) * 255 - self.mean


class Standardised(nn.Module):
    """Pixels in 0..1 less ``mean``, in units of ``spread``, the same for every colour."""

    def __init__(self, mean: float, spread: float) -> None:
        super().__init__()
        self.mean, self.spread = mean, spread

    def forward(self, pixels: Tensor) -> Tensor:
        return (pixels - self.mean) / self.spread
