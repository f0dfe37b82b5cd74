# SPDX-License-Identifier: Apache-2.0
"""Ranks of the right answer among all candidates, pessimistic about ties; hubness and its correction."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plugins.neighbourhood import hubs
from plugins.words.neighbours import unit_rows

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

TIE: Final = 1e-9  # scores nearer than this are equal: rounding of float64 sums, not of what was encoded
NEIGHBOURS: Final = 10  # of the local scaling


def cosines(queries: NDArray[np.floating], candidates: NDArray[np.floating]) -> Float64:
    """Cosines ``[q, c]``."""
    return np.asarray(unit_rows(queries) @ unit_rows(candidates).T)


def rank_table(scores: Float64) -> NDArray[np.int32]:
    """Rank of every candidate for every query, ``[q, c]``, from 1; of equal scores all have the last of their ranks.

    >>> rank_table(np.array([[0.9, 0.5, 0.9, 0.1]])).tolist()
    [[2, 3, 2, 4]]
    """
    found = np.empty(scores.shape, dtype=np.int32)
    for at, row in enumerate(scores):
        found[at] = len(row) - np.searchsorted(np.sort(row), row - TIE, side="left")
    return found


def own_ranks(scores: Float64) -> Int64:
    """Rank of candidate i for query i, ``[n]``, as in :func:`rank_table`, of square scores."""
    return np.asarray((scores >= scores.diagonal()[:, None] - TIE).sum(axis=1), dtype=np.int64)


def kind_ranks(scores: Float64, same: NDArray[np.bool_]) -> Int64:
    """Rank of the best candidate that is the same thing as the right one, ``[n]``; ties with others still rank behind.

    ``same [n, n]`` says which candidates are: those with the same caption, or the same picture.
    """
    best = np.where(same, scores, -np.inf).max(axis=1)
    return np.asarray(1 + ((scores >= best[:, None] - TIE) & ~same).sum(axis=1), dtype=np.int64)


def recall(ranks: Int64, k: int) -> float:
    """Share of the queries whose right answer is among the first ``k``."""
    return float((ranks <= k).mean())


def median_interval(ranks: Int64) -> tuple[float, float, float]:
    """Median with its 95 % interval: two order statistics, which hold whatever the law of the ranks.

    David and Nagaraja, *Order Statistics*, 2003, section 7.1.

    >>> median_interval(np.arange(1, 102))
    (51.0, 41.0, 61.0)
    """
    from scipy.stats import binom

    ordered, n = np.sort(ranks), len(ranks)
    low = max(int(binom.ppf(0.025, n, 0.5)) - 1, 0)
    return float(np.median(ranks)), float(ordered[low]), float(ordered[n - 1 - low])


def csls(scores: Float64) -> Float64:
    """Cosines less the means of those to the nearest ten, of query and candidate: what is near everything counts less.

    Cross-domain similarity local scaling: Conneau, Lample, Ranzato, Denoyer and Jegou, "Word translation without
    parallel data", ICLR 2018, equation 3. It looks at all queries at once.
    """
    k = min(NEIGHBOURS, *scores.shape)
    of_queries = np.partition(scores, -k, axis=1)[:, -k:].mean(axis=1)
    of_candidates = np.partition(scores, -k, axis=0)[-k:].mean(axis=0)
    return np.asarray(2 * scores - of_queries[:, None] - of_candidates)


def first_answers(scores: Float64, count: int, rng: np.random.Generator) -> Int64:
    """The best ``count`` candidates of each query, ``[q, count]``, best first; equal ones in random order."""
    order = np.lexsort((rng.random(scores.shape, dtype=np.float32), -np.round(scores / TIE)), axis=1)
    return np.asarray(order[:, :count], dtype=np.int64)


def skewness(counts: NDArray[np.floating] | Int64) -> float:
    """Third standardised moment; 0 where all counts are equal.

    Of how often each candidate is among the first ten answers it is the measure of hubness of Radovanovic, Nanopoulos
    and Ivanovic, "Hubs in space", Journal of Machine Learning Research 11, 2010, section 2.

    >>> round(skewness(np.array([0, 0, 0, 4])), 6)
    1.154701
    """
    found = hubs.skewness(counts)
    return 0.0 if math.isnan(found) else found


def skewness_of_chance(queries: int, candidates: int, count: int) -> float:
    """The skewness where each query's first ``count`` answers are drawn at random: that of a binomial law."""
    p = count / candidates
    return (1 - 2 * p) / math.sqrt(queries * p * (1 - p)) if 0 < p < 1 else 0.0
