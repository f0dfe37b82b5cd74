# SPDX-License-Identifier: Apache-2.0
"""Jobs on given points, and models whose sums are known by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

import workbench as wb
from plugins.latent_arithmetic.analysis import LatentArithmetic


class Affine(wb.Model):
    """Pictures 6 x 6 that are affine in a code of 5 normal numbers: 0.5 + A z, small enough to stay in 0..1.

    The sum of pictures is the picture of the sum wherever the signs add up to 1.
    """

    z = wb.vectors(5, prior=wb.normal())
    pixels = wb.images(1, 6, 6, low=-20, high=20)
    bare = wb.vectors(5, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        self.matrix = torch.randn(36, 5, generator=torch.Generator().manual_seed(1)) * 0.7

    @wb.maps(z, to=pixels)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return (0.5 + z @ self.matrix.T).reshape(-1, 1, 6, 6)


class PlantedJob:
    """A job whose space ``z`` holds the given points; ``slices`` are positions among them."""

    device = "cpu"

    def __init__(
        self,
        values: Any,
        slices: dict[str, Any] | None = None,
        *,
        model: wb.Model | None = None,
        labels: Any = None,
        space: wb.Space | None = None,
        source: str = "planted",
        seed: int = 0,
    ) -> None:
        self.values, self.slices, self.seed = np.asarray(values, np.float32), slices or {}, seed
        self.loaded, self.rng = model, np.random.default_rng(seed)
        self.space, self.source = space or wb.vectors(self.values.shape[1]).named("z"), source
        columns = pd.DataFrame({} if labels is None else {"label": labels}, index=range(len(self.values)))
        self.data: Any = None if source == "items" else type("Data", (), {"columns": columns})()

    @property
    def model(self) -> wb.Model:
        if self.loaded is None:
            raise wb.DoesNotApply("no model")
        return self.loaded

    def rows(self, space: str, *, slice: str | None = None) -> Any:
        if slice is not None and slice not in self.slices:
            raise wb.StoreError(f"there is no slice '{slice}'")
        return np.arange(len(self.values)) if slice is None else np.sort(np.asarray(self.slices[slice], dtype=np.int64))

    def points(self, space: str, *, limit: int | None = None, rows: Any = None, **_: Any) -> wb.Points:
        chosen = self.rows(space)[:limit] if rows is None else np.asarray(rows)
        at = self.space if self.loaded is None else self.loaded.space(space)
        return wb.Points(self.values[chosen], chosen, at, self.source, pd.DataFrame(index=range(len(chosen))))

    def progress(self, fraction: float, stage: str = "") -> None: ...

    def log(self, text: str) -> None: ...


def run(job: PlantedJob, *terms: str, **params: Any) -> wb.Result:
    given = {"space": "z", "terms": terms, **params}
    return LatentArithmetic().run(job, LatentArithmetic.Params.read(given))  # type: ignore[arg-type]


def three_groups(seed: int = 0, n: int = 60) -> tuple[Any, dict[str, Any]]:
    """180 points in 5 axes: ``a`` lies 2 along the first axis from ``b``, and ``c`` 2 along the second."""
    random = np.random.default_rng(seed)
    values = 0.5 * random.standard_normal((3 * n, 5))
    values[:n, 0] += 2
    values[2 * n :, 1] += 2
    return values, {"a": np.arange(n), "b": np.arange(n, 2 * n), "c": np.arange(2 * n, 3 * n)}
