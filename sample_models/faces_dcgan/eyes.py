# SPDX-License-Identifier: Apache-2.0
"""What is looked at to tell glasses: the strength of edges by angle, in small cells across the eyes."""

from __future__ import annotations

import numpy as np

from registry.arrays import Array
from sample_models.faces_dcgan import SIDE

TOP, BOTTOM = 14, 42
CELL = 4
ANGLES = 8
FEATURES = ANGLES * (BOTTOM - TOP) // CELL * (SIDE // CELL)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
FAINT = 0.05
MOST = 0.5


def edges(pixels: Array) -> Array:
    """Histograms of gradients float32 ``[n, 896]`` of faces ``[n, 3, 64, 64]`` in 0..1, rows 14 to 41.

    Each cell of 4 x 4 pixels has 8 angles without sense, shared between neighbours, weighed by the size of the
    gradient, over the root mean square of the 3 x 3 cells around it, capped. After Dalal and Triggs, *Histograms of
    Oriented Gradients for Human Detection*, 2005.

    >>> edges(np.full((2, 3, 64, 64), 0.5, dtype=np.float32)).any()
    np.False_
    """
    light = np.einsum("nchw,c->nhw", pixels, LUMINANCE)[:, TOP:BOTTOM]
    down, across = np.zeros_like(light), np.zeros_like(light)
    down[:, 1:-1] = light[:, 2:] - light[:, :-2]
    across[:, :, 1:-1] = light[:, :, 2:] - light[:, :, :-2]
    size = np.hypot(down, across)
    angle = np.mod(np.arctan2(down, across), np.pi) / np.pi * ANGLES
    lower = np.floor(angle)
    share = angle - lower
    number = lower.astype(np.int64) % ANGLES
    cells = np.stack([_cells(size * _weight(number, share, one)) for one in range(ANGLES)], axis=1)
    near = np.pad((cells**2).sum(axis=1), ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows, columns = cells.shape[2:]
    around = sum(near[:, i : i + rows, j : j + columns] for i in range(3) for j in range(3)) / 9
    capped = np.minimum(cells / np.sqrt(around + FAINT)[:, None], MOST)
    return np.asarray(capped.reshape(len(pixels), FEATURES), dtype=np.float32)


def _weight(number: Array, share: Array, angle: int) -> Array:
    return np.asarray((number == angle) * (1 - share) + ((number + 1) % ANGLES == angle) * share)


def _cells(values: Array) -> Array:
    n, height, width = values.shape
    return np.asarray(values.reshape(n, height // CELL, CELL, width // CELL, CELL).sum(axis=(2, 4)))
