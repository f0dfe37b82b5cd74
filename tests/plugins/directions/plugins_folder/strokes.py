# SPDX-License-Identifier: Apache-2.0
"""Generators that draw one soft stroke: which directions of their codes change what is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

import workbench as wb

SIZE, WIDTH = 24, 12


def truth() -> np.ndarray:
    """Orthonormal directions ``[3, 12]`` that change thickness, slant and strength of the stroke."""
    return np.linalg.qr(np.random.default_rng(5).standard_normal((WIDTH, 3)))[0].T


class Strokes(wb.Model):
    """A stroke whose thickness, slant and strength are each a linear function of the code, and nothing else is."""

    z = wb.vectors(WIDTH, prior=wb.normal())
    pixels = wb.images(1, SIZE, SIZE)

    def __init__(self, device: str = "cpu") -> None:
        self.read = nn.Linear(WIDTH, 3, bias=False)
        with torch.no_grad():
            self.read.weight.copy_(torch.as_tensor(truth()))
        self.read.to(device)

    @wb.maps(z, to=pixels)
    def decode(self, z: Tensor) -> Tensor:
        return drawn(self.read(z))


def drawn(factors: Tensor) -> Tensor:
    """Strokes ``[n, 1, 24, 24]`` of thickness, slant and strength ``[n, 3]``."""
    thick, slant, strong = (factors[:, at, None, None] for at in range(3))
    place = torch.arange(SIZE, dtype=factors.dtype) - (SIZE - 1) / 2
    rows, columns = place[:, None], place[None, :]
    side = columns + 0.25 * slant * rows
    inside = torch.sigmoid(3 * ((3 + 0.7 * thick).clamp(min=1) / 2 - side.abs()))
    return (inside * torch.sigmoid(2 * (8 - rows.abs())) * torch.sigmoid(0.8 * strong + 0.5))[:, None]


class Mixed(Strokes):
    """The same, but a step towards slant makes the stroke thicker by as much."""

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(device)
        with torch.no_grad():
            self.read.weight[0] += self.read.weight[1]


class Deaf(Strokes):
    """Draws from numbers that only the length of the code decides: no direction leads anywhere."""

    @wb.maps(Strokes.z, to=Strokes.pixels)
    def decode(self, z: Tensor) -> Tensor:
        size = (z * 37.0).sin().sum(dim=1, keepdim=True)
        return drawn(torch.cat([size, (3 * size).cos(), (5 * size).sin()], dim=1))


class Still(Strokes):
    """Draws one picture."""

    @wb.maps(Strokes.z, to=Strokes.pixels)
    def decode(self, z: Tensor) -> Tensor:
        return drawn(self.read(z) * 0)


class Encoded(Strokes):
    """With an encoder: codes of pictures whose thickness and slant are labels."""

    @wb.maps(Strokes.pixels, to=Strokes.z)
    def encode(self, pixels: Tensor) -> Tensor:
        flat = pixels.flatten(1)
        generator = torch.Generator().manual_seed(0)
        return (flat - flat.mean(dim=0)) @ torch.randn(flat.shape[1], WIDTH, generator=generator) / 6


def labelled() -> wb.ArrayDataset:
    """400 strokes, wide or narrow."""
    random = np.random.default_rng(0)
    factors = random.standard_normal((400, 3))
    pixels = drawn(torch.as_tensor(factors)).numpy().astype(np.float32)
    columns = pd.DataFrame({"wide": np.where(factors[:, 0] > 0, "wide", "narrow"), "one": 1})
    return wb.ArrayDataset(pixels, wb.images(1, SIZE, SIZE), columns)


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    kinds: tuple[Any, ...] = (Strokes, Mixed, Deaf, Still, Encoded)
    return [wb.ModelCard(f"{one.__name__.lower()}", one) for one in kinds]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [wb.DatasetCard("labelled-strokes", labelled)]
