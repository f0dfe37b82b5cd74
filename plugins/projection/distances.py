# SPDX-License-Identifier: Apache-2.0
"""Distances from some rows to all rows, in float64, with equal points at equal distances."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray

Float64Array = NDArray[np.float64]
BLOCK = 2**22  # numbers widened to float64 at a time
DIRECT = 16  # up to so many coordinates differences are taken one by one: exact, and as fast as a product


class RowDistances:
    """Euclidean distances from chosen rows to all rows of a set of points.

    Parameters
    ----------
    points : [n, d], finite; held as they are (not copied), widened to float64 block by block.

    Duplicates are at distance exactly 0 and at equal distance from any other point, so that ranks do not hang on
    rounding.
    """

    def __init__(self, points: FloatArray) -> None:
        self.points = points
        self.unique: NDArray[np.int64] | None = None
        self.direct = points.shape[1] <= DIRECT
        if self.direct:
            self.coordinates = np.ascontiguousarray(points, dtype=np.float64)
            return
        # Centring keeps the products small. The centre is rounded to a power of two below the spread: whole numbers and
        # other short values stay exact, so that ties between them are ties.
        spread = float(points.std(axis=0, dtype=np.float64).max())
        grid = 2.0 ** np.floor(np.log2(spread)) if spread > 0 else 1.0
        self.centre = np.rint(points.mean(axis=0, dtype=np.float64) / grid) * grid
        # matrix products round differently from column to column: let duplicates share one
        contiguous: NDArray[Any] = np.ascontiguousarray(points + 0.0)  # -0.0 becomes 0.0, which is the same point
        keys = contiguous.view(np.dtype((np.void, contiguous.dtype.itemsize * contiguous.shape[1]))).ravel()
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        if len(first) < len(points):
            self.unique = inverse.astype(np.int64)
            self.points = points[first]
        step = max(1, BLOCK // points.shape[1])
        self.parts = [slice(start, start + step) for start in range(0, len(self.points), step)]
        self.norms = np.concatenate([np.square(self._centred(part)).sum(axis=1) for part in self.parts])

    def _centred(self, rows: slice | NDArray[np.int64]) -> Float64Array:
        centred: Float64Array = self.points[rows] - self.centre
        return centred

    def __call__(self, rows: NDArray[np.int64]) -> Float64Array:
        """Distances [b, n] from the rows [b]; exactly 0 at the row itself and its duplicates."""
        if self.direct:
            from scipy.spatial.distance import cdist

            return np.asarray(cdist(self.coordinates[rows], self.coordinates), dtype=np.float64)
        own = rows if self.unique is None else self.unique[rows]
        from_here = -2 * self._centred(own)
        squared: Float64Array = np.empty((len(own), len(self.points)))
        for part in self.parts:
            squared[:, part] = from_here @ self._centred(part).T
        squared += self.norms[own, None]
        squared += self.norms[None, :]
        squared[np.arange(len(own)), own] = 0
        np.maximum(squared, 0, out=squared)
        np.sqrt(squared, out=squared)
        return squared if self.unique is None else squared[:, self.unique]
