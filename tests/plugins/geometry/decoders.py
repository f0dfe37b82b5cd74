# SPDX-License-Identifier: Apache-2.0
"""Decoders whose geometry is known by hand, and a job on codes of their latent space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

import workbench as wb


class Job:
    """A job on one model whose latent space holds the given codes."""

    device = "cpu"
    data = None

    def __init__(self, model: wb.Model, values: Any, *, seed: int = 0) -> None:
        self.model, self.values, self.seed = model, np.asarray(values, np.float32), seed
        self.rng = np.random.default_rng(seed)
        self.fractions: list[float] = []

    def points(self, space: str, *, limit: int | None = None, rows: Any = None, **_: Any) -> wb.Points:
        chosen = np.arange(len(self.values))[:limit] if rows is None else np.asarray(rows)
        columns = pd.DataFrame(index=range(len(chosen)))
        return wb.Points(self.values[chosen], chosen, self.model.space(space), "prior", columns)

    def progress(self, fraction: float, stage: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, text: str) -> None: ...


class Sphere(wb.Model):
    """(theta, phi) on the unit sphere: the metric is diag(1, sin^2 theta), the magnification sin theta."""

    z = wb.vectors(2)
    x = wb.vectors(3)

    @wb.maps(z, to=x)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        theta, phi = z[:, 0], z[:, 1]
        return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=1)


class Linear(wb.Model):
    """x = A z + b, with A ``[d, D]`` as a tensor: constant metric A A^T, straight geodesics."""

    def __init__(self, matrix: Any, prior: Any = None) -> None:
        self.matrix = torch.as_tensor(matrix, dtype=torch.float32)
        z = self.add_space("z", wb.vectors(self.matrix.shape[0], prior=prior or wb.normal()))
        self.add_map("decode", self.run, z, self.add_space("x", wb.vectors(self.matrix.shape[1])))

    def run(self, z: torch.Tensor) -> torch.Tensor:
        return z @ self.matrix + 1


class Noisy(wb.Model):
    """Mean (z0, 0) and standard deviation (1, exp z1): the expected metric is diag(1, exp(2 z1))."""

    z = wb.vectors(2)
    x = wb.vectors(2)

    @wb.maps(z, to=x)
    def decode(self, z: torch.Tensor) -> torch.distributions.Normal:
        mean = torch.stack([z[:, 0], torch.zeros_like(z[:, 0])], dim=1)
        return torch.distributions.Normal(mean, torch.stack([torch.ones_like(z[:, 0]), z[:, 1].exp()], dim=1))


class Broken(wb.Model):
    """Maps that cannot be measured: without a derivative, constant, or with rows that depend on each other."""

    z = wb.vectors(3, prior=wb.normal())
    x = wb.vectors(3)

    @wb.maps(z, to=x)
    def detached(self, z: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(np.asarray(z.detach().tolist(), dtype=np.float32))

    @wb.maps(z, to=x)
    def rounded(self, z: torch.Tensor) -> torch.Tensor:
        return (3 * z).round()

    @wb.maps(z, to=x)
    def constant(self, z: torch.Tensor) -> torch.Tensor:
        return torch.ones_like(z)

    @wb.maps(z, to=x)
    def centred(self, z: torch.Tensor) -> torch.Tensor:
        return z - z.mean(dim=0)


def draws(count: int, size: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal((count, size))
