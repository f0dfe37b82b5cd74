# SPDX-License-Identifier: Apache-2.0
"""Small models with answers known by hand."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import nn

import workbench as wb


def linear(weight: list[list[float]], bias: list[float]) -> nn.Linear:
    """y = W x + b with given numbers."""
    layer = nn.Linear(len(weight[0]), len(weight))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.copy_(torch.tensor(bias))
    return layer


class Doubler(wb.Model):
    """encode: z = 2 x, as Normal(2 x, 0.5); decode: x = relu(z / 2 + 1) - 1, the relu in place; w = z + 1.

    Layers: ``encoder`` (2 x), ``decoder.0`` (z / 2 + 1), ``decoder.1`` (its relu), ``decoder.2`` and ``decoder`` (x).
    """

    x = wb.vectors(2)
    z = wb.vectors(2, prior=wb.normal())
    w = wb.vectors(2)

    def __init__(self, device: str = "cpu") -> None:
        self.encoder = linear([[2.0, 0.0], [0.0, 2.0]], [0.0, 0.0]).to(device)
        half = linear([[0.5, 0.0], [0.0, 0.5]], [1.0, 1.0])
        back = linear([[1.0, 0.0], [0.0, 1.0]], [-1.0, -1.0])
        self.decoder = nn.Sequential(half, nn.ReLU(inplace=True), back).to(device)
        self.unused = nn.Linear(2, 2).to(device)

    @wb.maps(x, to=z)
    def encode(self, x: torch.Tensor) -> Any:
        """Mean and spread of the code."""
        return torch.distributions.Normal(self.encoder(x), torch.full_like(x, 0.5))

    @wb.maps(z, to=x)
    def decode(self, z: torch.Tensor, *, shift: float = 0.0) -> torch.Tensor:
        """Back; ``shift`` is added."""
        return self.decoder(z) + shift

    @wb.maps(z, to=w)
    def move(self, z: torch.Tensor) -> torch.Tensor:
        """w = z + 1, no layer."""
        return z + 1


class Pictures(wb.Model):
    """A small convolutional network on 1 x 8 x 8 pictures: 4 channels, relu, mean over pixels, 3 scores."""

    pixels = wb.images(1, 8, 8, low=-1, high=1)
    score = wb.logits(["a", "b", "c"])

    def __init__(self, device: str = "cpu") -> None:
        generator = torch.Generator().manual_seed(0)
        self.net = nn.Sequential(
            OrderedDict(conv=nn.Conv2d(1, 4, 3, padding=1), act=nn.ReLU(inplace=True), pool=nn.AdaptiveAvgPool2d(1))
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
        with torch.no_grad():
            for one in [*self.net.parameters(), *self.head.parameters()]:
                one.copy_(torch.randn(one.shape, generator=generator) * 0.3)
        self.net.to(device)
        self.head.to(device)

    @wb.maps(pixels, to=score)
    def classify(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.net(x))


class Pair(nn.Module):
    """(x, {"y": x + 1})."""

    def forward(self, x: torch.Tensor) -> Any:
        return {"none": None, "values": (x + 1, x)}


class Odd(wb.Model):
    """Layers that are hard to capture.

    ``pair`` returns a dictionary (first tensor x + 1), ``twice`` is called two times (x + 2, then its last output),
    ``whole`` gives no batch dimension, ``words`` gives no tensor, ``count`` gives whole numbers.
    """

    class _Twice(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + 2

    class _Whole(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.sum(dim=0)

    class _Words(nn.Module):
        def forward(self, x: torch.Tensor) -> str:
            return "no tensor"

    x = wb.vectors(4)
    y = wb.vectors(4)

    def __init__(self, device: str = "cpu") -> None:
        self.pair, self.twice, self.whole, self.words = Pair(), self._Twice(), self._Whole(), self._Words()
        self.shared = [self.twice]

    @wb.maps(x, to=y)
    def go(self, x: torch.Tensor) -> torch.Tensor:
        self.whole(x)
        self.words(x)
        return self.twice(self.twice(self.pair(x)["values"][0]))


class WordVectors(wb.Model):
    """Four words on the corners of a square, v = table[i]; then length: |v|^2 = 1."""

    words = wb.items(["east", "north", "west", "south"])
    v = wb.vectors(2)
    squared = wb.scalars(["length"])

    def __init__(self, device: str = "cpu") -> None:
        self.table = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]], device=device)

    @wb.maps(words, to=v)
    def embed(self, rows: torch.Tensor) -> torch.Tensor:
        return self.table[rows]

    @wb.maps(v, to=squared)
    def length(self, v: torch.Tensor) -> torch.Tensor:
        return (v * v).sum(dim=1, keepdim=True)


class Energy(wb.Model):
    """score = -d/dx (|x|^2 / 2) = -x, differentiated inside of the map."""

    x = wb.vectors(3, prior=wb.normal())
    score = wb.vectors(3)

    def __init__(self, device: str = "cpu") -> None:
        self.net = nn.Identity()

    @wb.maps(x, to=score)
    def gradient(self, x: torch.Tensor) -> torch.Tensor:
        with torch.enable_grad():
            x = self.net(x.detach().requires_grad_())
            return -torch.autograd.grad((x * x).sum() / 2, x)[0]
