# SPDX-License-Identifier: Apache-2.0
"""A job on given points with named slices, and a model that draws its codes as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

import workbench as wb
from plugins.difference_direction.analysis import DifferenceDirection


class SlicedJob:
    """A job whose space ``z`` holds the given points; ``slices`` are positions among them."""

    device = "cpu"
    data = None

    def __init__(self, values: Any, slices: dict[str, Any], *, model: wb.Model | None = None, seed: int = 0) -> None:
        self.values, self.slices, self.seed = np.asarray(values, np.float32), slices, seed
        self.loaded, self.rng = model, np.random.default_rng(seed)
        self.source, self.space = "data", wb.vectors(self.values.shape[1])
        self.fractions: list[float] = []

    @property
    def model(self) -> wb.Model:
        if self.loaded is None:
            raise wb.DoesNotApply("no model")
        return self.loaded

    def rows(self, space: str, *, slice: str | None = None) -> Any:
        return np.arange(len(self.values)) if slice is None else np.sort(np.asarray(self.slices[slice]))

    def points(self, space: str, *, slice: str | None = None, rows: Any = None, **_: Any) -> wb.Points:
        chosen = self.rows(space, slice=slice) if rows is None else np.asarray(rows)
        columns = pd.DataFrame(index=range(len(chosen)))
        at = self.space if self.loaded is None else self.loaded.space(space)
        return wb.Points(self.values[chosen], chosen, at, self.source, columns)

    def progress(self, fraction: float, stage: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, text: str) -> None: ...


def run(job: SlicedJob, **params: Any) -> wb.Result:
    given = {"space": "z", "toward": "a", "away": "b", **params}
    return DifferenceDirection().run(job, DifferenceDirection.Params.read(given))  # type: ignore[arg-type]


def two_clouds(n: int, m: int, shift: Any, *, seed: int = 0, **options: Any) -> SlicedJob:
    """``n`` points of N(shift, 1) in slice ``a``, ``m`` of N(0, 1) in slice ``b``."""
    random = np.random.default_rng(seed)
    d = len(shift)
    values = np.concatenate([random.standard_normal((n, d)) + shift, random.standard_normal((m, d))])
    return SlicedJob(values, {"a": np.arange(n), "b": np.arange(n, n + m)}, **options)


class Painter(wb.Model):
    """Paints the four numbers of a code as a picture of 2 x 2, 0 in the middle of its range."""

    z = wb.vectors(4, prior=wb.normal())
    halves = wb.vectors(4)
    pixels = wb.images(1, 2, 2, low=-40, high=40)
    x = wb.vectors(4)

    @wb.maps(z, to=halves)
    def halve(self, z: torch.Tensor) -> torch.Tensor:
        return z / 2

    @wb.maps(halves, to=pixels)
    def paint(self, halves: torch.Tensor) -> torch.Tensor:
        return (halves * 2).reshape(-1, 1, 2, 2)

    @wb.maps(z, to=x)
    def elsewhere(self, z: torch.Tensor) -> torch.Tensor:
        return z
