# SPDX-License-Identifier: Apache-2.0
"""Rank correlation with its intervals, ties counted by their mean rank; plain arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]

NORMAL_975: Final = 1.959963984540054
RESAMPLES: Final = 1000


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation with its 95 % interval; NaN where one side does not vary."""

    value: float
    low: float
    high: float
    n: int


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Pearson's correlation of the ranks, equal values at their mean rank; NaN where one side is constant.

    Source: Spearman, American Journal of Psychology 15, 1904.

    >>> round(spearman([1, 2, 3, 4], [1, 3, 2, 4]), 9), round(spearman([1, 2, 2], [5, 7, 7]), 9)
    (0.8, 1.0)
    """
    from scipy.stats import rankdata

    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return float(_pearson(rankdata(one)[None], rankdata(other)[None])[0])


def rank_correlation(first: ArrayLike, second: ArrayLike) -> Correlation:
    """Spearman's correlation with an interval in closed form, for large samples.

    Fisher's z with the variance (1 + r² / 2) / (n - 3) that holds for ranks: Bonett and Wright, "Sample size
    requirements for estimating Pearson, Kendall and Spearman correlations", Psychometrika 65, 2000.
    """
    value, n = spearman(first, second), len(np.asarray(first))
    if math.isnan(value) or n < 5:
        return Correlation(value, math.nan, math.nan, n)
    clipped = min(max(value, -1 + 1e-12), 1 - 1e-12)
    half = NORMAL_975 * math.sqrt((1 + clipped**2 / 2) / (n - 3))
    middle = math.atanh(clipped)
    return Correlation(value, math.tanh(middle - half), math.tanh(middle + half), n)


def bootstrapped(
    first: ArrayLike, second: ArrayLike, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Correlation:
    """Spearman's correlation with a percentile interval over resampled pairs.

    Pairs are drawn with replacement and ranked again each time (Efron and Tibshirani, *An Introduction to the
    Bootstrap*, 1993, chapter 13). Nothing is assumed of the values: ratings are bounded, heaped and tied, where the
    closed form wants normal ones.
    """
    from scipy.stats import rankdata

    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    value, n = spearman(one, other), len(one)
    if math.isnan(value) or n < 5:
        return Correlation(value, math.nan, math.nan, n)
    drawn = rng.integers(0, n, (resamples, n))
    many = _pearson(rankdata(one[drawn], axis=1), rankdata(other[drawn], axis=1))
    low, high = np.quantile(many[np.isfinite(many)], [0.025, 0.975])
    return Correlation(value, float(low), float(high), n)


def permuted(first: ArrayLike, second: ArrayLike, rng: np.random.Generator, draws: int = RESAMPLES) -> Float64:
    """Correlations ``[draws]`` when the second side is dealt to the pairs at random."""
    from scipy.stats import rankdata

    one, other = rankdata(np.asarray(first)), rankdata(np.asarray(second))
    return _pearson(one[None], rng.permuted(np.tile(other, (draws, 1)), axis=1))


def _pearson(first: Float64, second: Float64) -> Float64:
    """Pearson's correlation of each row of ``[k, n]`` with that of the other (``[1, n]`` stands for all)."""
    one, other = first - first.mean(axis=1, keepdims=True), second - second.mean(axis=1, keepdims=True)
    lengths = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    found = np.full(len(lengths), np.nan)
    np.divide((one * other).sum(axis=1), lengths, out=found, where=lengths > 1e-9 * len(one.T))
    return np.asarray(np.clip(found, -1, 1))
