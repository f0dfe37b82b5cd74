# SPDX-License-Identifier: Apache-2.0
"""Networks of which it is known at which layer a loop goes, a class tears, and two classes merge."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import workbench as wb

N = 400
AXES = 6  # beyond the two in which everything happens there is a little noise


class Turn(nn.Module):
    """A rotation of all axes, times three."""

    def __init__(self, axes: int, seed: int) -> None:
        super().__init__()
        random = np.random.default_rng(seed)
        turned, _ = np.linalg.qr(random.standard_normal((axes, axes)))
        self.register_buffer("matrix", torch.tensor(3 * turned, dtype=torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.matrix


class Back(nn.Module):
    """Undoes a turn."""

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self.register_buffer("matrix", turn.matrix.T.contiguous() / 9)

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.matrix


class Fold(nn.Module):
    """The size of the first number: a circle becomes half of it."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x[:, :1].abs(), x[:, 1:]], dim=1)


class Project(nn.Module):
    """Without the first number."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 1:]


class Wind(nn.Module):
    """The square of the complex number in the first two: twice around."""

    def forward(self, x: Tensor) -> Tensor:
        a, b = x[:, :1], x[:, 1:2]
        return torch.cat([a * a - b * b, 2 * a * b, x[:, 2:]], dim=1)


class Bend(nn.Module):
    """Bends the first number into a circle, with the rest beside it."""

    def forward(self, x: Tensor) -> Tensor:
        angle = np.pi * x[:, :1]
        return torch.cat([angle.cos(), angle.sin(), x[:, 2:]], dim=1)


class Steep(nn.Module):
    """Pulls the first number apart at zero."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x[:, :1] + 6 * torch.sign(x[:, :1]), x[:, 1:]], dim=1)


class Zero(nn.Module):
    """Gives 0 whatever comes in."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 0


class Holes(nn.Module):
    """Gives NaN where the first number is above 0."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x[:, :1] > 0, torch.full_like(x, float("nan")), x)


class Folding(wb.Model):
    """Six numbers through turns, which keep every shape, and one layer that does not."""

    x = wb.vectors(AXES)
    y = wb.vectors(AXES)
    flat = wb.vectors(AXES - 1)
    z = wb.vectors(AXES, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        self.first, self.second = Turn(AXES, 1), Turn(AXES, 2)
        self.back = Back(self.first)
        self.fold, self.project, self.wind, self.bend = Fold(), Project(), Wind(), Bend()
        self.steep, self.zero, self.holes = Steep(), Zero(), Holes()
        self.end = Turn(AXES - 1, 3)
        for one in (self.first, self.second, self.back, self.end):
            one.to(device)

    @wb.maps(x, to=y)
    def folds(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(self.fold(self.back(self.first(x))))
        return out

    @wb.maps(x, to=flat)
    def projects(self, x: Tensor) -> Tensor:
        out: Tensor = self.end(self.project(self.back(self.first(x))))
        return out

    @wb.maps(x, to=y)
    def winds(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(self.wind(self.back(self.first(x))))
        return out

    @wb.maps(x, to=y)
    def bends(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(self.bend(self.back(self.first(x))))
        return out

    @wb.maps(x, to=y)
    def tears(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(self.steep(self.back(self.first(x))))
        return out

    @wb.maps(x, to=y)
    def keeps(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(self.back(self.first(x)))
        return out

    @wb.maps(x, to=y)
    def dies(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(self.zero(self.first(x)))
        return out

    @wb.maps(x, to=y)
    def breaks(self, x: Tensor) -> Tensor:
        self.holes(self.first(x))
        out: Tensor = self.second(self.back(self.first(x)))
        return out

    @wb.maps(z, to=y)
    def draws(self, z: Tensor) -> Tensor:
        out: Tensor = self.second(self.back(self.first(z)))
        return out


def data(values: Any, **columns: Any) -> Any:
    import pandas as pd

    table = np.zeros((len(values), AXES), dtype=np.float32)
    table[:, : values.shape[1]] = values
    table += 0.02 * np.random.default_rng(9).standard_normal(table.shape).astype(np.float32)
    return wb.ArrayDataset(table, wb.vectors(AXES), pd.DataFrame({"number": np.arange(len(values)), **columns}))


def around(n: int, radius: float = 1.0, seed: int = 0) -> Any:
    """Points of a circle, one at random in each of n equal parts, in random order: no gap is large."""
    random = np.random.default_rng(seed)
    turn = 2 * np.pi * (random.permutation(n) + random.uniform(size=n)) / n
    return radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def circle() -> Any:
    return data(around(N))


def rings() -> Any:
    """Two circles in one plane, equally dense, one inside the other, each of them a class."""
    inside = N // 4
    values = np.concatenate([around(inside, 1.0, 1), around(N - inside, 3.0, 2)])
    return data(values, ring=np.repeat(["inner", "outer"], [inside, N - inside]))


def segment() -> Any:
    """Points along a line from -1 to 1: bent by pi, they close to a circle."""
    return data(np.random.default_rng(3).uniform(-1, 1, (N, 1)))


def blobs() -> Any:
    """Two classes left and right of the middle: without the first number, or with its size alone, they are one."""
    random = np.random.default_rng(4)
    side = np.repeat([-1.0, 1.0], N // 2)
    values = 0.3 * random.standard_normal((N, 4))
    values[:, 0] += 3 * side
    return data(values, side=np.where(side < 0, "left", "right"), nothing=random.integers(0, 2, N))


def middle() -> Any:
    """Two classes: one across the middle, which a steep layer tears, and one to the right, which it does not."""
    random = np.random.default_rng(5)
    values = np.concatenate([random.uniform(-1, 1, (N // 2, 3)), random.uniform(-1, 1, (N // 2, 3)) + [4, 0, 0]])
    return data(values, kind=np.repeat(["across", "beside"], N // 2))


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [wb.ModelCard("folding", Folding, title="Folding", licence="Apache-2.0")]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    makers = {"circle": circle, "rings": rings, "segment": segment, "side-blobs": blobs, "middle": middle}
    return [wb.DatasetCard(name, make, title=name, licence="Apache-2.0") for name, make in makers.items()]
