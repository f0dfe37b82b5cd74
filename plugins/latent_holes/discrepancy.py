# SPDX-License-Identifier: Apache-2.0
"""Can codes and draws be told apart? Maximum mean discrepancy with a permutation test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plugins.coverage.neighbours import Float32, Float64, square

MOST = 500  # points of each set


@dataclass(frozen=True)
class Discrepancy:
    """Squared MMD (unbiased; may be below 0), its p value, the points of each set, and the width of the kernel."""

    value: float
    p: float
    n: int
    width: float
    permutations: int


def discrepancy(codes: Float32, draws: Float32, permutations: int, rng: np.random.Generator) -> Discrepancy:
    """Of at most 500 codes ``[n, d]`` and as many draws, by a Gaussian kernel as wide as their median distance.

    p = (1 + permutations with at least this value) / (1 + permutations): exact for any sample size. NaN for both where
    all points are equal. Source: Gretton, Borgwardt, Rasch, Schölkopf and Smola, "A kernel two-sample test", Journal of
    Machine Learning Research 13, 2012, lemma 6 and section 2.
    """
    n = min(len(codes), len(draws), MOST)
    one, other = codes[rng.permutation(len(codes))[:n]], draws[rng.permutation(len(draws))[:n]]
    both = np.concatenate([one, other])
    table = square(both).astype(np.float64)
    width = float(np.median(table[np.triu_indices(2 * n, 1)]))
    if not width > 0:
        return Discrepancy(float("nan"), float("nan"), n, width, permutations)
    kernel = np.exp(-np.square(table / width) / 2)
    np.fill_diagonal(kernel, 0.0)
    side = np.repeat([1.0, -1.0], n)
    signs = np.stack([side, *(rng.permutation(side) for _ in range(permutations))], axis=1)
    values = _squared(kernel, signs, n)
    p = (1 + int((values[1:] >= values[0] - 1e-12).sum())) / (1 + permutations)
    return Discrepancy(float(values[0]), p, n, width, permutations)


def _squared(kernel: Float64, signs: Float64, n: int) -> Float64:
    """Unbiased squared MMD of each division of the points in two halves, columns of +1 and -1; the diagonal is 0."""
    first, second = (signs > 0).astype(np.float64), (signs < 0).astype(np.float64)
    here, there = kernel @ first, kernel @ second
    within = (first * here).sum(axis=0) + (second * there).sum(axis=0)
    across = (second * here).sum(axis=0)
    return np.asarray(within / (n * (n - 1)) - 2 * across / n**2)
