# SPDX-License-Identifier: Apache-2.0
"""The two ways from one thought to another: through the ball, and along the sphere."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]
OPPOSITE: Final = 1e-6  # radians short of half a turn, within which no great circle is the shortest
TOGETHER: Final = 1e-9


def unit(vectors: NDArray[Any]) -> Float64:
    """Rows ``[n, d]`` at length 1, float64; rows of zeros stay."""
    wide = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(wide, axis=-1, keepdims=True)
    return np.asarray(wide / np.where(lengths > 0, lengths, 1))


def straight(first: Float64, second: Float64, steps: int) -> Float64:
    """Points ``[steps, d]`` on the straight line between unit vectors ``[d]``, ends included.

    The middle is shorter than the ends: of length cos(angle / 2).

    >>> straight(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 3).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    share = np.linspace(0, 1, steps)[:, None]
    return np.asarray((1 - share) * first + share * second)


def spherical(first: Float64, second: Float64, steps: int) -> Float64:
    """Points ``[steps, d]`` at equal angles on the great circle between unit vectors (Shoemake, SIGGRAPH 1985).

    Raises
    ------
    ParameterError
        When the two lie opposite each other: every great circle is then as short.

    >>> spherical(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 3).round(3).tolist()
    [[1.0, 0.0], [0.707, 0.707], [0.0, 1.0]]
    """
    angle = angle_between(first, second)
    if angle > np.pi - OPPOSITE:
        raise wb.ParameterError("the two thoughts lie opposite each other: no way along the sphere is the shortest")
    share = np.linspace(0, 1, steps)[:, None]
    if angle < TOGETHER:
        return straight(first, second, steps)
    return np.asarray((np.sin((1 - share) * angle) * first + np.sin(share * angle) * second) / np.sin(angle))


def angle_between(first: Float64, second: Float64) -> float:
    """Angle of two unit vectors in radians, right near 0 and near pi as well (Kahan)."""
    return float(2 * np.arctan2(np.linalg.norm(first - second), np.linalg.norm(first + second)))
