# SPDX-License-Identifier: Apache-2.0
"""Numeric features of two groups of rows, thousands at once: how often the one is above the other, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

FloatArray: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"
BLOCK = 2**18  # numbers ranked at a time: they stay in the processor's cache
SOLVED = 60  # halvings of an interval of length 1: as near as float64 can tell


@dataclass(frozen=True)
class Ranked:
    """Sums over the ranks of ``k`` features, float64 ``[k]`` each.

    ``auc`` is the probability that a row inside is above one outside, ties counting half; ``variance`` that of its
    estimate; ``ties`` the sum of t^3 - t over groups of t equal values.
    """

    auc: FloatArray
    variance: FloatArray
    ties: FloatArray


@dataclass(frozen=True)
class Compared:
    """Effects of ``k`` features with their intervals, float64 ``[k]`` each; see :func:`compare`."""

    auc: FloatArray
    low: FloatArray
    high: FloatArray
    g: FloatArray
    g_low: FloatArray
    g_high: FloatArray
    p: FloatArray
    inside: FloatArray
    outside: FloatArray
    spread_ratio: FloatArray


def compare(inside: Any, outside: Any, level: float = 0.95) -> Compared:
    """Compare the features (columns) of two groups of finite rows, ``[m, k]`` and ``[n, k]``, m and n at least 2.

    Returns
    -------
    Compared
        The probability of superiority (area under the ROC curve, Mann-Whitney U / (m n)) with its interval, Hedges' g
        with its interval (NaN where both groups are constant), the two-sided p value of Mann and Whitney's test, the
        two means, and the standard deviation inside over that outside (NaN where the latter is 0).

    >>> found = compare(np.array([[1.0], [2.0], [3.0]]), np.array([[0.0], [1.0]]))
    >>> float(found.auc[0])  # five pairs of six are in order, one of them a tie
    0.9166666666666666
    """
    within, beyond = np.asarray(inside), np.asarray(outside)
    m, n = len(within), len(beyond)
    ranked = rank(within, beyond)
    low, high = superiority_interval(ranked.auc, ranked.variance, m, n, level)
    mean_in, mean_out = (one.mean(axis=0, dtype=np.float64) for one in (within, beyond))
    with np.errstate(over="ignore", invalid="ignore"):  # numbers beyond 1e150 have none: g and the ratio are NaN
        variance_in, variance_out = (one.var(axis=0, ddof=1, dtype=np.float64) for one in (within, beyond))
    g = hedges(mean_in - mean_out, variance_in, variance_out, m, n)
    half = normal_quantile(level) * np.sqrt((m + n) / (m * n) + g**2 / (2 * (m + n)))
    with np.errstate(divide="ignore", invalid="ignore"):
        measured = (variance_out > 0) & np.isfinite(variance_in) & np.isfinite(variance_out)
        ratio = np.where(measured, np.sqrt(variance_in / variance_out), np.nan)
    p = mann_whitney(ranked.auc, ranked.ties, m, n)
    return Compared(ranked.auc, low, high, g, g - half, g + half, p, mean_in, mean_out, ratio)


def rank(inside: Any, outside: Any) -> Ranked:
    """Areas under the ROC curve with their variances for the columns of ``[m, k]`` and ``[n, k]``.

    The variance is that of DeLong, DeLong and Clarke-Pearson, *Biometrics* 44 (1988), equations 3 to 6, from placements
    found by one sort (after Sun and Xu, *IEEE Signal Processing Letters* 21, 2014). It holds for ties and for groups of
    unequal spread, and is 0 only where the groups do not overlap or all values are equal.
    """
    m, n, k = len(inside), len(outside), inside.shape[1]
    step = max(1, BLOCK // (m + n))
    parts = [_rank(inside[:, at : at + step], outside[:, at : at + step]) for at in range(0, k, step)]
    if not parts:
        return Ranked(np.empty(0), np.empty(0), np.empty(0))
    whole = np.concatenate(parts, axis=1)
    return Ranked(whole[0], whole[1], whole[2])


def _rank(inside: Any, outside: Any) -> Any:
    m, n, k = len(inside), len(outside), inside.shape[1]
    total = m + n
    keys = _keys(np.concatenate([inside, outside]).T)
    keys <<= 1  # the last bit tells the group, so that one sort of plain numbers orders both
    keys[:, :m] |= 1
    keys.sort(axis=1)
    flat = keys.reshape(-1)
    before = np.zeros(k * total + 1, dtype=np.int64)  # how many of the rows inside stand before each place
    np.cumsum(flat & 1, out=before[1:])
    values = flat >> 1
    new = np.empty(k * total, dtype=bool)
    new[0], new[1:] = True, values[1:] != values[:-1]
    new[::total] = True
    start = np.flatnonzero(new)  # of each run of equal values
    stop = np.append(start[1:], k * total)
    feature = start // total
    lower = (before[start] - feature * m).astype(np.float64)  # rows inside below the run
    own = (before[stop] - before[start]).astype(np.float64)
    length = (stop - start).astype(np.float64)
    other = length - own
    above = (start - feature * total - lower) + other / 2  # rows outside below those inside of this run, ties half
    beneath = m - lower - own / 2  # rows inside above those outside of this run, ties half
    ends = np.searchsorted(start, np.arange(k) * total)

    def added(numbers: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(numbers, ends), dtype=np.float64)

    wins = added(own * above)
    auc = wins / (m * n)
    variance_in = (added(own * above**2) / n**2 - m * auc**2) / (m - 1)
    variance_out = (added(other * beneath**2) / m**2 - n * auc**2) / (n - 1)
    variance = np.maximum(variance_in, 0) / m + np.maximum(variance_out, 0) / n
    return np.stack([auc, variance, added(length**3 - length)])


def _keys(values: Any) -> Any:
    """Whole numbers, int64 ``[k, rows]``, in the order of the values: equal where these are equal."""
    if values.dtype == np.float32:
        bits = np.ascontiguousarray(values + np.float32(0)).view(np.int32)  # adding 0 makes -0 equal to 0
        return (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64)
    found = [np.unique(row, return_inverse=True)[1] for row in values]
    return np.stack(found).astype(np.int64).reshape(values.shape)


def superiority_interval(auc: Any, variance: Any, m: int, n: int, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Interval of the area under the ROC curve, ``[k]`` each, within 0 and 1.

    DeLong's variance on the logit scale (Pepe, *The Statistical Evaluation of Medical Tests*, 2003, section 5.2.4).
    Where the groups do not overlap (0 or 1) that variance is 0 and says nothing: there it is method 5 of Newcombe,
    *Statistics in Medicine* 25 (2006), 559-573.
    """
    auc, variance = np.asarray(auc, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    z = normal_quantile(level)
    edge = (auc <= 0) | (auc >= 1)
    share = np.where(edge, 0.5, auc)
    half = z * np.sqrt(variance) / (share * (1 - share))
    logit = np.log(share / (1 - share))
    low, high = _expit(logit - half), _expit(logit + half)
    if edge.any():
        low[edge], high[edge] = newcombe_superiority(auc[edge], m, n, level)
    return low, high


def newcombe_superiority(auc: Any, m: int, n: int, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Method 5 of Newcombe (2006): the areas whose Hanley-McNeil variance just reaches the one that was seen."""
    auc = np.asarray(auc, dtype=np.float64)
    z, middle = normal_quantile(level), (m + n) / 2 - 1

    def reached(area: FloatArray) -> Any:
        variance = area * (1 - area) / (m * n) * (1 + middle * (1 - area) / (2 - area) + middle * area / (1 + area))
        return (auc - area) ** 2 <= z**2 * variance

    return _solve(reached, np.zeros_like(auc), auc), _solve(reached, np.ones_like(auc), auc)


def _solve(reached: Any, outer: FloatArray, inner: FloatArray) -> FloatArray:
    """Where ``reached`` begins on the way from ``outer`` to ``inner``, by halving."""
    for _ in range(SOLVED):
        middle = (outer + inner) / 2
        held = reached(middle)
        outer, inner = np.where(held, outer, middle), np.where(held, middle, inner)
    return np.asarray(inner, dtype=np.float64)


def mann_whitney(auc: Any, ties: Any, m: int, n: int) -> FloatArray:
    """Two-sided p values ``[k]`` of Mann and Whitney's test: normal, corrected for ties and for continuity.

    Hollander, Wolfe and Chicken, *Nonparametric Statistical Methods*, 2014, section 4.1. 1 where all values are equal.
    """
    from scipy.special import ndtr

    total = m + n
    variance = m * n / 12 * ((total + 1) - np.asarray(ties) / (total * (total - 1)))
    away = np.maximum(np.abs(np.asarray(auc) - 0.5) * m * n - 0.5, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, away / np.sqrt(variance), 0.0)
    return np.asarray(2 * ndtr(-z), dtype=np.float64)


def hedges(difference: Any, variance_in: Any, variance_out: Any, m: int, n: int) -> FloatArray:
    """Hedges' g ``[k]``: the difference of means in pooled standard deviations, without the bias of small samples.

    Hedges, *Journal of Educational Statistics* 6 (1981), equation 6e; NaN where both groups are constant or have no
    finite variance. Its interval in :func:`compare` is that of Hedges and Olkin, *Statistical Methods for
    Meta-Analysis*, 1985, chapter 5, equation 15, for normal groups of equal spread.
    """
    from scipy.special import gammaln

    freedom = m + n - 2
    correction = np.exp(gammaln(freedom / 2) - gammaln((freedom - 1) / 2)) / np.sqrt(freedom / 2) if freedom > 1 else 1
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        pooled = ((m - 1) * np.asarray(variance_in) + (n - 1) * np.asarray(variance_out)) / freedom
        known = (pooled > 0) & np.isfinite(pooled)
        return np.asarray(np.where(known, correction * difference / np.sqrt(pooled), np.nan), dtype=np.float64)


def normal_quantile(level: float) -> float:
    """How many standard errors an interval of this level reaches to either side.

    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def _expit(values: Any) -> FloatArray:
    from scipy.special import expit

    return np.asarray(expit(values), dtype=np.float64)
