# SPDX-License-Identifier: Apache-2.0
"""The word embedding association test: effect size, permutation test, what it hangs on, and random lists beside it.

Source: Caliskan, Bryson and Narayanan, Science 356, 2017, and its supplement.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.trust import wilson

Float64 = NDArray[np.float64]

ENUMERATED: Final = 200_000  # divisions of the target words up to which all are looked at
RESAMPLES: Final = 1000
TIE: Final = 1e-9  # of the largest association: sums that agree so far are equal


@dataclass(frozen=True)
class PValues:
    """Permutation p values.

    Attributes
    ----------
    one_sided, two_sided : share of divisions with a difference at least as large (in size)
    low, high : 95 % interval of the one-sided value; itself where all divisions were looked at
    divisions : how many were looked at
    exact : whether these were all
    """

    one_sided: float
    two_sided: float
    low: float
    high: float
    divisions: int
    exact: bool


def associations(targets: NDArray[Any], first: NDArray[Any], second: NDArray[Any]) -> Float64:
    """s(w, A, B) of each row of ``targets [n, d]``: mean cosine with ``first [a, d]`` less that with ``second [b, d]``.

    >>> associations(np.array([[2.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])).tolist()
    [1.0]
    """
    w, a, b = unit_rows(targets), unit_rows(first), unit_rows(second)
    return np.asarray(w @ a.mean(axis=0) - w @ b.mean(axis=0))


def unit_rows(rows: NDArray[Any]) -> Float64:
    """Rows at length 1, float64; no row may be zero."""
    wide = np.asarray(rows, dtype=np.float64)
    return np.asarray(wide / np.linalg.norm(wide, axis=-1, keepdims=True))


def effect_size(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Difference of the mean associations of two lists over the standard deviation of all of them; NaN without spread.

    The deviation is that of a sample (n - 1), with which the numbers of the paper are met. The largest possible value
    is :func:`largest_effect`.

    >>> round(effect_size(np.array([1.0, 1.0]), np.array([-1.0, -1.0])), 6)
    1.732051
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    whole = np.concatenate([one, other])
    spread = whole.std(ddof=1)
    if not spread > TIE * np.abs(whole).max(initial=0):
        return math.nan
    return float((one.mean() - other.mean()) / spread)


def largest_effect(first: int, second: int) -> float:
    """The effect when all words of a list have one association: sqrt(N (N - 1) / (n m)), for equal lists below 2.

    >>> round(largest_effect(8, 8), 4), round(largest_effect(25, 25), 4)
    (1.9365, 1.9799)
    """
    total = first + second
    return math.sqrt(total * (total - 1) / (first * second))


def p_values(first: NDArray[Any], second: NDArray[Any], rng: np.random.Generator, draws: int = 100_000) -> PValues:
    """Permutation test of the difference of means over divisions of all words into lists of the same sizes.

    All divisions where there are at most 200,000, else ``draws`` random ones with (b + 1) / (m + 1) (Phipson and Smyth,
    Statistical Applications in Genetics and Molecular Biology 9, 2010) and Wilson's interval. The words' own division
    counts, and so do equal ones, so that no p is 0; the paper counts greater ones only.

    >>> found = p_values(np.array([3.0, 4.0]), np.array([1.0, 2.0]), np.random.default_rng(0))
    >>> found.one_sided == 1 / 6, found.two_sided == 2 / 6, found.divisions
    (True, True, 6)
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    whole = np.concatenate([one, other])
    whole = whole - whole.mean()  # the difference of means then rises with the sum of the first list alone
    n = len(one)
    observed = float(whole[:n].sum())
    tie = TIE * max(float(np.abs(whole).max(initial=0)), 1e-300)
    divisions = math.comb(len(whole), n)
    exact = divisions <= ENUMERATED
    sums = _all_sums(whole, n) if exact else _random_sums(whole, n, draws, rng)
    above = int((sums >= observed - tie).sum())
    beyond = int((np.abs(sums) >= abs(observed) - tie).sum())
    if exact:
        share = above / divisions
        return PValues(share, beyond / divisions, share, share, divisions, True)
    low, high = wilson(above, draws)
    return PValues((above + 1) / (draws + 1), (beyond + 1) / (draws + 1), float(low), float(high), draws, False)


def _all_sums(values: Float64, size: int) -> Float64:
    chosen = np.array(list(itertools.combinations(range(len(values)), size)), dtype=np.int64)
    return np.asarray(values[chosen].sum(axis=1))


def _random_sums(values: Float64, size: int, draws: int, rng: np.random.Generator) -> Float64:
    sums = np.empty(draws)
    for start in range(0, draws, 20_000):
        count = min(20_000, draws - start)
        order = np.argpartition(rng.random((count, len(values))), size - 1, axis=1)[:, :size]
        sums[start : start + count] = values[order].sum(axis=1)
    return sums


def bootstrap(cosines: Float64, sizes: tuple[int, int, int, int], rng: np.random.Generator) -> tuple[float, float]:
    """A 95 % percentile interval of the effect size, the words of all four lists drawn again with replacement.

    ``cosines [n + m, a + b]`` are those of all targets and attributes, in the order of the lists; ``sizes`` of these.
    """
    n, m, a, b = sizes
    found = np.empty(RESAMPLES)
    for at in range(RESAMPLES):
        rows = np.concatenate([rng.integers(0, n, n), n + rng.integers(0, m, m)])
        left, right = rng.integers(0, a, a), a + rng.integers(0, b, b)
        values = cosines[np.ix_(rows, left)].mean(axis=1) - cosines[np.ix_(rows, right)].mean(axis=1)
        found[at] = effect_size(values[:n], values[n:])
    found = found[np.isfinite(found)]
    if not len(found):
        return math.nan, math.nan
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def without_each(cosines: Float64, sizes: tuple[int, int, int, int]) -> Float64:
    """The effect size when each word in turn is left out, targets first ``[n + m + a + b]``."""
    n, m, a, b = sizes
    whole = cosines[:, :a].mean(axis=1) - cosines[:, a:].mean(axis=1)
    found = []
    for row in range(n + m):
        kept = np.delete(whole, row)
        first = n - (row < n)
        found.append(effect_size(kept[:first], kept[first:]))
    for column in range(a + b):
        kept = np.delete(cosines, column, axis=1)
        first = a - (column < a)
        values = kept[:, :first].mean(axis=1) - kept[:, first:].mean(axis=1)
        found.append(effect_size(values[:n], values[n:]))
    return np.array(found)


def matched(
    rows: NDArray[np.int64], taken: NDArray[np.int64], words: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Random words in place of those at ``rows``, each of a similar frequency and none of ``taken``; all different.

    Positions in a vocabulary are ranks of frequency: the new one lies between 2/3 and 3/2 of the old one's rank, or
    within 25 places where that is wider.
    """
    used = {int(one) for one in taken}
    found = []
    for row in rows:
        rank = int(row) + 1
        high = min(max(int(rank * 1.5), rank + 25), words)
        low = max(min(int(rank / 1.5), rank - 25, high - 50), 0)
        for _ in range(1000):
            choice = int(rng.integers(low, high))
            if choice not in used:
                break
        else:
            raise wb.DataError("no word of a similar frequency is left for random lists: take a larger vocabulary")
        used.add(choice)
        found.append(choice)
    return np.array(found, dtype=np.int64)
