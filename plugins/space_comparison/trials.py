# SPDX-License-Identifier: Apache-2.0
"""Repeated random subsets of a sample, and the interval of a mean over them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

LEVEL = 0.95


@dataclass(frozen=True)
class Mean:
    """A mean over trials with its interval; the limits are NaN where there is none."""

    value: float
    low: float
    high: float


def subset(n: int, size: int, rng: np.random.Generator) -> Int64:
    """Positions ``[min(size, n)]`` drawn without replacement."""
    return rng.permutation(n)[:size].astype(np.int64)


def mean_of(values: Float64, used: int, n: int, level: float = LEVEL) -> Mean:
    """Mean over trials ``[t]``, each of ``used`` of the same ``n`` points, with an interval for other points too.

    Subsets overlap, so that the mean over many is surer than the sample is. With variance ``s`` between trials that of
    the mean is ``s (1 / t + used / (n - used))``, which is exact where the statistic is a mean over the points: then
    the variance of one subset is ``v / used`` in all and ``v (1 / used - 1 / n)`` given the sample. Student's law with
    ``t - 1`` degrees. Source: Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003,
    section 3. No interval where a trial uses all points, or with a single trial.

    >>> mean_of(np.array([1.0, 3.0]), 10, 10)
    Mean(value=2.0, low=nan, high=nan)
    """
    from scipy.stats import t

    value, trials = float(values.mean()), len(values)
    if trials < 2 or used >= n:
        return Mean(value, math.nan, math.nan)
    error = float(values.std(ddof=1)) * math.sqrt(1 / trials + used / (n - used))
    reach = error * float(t.ppf((1 + level) / 2, trials - 1))
    return Mean(value, value - reach, value + reach)
