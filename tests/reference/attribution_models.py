# SPDX-License-Identifier: Apache-2.0
"""Small models in double precision whose attributions are known by hand."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

import workbench as wb


class LinearLayers(wb.Model):
    """``v . (A x)``: two linear layers without constants, ``net.first`` of 4 units and ``net.second``."""

    x = wb.vectors(3, prior=wb.normal())
    output = wb.scalars()

    def __init__(self, device: str = "cpu") -> None:
        torch.manual_seed(0)
        layers = OrderedDict(first=nn.Linear(3, 4, bias=False), second=nn.Linear(4, 1, bias=False))
        self.net = nn.Sequential(layers).double().to(device)

    @wb.maps(x, to=output)
    def run(self, points: Tensor) -> Tensor:
        given: Tensor = self.net(points)
        return given


class Decoder(wb.Model):
    """Pictures of 6 x 6 pixels, linear in four numbers, and back by the same weights."""

    z = wb.vectors(4, prior=wb.normal())
    pixels = wb.images(1, 6, 6, low=-100, high=100)

    def __init__(self, device: str = "cpu") -> None:
        torch.manual_seed(5)
        self.net = nn.Linear(4, 36, bias=False, dtype=torch.float64).to(device)

    @wb.maps(z, to=pixels)
    def decode(self, points: Tensor) -> Tensor:
        given: Tensor = self.net(points)
        return given.reshape(-1, 1, 6, 6)

    @wb.maps(pixels, to=z)
    def encode(self, pictures: Tensor) -> Tensor:
        return pictures.reshape(len(pictures), -1) @ self.net.weight
