# SPDX-License-Identifier: Apache-2.0
"""Errors of a reconstruction and their intervals; plain arithmetic on arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

FloatArray: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"
RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over points with its bootstrap interval."""

    value: float
    low: float
    high: float


def l1(points: np.ndarray, others: np.ndarray) -> FloatArray:
    """Mean absolute difference of each point, float64 ``[n]``, in the units of the space.

    >>> l1(np.array([[0.0, 3.0]]), np.array([[0.0, 0.0]]))
    array([1.5])
    """
    return np.asarray(np.abs(_difference(points, others)).mean(axis=1), dtype=np.float64)


def l2(points: np.ndarray, others: np.ndarray) -> FloatArray:
    """Root of the mean squared difference of each point, float64 ``[n]``, in the units of the space.

    >>> l2(np.array([[0.0, 2.0, 0.0, 0.0]]), np.zeros((1, 4)))
    array([1.])
    """
    return np.asarray(np.sqrt(np.square(_difference(points, others)).mean(axis=1)), dtype=np.float64)


def _difference(points: np.ndarray, others: np.ndarray) -> FloatArray:
    n = len(points)
    return points.reshape(n, -1).astype(np.float64) - others.reshape(len(others), -1).astype(np.float64)


def bootstrap_means(columns: FloatArray, seed: int) -> FloatArray:
    """Means of resampled rows of ``columns [n, c]``, float64 ``[1000, c]``; all columns are drawn together.

    Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 6. The same seed draws the same rows, so
    that means of different columns (and of later calls) can be compared pair by pair.
    """
    rng = np.random.default_rng(seed)
    n = len(columns)
    drawn = [rng.multinomial(n, np.full(n, 1 / n)) @ columns / n for _ in range(RESAMPLES)]
    return np.stack(drawn)


def estimate(value: float, drawn: FloatArray) -> Estimate:
    """``value`` with the 95 % percentile interval of its bootstrap draws ``[1000]``."""
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high))
