# SPDX-License-Identifier: Apache-2.0
"""Intrinsic dimension by the two nearest neighbours of each point (TwoNN).

Idea: the ratio of the distances to the second and to the first neighbour says how fast room grows with distance. Where
the density does not change over these two neighbours the ratio follows a Pareto law with the dimension as exponent, so
that its logarithm is exponential with the dimension as rate.

Source: Facco, d'Errico, Rodriguez and Laio, "Estimating the intrinsic dimension of datasets by a minimal neighborhood
information", Scientific Reports 7:12140, 2017; the tenth of the largest ratios is left out as there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugins.layers.distances import Float64

DISCARD = 0.1  # share of the largest ratios, as in the paper
FEWEST = 20  # points below which the interval says nothing
NORMAL = 1.959963984540054  # 97.5 % quantile of the standard normal law

Groups = NDArray[np.int64]


@dataclass(frozen=True)
class Dimension:
    """An estimate of the intrinsic dimension.

    Attributes
    ----------
    value, low, high : by maximum likelihood with its 95 % interval; NaN where it is not defined
    fit : by the straight line through the origin, as in the paper
    points : distinct points that have two neighbours
    """

    value: float
    low: float
    high: float
    fit: float
    points: int


def two_nearest(squared: Float64) -> tuple[Float64, Groups]:
    """Ratio of the distance to the second over that to the first neighbour of each point, and the groups of points.

    Parameters
    ----------
    squared : squared distances ``[n, n]`` of at least 3 distinct points; those whose nearest neighbour is at no
        distance within rounding are left out.

    Returns
    -------
    Ratios ``[m]``, at least 1, and for each the number of its group ``[m]``: points that are joined by being the
    nearest neighbour of one another share a distance, so that their ratios are not independent.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    apart = squared.copy()
    np.fill_diagonal(apart, np.inf)
    first = apart.argmin(axis=1)
    n = len(apart)
    links = coo_array((np.ones(n), (np.arange(n), first)), (n, n))
    groups = np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
    nearest = np.sqrt(np.partition(apart, 1, axis=1)[:, :2])
    kept = nearest[:, 0] > 0
    return np.asarray(nearest[kept, 1] / nearest[kept, 0]), groups[kept]


def from_ratios(ratios: Float64, groups: Groups | None = None, discard: float = DISCARD) -> Dimension:
    """The dimension from ratios ``[n]`` of at least 1; without ``groups`` they are taken to be independent.

    Maximum likelihood: of ``n`` exponential numbers only the ``m`` smallest are looked at, for the others it counts
    that they are larger. With ``T`` the total of what was seen, ``(m - 1) / T`` is unbiased (Epstein and Sobel, "Life
    testing", Journal of the American Statistical Association 48, 1953). Its logarithm has the standard error of the
    scores, summed in each group first (Liang and Zeger, "Longitudinal data analysis using generalized linear models",
    Biometrika 73, 1986). The interval says nothing of bias: edges and many dimensions make the estimate too low.

    Straight line: ``-log(1 - i / n)`` against the ``i``-th smallest logarithm of a ratio, through the origin, as in
    the paper.

    >>> round(from_ratios(np.exp(np.random.default_rng(0).exponential(1 / 3, 100_000))).value, 1)
    3.0
    """
    n = len(ratios)
    logarithms = np.log(ratios)
    rising = np.sort(logarithms)
    m = n - int(discard * n)
    if n < FEWEST or rising[m - 1] <= 0:  # few points, or a lattice: both neighbours of a point at one distance
        return Dimension(math.nan, math.nan, math.nan, math.nan, n)
    seen = np.minimum(logarithms, rising[m - 1])
    value = (m - 1) / float(seen.sum())
    scores = (logarithms <= rising[m - 1]) - value * seen
    sums = scores if groups is None else np.bincount(groups, scores)
    error = float(np.sqrt(np.square(sums).sum())) / m
    used = min(m, n - 1)  # the empirical distribution reaches 1 at the largest ratio
    across, up = rising[:used], -np.log1p(-np.arange(1, used + 1) / n)
    line = float(across @ up / (across @ across))
    return Dimension(value, value * math.exp(-NORMAL * error), value * math.exp(NORMAL * error), line, n)
