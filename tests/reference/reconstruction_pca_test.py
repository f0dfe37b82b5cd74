# SPDX-License-Identifier: Apache-2.0
"""The error of a PCA reconstruction is known exactly: the sum of the eigenvalues that were left out.

Jolliffe, *Principal Component Analysis*, 2002, property A5: over the sample, the mean squared distance from the
reconstruction with k components is the sum of the eigenvalues k + 1, ... of the covariance (with 1 / n).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import workbench as wb
from plugins.reconstruction.analysis import Reconstruction

SIZE, POINTS = 12, 400


class Components(wb.Model):
    """PCA of a sample, as a model with the number of components as a condition."""

    pixels = wb.images(1, 3, 4, low=-50, high=50)
    z = wb.vectors(SIZE)

    def __init__(self, sample: np.ndarray) -> None:
        flat = sample.reshape(len(sample), -1).astype(np.float64)
        self.mean = torch.from_numpy(flat.mean(axis=0))
        _, singular, basis = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
        self.basis = torch.from_numpy(basis)
        self.eigenvalues = singular**2 / len(flat)

    @wb.maps(pixels, to=z)
    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        return (pixels.flatten(1).double() - self.mean) @ self.basis.T

    @wb.maps(z, to=pixels)
    def decode(self, z: torch.Tensor, *, components: int = SIZE) -> torch.Tensor:
        return (self.mean + z[:, :components] @ self.basis[:components]).view(-1, 1, 3, 4)


class Job:
    device, seed, data = "cpu", 0, None

    def __init__(self, model: wb.Model, values: np.ndarray) -> None:
        self.model, self.values, self.rng = model, values, np.random.default_rng(0)

    def points(self, space: str, **_: Any) -> wb.Points:
        rows = np.arange(len(self.values))
        return wb.Points(self.values, rows, self.model.space(space), "data", pd.DataFrame(index=rows))

    def progress(self, fraction: float, stage: str = "") -> None: ...

    def log(self, text: str) -> None: ...


@pytest.mark.parametrize("seed", [0, 1])
def test_error_is_the_sum_of_discarded_eigenvalues(seed: int) -> None:
    random = np.random.default_rng(seed)
    sample = (random.standard_normal((POINTS, SIZE)) @ random.standard_normal((SIZE, SIZE))).astype(np.float32)
    values = sample.reshape(POINTS, 1, 3, 4)
    model = Components(values)
    params = Reconstruction.Params.read(
        {"encode": "encode", "decode": "decode", "values": ", ".join(map(str, range(SIZE + 1)))}
    )
    result = Reconstruction().run(Job(model, values), params)  # type: ignore[arg-type]
    table = result.tables["by_condition"]
    discarded = [float(model.eigenvalues[kept:].sum()) for kept in range(SIZE + 1)]
    assert SIZE * table["mean_squared_error"].to_numpy() == pytest.approx(discarded, rel=1e-6, abs=1e-9)
    assert result.numbers()["explained"] == pytest.approx(1)
