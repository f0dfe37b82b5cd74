# SPDX-License-Identifier: Apache-2.0
"""A model whose draws match, miss, leave or tear known data; the data; and a model without a prior."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

import workbench as wb

N = 600


class Sampling(wb.Model):
    """Two normal numbers drawn to the plane in several ways."""

    z = wb.vectors(2, prior=wb.normal())
    w = wb.vectors(2)
    x = wb.vectors(2)
    code = wb.vectors(1)
    angle = wb.vectors(2, metric="cosine")
    picture = wb.images(1, 4, 4)
    apart = wb.vectors(3)

    def __init__(self, device: str = "cpu") -> None:
        self.halving = nn.Linear(2, 2, bias=False).to(device)
        with torch.no_grad():
            self.halving.weight.copy_(torch.eye(2) / 2)

    @wb.maps(z, to=x)
    def same(self, z: Tensor) -> Tensor:
        """The prior itself."""
        return z

    @wb.maps(z, to=x)
    def left(self, z: Tensor) -> Tensor:
        """Only the left of two clusters."""
        return z / 2 - torch.tensor([5.0, 0.0])

    @wb.maps(z, to=x)
    def wide(self, z: Tensor) -> Tensor:
        """Ten times as far out."""
        return 10 * z

    @wb.maps(z, to=x)
    def disc(self, z: Tensor) -> Tensor:
        """A filled disc of radius 1, uniform."""
        length = z.norm(dim=1, keepdim=True)
        return z / length * (1 - torch.exp(-(length**2) / 2)).sqrt()

    @wb.maps(z, to=x)
    def crack(self, z: Tensor) -> Tensor:
        return torch.where(z > 1, torch.full_like(z, float("nan")), z)

    @wb.maps(z, to=w)
    def first_step(self, z: Tensor) -> Tensor:
        return z

    @wb.maps(w, to=x)
    def second_step(self, w: Tensor) -> Tensor:
        return w

    @wb.maps(x, to=code)
    def encode(self, x: Tensor) -> Tensor:
        return self.halving(x)[:, :1]

    @wb.maps(x, to=angle)
    def turn(self, x: Tensor) -> Tensor:
        return x

    @wb.maps(z, to=picture)
    def paint(self, z: Tensor) -> Tensor:
        """Pictures whose upper half is as bright as the first number says."""
        light = torch.sigmoid(z).repeat_interleave(8, dim=1)
        return light.reshape(-1, 1, 4, 4)


class Bare(wb.Model):
    """A decoder whose codes have no prior."""

    z = wb.vectors(2)
    x = wb.vectors(2)

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @wb.maps(z, to=x)
    def decode(self, z: Tensor) -> Tensor:
        return z


def _plane(values: Any, columns: pd.DataFrame | None = None) -> wb.ArrayDataset:
    return wb.ArrayDataset(np.asarray(values, dtype=np.float32), wb.vectors(2).named("x"), columns)


def normal() -> wb.ArrayDataset:
    return _plane(np.random.default_rng(3).standard_normal((N, 2)))


def clusters() -> wb.ArrayDataset:
    """Two clusters, at the left and at the right, with their names."""
    random = np.random.default_rng(4)
    side = np.where(np.arange(N) % 2, 1, -1)
    values = random.standard_normal((N, 2)) / 2 + np.stack([5.0 * side, np.zeros(N)], axis=1)
    return _plane(values, pd.DataFrame({"side": np.where(side > 0, "right", "left")}))


def ring() -> wb.ArrayDataset:
    angle = np.random.default_rng(5).uniform(0, 2 * np.pi, N)
    return _plane(np.stack([np.cos(angle), np.sin(angle)], axis=1))


def equal() -> wb.ArrayDataset:
    return _plane(np.ones((40, 2)))


def few() -> wb.ArrayDataset:
    return _plane(np.random.default_rng(6).standard_normal((9, 2)))


def bright() -> wb.ArrayDataset:
    """Pictures that are bright all over."""
    values = 0.9 + 0.1 * np.random.default_rng(7).random((60, 1, 4, 4))
    return wb.ArrayDataset(values.astype(np.float32), wb.images(1, 4, 4).named("picture"))


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [
        wb.ModelCard("sampling", Sampling, title="Sampling", licence="Apache-2.0"),
        wb.ModelCard("bare", Bare, title="Bare", licence="Apache-2.0"),
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    made = {"normal": normal, "clusters": clusters, "ring": ring, "equal": equal, "few": few, "bright": bright}
    return [wb.DatasetCard(name, one, title=name.capitalize(), licence="Apache-2.0") for name, one in made.items()]
