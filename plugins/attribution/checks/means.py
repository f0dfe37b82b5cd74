# SPDX-License-Identifier: Apache-2.0
"""Means over samples with an interval, and which maps can be looked at at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

LEVEL: Final = 0.95
RESAMPLES: Final = 400


@dataclass(frozen=True)
class Mean:
    """A mean over ``n`` samples with its interval; NaN at both ends where there is none."""

    value: float
    low: float
    high: float
    n: int


def mean_of(values: Any, level: float = LEVEL, *, within: tuple[float, float] = (-math.inf, math.inf)) -> Mean:
    """Mean of independent samples ``[n]`` with Student's interval; those that are not finite are left out.

    ``within`` is where a mean of such numbers can lie at all: the interval is cut there.

    >>> mean_of([1.0, 2.0, 3.0])
    Mean(value=2.0, low=-0.484..., high=4.484..., n=3)
    >>> mean_of([1.0, float("nan")])
    Mean(value=1.0, low=nan, high=nan, n=1)
    """
    from scipy.stats import t

    there = np.asarray(values, dtype=np.float64)
    there = there[np.isfinite(there)]
    n = len(there)
    if n == 0:
        return Mean(math.nan, math.nan, math.nan, 0)
    value = float(there.mean())
    if n == 1:
        return Mean(value, math.nan, math.nan, 1)
    reach = float(there.std(ddof=1)) / math.sqrt(n) * float(t.ppf((1 + level) / 2, n - 1))
    return Mean(value, max(value - reach, within[0]), min(value + reach, within[1]), n)


SHARE: Final = (0.0, 1.0)
CORRELATION: Final = (-1.0, 1.0)


def ratio_of(above: Any, below: Any, seed: int, level: float = LEVEL) -> Mean:
    """Ratio of two sums over the same samples ``[n]``, with the percentile interval of resampled samples.

    >>> ratio_of([1.0, 2.0], [10.0, 20.0], seed=0)
    Mean(value=0.1, low=0.1, high=0.1, n=2)
    """
    one, other = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    there = np.isfinite(one) & np.isfinite(other)
    one, other = one[there], other[there]
    n, total = len(one), float(other.sum())
    if n == 0 or total == 0:
        return Mean(math.nan, math.nan, math.nan, n)
    value = float(one.sum()) / total
    if n == 1:
        return Mean(value, math.nan, math.nan, 1)
    drawn = np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))
    sums = other[drawn].sum(axis=1)
    ratios = one[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return Mean(value, float(low), float(high), n)


def usable(values: Any) -> Bool:
    """Which maps ``[n, ...]`` are finite and not the same everywhere.

    >>> usable(np.array([[0.0, 1.0], [1.0, 1.0], [np.nan, 1.0]])).tolist()
    [True, False, False]
    """
    flat = np.asarray(values).reshape(len(values), -1)
    finite = np.isfinite(flat).all(axis=1)
    varied = np.zeros(len(flat), dtype=bool)
    if flat.shape[1]:
        varied[finite] = np.ptp(flat[finite], axis=1) > 0
    return np.asarray(finite & varied)


def why_unusable(values: Any) -> str:
    """In one clause, why maps ``[n, ...]`` cannot be looked at; empty when all can.

    >>> why_unusable(np.array([[0.0, 1.0], [1.0, 1.0], [np.nan, 1.0]]))
    '1 of 3 maps is the same everywhere, 1 of 3 maps holds numbers that are not finite'
    """
    flat = np.asarray(values).reshape(len(values), -1)
    finite = np.isfinite(flat).all(axis=1)
    flawed, even = int((~finite).sum()), int((finite & ~usable(values)).sum())
    told = []
    if even:
        told.append(f"{even} of {len(flat)} maps {'is' if even == 1 else 'are'} the same everywhere")
    if flawed:
        told.append(f"{flawed} of {len(flat)} maps {'holds' if flawed == 1 else 'hold'} numbers that are not finite")
    return ", ".join(told)
