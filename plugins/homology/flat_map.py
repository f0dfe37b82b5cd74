# SPDX-License-Identifier: Apache-2.0
"""All points on their two principal components, for the eye alone: no bar is computed from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FITTED = 2000  # points from which the axes are made at most


def flat_map(values: NDArray[np.float32], seed: int) -> tuple[NDArray[np.float32], float]:
    """Coordinates float32 ``[n, 2]`` of ``values [n, d]``, and the share of variance that the map keeps.

    The axes are those of at most 2,000 random points (exact for no more), taken from the smaller of the two matrices of
    products, of points or of axes.
    """
    n, d = values.shape
    chosen = np.arange(n) if n <= FITTED else np.sort(np.random.default_rng(seed).choice(n, FITTED, replace=False))
    points = values[chosen].astype(np.float64)
    middle = points.mean(axis=0)
    points -= middle
    if d <= len(points):
        _, vectors = np.linalg.eigh(points.T @ points)
        axes = vectors[:, ::-1][:, :2].T
    else:
        variances, vectors = np.linalg.eigh(points @ points.T)
        lengths = np.sqrt(np.maximum(variances[::-1][:2], np.finfo(float).tiny))
        axes = (vectors[:, ::-1][:, :2] / lengths).T @ points
    if len(axes) < 2:
        axes = np.vstack([axes, np.zeros((2 - len(axes), d))])
    signs = np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])
    axes *= np.where(signs == 0, 1.0, signs)[:, None]
    parts = [(values[at : at + 8192] - middle) @ axes.T for at in range(0, n, 8192)]
    placed = np.concatenate(parts)
    total = float(np.square(points).sum())
    kept = float(np.square(points @ axes.T).sum()) / total if total > 0 else 0.0
    return placed.astype(np.float32), min(kept, 1.0)
