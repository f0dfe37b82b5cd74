# SPDX-License-Identifier: Apache-2.0
"""The data set ``sprites``: 12,000 drawn pictures, and their factors as columns."""

from __future__ import annotations

from functools import cache

import numpy as np

import workbench as wb
from sample_models.sprites.drawing import FACTORS, SIDE, draw_all, levels

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


@cache
def open_sprites() -> wb.ArrayDataset:
    """12,000 sprites ``[n, 1, 24, 24]`` in 0..1, every combination of the factors once; drawn once in a process.

    Returns
    -------
    ArrayDataset
        With columns ``shape`` (ellipse, rectangle, heart), ``scale`` (of 1: no point is over 7 pixels from
        the middle), ``rotation`` (degrees, counter-clockwise), ``x`` (pixels to the right of the middle) and ``y``
        (upwards), each also as the number of its value, ``shape_index`` and so on from 0, and ``split``: 80 % train,
        10 % validation (it chose between trained models), 10 % test, at random.
    """
    import pandas as pd

    which = levels()
    columns = {name: np.asarray(values)[which[:, at]] for at, (name, values) in enumerate(FACTORS.items())}
    numbers = {f"{name}_index": which[:, at] for at, name in enumerate(FACTORS)}
    frame = pd.DataFrame({**columns, **numbers, "split": _split(len(which))})
    return wb.ArrayDataset(draw_all()[:, None], wb.images(1, SIDE, SIDE), frame, scale=1 / 255)


def rows_of(split: str) -> np.ndarray:
    """Positions of the rows of one split, int64 ``[m]``."""
    return np.flatnonzero(open_sprites().columns["split"].to_numpy() == split)


def _split(count: int) -> np.ndarray:
    ends = np.cumsum([round(share * count) for share in SHARES.values()])
    place = np.empty(count, dtype=np.int64)
    place[np.random.default_rng(0).permutation(count)] = np.arange(count)
    return np.asarray(list(SHARES))[np.searchsorted(ends, place, side="right")]
