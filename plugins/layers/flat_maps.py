# SPDX-License-Identifier: Apache-2.0
"""The small map of each layer: its two principal components, turned towards the map before.

Source: Schoenemann, "A generalized solution of the orthogonal Procrustes problem", Psychometrika 31, 1966.
"""

from __future__ import annotations

import numpy as np

from plugins.layers.distances import Float64

DENSE = 64  # points up to which all eigenvectors are computed


def principal_plane(products: Float64) -> tuple[Float64, float]:
    """Coordinates ``[n, 2]`` along the two principal components, and their share of the variance.

    From the inner products ``[n, n]`` of centred points (classical scaling gives the scores of PCA: Gower, Biometrika
    53, 1966). Of each axis that sign is taken that makes the entry of largest size positive.
    """
    total = float(np.trace(products))
    if total <= 0:
        return np.zeros((len(products), 2)), float("nan")
    values, vectors = _largest_two(products / total)
    lengths = np.sqrt(np.maximum(values, 0.0) * total)
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.where(vectors[largest, [0, 1]] < 0, -1.0, 1.0)
    return vectors * (lengths * signs), float(np.clip(values.sum(), 0.0, 1.0))


def _largest_two(products: Float64) -> tuple[Float64, Float64]:
    """The two largest eigenvalues and their vectors as columns, largest first."""
    if len(products) <= DENSE:
        values, vectors = np.linalg.eigh(products)
        return values[::-1][:2], vectors[:, ::-1][:, :2]
    from scipy.sparse.linalg import eigsh

    begin = np.random.default_rng(0).standard_normal(len(products))
    values, vectors = eigsh(products, k=2, v0=begin)
    order = np.argsort(values)[::-1]
    return values[order], vectors[:, order]


def turned(moving: Float64, still: Float64) -> Float64:
    """``moving [n, 2]`` rotated, and mirrored if need be, so that it lies as near to ``still`` as it can.

    Both are centred, and neither is enlarged: distances on the map stay what they are. A factor on ``still`` changes
    nothing.
    """
    left, _, right = np.linalg.svd(moving.T @ still)
    return np.asarray(moving @ (left @ right), dtype=np.float64)
