# SPDX-License-Identifier: Apache-2.0
"""Encoders whose codes fill their prior, leave a hole of known mass, lie outside it or collapse; and the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Normal

import workbench as wb

N = 2000
RADIUS = 0.5  # of the ball that is cut out of the square from -1 to 1
VARIANCES = (9.0, 4.0, 2.25, 1.5, 1.21, 0.8, 0.5, 0.3)  # of the data of the linear encoder; noise variance 1


class Coding(wb.Model):
    """Codes on a square with a uniform prior."""

    x = wb.vectors(2)
    z = wb.vectors(2, prior=wb.uniform(-1, 1))
    loose = wb.vectors(2)
    direction = wb.vectors(2, prior=wb.normal(), metric="cosine")

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @wb.maps(x, to=z)
    def encode(self, x: Tensor) -> Tensor:
        return x

    @wb.maps(x, to=z)
    def crack(self, x: Tensor) -> Tensor:
        return torch.where(x > 0.9, torch.full_like(x, float("nan")), x)

    @wb.maps(x, to=z)
    def collapse(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)

    @wb.maps(x, to=z)
    def halve(self, x: Tensor) -> Tensor:
        return torch.sign(x[:, :1]).expand_as(x) / 2

    @wb.maps(x, to=loose)
    def without_prior(self, x: Tensor) -> Tensor:
        return x

    @wb.maps(x, to=direction)
    def turn(self, x: Tensor) -> Tensor:
        return x


class LinearCoding(wb.Model):
    """A linear variational autoencoder."""

    seen = wb.vectors(len(VARIANCES))
    latent = wb.vectors(len(VARIANCES), prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        self.variances = torch.tensor(VARIANCES, device=device)

    @wb.maps(seen, to=latent)
    def linear(self, seen: Tensor) -> Normal:
        """The posterior of probabilistic PCA with noise variance 1 (Tipping and Bishop 1999, section 3.2).

        Along an axis of variance v > 1 the mean is x sqrt(v - 1) / v and the variance 1 / v; along others it is the
        prior. Averaged over the data that is N(0, 1) on each axis.
        """
        kept = self.variances > 1
        mean = torch.where(kept, (self.variances - 1).clamp(min=0).sqrt() / self.variances, 0.0) * seen
        spread = torch.where(kept, 1 / self.variances.sqrt(), 1.0).expand_as(seen)
        return Normal(mean, spread)


class Bare(wb.Model):
    """An encoder to a space without a prior."""

    x = wb.vectors(2)
    z = wb.vectors(2)

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @wb.maps(x, to=z)
    def encode(self, x: Tensor) -> Tensor:
        return x


def _plane(values: Any) -> wb.ArrayDataset:
    return wb.ArrayDataset(np.asarray(values, dtype=np.float32), wb.vectors(2).named("x"))


def cut_square(count: int, random: np.random.Generator) -> np.ndarray:
    """Uniform on the square from -1 to 1 without the ball in its middle."""
    values = random.uniform(-1, 1, (3 * count, 2))
    return values[np.linalg.norm(values, axis=1) > RADIUS][:count]


def full() -> wb.ArrayDataset:
    return _plane(np.random.default_rng(1).uniform(-1, 1, (N, 2)))


def cut() -> wb.ArrayDataset:
    return _plane(cut_square(N, np.random.default_rng(2)))


def far() -> wb.ArrayDataset:
    """Twice as far out, so that three quarters lie outside the prior."""
    return _plane(np.random.default_rng(3).uniform(-2, 2, (N, 2)))


def clumps() -> wb.ArrayDataset:
    """500 clumps of four points each, all over the square: crowded, but nowhere missing."""
    random = np.random.default_rng(6)
    middles = random.uniform(-1, 1, (N // 4, 2)).repeat(4, axis=0)
    return _plane(np.clip(middles + 1e-4 * random.standard_normal((N, 2)), -1, 1))


def few() -> wb.ArrayDataset:
    return _plane(np.random.default_rng(4).uniform(-1, 1, (10, 2)))


def gaussian() -> wb.ArrayDataset:
    """Independent normal axes with the variances of the linear encoder."""
    values = np.random.default_rng(5).standard_normal((N, len(VARIANCES))) * np.sqrt(VARIANCES)
    return wb.ArrayDataset(values.astype(np.float32), wb.vectors(len(VARIANCES)).named("seen"))


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [
        wb.ModelCard("coding", Coding, title="Coding", licence="Apache-2.0"),
        wb.ModelCard("linear-coding", LinearCoding, title="Linear coding", licence="Apache-2.0"),
        wb.ModelCard("bare-coding", Bare, title="Bare coding", licence="Apache-2.0"),
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    made = {"full": full, "cut": cut, "far": far, "few": few, "clumps": clumps, "gaussian": gaussian}
    return [wb.DatasetCard(name, one, title=name.capitalize(), licence="Apache-2.0") for name, one in made.items()]
