# SPDX-License-Identifier: Apache-2.0
"""Do two classes join before each is one piece?

Idea: grow balls around the points of two classes. Apart, each class is one piece before the two meet; merged, they meet
before. The scale at which one piece of the union holds more than a quarter of each, over the larger of the scales at
which each class by itself has a piece with more than half of it, is above 1 for classes that lie apart and below 1 for
those that lie among each other. Not one point, and not all: a few far ones decide nothing. And a quarter, not half: two
classes that both lie in two heaps have more than half of each in one heap only by chance. Measured on random subsets,
the same at every step, and with the labels of the two shuffled. All of it is single linkage: Carlsson and Memoli,
"Characterization, stability and convergence of hierarchical clustering methods", Journal of Machine Learning Research
11, 2010.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from plugins.layer_homology.rows import Draws

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
ONE_PIECE = 0.5  # share of a class that hangs together when it is one piece
TOGETHER = 0.25  # share of each of two classes that hangs together when they have joined
Pairs = dict[tuple[int, int], Float64]


def joined_at(distances: Float64, codes: ArrayLike, share: float) -> float:
    """The least scale at which one piece of points holds more than a share of every class; infinite if none ever does.

    Parameters
    ----------
    distances : ``[n, n]``, infinite where two points are never joined
    codes : ``[n]``, 0, 1, ...

    >>> line = np.array([0.0, 1.0, 2.0, 5.0, 6.0, 7.0])
    >>> joined_at(np.abs(line[:, None] - line), [0, 0, 0, 1, 1, 1], 0.5)
    3.0
    """
    from scipy.cluster.hierarchy import linkage

    classes = np.asarray(codes, dtype=np.int64)
    n = len(classes)
    least = (np.floor(share * np.bincount(classes)).astype(np.int64) + 1).tolist()
    ends = distances[np.triu_indices(n, 1)]
    finite = np.isfinite(ends)
    beyond = float(ends[finite].max(initial=0.0)) * 2 + 1
    held = [[0] * len(least) for _ in range(n)]
    for at, code in enumerate(classes.tolist()):
        held[at][code] = 1
    for first, second, height, _ in linkage(np.where(finite, ends, beyond), "single").tolist():
        both = [a + b for a, b in zip(held[int(first)], held[int(second)], strict=True)]
        if all(a >= b for a, b in zip(both, least, strict=True)):
            return float(height) if height < beyond else float("inf")
        held.append(both)
    return float("inf")


def join_ratio(distances: Float64, codes: ArrayLike) -> float:
    """Where two classes join, over where each is one piece: above 1 apart, below 1 merged; infinite if they never join.

    Parameters
    ----------
    distances : ``[n, n]`` of the points of both
    codes : ``[n]``, 0 or 1

    >>> line = np.array([0.0, 1.0, 2.0, 5.0, 6.0, 7.0])
    >>> join_ratio(np.abs(line[:, None] - line), [0, 0, 0, 1, 1, 1])
    3.0
    >>> round(join_ratio(np.abs(line[:, None] - line), [0, 1, 0, 1, 0, 1]), 3)
    0.5
    """
    classes = np.asarray(codes, dtype=np.int64)
    alone = []
    for code in (0, 1):
        mine = np.flatnonzero(classes == code)
        alone.append(joined_at(distances[np.ix_(mine, mine)], np.zeros(len(mine), dtype=np.int64), ONE_PIECE))
    together, one_piece = joined_at(distances, classes, TOGETHER), max(alone)
    if np.isinf(together):
        return float("inf")
    if one_piece == 0:  # both are heaps of equal points
        return float("inf") if together > 0 else 0.0
    return together / one_piece


def joins_of(table: Float64, groups: Sequence[Draws], seed: int) -> tuple[Pairs, Pairs]:
    """:func:`join_ratio` of each pair of classes over the draws, and with the labels of the two shuffled.

    Parameters
    ----------
    table : ``[n, n]`` of the sample
    groups : all points first, then each class; pairs are numbers in this list
    """
    rng = np.random.default_rng(seed)  # the same shuffles at every step
    found: Pairs = {}
    control: Pairs = {}
    for a, b in itertools.combinations(range(1, len(groups)), 2):
        ratios, shuffled = [], []
        for one, other in zip(groups[a].draws, groups[b].draws, strict=False):
            union = np.concatenate([groups[a].group.positions[one], groups[b].group.positions[other]])
            codes = np.repeat([0, 1], [len(one), len(other)])
            distances = table[np.ix_(union, union)]
            ratios.append(join_ratio(distances, codes))
            shuffled.append(join_ratio(distances, rng.permutation(codes)))
        if ratios:
            found[a, b], control[a, b] = np.array(ratios), np.array(shuffled)
    return found, control
