# SPDX-License-Identifier: Apache-2.0
"""A job on the small towers and their captioned shapes, with columns, points or a model of one's own."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import torch

import workbench as wb
from tests.plugins.retrieval.plugins_folder.towers import load, unseen


@cache
def towers() -> wb.Model:
    return load("cpu")


@cache
def shapes() -> Any:
    return unseen()


class PairJob:
    """A job whose data are captioned shapes; ``points`` stand for the points of a space, by its name."""

    device = "cpu"

    def __init__(self, *, columns: dict[str, Any] | None = None, points: dict[str, Any] | None = None, seed: int = 0,
                 model: wb.Model | None = None) -> None:  # fmt: skip
        held = shapes()
        frame = held.columns if columns is None else pd.DataFrame(columns)
        self.data: Any = wb.ArrayDataset(held.batch(np.arange(len(frame))), held.space, frame)
        self.model = model or towers()
        self.given, self.seed, self.rng = points or {}, seed, np.random.default_rng(seed)
        self.fractions: list[float] = []

    def rows(self, space: str, *, slice: str | None = None) -> Any:
        return np.arange(len(self.data))

    def points(self, space: str, *, limit: int | None = None, rows: Any = None, **_: Any) -> wb.Points:
        chosen = self.rows(space) if rows is None else np.asarray(rows)
        if limit is not None and len(chosen) > limit:
            chosen = np.sort(self.rng.choice(chosen, limit, replace=False))
        if space in self.given:
            values = np.asarray(self.given[space], np.float32)[chosen]
        else:
            with torch.no_grad():
                values = self.model.maps["look"].point(torch.from_numpy(self.data.batch(chosen))).numpy()
        columns = self.data.columns.iloc[chosen].reset_index(drop=True)
        return wb.Points(values, chosen, wb.vectors(values.shape[1]), "captioned-shapes", columns)

    def progress(self, fraction: float, stage: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, text: str) -> None: ...


def run(analysis: type[wb.Analysis], job: PairJob | None = None, **params: Any) -> wb.Result:
    return analysis().run(job or PairJob(), analysis.Params.read(params))  # type: ignore[arg-type]
