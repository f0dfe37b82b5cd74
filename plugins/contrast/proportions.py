# SPDX-License-Identifier: Apache-2.0
"""Shares of two groups: how far apart they are, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plugins.contrast.effects import normal_quantile

EXPECTED = 5.0  # below, Pearson's chi-square is too far from its limit (Cochran, Biometrics 10, 1954)


@dataclass(frozen=True)
class Shares:
    """Two shares, their difference with its interval, and the p value of no difference."""

    inside: float
    outside: float
    difference: float
    low: float
    high: float
    p: float
    test: str


def compare_shares(inside: int, m: int, outside: int, n: int, level: float = 0.95) -> Shares:
    """Compare ``inside`` of ``m`` rows with ``outside`` of ``n``.

    The interval is method 10 of Newcombe, *Statistics in Medicine* 17 (1998), 873-890, of Wilson's score intervals.
    The p value is Pearson's chi-square without correction, or Fisher's exact one (two-sided) where an expected count
    is below 5.

    >>> found = compare_shares(56, 70, 48, 80)  # Newcombe 1998, table II, example a: 0.0524 to 0.3339
    >>> round(found.low, 4), round(found.high, 4), found.test
    (0.0524, 0.3339, 'chi-square')
    """
    from scipy.stats import chi2_contingency, fisher_exact

    first, second = inside / m, outside / n
    (low_in, high_in), (low_out, high_out) = wilson(inside, m, level), wilson(outside, n, level)
    difference = first - second
    low = difference - np.hypot(first - low_in, high_out - second)
    high = difference + np.hypot(high_in - first, second - low_out)
    table = np.array([[inside, m - inside], [outside, n - outside]])
    expected = table.sum(axis=0) * table.sum(axis=1)[:, None] / (m + n)
    if (expected == 0).any():  # all rows have it, or none
        return Shares(first, second, difference, float(low), float(high), 1.0, "none")
    if expected.min() < EXPECTED:
        p, test = fisher_exact(table)[1], "Fisher"
    else:
        p, test = chi2_contingency(table, correction=False)[1], "chi-square"
    return Shares(first, second, difference, float(low), float(high), float(p), test)


def wilson(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of the share ``count / n`` (*Journal of the American Statistical Association*, 1927).

    >>> tuple(round(one, 4) for one in wilson(81, 263))  # Newcombe 1998 (intervals of a single proportion)
    (0.2553, 0.3662)
    """
    z = normal_quantile(level)
    share = count / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))
