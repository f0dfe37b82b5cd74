# SPDX-License-Identifier: Apache-2.0
"""The data's own samples, and noise: how much they excite the unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from plugins.feature_visualisation.asking import Asked
from plugins.feature_visualisation.optimising.parametrisations import Fourier
from plugins.feature_visualisation.optimising.pictures import Pixels, resized

Float64 = NDArray[np.float64]

BATCH: Final = 16
NOISE: Final = 16  # pictures of each kind of noise


@dataclass(frozen=True)
class Samples:
    """What the data give.

    Attributes
    ----------
    rows : int64 ``[n]``; ``values`` float64 ``[n]``, the number that is raised
    extents : float64 ``[n, 2]``, smallest and largest activation of the unit over its positions
    source : what they are of; ``why`` there are none, where there are none
    pictures : uint8, of the strongest, the strongest first
    """

    rows: NDArray[np.int64]
    values: Float64
    extents: Float64
    source: str = ""
    why: str = ""
    pictures: Pixels | None = None

    @property
    def best(self) -> NDArray[np.int64]:
        """Positions, the strongest first."""
        return np.argsort(-self.values, kind="stable")


def sampled(job: wb.Job, through: wb.Map[Any, Any], limit: int) -> tuple[Tensor | None, NDArray[np.int64], str]:
    """Points of the map's source: of the data, else of the prior; their rows; and of what, or why there are none."""
    if limit == 0:
        return None, np.empty(0, np.int64), "none were asked for"
    try:
        points = job.points(through.source.name, limit=limit)
    except (wb.SpaceError, wb.DataError) as error:
        return None, np.empty(0, np.int64), str(error)
    return torch.from_numpy(np.array(points.values, dtype=np.float32)), np.asarray(points.rows), points.source


def measured(asked: Asked, points: Tensor, device: str) -> tuple[Float64, Float64]:
    """The number of each point, and the extent of its unit, a few points at a time.

    Raises
    ------
    DataError
        When a number is NaN or infinite.
    """
    values, extents = [], []
    with torch.no_grad():
        for start in range(0, len(points), BATCH):
            activations = asked.reader(points[start : start + BATCH].to(device))[asked.layer]
            values.append(asked.objective(activations).double().cpu().numpy())
            extents.append(asked.extent(activations).double().cpu().numpy())
    found = np.concatenate(values)
    bad = int((~np.isfinite(found)).sum())
    if bad:
        raise wb.DataError(f"{asked.words} is NaN or infinite at {bad} of {len(found)} samples: look at the model")
    return found, np.concatenate(extents)


def noise(space: wb.Images, size: tuple[int, int], generator: torch.Generator) -> dict[str, Tensor]:
    """Pictures without content: independent pixels, and noise with the spectrum and colours of natural pictures."""
    shape = (NOISE, space.channels, *size)
    even = torch.rand(shape, generator=generator) * (space.high - space.low) + space.low
    with torch.no_grad():
        natural = Fourier(shape, space.low, space.high, generator, spread=1.0).points()
    return {"noise, pixel by pixel": even, "noise, coarse to fine": natural}


def fitted(points: Tensor, size: tuple[int, int]) -> Tensor:
    """Sample pictures at the size of the search: activations at other sizes could not be compared."""
    return resized(points, size) if points.ndim == 4 else points
