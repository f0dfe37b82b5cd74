# SPDX-License-Identifier: Apache-2.0
"""Maps of the same points laid over each other, and how stable each point's surroundings are.

Idea: a map may be turned, mirrored, shifted and enlarged without a change in meaning. Take that freedom out first; what
is left is difference between the maps.

Source: Gower 1975, "Generalized Procrustes analysis"; Schoenemann 1966, "A generalized solution of the orthogonal
Procrustes problem".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import as_points
from plugins.projection.neighbours import nearest_neighbours

Float64Array = NDArray[np.float64]


@dataclass(frozen=True)
class Alignment:
    """One map laid over another.

    Attributes
    ----------
    coordinates : [n, e], the moved map, in the units of the target.
    rotation : [e, e], orthogonal (determinant -1 where it mirrors).
    scale : factor.
    shift : [e]; moved = scale * map @ rotation + shift.
    disparity : squared residual over the squared spread of the target: 0 is the same map, 1 is nothing in common (as
        scipy.spatial.procrustes; may exceed 1 without scaling).
    displacement : [n], distance of each point from its place in the target.
    """

    coordinates: Float64Array
    rotation: Float64Array
    scale: float
    shift: Float64Array
    disparity: float
    displacement: Float64Array


def align(coordinates: Any, target: Any, *, scaling: bool = True) -> Alignment:
    """Lay a map over a target by rotation or reflection, shift, and (unless switched off) one factor.

    Parameters
    ----------
    coordinates : [n, e], the map to move.
    target : [n, e], the same points in the map that stays.
    scaling : whether a factor is allowed.

    Raises
    ------
    ValueError
        different shapes, NaN or infinity.

    Examples
    --------
    >>> corner = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    >>> round(align(5 * corner[:, ::-1] + 3, corner).disparity, 9)
    0.0
    """
    moving = as_points(coordinates, "coordinates").astype(np.float64)
    still = as_points(target, "target").astype(np.float64)
    if moving.shape != still.shape:
        raise ValueError(f"Maps to align must be of one shape, but are {list(moving.shape)} and {list(still.shape)}.")
    from_centre, to_centre = moving.mean(axis=0), still.mean(axis=0)
    a, b = moving - from_centre, still - to_centre
    left, singular, right = np.linalg.svd(a.T @ b)
    rotation = left @ right
    size, spread = float(np.square(a).sum()), float(np.square(b).sum())
    scale = float(singular.sum()) / size if scaling and size > 0 else 1.0
    shift = to_centre - scale * from_centre @ rotation
    moved = scale * a @ rotation
    displacement = np.linalg.norm(moved - b, axis=1)
    residual = float(np.square(displacement).sum())
    disparity = residual / spread if spread > 0 else float(residual > 0)
    return Alignment(moved + to_centre, rotation, scale, shift, disparity, displacement)


def align_all(maps: Sequence[Any], *, scaling: bool = True) -> tuple[Float64Array, Float64Array]:
    """Lay all maps over the first.

    Returns
    -------
    Maps [s, n, e], the first as it is, and disparities [s] to the first (the first is 0).

    Raises
    ------
    ValueError
        no maps, or as in `align`.
    """
    if not len(maps):
        raise ValueError("There are no maps to align.")
    first = as_points(maps[0], "coordinates").astype(np.float64)
    moved = [align(other, first, scaling=scaling) for other in maps[1:]]
    stacked = np.stack([first] + [each.coordinates for each in moved])
    return stacked, np.array([0.0] + [each.disparity for each in moved])


def stability(maps: Sequence[Any], k: int = 15) -> Float64Array:
    """Share of its k nearest neighbours that a point keeps from map to map, averaged over all pairs of maps.

    Parameters
    ----------
    maps : at least two maps [n, e] of the same points (alignment does not matter).
    k : neighbours, at most n - 1.

    Returns
    -------
    [n], 0 to 1; maps that have nothing to do with each other give k / (n - 1) on average.

    Raises
    ------
    ValueError
        fewer than two maps, different numbers of points, k out of range, NaN or infinity.
    """
    if len(maps) < 2:
        raise ValueError("Stability compares at least 2 maps.")
    if len({len(each) for each in maps}) > 1:
        raise ValueError("Maps to compare must be of the same points, but differ in number of rows.")
    near = [np.sort(nearest_neighbours(each, k).indices, axis=1) for each in maps]
    n = len(near[0])
    # one number for each (row, neighbour), so that sets of all rows are compared at once
    keys = [(indices + n * np.arange(n)[:, None]).ravel() for indices in near]
    total, pairs = np.zeros(n), 0
    for i, one in enumerate(keys):
        for other in keys[i + 1 :]:
            common = np.isin(one, other, assume_unique=True).reshape(n, k)
            total += common.mean(axis=1)
            pairs += 1
    return total / pairs
