# SPDX-License-Identifier: Apache-2.0
"""A job on given points, with slices of their rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import workbench as wb
from plugins.contrast.analysis import Contrast


class Job:
    """Points of the spaces of ``model``, or of the only space of a table, in the rows of ``slices``."""

    device = "cpu"

    def __init__(
        self,
        values: Any,
        slices: dict[str, Any],
        columns: pd.DataFrame | None = None,
        *,
        model: wb.Model | None = None,
        space: wb.Space | None = None,
        source: str = "data",
        seed: int = 0,
    ) -> None:
        self.values = np.asarray(values, dtype=np.float32)
        self.slices, self.seed, self.source, self._model = slices, seed, source, model
        self.columns = pd.DataFrame(index=range(len(self.values))) if columns is None else columns
        self.space = space or wb.vectors(self.values.reshape(len(self.values), -1).shape[1])
        self.data = None if model else wb.ArrayDataset(self.values, self.space, self.columns)
        self.rng = np.random.default_rng(seed)
        self.fractions: list[float] = []

    @property
    def model(self) -> wb.Model:
        if self._model is None:
            raise wb.DoesNotApply("the run has no model")
        return self._model

    def rows(self, space: str, *, slice: str | None = None) -> Any:
        return np.arange(len(self.values)) if slice is None else np.asarray(self.slices[slice], dtype=np.int64)

    def points(self, space: str, *, slice: str, rows: Any) -> wb.Points:
        if self._model is not None and space != next(iter(self._model.spaces)):
            raise wb.DoesNotApply(f"points of '{space}' cannot be had")
        kind = self.space if self._model is None else self._model.space(space)
        return wb.Points(
            self.values[rows], rows, kind, self.source, self.columns.iloc[rows].reset_index(drop=True), None
        )

    def progress(self, fraction: float, stage: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, text: str) -> None: ...


def run(job: Job, **params: Any) -> wb.Result:
    return Contrast().run(job, Contrast.Params.read({"selection": "some", **params}))  # type: ignore[arg-type]
