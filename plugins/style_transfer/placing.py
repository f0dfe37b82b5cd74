# SPDX-License-Identifier: Apache-2.0
"""Pictures as points of the space of styles and of contents: distances, and the best plane through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Placed:
    """Points in one space.

    Attributes
    ----------
    plane : float64 ``[k, 2]``, coordinates along both principal axes
    shares : share of the variance that each of the two axes holds
    distances : float64 ``[k, k]``, in the whole space
    """

    plane: Float64
    shares: tuple[float, float]
    distances: Float64


def placed(vectors: Float64) -> Placed:
    """Distances of points ``[k, d]`` and the plane of their two principal axes (Gower, *Biometrika* 1966).

    The plane is found from the products ``[k, k]``, since the space has far more dimensions than there are points.

    >>> there = placed(np.array([[0.0, 0, 0], [3.0, 0, 0], [0.0, 4, 0]]))
    >>> [round(float(there.distances[1, 2]), 6), round(sum(there.shares), 6)]
    [5.0, 1.0]
    """
    centred = vectors - vectors.mean(axis=0)
    products = centred @ centred.T
    values, axes = np.linalg.eigh(products)
    values, axes = np.maximum(values[::-1], 0.0), axes[:, ::-1]
    count = min(2, len(values))
    plane = np.zeros((len(vectors), 2))
    plane[:, :count] = axes[:, :count] * np.sqrt(values[:count])
    total = values.sum()
    shares = [float(one / total) if total > 0 else 0.0 for one in [*values[:count], 0.0, 0.0][:2]]
    squares = np.diag(products)
    distances = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * products, 0.0))
    np.fill_diagonal(distances, 0.0)
    return Placed(plane, (shares[0], shares[1]), distances)
