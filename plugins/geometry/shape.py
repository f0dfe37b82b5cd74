# SPDX-License-Identifier: Apache-2.0
"""What singular values of a Jacobian say: magnification, condition, local rank; plain arithmetic on arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

SINGLE: Final = 1.2e-7  # rounding of float32
WITHOUT_EFFECT: Final = 0.01  # of the strongest direction


@dataclass(frozen=True)
class Shape:
    """Numbers of each point, ``[n]``.

    Attributes
    ----------
    log_magnification : natural logarithm of sqrt(det J^T J): the sum of those of the singular values that are not zero
    magnification : the same, not as a logarithm; NaN where it is too large for a number
    rank : singular values that are not zero up to rounding
    condition : largest over smallest singular value; infinite where the rank is below the number of axes
    participation : (sum s^2)^2 / sum s^4, the number of directions that count
    weak : directions along which the output moves less than 1 % as fast as along the strongest
    largest, smallest : singular values, the smallest among all axes
    """

    log_magnification: Float64
    magnification: Float64
    rank: NDArray[np.int64]
    condition: Float64
    participation: Float64
    weak: NDArray[np.int64]
    largest: Float64
    smallest: Float64


def shape_of(values: Float64, size: int, outputs: int, *, rounding: float = SINGLE) -> Shape:
    """The shape of singular values ``[n, k]``, descending, of Jacobians with ``size`` columns.

    >>> one = shape_of(np.array([[2.0, 0.5]]), 2, 3)
    >>> one.magnification.round(6), one.condition, one.participation.round(3)
    (array([1.]), array([4.]), array([1.125]))
    """
    floor = values[:, :1] * rounding * np.sqrt(max(size, outputs))
    there = values > np.maximum(floor, 1e-300)
    logs = np.where(there, np.log(np.where(there, values, 1.0)), 0.0).sum(axis=1)
    rank = there.sum(axis=1)
    logs = np.where(rank > 0, logs, -np.inf)
    full = (rank == size) & (values.shape[1] >= size)
    smallest = values[:, -1] if values.shape[1] >= size else np.zeros(len(values))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        magnification = np.exp(logs)
        condition = np.where(full, values[:, 0] / values[:, -1], np.inf)
        scaled = values / np.where(values[:, :1] > 0, values[:, :1], 1.0)
        squares = np.square(scaled)
        participation = np.square(squares.sum(axis=1)) / np.square(squares).sum(axis=1)
    magnification[~np.isfinite(magnification)] = np.nan
    weak = (values < WITHOUT_EFFECT * values[:, :1]).sum(axis=1) + max(size - values.shape[1], 0)
    return Shape(logs, magnification, rank, condition, participation, weak, values[:, 0], smallest)


def interval_of(values: Float64, seed: int, quantile: float | None = None) -> tuple[float, float, float]:
    """Mean (or a quantile) of finite values with its 95 % percentile bootstrap interval (1,000 resamples).

    Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13. NaN without values.
    """
    kept = values[np.isfinite(values)]
    if len(kept) == 0:
        return float("nan"), float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = kept[rng.integers(0, len(kept), (1000, len(kept)))]
    many = drawn.mean(axis=1) if quantile is None else np.quantile(drawn, quantile, axis=1)
    value = kept.mean() if quantile is None else np.quantile(kept, quantile)
    low, high = np.quantile(many, [0.025, 0.975])
    return float(value), float(low), float(high)
