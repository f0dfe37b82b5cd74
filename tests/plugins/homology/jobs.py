# SPDX-License-Identifier: Apache-2.0
"""Clouds of known shape, and a job on given points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.analysis import Homology

Points = NDArray[np.float32]


def into(flat: Any, axes: int, noise: float, seed: int) -> Points:
    """Points of the plane turned into ``axes`` dimensions, with normal noise along each."""
    random = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(random.standard_normal((axes, np.shape(flat)[1])))
    return (np.asarray(flat) @ turned.T + noise * random.standard_normal((len(flat), axes))).astype(np.float32)


def angles(n: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(0, 2 * np.pi, n)


def circle(n: int = 300, *, axes: int = 16, noise: float = 0.02, seed: int = 0) -> Points:
    """Radius 1."""
    turn = angles(n, seed)
    return into(np.c_[np.cos(turn), np.sin(turn)], axes, noise, seed)


def figure_eight(n: int = 400, *, axes: int = 16, noise: float = 0.02, seed: int = 0) -> Points:
    """Two circles of radius 1 that meet in a point; even points lie on the one, odd ones on the other."""
    turn, side = angles(n, seed), np.where(np.arange(n) % 2, 1.0, -1.0)
    return into(np.c_[np.cos(turn) + side, np.sin(turn)], axes, noise, seed)


class Job:
    """Bare points, or rows of labelled data."""

    device = "cpu"
    data = None

    def __init__(
        self, values: Any, columns: pd.DataFrame | None = None, *, space: wb.Space | None = None, seed: int = 0
    ) -> None:
        self.values = np.asarray(values, dtype=np.float32)
        self.columns = pd.DataFrame(index=range(len(self.values))) if columns is None else columns
        self.space = wb.vectors(self.values.shape[1]) if space is None else space
        self.seed, self.rng = seed, np.random.default_rng(seed)
        self.fractions: list[float] = []

    @property
    def model(self) -> wb.Model:
        raise wb.DoesNotApply("the run has no model")

    def points(self, space: str, *, limit: int) -> wb.Points:
        rows = np.arange(len(self.values))[:limit]
        source = "points" if self.columns.empty else "data"
        return wb.Points(self.values[rows], rows, self.space, source, self.columns.iloc[rows])

    def progress(self, fraction: float, stage: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, text: str) -> None: ...


def run(job: Job, **params: Any) -> wb.Result:
    return Homology().run(job, Homology.Params.read({"space": "points", **params}))  # type: ignore[arg-type]
