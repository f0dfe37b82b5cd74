# SPDX-License-Identifier: Apache-2.0
"""Two models with planted dead, saturated and broken layers, one called twice, and data for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import workbench as wb

N = 200
DEAD = (1, 4, 5)  # channels of the convolution whose bias is far below zero


class Holes(nn.Module):
    """Gives NaN where the first number is above 1."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x[:, :1] > 1, torch.full_like(x, float("nan")), x)


class Words(nn.Module):
    """Gives no tensor."""

    def forward(self, x: Tensor) -> str:
        return f"{len(x)} points"


def drawn(model: wb.Model, device: str) -> None:
    """Fixed random weights, at rest."""
    generator = torch.Generator().manual_seed(3)
    for module in model.modules().values():
        module.eval()
        for weight in module.parameters():
            weight.data = (torch.randn(weight.shape, generator=generator) / weight.shape[-1]).to(device)


class Lensed(wb.Model):
    """Pictures to four numbers, through a rectifier that writes in place."""

    pixels = wb.images(1, 8, 8)
    code = wb.vectors(4)

    def __init__(self, device: str = "cpu") -> None:
        self.conv, self.relu = nn.Conv2d(1, 6, 3), nn.ReLU(inplace=True)
        self.flat, self.head = nn.Flatten(), nn.Linear(6 * 36, 4)
        drawn(self, device)
        self.conv.bias.data[list(DEAD)] = -50.0
        self.passes = 0

    @wb.maps(pixels, to=code)
    def look(self, pixels: Tensor) -> Tensor:
        self.passes += 1
        found: Tensor = self.head(self.flat(self.relu(self.conv(pixels))))
        return found


class Bent(wb.Model):
    """Points of the plane to the plane, well and badly."""

    points = wb.vectors(2)
    code = wb.vectors(4)
    plane = wb.vectors(2)

    def __init__(self, device: str = "cpu") -> None:
        self.dense, self.tanh, self.strong = nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2)
        self.holes, self.words, self.out = Holes(), Words(), nn.Linear(2, 4)
        drawn(self, device)
        self.strong.weight.data = torch.tensor([[0.1, 0.2], [0.0, 0.1]])
        self.strong.bias.data = torch.tensor([0.0, 9.0])  # the second unit of the tanh behind it is at its end

    @wb.maps(points, to=plane)
    def bend(self, points: Tensor) -> Tensor:
        """The same tanh twice."""
        self.words(points)
        found: Tensor = self.tanh(self.strong(self.tanh(self.dense(points))))
        return found

    @wb.maps(points, to=code)
    def broken(self, points: Tensor) -> Tensor:
        found: Tensor = self.out(self.holes(points))
        return found

    @wb.maps(points, to=plane)
    def bare(self, points: Tensor) -> Tensor:
        return points * 2


def pictures() -> Any:
    """Noise, with labels that would be more than text if they were taken for it."""
    import pandas as pd

    values = np.random.default_rng(0).random((N, 1, 8, 8)).astype(np.float32)
    names = np.array(["<b>bold</b>", "$y$ :red[z]"])[np.arange(N) % 2]
    return wb.ArrayDataset(values, wb.images(1, 8, 8), pd.DataFrame({"kind": names, "number": np.arange(N) * 1.0}))


def cloud() -> Any:
    """Points of the plane."""
    values = np.random.default_rng(1).standard_normal((N, 2)).astype(np.float32)
    return wb.ArrayDataset(values, wb.vectors(2))


def lone() -> Any:
    """One point."""
    return wb.ArrayDataset(np.ones((1, 2), np.float32), wb.vectors(2))


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [
        wb.ModelCard("lensed", Lensed, title="Lensed", licence="Apache-2.0"),
        wb.ModelCard("bent", Bent, title="Bent", licence="Apache-2.0"),
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [
        wb.DatasetCard("pictures", pictures, title="Pictures", licence="Apache-2.0"),
        wb.DatasetCard("cloud", cloud, title="Cloud", licence="Apache-2.0"),
        wb.DatasetCard("lone", lone, title="One point", licence="Apache-2.0"),
    ]
