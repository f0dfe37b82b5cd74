# SPDX-License-Identifier: Apache-2.0
"""Rank correlations of many units with many attributes at once, with intervals, corrected for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]
FEWEST: Final = 8


@dataclass(frozen=True)
class Related:
    """``u`` units by ``a`` attributes.

    Attributes
    ----------
    rho, low, high : float64 ``[u, a]``, rank correlation with its 95 % interval; NaN for units that never change
    p : float64 ``[u, a]``, two-sided, corrected for all units and attributes
    chance : the largest size of a rank correlation among all pairs in the middle one of the shuffles
    n : samples
    shuffles : how many
    """

    rho: Float64
    low: Float64
    high: Float64
    p: Float64
    chance: float
    n: int
    shuffles: int


def related(units: Any, attributes: Any, shuffles: int, rng: np.random.Generator) -> Related:
    """Correlate the ranks of units ``[n, u]`` with those of attributes ``[n, a]``, both finite.

    Intervals are Fisher's, with the variance ``(1 + rho^2 / 2) / (n - 3)`` of Bonett and Wright, "Sample size
    requirements for estimating Pearson, Kendall and Spearman correlations", Psychometrika 65, 2000. The p of a pair is
    the share of shuffles of the rows whose largest size among *all* pairs reaches its own (Westfall and Young,
    Resampling-based multiple testing, 1993, section 2.3): exact where no unit follows any attribute, and no level is
    lost to units that say the same.

    Raises
    ------
    DataError
        With fewer than 8 samples.

    >>> rng = np.random.default_rng(0)
    >>> values = np.arange(20.0)[:, None]
    >>> found = related(np.hstack([values, -values**3]), values, 99, rng)
    >>> found.rho.ravel().round(3).tolist(), float(found.p.max())
    ([1.0, -1.0], 0.01)
    """
    n = len(units)
    if n < FEWEST:
        raise wb.DataError(f"{n} samples are too few to relate units and attributes: {FEWEST} are needed")
    one, other = _standard(units), _standard(attributes)
    with np.errstate(invalid="ignore"):
        rho = np.clip(one.T @ other, -1, 1)
    dead, constant = (np.asarray(~each.any(axis=0)) for each in (one, other))
    still = dead[:, None] | constant[None, :]
    rho[still] = np.nan

    largest = np.empty(shuffles)
    for at in range(shuffles):
        largest[at] = np.abs(one.T @ other[rng.permutation(n)]).max(initial=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ordered = np.sort(largest)
        reached = shuffles - np.searchsorted(ordered, np.abs(rho) - 1e-12)
        middle = np.arctanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12))
        half = 1.96 * np.sqrt((1 + rho**2 / 2) / (n - 3))
    p = np.where(still, np.nan, (1 + reached) / (1 + shuffles))
    chance = float(np.median(largest)) if shuffles else float("nan")
    return Related(rho, np.tanh(middle - half), np.tanh(middle + half), p, chance, n, shuffles)


def _standard(values: Any) -> Float64:
    """Ranks of each column, mean 0 and length 1; zeros for a column that never changes."""
    from scipy.stats import rankdata

    ranks = rankdata(np.asarray(values, dtype=np.float64), axis=0)
    ranks -= ranks.mean(axis=0)
    length = np.sqrt((ranks**2).sum(axis=0))
    return np.asarray(np.where(length > 0, ranks / np.where(length > 0, length, 1), 0.0))
