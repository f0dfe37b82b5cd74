# SPDX-License-Identifier: Apache-2.0
"""How far apart the points of a space stand: the distance from each to the nearest other one.

It is the yardstick for places where there is no point: a landing two such distances from the nearest real point is in
known territory, one twenty away is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray
from plugins.projection.neighbours import Neighbours, nearest_neighbours

WORK = 2 * 10**10  # multiplications that distances for their own sake may take: about a second on a processor
BATCH = 2**23  # numbers looked at at a time
FEWEST_ROWS = 1000  # rows at which they are taken in any case


@dataclass(frozen=True)
class Spacing:
    """Distances to the nearest other point.

    Attributes
    ----------
    distances : float32 [n], NaN where not measured.
    median : of those at `rows`.
    interval : 95 % interval of the median over all points; None where every point was measured.
    rows : how many points the median is taken over; their distances are exact.
    """

    distances: NDArray[np.float32]
    median: float
    interval: tuple[float, float] | None
    rows: int


def spacing(points: FloatArray, neighbours: Neighbours | None = None, *, seed: int = 0) -> Spacing:
    """Distances to the nearest other point, exact: at all points where that is quick, else at random ones.

    Parameters
    ----------
    points : [n, d], n at least 2.
    neighbours : Euclidean neighbours of all the points, where they are there already; approximate ones are not used.
    seed : of the choice of points.

    Examples
    --------
    >>> spacing(np.array([[0.0], [1.0], [3.0]])).distances.tolist()
    [1.0, 1.0, 2.0]
    """
    n, d = points.shape
    if neighbours is not None and neighbours.exact:
        return from_rows(n, np.arange(n), neighbours.distances[:, 0])
    near = NearestOther(sampled_rows(n, d, seed))
    step = max(2, BATCH // d)
    for look in (near.take, near.look):  # in batches: points of a memory map are not held twice
        for start in range(0, n, step):
            look(start, points[start : start + step])
    return from_rows(n, near.rows, near.distances)


class NearestOther:
    """Exact distance from some points of a stream to the nearest other one, batch by batch.

    Parameters
    ----------
    rows : int64 [m], which points, ascending; each batch is first seen by `take`, later by `look`.
    """

    def __init__(self, rows: NDArray[np.int64]) -> None:
        self.rows = rows
        self.points: FloatArray = np.empty((0, 0))
        self.distances = np.full(len(rows), np.inf)

    def take(self, at: int, values: FloatArray) -> None:
        """Remember those of the points that are in this batch."""
        if len(self.points) == 0:
            self.points = np.empty((len(self.rows), values.shape[1]), dtype=values.dtype)
        first, last = np.searchsorted(self.rows, [at, at + len(values)])
        self.points[first:last] = values[self.rows[first:last] - at]

    def look(self, at: int, values: FloatArray) -> None:
        """Compare all of them with the points of this batch."""
        k = min(2, len(values))
        found = nearest_neighbours(values, k, queries=self.points)
        # the point itself is no other point; the next one is, also where it is a duplicate of it
        own = found.indices[:, 0] == self.rows - at
        if k == 2:
            nearest = np.where(own, found.distances[:, 1], found.distances[:, 0])
        else:
            nearest = np.where(own, np.inf, found.distances[:, 0])
        np.minimum(self.distances, nearest, out=self.distances)


def sampled_rows(n: int, d: int, seed: int) -> NDArray[np.int64]:
    """The points at which distances are taken: all n where it is quick, else random ones, in ascending order."""
    count = max(FEWEST_ROWS, WORK // (n * (d + 64)))  # picking the least of n distances costs about 64 coordinates
    if count >= n:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, count, replace=False))


def from_rows(n: int, rows: NDArray[np.int64], distances: Any) -> Spacing:
    """Spacing of n points from the distances at some rows."""
    found = np.full(n, np.nan, dtype=np.float32)
    found[rows] = distances
    return Spacing(
        found, float(np.median(distances)), None if len(rows) == n else median_interval(distances), len(rows)
    )


def median_interval(values: Any) -> tuple[float, float]:
    """95 % interval of the median, free of assumptions, between two of the values.

    Source: David & Nagaraja 2003, "Order statistics", section 7.1 (ranks from the binomial distribution).

    >>> median_interval(np.arange(1, 101))
    (40.0, 61.0)
    """
    from scipy.stats import binom

    ordered = np.sort(np.asarray(values, dtype=np.float64))
    below = int(binom.ppf(0.025, len(ordered), 0.5))
    return float(ordered[max(below - 1, 0)]), float(ordered[min(len(ordered) - below, len(ordered) - 1)])
