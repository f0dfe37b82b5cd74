# SPDX-License-Identifier: Apache-2.0
"""Both ways between two sides measured: recall, median rank, the control with shuffled pairs, hubs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plugins.homology.trust import wilson
from plugins.retrieval import ranks as arithmetic
from plugins.retrieval.pairs import Pairs

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

AT: Final = (1, 5, 10)
ANSWERS: Final = 5  # kept of each query
RESAMPLES: Final = 1000
LONGEST_CURVE: Final = 40  # points of the curve


@dataclass(frozen=True)
class Share:
    """A share of queries with its 95 % interval; all NaN where it would be 1 by construction."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Way:
    """One direction: every query of one side against all candidates of the other.

    Attributes
    ----------
    ranks, kind_ranks : int64 ``[n]``, of the right answer; of the first answer that is the same thing
    answers, scores : int64 and float64 ``[n, 5]``, the first answers
    own : float64 ``[n]``, cosine of the query and its right answer
    at : the curve's k, int64 ``[c]``; curve, low, high float64 ``[c]`` the recalls there
    shuffled : float64 ``[draws, c]``, the same with the pairs permuted; shuffled_median ``[draws]``
    first, near : int64 ``[n]``, how often each candidate is the first answer, and among the first ten
    skew, skew_error, skew_chance : skewness of ``near``, its bootstrap error, and that of random answers
    corrected : int64 ``[n]``, ranks after CSLS
    """

    ranks: Int64
    kind_ranks: Int64
    answers: Int64
    scores: Float64
    own: Float64
    at: Int64
    curve: Float64
    low: Float64
    high: Float64
    shuffled: Float64
    shuffled_median: Float64
    first: Int64
    near: Int64
    skew: float
    skew_error: float
    skew_chance: float
    corrected: Int64

    def __len__(self) -> int:
        return len(self.ranks)

    def recall(self, k: int, of: Int64 | None = None) -> Share:
        """Recall at ``k`` of these ranks (the pessimistic ones); NaN where there are no more than ``k`` candidates."""
        if k >= len(self):
            return Share(np.nan, np.nan, np.nan)
        chosen = self.ranks if of is None else of
        low, high = wilson(int((chosen <= k).sum()), len(chosen))
        return Share(arithmetic.recall(chosen, k), float(low), float(high))

    def by_shuffling(self, k: int) -> Share:
        """Mean recall at ``k`` of shuffled pairs, and the 95 % of them that lie in the middle."""
        if k >= len(self):
            return Share(np.nan, np.nan, np.nan)
        drawn = self.shuffled[:, int(np.flatnonzero(self.at == k)[0])]
        low, high = np.quantile(drawn, [0.025, 0.975])
        return Share(float(drawn.mean()), float(low), float(high))

    def p_value(self, k: int) -> float:
        """Chance of a recall at ``k`` at least as high when the pairs are permuted, counting the pairs as they are."""
        drawn = self.shuffled[:, int(np.flatnonzero(self.at == k)[0])]
        return float((1 + (drawn >= arithmetic.recall(self.ranks, k) - 1e-12).sum()) / (1 + len(drawn)))


def main_k(candidates: int) -> int:
    """The largest of 1, 5 and 10 that is at most half of the candidates: what is set against shuffled pairs.

    >>> main_k(200), main_k(12), main_k(6)
    (10, 5, 1)
    """
    return max(k for k in AT if k == 1 or 2 * k <= candidates)


def measure(
    pairs: Pairs, draws: int, rng: np.random.Generator, progress: Callable[[float], None] = lambda _: None
) -> tuple[Way, Way]:
    """First to second, and second to first; the pairs are permuted in the same ways for both."""
    n = len(pairs)
    scores = arithmetic.cosines(pairs.first, pairs.second)
    permutations = np.argsort(rng.random((draws, n)), axis=1)
    same = pairs.same()
    there = _way(scores, same, permutations, rng)
    progress(0.5)
    back = _way(np.ascontiguousarray(scores.T), same, permutations, rng)
    progress(1.0)
    return there, back


def paired_difference(after: NDArray[np.floating], before: NDArray[np.floating], rng: np.random.Generator) -> Share:
    """Mean difference ``[n]`` of the same queries, with a percentile bootstrap over queries (1,000 resamples)."""
    difference = np.asarray(after, dtype=np.float64) - before
    drawn = difference[rng.integers(len(difference), size=(RESAMPLES, len(difference)))].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Share(float(difference.mean()), float(low), float(high))


def curve_at(candidates: int) -> Int64:
    """The k of a curve: 1, 5 and 10, and steps of even ratio up to one less than there are candidates.

    >>> curve_at(8).tolist()
    [1, 2, 3, 4, 5, 6, 7]
    """
    last = candidates - 1
    steps = np.unique(np.rint(np.geomspace(1, last, LONGEST_CURVE)).astype(np.int64))
    return np.unique(np.concatenate([steps, [k for k in AT if k <= last]]))


def _way(scores: Float64, same: NDArray[np.bool_], permutations: Int64, rng: np.random.Generator) -> Way:
    n = len(scores)
    at = curve_at(n)
    table = arithmetic.rank_table(scores)
    ranks = table.diagonal().astype(np.int64)
    places = np.arange(n)
    shuffled = np.empty((len(permutations), len(at)))
    medians = np.empty(len(permutations))
    for row, order in enumerate(permutations):
        drawn = np.sort(table[places, order])
        shuffled[row] = np.searchsorted(drawn, at, side="right") / n
        medians[row] = np.median(drawn)
    low, high = _wilson_curve(ranks, at)
    count = min(arithmetic.NEIGHBOURS, n - 1)
    best = arithmetic.first_answers(scores, max(count, min(ANSWERS, n)), rng)
    near = np.bincount(best[:, :count].ravel(), minlength=n)
    resampled = [
        arithmetic.skewness(np.bincount(best[rng.integers(n, size=n), :count].ravel(), minlength=n)) for _ in range(200)
    ]
    return Way(
        ranks=ranks,
        kind_ranks=arithmetic.kind_ranks(scores, same),
        answers=best[:, :ANSWERS],
        scores=np.take_along_axis(scores, best[:, :ANSWERS], axis=1),
        own=scores.diagonal().copy(),
        at=at,
        curve=np.searchsorted(np.sort(ranks), at, side="right") / n,
        low=low,
        high=high,
        shuffled=shuffled,
        shuffled_median=medians,
        first=np.bincount(best[:, 0], minlength=n),
        near=near,
        skew=arithmetic.skewness(near),
        skew_error=float(np.std(resampled, ddof=1)),
        skew_chance=arithmetic.skewness_of_chance(n, n, count),
        corrected=arithmetic.own_ranks(arithmetic.csls(scores)),
    )


def _wilson_curve(ranks: Int64, at: Int64) -> tuple[Float64, Float64]:
    return wilson(np.searchsorted(np.sort(ranks), at, side="right"), len(ranks))
