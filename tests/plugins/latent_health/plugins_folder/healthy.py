# SPDX-License-Identifier: Apache-2.0
"""A linear variational autoencoder, encoders that collapse or break, generators that repeat or copy; and the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.distributions import Normal

import workbench as wb

N = 2000
VARIANCES = (9.0, 4.0, 2.25, 1.5, 1.21, 0.8, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1)  # of the data; 8 latent axes
LATENT = 8


class LinearVae(wb.Model):
    """Probabilistic PCA with noise variance 1 as a variational autoencoder (Tipping and Bishop 1999, section 3.2)."""

    x = wb.vectors(len(VARIANCES))
    z = wb.vectors(LATENT, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        self.variances = torch.tensor(VARIANCES[:LATENT], device=device)
        self.gain = (self.variances - 1).clamp(min=0).sqrt()

    @wb.maps(x, to=z)
    def encode(self, x: Tensor) -> Normal:
        kept = self.variances > 1
        mean = torch.where(kept, self.gain / self.variances, 0.0) * x[:, :LATENT]
        return Normal(mean, torch.where(kept, 1 / self.variances.sqrt(), 1.0).expand_as(mean))

    @wb.maps(x, to=z)
    def nothing(self, x: Tensor) -> Normal:
        """Total collapse: the prior for every row."""
        return Normal(torch.zeros(len(x), LATENT), torch.ones(len(x), LATENT))

    @wb.maps(x, to=z)
    def far(self, x: Tensor) -> Normal:
        found = self.encode(x)
        return Normal(found.mean * 4, found.stddev)

    @wb.maps(x, to=z)
    def near(self, x: Tensor) -> Tensor:
        """No spread, and nothing but the neighbourhood of one corner."""
        return 0.5 + 0.01 * x[:, :LATENT]

    @wb.maps(x, to=z)
    def points(self, x: Tensor) -> Tensor:
        return x[:, :LATENT] / self.variances.sqrt()

    @wb.maps(x, to=z)
    def crack(self, x: Tensor) -> Normal:
        spread = torch.ones(len(x), LATENT)
        spread[0, 0] = float("nan")
        return Normal(x[:, :LATENT], spread, validate_args=False)

    @wb.maps(x, to=z)
    def sure(self, x: Tensor) -> Normal:
        """One axis has no spread at all."""
        spread = torch.ones(len(x), LATENT)
        spread[:, 2] = 0.0
        return Normal(x[:, :LATENT] / 3, spread, validate_args=False)

    @wb.maps(z, to=x)
    def decode(self, z: Tensor) -> Tensor:
        return torch.nn.functional.pad(z * self.gain, (0, len(VARIANCES) - LATENT))


class Generator(wb.Model):
    """Pictures of 4 x 4 from 4 numbers, without an encoder; other maps repeat a few pictures, or copy the data."""

    z = wb.vectors(4, prior=wb.normal())
    pixels = wb.images(1, 4, 4)

    def __init__(self, device: str = "cpu") -> None:
        self.held = torch.tensor(plain_pictures(), device=device)

    @wb.maps(z, to=pixels)
    def decode(self, z: Tensor) -> Tensor:
        return _drawn(z)

    @wb.maps(z, to=pixels)
    def repeat(self, z: Tensor) -> Tensor:
        """Sixteen different pictures, by the signs of the code."""
        return _drawn(torch.sign(z))

    @wb.maps(z, to=pixels)
    def half(self, z: Tensor) -> Tensor:
        """Far from the pictures of class 1."""
        return _drawn(torch.cat([-0.5 - z[:, :1].abs(), z[:, 1:]], dim=1))

    @wb.maps(z, to=pixels)
    def copy(self, z: Tensor) -> Tensor:
        """A training picture, chosen by the code."""
        return self.held[(z.abs().sum(dim=1) * 1e5).long() % (N // 2)]

    @wb.maps(z, to=pixels)
    def same(self, z: Tensor) -> Tensor:
        return torch.full((len(z), 1, 4, 4), 0.5)


class Uniform(wb.Model):
    """A prior that is not normal, and no decoder."""

    x = wb.vectors(len(VARIANCES))
    z = wb.vectors(2, prior=wb.uniform(-1, 1))

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @wb.maps(x, to=z)
    def encode(self, x: Tensor) -> Normal:
        mean = torch.tanh(x[:, :2])
        return Normal(mean, torch.full_like(mean, 0.1))


class Bare(wb.Model):
    """No prior."""

    x = wb.vectors(2)
    z = wb.vectors(2)

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @wb.maps(x, to=z)
    def encode(self, x: Tensor) -> Tensor:
        return x


def _drawn(z: Tensor) -> Tensor:
    basis = torch.from_numpy(np.linalg.qr(np.random.default_rng(0).standard_normal((16, 16)))[0][:4].astype(np.float32))
    return torch.sigmoid(z @ basis * 2).view(-1, 1, 4, 4)


def plain_pictures() -> np.ndarray:
    z = np.random.default_rng(1).standard_normal((N, 4)).astype(np.float32)
    return _drawn(torch.from_numpy(z)).numpy()


def gaussian(count: int = N) -> wb.ArrayDataset:
    """Rows whose sample covariance is exactly diag(VARIANCES), with n - 1, and whose mean is 0."""
    values = np.random.default_rng(2).standard_normal((count, len(VARIANCES)))
    values -= values.mean(axis=0)
    values = np.linalg.qr(values)[0] * np.sqrt((count - 1) * np.asarray(VARIANCES))
    return wb.ArrayDataset(values.astype(np.float32), wb.vectors(len(VARIANCES)).named("x"))


def codes() -> wb.ArrayDataset:
    """Codes of the generator, twice as far out as it draws them."""
    values = 2 * np.random.default_rng(4).standard_normal((500, 4))
    return wb.ArrayDataset(values.astype(np.float32), wb.vectors(4).named("z"))


def few() -> wb.ArrayDataset:
    return wb.ArrayDataset(
        np.random.default_rng(3).standard_normal((10, len(VARIANCES))).astype(np.float32),
        wb.vectors(len(VARIANCES)).named("x"),
    )


def constant() -> wb.ArrayDataset:
    return wb.ArrayDataset(np.ones((100, len(VARIANCES)), dtype=np.float32), wb.vectors(len(VARIANCES)).named("x"))


def pictures() -> wb.ArrayDataset:
    """Half of them for training; class 1 where the first number of the code is above 0."""
    first = np.random.default_rng(1).standard_normal((N, 4))[:, 0]
    split = np.where(np.arange(N) < N // 2, "train", "test")
    columns = pd.DataFrame({"kind": (first > 0).astype(np.int64), "split": split})
    return wb.ArrayDataset(plain_pictures(), wb.images(1, 4, 4).named("pixels"), columns)


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [
        wb.ModelCard("linear-vae", LinearVae, title="Linear variational autoencoder", licence="Apache-2.0"),
        wb.ModelCard("generator", Generator, title="Generator", licence="Apache-2.0"),
        wb.ModelCard("uniform-codes", Uniform, title="Uniform prior", licence="Apache-2.0"),
        wb.ModelCard("no-prior", Bare, title="No prior", licence="Apache-2.0"),
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    made: Any = {"gaussian": gaussian, "few": few, "constant": constant, "pictures": pictures, "codes": codes}
    return [wb.DatasetCard(name, one, title=name.capitalize(), licence="Apache-2.0") for name, one in made.items()]
