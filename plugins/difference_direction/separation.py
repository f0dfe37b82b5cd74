# SPDX-License-Identifier: Apache-2.0
"""How far apart two groups of numbers are: AUC and Cohen's d with their intervals; plain arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from plugins.difference_direction.products import FloatArray

RESAMPLES: Final = 1000
NORMAL_95: Final = 1.959963984540054  # 97.5 % quantile of the standard normal distribution


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


def area_under_curve(toward: FloatArray, away: FloatArray) -> FloatArray:
    """Chance that a number of ``toward [n, ...]`` is above one of ``away [m, ...]``, ties counted half; ``[...]``.

    The area under the receiver operating characteristic, by the ranks of Mann and Whitney, 1947.

    >>> area_under_curve(np.array([2.0, 3.0]), np.array([1.0, 2.0])).item()
    0.875
    """
    from scipy.stats import rankdata

    n, m = len(toward), len(away)
    ranks = rankdata(np.concatenate([toward, away]), axis=0)[:n]
    return np.asarray((ranks.sum(axis=0) - n * (n + 1) / 2) / (n * m), dtype=np.float64)


def interval_of_area(area: float, n: int, m: int) -> Estimate:
    """A 95 % interval of an area under the curve that holds near 0 and 1 too.

    The areas t with ``|area - t| <= 1.96 sqrt(V(t))``, where V is the variance of Hanley and McNeil with both sizes in
    its weights replaced by their mean: Newcombe, *Confidence intervals for an effect size measure based on the
    Mann-Whitney statistic. Part 2*, Statistics in Medicine 2006, method 5.

    >>> one = interval_of_area(1.0, 20, 20)
    >>> 0.8 < one.low < 1.0 == one.high
    True
    """
    from scipy.optimize import brentq

    weight = (n + m) / 2 - 1

    def outside(t: float) -> float:
        variance = t * (1 - t) * (1 + weight * ((1 - t) / (2 - t) + t / (1 + t))) / (n * m)
        return (area - t) ** 2 - NORMAL_95**2 * variance

    edge = 1e-12  # at 0 and 1 themselves V is zero, and so is the difference of a perfect area
    low = 0.0 if area <= 0 else float(brentq(outside, 0.0, min(area, 1 - edge)))
    high = 1.0 if area >= 1 else float(brentq(outside, max(area, edge), 1.0))
    return Estimate(area, low, high)


def standardised_difference(toward: FloatArray, away: FloatArray, rng: np.random.Generator) -> Estimate:
    """Cohen's d: difference of the means in units of the pooled standard deviation; NaN where that is zero.

    Cohen, *Statistical Power Analysis for the Behavioral Sciences*, 1988, chapter 2. The interval is a percentile
    bootstrap that resamples each group by itself (1,000 resamples).
    """
    drawn = [_moments(one, _resampled(len(one), rng)) for one in (toward, away)]
    whole = [_moments(one, np.full((1, len(one)), 1 / len(one))) for one in (toward, away)]
    value = float(_cohen(whole, len(toward), len(away))[0])
    many = _cohen(drawn, len(toward), len(away))
    many = many[np.isfinite(many)]  # a resample of one point over and over has no spread
    if math.isnan(value) or not len(many):
        return Estimate(math.nan, math.nan, math.nan)
    low, high = np.quantile(many, [0.025, 0.975])
    return Estimate(value, float(low), float(high))


def _resampled(n: int, rng: np.random.Generator) -> FloatArray:
    return rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n


def _moments(values: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    centred = values - values.mean()
    mean = weights @ centred
    return mean + values.mean(), np.maximum(weights @ np.square(centred) - np.square(mean), 0)


def _cohen(moments: list[tuple[FloatArray, FloatArray]], n: int, m: int) -> FloatArray:
    (first, first_variance), (second, second_variance) = moments
    pooled = np.sqrt((n * first_variance + m * second_variance) / (n + m - 2))
    found = np.full(len(pooled), np.nan)
    tiny = 1e-9 * np.abs(first - second)  # less is rounding of points that are all equal
    np.divide(first - second, pooled, out=found, where=pooled > tiny)
    return found


def share(count: int, n: int) -> Estimate:
    """A share with the 95 % score interval of Wilson, 1927.

    >>> share(0, 100).low, round(share(0, 100).high, 4)
    (0.0, 0.037)
    """
    z2 = NORMAL_95**2
    p = count / n
    centre, half = p + z2 / (2 * n), NORMAL_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low, high = (centre - half) / (1 + z2 / n), (centre + half) / (1 + z2 / n)
    return Estimate(p, 0.0 if count == 0 else low, 1.0 if count == n else high)
