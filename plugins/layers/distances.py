# SPDX-License-Identifier: Apache-2.0
"""Inner products and distances of all pairs of points, from which map, dimension and silhouette are made.

Idea: everything that is asked of a layer but the probe depends on distances alone, and those of a thousand points fit
into memory however wide the layer is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
BLOCK = 2048  # columns that are held in double precision at once
ROUNDING = 1e-6  # spread below this share of the numbers themselves is rounding of single precision


def centred_products(points: NDArray[Any]) -> Float64:
    """Inner products of the centred points ``[n, d]``, float64 ``[n, n]``, in memory for ``n * n + n * 2048`` numbers.

    >>> centred_products(np.array([[0.0], [2.0]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    n, width = points.shape
    products = np.zeros((n, n))
    for start in range(0, width, BLOCK):
        part = points[:, start : start + BLOCK].astype(np.float64)
        part -= part.mean(axis=0)
        products += part @ part.T
    return products


def squared_distances(products: Float64) -> Float64:
    """Squared distances ``[n, n]`` from inner products; 0 on the diagonal, never below 0.

    >>> squared_distances(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    array([[0., 4.],
           [4., 0.]])
    """
    norms = np.diag(products)
    squared: Float64 = np.maximum(norms[:, None] + norms[None, :] - 2 * products, 0.0)
    np.fill_diagonal(squared, 0.0)
    return squared


def is_constant(points: NDArray[Any], products: Float64) -> bool:
    """Whether all points are equal, up to the rounding of single precision."""
    spread = float(np.trace(products))
    largest = float(np.abs(points).max(initial=0.0))
    return spread <= points.size * (ROUNDING * largest) ** 2


def first_of_equals(points: NDArray[Any]) -> NDArray[np.int64]:
    """Positions of the first of each group of equal points ``[n, d]``, ascending.

    >>> first_of_equals(np.array([[0.0], [1.0], [-0.0]]))
    array([0, 1])
    """
    seen: dict[bytes, int] = {}
    for position, one in enumerate(points + 0):  # so that -0.0 is 0.0
        seen.setdefault(one.tobytes(), position)
    return np.array(sorted(seen.values()), dtype=np.int64)
