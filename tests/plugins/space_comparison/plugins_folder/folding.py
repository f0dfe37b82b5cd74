# SPDX-License-Identifier: Apache-2.0
"""A model that turns, cuts, scrambles, crushes and breaks what it is given; a ring and a sheet to send through."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import workbench as wb

N = 400


class Holes(nn.Module):
    """Gives NaN where the first number is above 0."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x[:, :1] > 0, torch.full_like(x, float("nan")), x)


class Folding(wb.Model):
    """Six numbers into spaces that keep, cut or lose their shape."""

    x = wb.vectors(6)
    turned = wb.vectors(6)
    cut = wb.vectors(1)
    scrambled = wb.vectors(2)
    crushed = wb.vectors(2)
    elsewhere = wb.vectors(2, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        generator = torch.Generator().manual_seed(1)
        self.holes = Holes()
        self.rotation = torch.linalg.qr(torch.randn(6, 6, generator=generator))[0].to(device)

    @wb.maps(x, to=turned)
    def turn(self, x: Tensor) -> Tensor:
        return 3 * x @ self.rotation + 1

    @wb.maps(x, to=cut)
    def unroll(self, x: Tensor) -> Tensor:
        return torch.atan2(x[:, 1:2], x[:, 0:1])

    @wb.maps(x, to=scrambled)
    def scramble(self, x: Tensor) -> Tensor:
        return torch.frac(torch.sin(x[:, :2] * 1e3) * 4e3)

    @wb.maps(x, to=crushed)
    def crush(self, x: Tensor) -> Tensor:
        return torch.zeros(len(x), 2, device=x.device)

    @wb.maps(x, to=turned)
    def crack(self, x: Tensor) -> Tensor:
        self.holes(x)
        return x


def ring() -> Any:
    """A circle in the first two numbers, with a little noise in all six."""
    random = np.random.default_rng(5)
    angle = np.linspace(0, 2 * np.pi, N, endpoint=False)
    values = 0.02 * random.standard_normal((N, 6))
    values[:, :2] += np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return wb.ArrayDataset(values.astype(np.float32), wb.vectors(6))


def sheet() -> Any:
    """A sheet of two dimensions, curved so that its covariance fills more."""
    first, second = np.random.default_rng(6).random((2, N)) * 6
    values = np.stack([np.sin(first), np.cos(first), np.sin(second), np.cos(second), first / 3, second / 3], axis=1)
    return wb.ArrayDataset(values.astype(np.float32), wb.vectors(6))


def full() -> Any:
    """A Gaussian that fills all six, with every fifth point there twice."""
    values = np.random.default_rng(7).standard_normal((N, 6))
    values[::5] = values[1::5]
    return wb.ArrayDataset(values.astype(np.float32), wb.vectors(6))


def few() -> Any:
    """Ten points of the ring, each forty times."""
    values = np.tile(ring().values[::40], (40, 1))
    return wb.ArrayDataset(values, wb.vectors(6))


def twice() -> Any:
    """The ring, with every point there twice."""
    return wb.ArrayDataset(np.tile(ring().values, (2, 1)), wb.vectors(6))


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [wb.ModelCard("folding", Folding, title="Folding", licence="Apache-2.0")]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [
        wb.DatasetCard("ring", ring, title="Ring", licence="Apache-2.0"),
        wb.DatasetCard("sheet", sheet, title="Sheet", licence="Apache-2.0"),
        wb.DatasetCard("few", few, title="Few", licence="Apache-2.0"),
        wb.DatasetCard("twice", twice, title="Twice", licence="Apache-2.0"),
        wb.DatasetCard("full", full, title="Full", licence="Apache-2.0"),
    ]
