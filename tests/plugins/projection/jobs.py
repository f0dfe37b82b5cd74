# SPDX-License-Identifier: Apache-2.0
"""A job with one space, and points to give it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch

import workbench as wb
from plugins.projection.analysis import Projection


class OneSpace:
    """A job whose every space is one given table."""

    device = "cpu"

    def __init__(self, values: Any, space: Any = None, seed: int = 0, labels: Any = None) -> None:
        self.values, self.seed = np.asarray(values, dtype=np.float32), seed
        self.space = space or wb.vectors(self.values.reshape(len(self.values), -1).shape[1])
        self.columns = (
            pd.DataFrame(index=range(len(self.values))) if labels is None else pd.DataFrame({"digit": labels})
        )
        self.slices: dict[str, Any] = {}
        self.reported: list[tuple[float, str]] = []

    @property
    def model(self) -> wb.Model:
        raise AssertionError("a projection needs no model")

    @property
    def data(self) -> wb.Dataset | None:
        return None

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    @property
    def generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed)

    def points(self, space: str, *, limit: int | None = None, spread: bool = False, slice: str | None = None) -> Any:
        chosen = (
            np.arange(len(self.values))[:limit] if slice is None else np.asarray(self.slices[slice], dtype=np.int64)
        )
        columns = self.columns.iloc[chosen].reset_index(drop=True)
        return wb.Points(self.values[chosen], chosen * 10, self.space, "points", columns)

    def batches(self, space: str, *, limit: int | None = None, size: int = 256) -> Iterator[wb.Points]:
        whole = len(self.values[:limit])
        for start in range(0, whole, size):
            stop = min(start + size, whole)
            columns = self.columns.iloc[start:stop].reset_index(drop=True)
            yield wb.Points(self.values[start:stop], np.arange(start, stop) * 10, self.space, "points", columns)

    def progress(self, fraction: float, stage: str = "") -> None:
        self.reported.append((fraction, stage))

    def log(self, text: str) -> None:
        pass


def run(job: OneSpace, **params: Any) -> wb.Result:
    return Projection().run(job, Projection.Params.read({"space": "z", **params}))


def clusters(n: int = 120) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    labels = np.arange(n) % 3
    return 20 * np.eye(3, 10)[labels] + random.standard_normal((n, 10)), labels
