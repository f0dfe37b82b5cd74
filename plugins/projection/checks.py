# SPDX-License-Identifier: Apache-2.0
"""Checks of input shared by the arithmetic of this folder: each error says what is wrong and the way out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


def as_points(values: Any, name: str = "points") -> FloatArray:
    """Points as a two-dimensional array of finite floats.

    Parameters
    ----------
    values : array-like or torch tensor [n, d]; a one-dimensional array [n] is read as n points of a 1-D space.
        float32 and float64 stay as they are (no copy), everything else becomes float64.
    name : what the error calls it.

    Returns
    -------
    Array [n, d], float32 or float64.

    Raises
    ------
    ValueError
        not numeric, not one- or two-dimensional, no rows, no columns, or rows with NaN or infinity (with
        their count and the first row numbers).
    """
    detach = getattr(values, "detach", None)
    array = np.asarray(detach().cpu().numpy() if detach is not None else values)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must be real numbers, but are of type {array.dtype}.")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ValueError(f"{name} must have shape [n, d], but have {list(array.shape)}; flatten each point first.")
    if 0 in array.shape:
        raise ValueError(f"{name} are empty: shape {list(array.shape)}.")
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    check_finite(array, name)
    return array


def check_finite(array: FloatArray, name: str = "points", first_row: int = 0) -> None:
    """Refuse rows that hold NaN or infinity; dropping them silently would shift every row number after them.

    Parameters
    ----------
    array : [n, d].
    name : what the error calls it.
    first_row : number of the first row of `array`, for batches of a longer whole.

    Raises
    ------
    ValueError
        with the number of such rows and the first five row numbers.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        if np.isfinite(array.sum(dtype=np.float64)):  # one cheap pass; only a suspicious sum needs the careful one
            return
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(bad):
        rows = ", ".join(str(row + first_row) for row in bad[:5]) + (", ..." if len(bad) > 5 else "")
        raise ValueError(f"{name} hold NaN or infinity in {len(bad)} of {len(array)} rows (rows {rows}); remove them.")


def check_neighbour_count(k: int, n: int) -> None:
    """Refuse a number of neighbours that n points cannot give.

    Raises
    ------
    ValueError
        k < 1 or k > n - 1.
    """
    if k < 1:
        raise ValueError(f"The number of neighbours must be at least 1, but is {k}.")
    if k > n - 1:
        raise ValueError(
            f"{n} points have at most {n - 1} neighbours each, but {k} are asked for; "
            "take more points or fewer neighbours."
        )
