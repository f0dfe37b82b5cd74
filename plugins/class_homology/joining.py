# SPDX-License-Identifier: Apache-2.0
"""At which scale two classes become one piece, beside the scales at which each of them is one.

Idea: let balls grow until most of a class hangs together; that is its own scale. Two classes *touch* when most of both
are one piece at the scale at which each of them is one anyway: their ratio is then about 1. A ratio above says that
there is a gap between them which is wider than the gaps within. "Most" is half: the last few points of a class join at
a scale that outliers decide.

Source: Gower and Ross, "Minimum spanning trees and single linkage cluster analysis", Journal of the Royal Statistical
Society C 18, 1969: pieces at any scale are those of the minimum spanning tree.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

MOST = 0.5  # share of a class that has to be in one piece


def scale_of_most(distances: Float64, share: float = MOST) -> float:
    """The least scale at which one piece holds at least this share of the points; infinity where none does.

    >>> line = np.array([0.0, 1.0, 3.0, 10.0])
    >>> scale_of_most(np.abs(line[:, None] - line)), scale_of_most(np.abs(line[:, None] - line), 0.75)
    (1.0, 2.0)
    """
    return joining_scale(distances, np.zeros(len(distances), dtype=np.int64), share)


def joining_scale(distances: Float64, labels: Int64, share: float = MOST) -> float:
    """The least scale at which one piece holds at least this share of each label; infinity where none does.

    Parameters
    ----------
    distances : ``[n, n]``
    labels : int64 ``[n]``, 0 .. k - 1

    >>> line = np.array([0.0, 1.0, 2.0, 7.0, 8.0, 9.0])
    >>> joining_scale(np.abs(line[:, None] - line), np.array([0, 0, 0, 1, 1, 1]))
    5.0
    """
    counts = np.bincount(labels)
    needed = np.ceil(share * counts - 1e-9)
    held = np.zeros((len(labels), len(counts)))
    held[np.arange(len(labels)), labels] = 1
    if (held >= needed).all(axis=1).any():
        return 0.0
    root = np.arange(len(labels))

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = int(root[at])
        return at

    for length, first, second in _tree(distances):
        one, other = find(first), find(second)
        root[other] = one
        held[one] += held[other]
        if (held[one] >= needed).all():
            return length
    return float("inf")


def _tree(distances: Float64) -> Iterator[tuple[float, int, int]]:
    """Edges of the minimum spanning tree, shortest first; those of infinite length are left out."""
    n = len(distances)
    nearest, away = np.zeros(n, dtype=np.int64), np.array(distances[0], dtype=np.float64)
    free = np.ones(n, dtype=np.bool_)
    free[0] = False
    edges = []
    for _ in range(n - 1):
        at = int(np.where(free, away, np.inf).argmin())
        if not free[at]:  # the rest is infinitely far away: begin with another piece
            at = int(free.argmax())
        else:
            edges.append((float(away[at]), int(nearest[at]), at))
        free[at] = False
        nearer = distances[at] < away
        away = np.where(nearer, distances[at], away)
        nearest[nearer] = at
    yield from sorted(edge for edge in edges if np.isfinite(edge[0]))
