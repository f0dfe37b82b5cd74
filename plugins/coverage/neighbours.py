# SPDX-License-Identifier: Apache-2.0
"""Distances of two sets of points, block by block, and the distance of each point to its k-th neighbour."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

BLOCK_BYTES = 32 * 2**20  # of coordinates and distances in double precision worked on at a time
CANCELLED = 1e-7  # of the squared norms: below, a squared distance from products has lost most of its digits


def flat(points: Any) -> NDArray[Any]:
    """Points as finite numbers ``[n, d]``.

    Raises
    ------
    DataError
        No points, NaN or infinity.
    """
    values = np.asarray(points)
    if values.ndim == 0 or len(values) == 0:
        raise wb.DataError("there are no points")
    rows = values.reshape(len(values), -1)
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise wb.DataError(f"{len(bad)} of {len(rows)} points hold NaN or infinity (the first is at position {bad[0]})")
    return rows


def unit_rows(points: Any) -> Float32:
    """Points at length 1, float32 ``[n, d]``, for spaces that compare by angle.

    Raises
    ------
    DataError
        For a point that is zero in all axes: it has no direction.
    """
    rows = flat(points).astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (lengths > 0).all():
        raise wb.DataError(f"{int((lengths == 0).sum())} points are zero vectors and have no direction: leave them out")
    return np.asarray(rows / lengths, dtype=np.float32)


def distances(one: Any, other: Any) -> Float32:
    """Euclidean distances of all pairs, float32 ``[n, m]``, exactly 0 for equal points.

    Worked out in double precision on centred points and rounded to single precision, so that equal distances stay
    equal. Memory beyond the result is bounded by a block.

    >>> distances([[0.0, 0.0]], [[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[5.0, 0.0]]
    """
    first, second = flat(one), flat(other)
    if first.shape[1] != second.shape[1]:
        raise wb.DataError(f"points with {first.shape[1]} and {second.shape[1]} axes have no distance")
    n, m, width = len(first), len(second), first.shape[1]
    centre = second.mean(axis=0, dtype=np.float64)
    found = np.empty((n, m), dtype=np.float32)
    step = max(1, min(BLOCK_BYTES // (8 * width), BLOCK_BYTES // (8 * 1024)))
    for right in range(0, m, step):
        there = second[right : right + step].astype(np.float64) - centre
        norms = np.einsum("ij,ij->i", there, there)
        down = max(1, min(BLOCK_BYTES // (8 * width), BLOCK_BYTES // (8 * len(there))))
        for top in range(0, n, down):
            here = first[top : top + down].astype(np.float64) - centre
            own = np.einsum("ij,ij->i", here, here)
            squared = here @ there.T
            squared *= -2
            squared += own[:, None]
            squared += norms[None, :]
            _repair(squared, here, there, CANCELLED * float(own.max() + norms.max()))
            found[top : top + down, right : right + step] = np.sqrt(squared, out=squared)
    return found


def square(points: Any) -> Float32:
    """Distances of all pairs of one set, float32 ``[n, n]``, exactly symmetric with zeros on the diagonal."""
    found = np.triu(distances(points, points), 1)
    found += found.T
    return found


def _repair(squared: Float64, here: Float64, there: Float64, least: float) -> None:
    """Squared distances of near points anew, from their differences; in place."""
    rows, columns = np.nonzero(squared <= least)
    step = max(1, BLOCK_BYTES // (8 * here.shape[1]))
    for start in range(0, len(rows), step):
        i, j = rows[start : start + step], columns[start : start + step]
        apart = here[i] - there[j]
        squared[i, j] = np.einsum("ij,ij->i", apart, apart)


def nearest(one: Any, other: Any) -> tuple[Float64, Int64]:
    """Of each point of ``one`` the distance to the nearest of ``other``, float64 ``[n]``, and which it is."""
    first, second = flat(one), flat(other)
    away, which = np.empty(len(first)), np.empty(len(first), dtype=np.int64)
    step = max(1, BLOCK_BYTES // (8 * len(second)))
    for top in range(0, len(first), step):
        part = distances(first[top : top + step], second)
        which[top : top + step] = part.argmin(axis=1)
        away[top : top + step] = part.min(axis=1)
    return away, which


def radii(square: Float32, k: int) -> Float32:
    """Distance of each point to its ``k``-th nearest **other** point, float32 ``[n]``, of distances ``[n, n]``.

    >>> radii(distances([[0.0], [1.0], [3.0]], [[0.0], [1.0], [3.0]]), 1).tolist()
    [1.0, 1.0, 2.0]

    Raises
    ------
    DataError
        With ``k`` points or fewer.
    """
    n = len(square)
    if not 1 <= k < n:
        raise wb.DataError(f"neighbour number {k} of {n} points was asked for: take more points, or a smaller k")
    others = square.copy()
    np.fill_diagonal(others, np.inf)
    return np.asarray(np.partition(others, k - 1, axis=1)[:, k - 1], dtype=np.float32)
