# SPDX-License-Identifier: Apache-2.0
"""The points of a step as a plane, and how many directions they fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Plane:
    """Two principal components of a step.

    Attributes
    ----------
    coordinates : float64 ``[n, 2]``
    explained : share of the variance on the plane; NaN where nothing varies
    rank : effective rank, NaN where nothing varies
    half : the same of half of the points: where it is clearly smaller, more points would give more
    """

    coordinates: Array
    explained: float
    rank: float
    half: float


def plane_of(values: Array, before: Array | None = None) -> Plane:
    """The plane of ``values [n, units]``, turned towards ``before [n, 2]`` where that is given."""
    from plugins.layers.flat_maps import principal_plane, turned

    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    if len(centred) < 2 or not np.any(centred):
        return Plane(np.zeros((len(values), 2)), float("nan"), float("nan"), float("nan"))
    products = centred @ centred.T
    if len(products) < 3:
        coordinates, explained = _of_pair(products), 1.0
    else:
        coordinates, explained = principal_plane(products)
    if before is not None:
        coordinates = turned(coordinates, before)
    half = values[::2]
    return Plane(coordinates, explained, effective_rank(products), effective_rank(_centred_products(half)))


def _of_pair(products: Array) -> Array:
    return np.stack([np.sqrt(np.diag(products)) * np.array([1.0, -1.0]), np.zeros(2)], axis=1)


def _centred_products(values: Array) -> Array:
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    return np.asarray(centred @ centred.T)


def effective_rank(products: Array) -> float:
    """Exponential of the entropy of the normalised singular values of centred points, from their inner products.

    O. Roy and M. Vetterli, *The effective rank: a measure of effective dimensionality*, EUSIPCO 2007, definition 1.
    Equal spread in ``k`` directions gives ``k``; ``n`` points give at most ``n - 1``.

    >>> round(effective_rank(np.diag([4.0, 4.0, 4.0, 0.0])), 6)
    3.0
    """
    squares = np.linalg.eigvalsh(products)
    singular = np.sqrt(np.clip(squares, 0.0, None))
    singular = singular[singular > 1e-7 * singular.max(initial=0.0)]
    if singular.size == 0:
        return float("nan")
    share = singular / singular.sum()
    return float(np.exp(-(share * np.log(share)).sum()))
