# SPDX-License-Identifier: Apache-2.0
"""All points on their two principal components, for the eye alone: no bar is computed from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AXES = 10  # that classical scaling keeps at most
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
    placed = np.empty((n, 2), dtype=np.float32)
    for at in range(0, n, 8192):
        placed[at : at + 8192] = (values[at : at + 8192] - middle) @ axes.T
    total = float(np.square(points).sum())
    kept = float(np.square(points @ axes.T).sum()) / total if total > 0 else 0.0
    return placed, min(kept, 1.0)


def classical_scaling(distances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coordinates float32 ``[n, a]`` whose distances are nearest to the given ``[n, n]``, in at most ten axes.

    The axes are those of at most 2,000 points spread over the table, and the others are placed by their distances to
    these. Distances that are those of points in up to ten dimensions come back exactly. Axes of negative variance,
    which no points have, are left out; one axis is always there.

    Source: Gower, "Some distance properties of latent root and vector methods used in multivariate analysis",
    Biometrika 53, 1966; de Silva and Tenenbaum, "Sparse multidimensional scaling using landmark points", 2004.

    >>> line = np.array([0.0, 1.0, 3.0])
    >>> found = classical_scaling(np.abs(line[:, None] - line).astype(np.float32))
    >>> np.abs(found[:, 0] - found[0, 0]).round(4).tolist()
    [0.0, 1.0, 3.0]
    """
    n = len(distances)
    chosen = np.arange(n) if n <= FITTED else np.unique(np.linspace(0, n - 1, FITTED).astype(np.int64))
    squared = np.square(distances[np.ix_(chosen, chosen)].astype(np.float64))
    means = squared.mean(axis=0)
    products = -0.5 * (squared - means[:, None] - means[None, :] + means.mean())
    values, vectors = np.linalg.eigh(products)
    values, vectors = values[::-1][:AXES], vectors[:, ::-1][:, :AXES]
    kept = values > max(1e-9 * float(values[0]), np.finfo(float).tiny)
    kept[0] = True
    values, vectors = np.maximum(values[kept], np.finfo(float).tiny), vectors[:, kept]
    parts = []
    for at in range(0, n, 2048):
        away = np.square(distances[at : at + 2048, chosen].astype(np.float64)) - means
        parts.append(-0.5 * away @ (vectors / np.sqrt(values)))
    return np.concatenate(parts).astype(np.float32)
