# SPDX-License-Identifier: Apache-2.0
"""Three estimators of intrinsic dimension that need distances alone; the fourth, TwoNN, is that of the layers.

All take squared distances ``[n, n]`` of distinct points, float64, and give one number; NaN where it is not defined.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

SHARE = 0.95  # of the variance of a neighbourhood that its components must hold
SIZES = 8  # sizes of subsets that the growth of the tree is read from
SMALLEST = 8  # the smallest subset is this part of the points


def maximum_likelihood(squared: Float64, k: int) -> float:
    """The dimension by maximum likelihood from the distances to the ``k`` nearest neighbours.

    Idea: around a point, neighbours arrive like a Poisson process whose rate grows with the dimension. The mean of
    ``log(T_k / T_j)`` over the nearer neighbours ``j`` is one over the dimension; these inverses are averaged over the
    points, not the dimensions, of which a few huge ones would pull the mean up.

    Source: Levina and Bickel, "Maximum likelihood estimation of intrinsic dimension", NeurIPS 17, 2004, equation 8;
    the average of inverses: MacKay and Ghahramani, "Comments on 'Maximum likelihood estimation of intrinsic
    dimension'", 2005. Edges and curvature within ``k`` neighbours make it too low.
    """
    n = len(squared)
    if k < 2 or n <= k:
        return math.nan
    apart = squared.copy()
    np.fill_diagonal(apart, np.inf)
    nearest = np.partition(apart, k - 1, axis=1)[:, :k]
    nearest.sort(axis=1)
    if not (nearest[:, 0] > 0).all():
        nearest = nearest[nearest[:, 0] > 0]
    if len(nearest) == 0:
        return math.nan
    inverse = 0.5 * np.log(nearest[:, -1:] / nearest[:, :-1]).mean()
    return float(1 / inverse) if inverse > 0 else math.nan


def local_components(squared: Float64, k: int, share: float = SHARE) -> float:
    """The mean number of principal components that hold ``share`` of the variance of a point and its ``k`` nearest.

    The spectrum of a neighbourhood is that of its centred inner products, which follow from its distances.

    Source: Fukunaga and Olsen, "An algorithm for finding intrinsic dimensionality of data", IEEE Transactions on
    Computers C-20, 1971; the rule of the share: Fan, Gu, Qiao and Zhang, "Intrinsic dimension estimation of data by
    principal component analysis", arXiv:1002.2050, 2010. It never exceeds ``k``, and it counts noise that holds more
    than the rest of the variance.
    """
    n = len(squared)
    if k < 2 or n <= k:
        return math.nan
    near = np.argpartition(squared, k, axis=1)[:, : k + 1]  # the point itself is among them, at no distance
    counts = np.empty(n)
    for start in range(0, n, 512):
        part = near[start : start + 512]
        local = squared[part[:, :, None], part[:, None, :]]
        means = local.mean(axis=1, keepdims=True)
        products = -0.5 * (local - means - means.transpose(0, 2, 1) + means.mean(axis=2, keepdims=True))
        spectrum = np.maximum(np.linalg.eigvalsh(products)[:, ::-1], 0.0)
        held = np.cumsum(spectrum, axis=1)
        counts[start : start + 512] = 1 + (held < share * held[:, -1:]).sum(axis=1)
    return float(counts.mean())


def tree_length(distances: Float64) -> float:
    """Length of the minimum spanning tree, which is the sum of the finite H0 bars of the Vietoris-Rips complex.

    Prim's algorithm on the full matrix ``[n, n]``: quadratic, and points at no distance are joined at no cost.

    >>> tree_length(np.array([[0.0, 1.0, 3.0], [1.0, 0.0, 2.0], [3.0, 2.0, 0.0]]))
    3.0
    """
    reach = distances[0].copy()
    reach[0] = np.inf
    joined = np.zeros(len(distances), dtype=bool)
    joined[0] = True
    total = 0.0
    for _ in range(len(distances) - 1):
        at = int(reach.argmin())
        total += float(reach[at])
        joined[at] = True
        np.minimum(reach, distances[at], out=reach)
        reach[joined] = np.inf
    return total


def subset_sizes(n: int) -> NDArray[np.int64]:
    """Sizes of subsets from ``n / 8`` to ``n``, at even steps of their logarithm."""
    return np.unique(np.geomspace(max(n / SMALLEST, 4), n, SIZES).round().astype(np.int64))


def persistent_homology(distances: Float64, rng: np.random.Generator) -> float:
    """The persistent homology dimension of degree 0, from how the length of the spanning tree grows with the points.

    The tree of ``m`` points of a ``d``-dimensional measure has a length of the order of ``m ** ((d - 1) / d)``; the
    slope ``s`` of the logarithm of the length against that of ``m`` gives ``d = 1 / (1 - s)``. Subsets of each size are
    disjoint, as many as there are, at most 8.

    Parameters
    ----------
    distances : not squared, ``[n, n]``

    Source: Adams and others, "A fractal dimension for measures via persistent homology", Topological Data Analysis
    (Abel Symposia 15), 2020, with weight 1; the fit: Birdal, Lou, Guibas and Simsekli, "Intrinsic dimension, persistent
    homology and generalization in neural networks", NeurIPS 34, 2021, algorithm 1. NaN where the tree grows as fast as
    the number of points or faster.
    """
    n = len(distances)
    sizes = subset_sizes(n)
    if n < 4 * SMALLEST or len(sizes) < 2:
        return math.nan
    lengths = []
    for size in sizes.tolist():
        order = rng.permutation(n)
        parts = [order[at : at + size] for at in range(0, n - size + 1, size)][:SMALLEST]
        lengths.append(np.mean([tree_length(distances[np.ix_(part, part)]) for part in parts]))
    if min(lengths) <= 0:
        return math.nan
    slope = float(np.polyfit(np.log(sizes), np.log(lengths), 1)[0])
    return 1 / (1 - slope) if slope < 1 else math.nan
