# SPDX-License-Identifier: Apache-2.0
"""Checks of what engines are given: a table of distances, a field of coefficients, a threshold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]
SYMMETRY = 1e-9  # of the largest distance: rounding, not asymmetry


def checked(distances: Any, rounding: float = SYMMETRY) -> Float64:
    """Distances as a square float64 [m, m] table.

    Parameters
    ----------
    distances : square or condensed.
    rounding : share of the largest distance up to which a difference between both ways is none.

    Raises
    ------
    DataError
        not square or condensed, empty, NaN, negative, not symmetric, a diagonal that is not zero.

    >>> checked([1.0, 2.0, 3.0]).tolist()
    [[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 0.0]]
    """
    table = np.asarray(distances)
    if table.dtype.kind not in "fiu":
        raise wb.DataError(f"Distances must be real numbers, but are of type {table.dtype}.")
    table = np.ascontiguousarray(table, dtype=np.float64)
    condensed = table.ndim == 1
    if condensed:
        table = _square(table)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise wb.DataError(f"Distances must be square, but have shape {list(table.shape)}.")
    if not len(table):
        raise wb.DataError("There are no distances: at least one point is needed.")
    least, largest = float(table.min()), float(table.max())  # NaN goes through both
    if math.isnan(least):
        bad = np.isnan(table)
        raise wb.DataError(
            f"{int(bad.sum())} distances are NaN, the first from {_first(bad)}; leave out the points that have them."
        )
    if least < 0:
        bad = table < 0
        raise wb.DataError(
            f"{int(bad.sum())} distances are negative, the first from {_first(bad)}; the least is {least:g}."
        )
    if table.diagonal().any():
        at = int(np.flatnonzero(table.diagonal())[0])
        raise wb.DataError(
            "The distance of a point to itself must be 0, but the diagonal is not zero: the first is "
            f"{table[at, at]:g}, from {at} to {at}."
        )
    if not condensed and not _symmetric(table):
        finite = largest if math.isfinite(largest) else float(table[np.isfinite(table)].max())
        with np.errstate(invalid="ignore"):
            bad = ~((table == table.T) | (np.abs(table - table.T) <= rounding * finite))
        if bad.any():
            one, other = _pair(bad)
            raise wb.DataError(
                f"Distances are not symmetric: from {one} to {other} it is {table[one, other]:g}, back it is "
                f"{table[other, one]:g}, the first of {int(bad.sum()) // 2} such pairs. Take their mean or larger one "
                "first."
            )
        table = np.minimum(table, table.T)
    return table


def _pair(bad: NDArray[np.bool_]) -> tuple[int, int]:
    """Row and column of the first entry that is marked."""
    at = int(bad.argmax())
    return at // bad.shape[1], at % bad.shape[1]


def _first(bad: NDArray[np.bool_]) -> str:
    return "{} to {}".format(*_pair(bad))


def check_prime(field: int) -> None:
    """Refuse a field of coefficients that is none.

    Raises
    ------
    DataError
        not a prime, or above 46337, the largest that the engines hold.
    """
    if field < 2 or field > 46337 or any(field % each == 0 for each in range(2, math.isqrt(field) + 1)):
        raise wb.DataError(f"The field of coefficients is Z/p for a prime p from 2 to 46337, but p is {field}.")


def _square(condensed: Float64) -> Float64:
    """The square table of a condensed one."""
    from scipy.spatial.distance import squareform

    m = math.isqrt(2 * len(condensed)) + 1
    if m * (m - 1) // 2 != len(condensed):
        raise wb.DataError(
            f"Condensed distances of m points have m (m - 1) / 2 entries, which {len(condensed)} is for no m."
        )
    table: Float64 = squareform(condensed, checks=False) if len(condensed) else np.zeros((1, 1))
    return table


def _symmetric(table: Float64) -> bool:
    """Whether the table is exactly symmetric; block by block, so that rows and columns stay in the cache."""
    step = 128
    for start in range(0, len(table), step):
        rows = slice(start, start + step)
        if not np.array_equal(table[rows, : start + step], table[: start + step, rows].T):
            return False
    return True


def limit_of(table: Float64, threshold: float | None) -> float:
    """The scale up to which the complex is built."""
    radius = float(table.max(axis=1).min())
    if math.isinf(radius):  # pieces that are never joined: all edges there are
        radius = float(table.max(initial=0.0, where=np.isfinite(table)))
    if threshold is None:
        return radius
    if math.isnan(threshold) or threshold < 0:
        raise wb.DataError(f"The threshold is a scale of 0 or more, but is {threshold:g}.")
    return min(float(threshold), radius)
