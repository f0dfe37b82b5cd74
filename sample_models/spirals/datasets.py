# SPDX-License-Identifier: Apache-2.0
"""The data set ``spirals``: points on two spirals that wind into each other."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

import workbench as wb

Array = np.ndarray[Any, Any]

POINTS: Final = 1000
TRAIN: Final = 800
TURNS: Final = 1.1
SPIRALS: Final = ("first", "second")
SEED: Final = 0


def positions(along: Array, spiral: Array) -> Array:
    """Points float64 ``[n, 2]``: ``along`` (0 at the middle, 1 at the end) the spiral of number 0 or 1.

    The radius grows from 0.1 to 1 while the angle makes ``TURNS`` turns; the second spiral is the first after half a
    turn.
    """
    radius, angle = 0.1 + 0.9 * along, 2 * np.pi * TURNS * along + np.pi * spiral
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


@cache
def open_spirals() -> wb.ArrayDataset:
    """1,000 points ``[n, 2]``, with columns ``spiral``, ``along`` (0 middle, 1 end) and ``split`` (800 train).

    Denser outwards, so that they are about as dense everywhere along the spiral; no noise.
    """
    import pandas as pd

    along = np.sqrt(np.random.default_rng(SEED).random(POINTS))
    spiral = np.arange(POINTS) % 2
    columns = pd.DataFrame(
        {
            "spiral": np.asarray(SPIRALS)[spiral],
            "along": along,
            "split": np.where(np.arange(POINTS) < TRAIN, "train", "test"),
        }
    )
    points = positions(along, spiral).astype(np.float32)
    return wb.ArrayDataset(points, wb.vectors(2, axes=("x", "y")), columns)
