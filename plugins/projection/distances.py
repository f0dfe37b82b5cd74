# SPDX-License-Identifier: Apache-2.0
"""Distances from some rows to all rows, in float64, with equal points at equal distances."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray

Float64Array = NDArray[np.float64]
DIRECT = 16  # up to so many coordinates differences are taken one by one: exact, and as fast as a product


class RowDistances:
    """Euclidean distances from chosen rows to all rows of a set of points.

    Args:
        points: [n, d], finite.

    Duplicates are at distance exactly 0 and at equal distance from any other point, so that ranks do not hang on
    rounding.
    """

    def __init__(self, points: FloatArray) -> None:
        self.unique: NDArray[np.int64] | None = None
        # Centring keeps the products small. The centre is rounded to a power of two below the spread: whole numbers and
        # other short values stay exact, so that ties between them are ties.
        spread = float(points.std(axis=0, dtype=np.float64).max())
        grid = 2.0 ** np.floor(np.log2(spread)) if spread > 0 else 1.0
        centred = points.astype(np.float64) - np.rint(points.mean(axis=0, dtype=np.float64) / grid) * grid
        self.direct = points.shape[1] <= DIRECT
        if self.direct:
            self.table = np.ascontiguousarray(centred.T)
            return
        # matrix products round differently from column to column: let duplicates share one
        contiguous: NDArray[Any] = np.ascontiguousarray(points + 0.0)  # -0.0 becomes 0.0, which is the same point
        keys = contiguous.view(np.dtype((np.void, contiguous.dtype.itemsize * contiguous.shape[1]))).ravel()
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        if len(first) < len(points):
            self.unique = inverse.astype(np.int64)
            centred = centred[first]
        self.table = centred
        self.norms = np.square(centred).sum(axis=1)

    def __call__(self, rows: NDArray[np.int64]) -> Float64Array:
        """Distances [b, n] from the rows [b]; exactly 0 at the row itself and its duplicates."""
        if self.direct:
            squared: Float64Array = np.zeros((len(rows), self.table.shape[1]))
            for coordinate in self.table:
                squared += np.square(coordinate[rows, None] - coordinate[None, :])
            return np.sqrt(squared, out=squared)
        own = rows if self.unique is None else self.unique[rows]
        squared = self.table[own] @ self.table.T
        squared *= -2
        squared += self.norms[own, None]
        squared += self.norms[None, :]
        squared[np.arange(len(own)), own] = 0
        np.maximum(squared, 0, out=squared)
        np.sqrt(squared, out=squared)
        return squared if self.unique is None else squared[:, self.unique]
