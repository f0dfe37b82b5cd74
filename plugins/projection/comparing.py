# SPDX-License-Identifier: Apache-2.0
"""Two maps of the same points: how far each point moves from one to the other, and which neighbours it keeps.

Idea: lay one map over the other by Procrustes, and what is left is movement; or do not compare places at all, and ask
of each point which of its nearest neighbours on one map are its neighbours on the other. The first needs maps in which
distances mean something everywhere (PCA); the second holds for any two maps, also of different dimension.

The share of neighbours kept is that of `measures.quality` (neighbourhood preservation), between two maps instead of a
map and its space. Everything here is numpy and scipy: it runs in the process of a page, which does not load torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray, as_points, check_neighbour_count
from plugins.projection.procrustes import align

FEWEST = 10  # points in common, below which two maps are not compared
MOST_NEIGHBOURS = 20_000_000  # looked up in each map; with more, only at so many random points
MOST_IN_SPACE = 20_000_000  # numbers in the points of a space whose neighbours are looked up
ANCHORS_IN_SPACE = 2000  # points at which they are
BLOCK = 32_768  # points whose neighbours are held at a time
BLOCK_BYTES = 64 * 2**20
RESAMPLES = 2000

Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
RowNumbers = NDArray[np.int32]


@dataclass(frozen=True)
class Overlap:
    """Which of its k nearest neighbours in one set of places a point has in the other, too.

    Attributes
    ----------
    values : float32 [n], share of the k, 0 to 1. NaN where it was not looked at, and where more than k other points lie
        in the very same place, so that no k of them are nearest.
    mean, low, high : of the values, with a 95 % percentile bootstrap interval over points.
    chance : k / (n - 1), what two places that have nothing to do with each other give on average.
    k : neighbours.
    count : n.
    anchors : points with a value.
    undefined : points looked at that have none, for they share their place with more than k others.
    seed : of the choice of points, where not all were looked at, and of the bootstrap.
    """

    values: Float32Array
    mean: float
    low: float
    high: float
    chance: float
    k: int
    count: int
    anchors: int
    undefined: int
    seed: int


@dataclass(frozen=True)
class Movement:
    """One map laid over another.

    Attributes
    ----------
    coordinates : float32 [n, e], the map that moved, in the units of the one that stayed.
    displacement : float32 [n], how far each point then is from its place on the map that stayed, in units of that
        map's radius. NaN where one of the maps has no extent.
    radius : root-mean-square distance of the points of the map that stayed from their mean, in its own units.
    disparity : mean of the squared displacement: 0 is the same map, 1 is nothing in common. NaN as above.
    mirrored : whether the map had to be mirrored.
    median : of the displacement; NaN as above.
    """

    coordinates: Float32Array
    displacement: Float32Array
    radius: float
    disparity: float
    mirrored: bool
    median: float


@dataclass(frozen=True)
class GroupMean:
    """Mean of some values over the points of one group, with its 95 % bootstrap interval."""

    name: str
    mean: float
    low: float
    high: float
    count: int


def common_points(left: Any, right: Any) -> tuple[IntArray, IntArray]:
    """Where the points that two runs share stand in each.

    Parameters
    ----------
    left, right : int [n], [m]: which row of the data, or which draw, each point is.

    Returns
    -------
    Positions in the left and in the right, int64 [c] each, ordered by row, so that exchanging left and right changes
    nothing else.

    Examples
    --------
    >>> [each.tolist() for each in common_points([7, 3, 5], [5, 9, 7])]
    [[2, 0], [0, 2]]
    """
    _, here, there = np.intersect1d(np.asarray(left), np.asarray(right), return_indices=True)
    return here.astype(np.int64), there.astype(np.int64)


def movement(left: Any, right: Any) -> Movement:
    """Lay the right map over the left by rotation or reflection, shift and one factor, and see what moved.

    What would make it wrong: the fit is one motion for the whole map. Where a method turns, mirrors or shifts each
    cluster by itself (t-SNE, UMAP), points move far although their surroundings stay; the neighbour overlap is the
    measure there. And one point very far out pulls the fit towards itself.

    Parameters
    ----------
    left : [n, e], the map that stays.
    right : [n, e], the same points on the map that moves.

    Raises
    ------
    ValueError
        different shapes, NaN or infinity.

    Examples
    --------
    >>> corner = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    >>> moved = movement(corner, 5 * corner[:, ::-1] + 3)
    >>> bool(moved.disparity < 1e-12), moved.mirrored
    (True, True)
    """
    still, moving = as_points(left, "the left map"), as_points(right, "the right map")
    laid = align(moving, still)
    radius = _radius(still)
    flat = radius == 0 or _radius(moving) == 0
    displacement = np.full(len(still), np.nan) if flat else laid.displacement / radius
    return Movement(
        laid.coordinates.astype(np.float32),
        displacement.astype(np.float32),
        radius,
        float("nan") if flat else laid.disparity,
        bool(np.linalg.det(laid.rotation) < 0),
        float(np.median(displacement)),
    )


def neighbour_overlap(left: Any, right: Any, k: int = 15, *, most: int = MOST_NEIGHBOURS, seed: int = 0) -> Overlap:
    """Share of the k nearest neighbours of each point in the left that are its neighbours in the right, too.

    Up to three coordinates a k-d tree is asked, above it all distances are taken in blocks. Memory stays within `most`
    row numbers for each of the two, a few blocks, and a few numbers a point.

    Parameters
    ----------
    left, right : [n, d], [n, e]: places of the same points; maps, or points of spaces. The answer does not depend on
        which is called left.
    k : neighbours, 1 to n - 1.
    most : neighbours looked up in each at most: above, random points are taken, each with its neighbours among *all*.
    seed : of these points, and of the bootstrap.

    Raises
    ------
    ValueError
        different numbers of points, k out of range, NaN or infinity.

    Examples
    --------
    >>> line = np.arange(6.0)
    >>> neighbour_overlap(line, -line, 2).mean
    1.0
    """
    one, other = as_points(left, "the left"), as_points(right, "the right")
    if len(one) != len(other):
        raise ValueError(f"Maps to compare must be of the same points, but have {len(one)} and {len(other)} rows.")
    n = len(one)
    check_neighbour_count(k, n)
    rows = np.arange(n)
    if n * k > most:
        rows = np.sort(np.random.default_rng(seed).choice(n, max(1, most // k), replace=False))
    near, distinct = _Places(one).nearest(rows, k)
    also, distinct_too = _Places(other).nearest(rows, k)
    values = np.full(n, np.nan, dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        shared = _shared(near[part], also[part]) / np.float32(k)
        values[rows[part]] = np.where(distinct[part] & distinct_too[part], shared, np.nan)
    found = values[~np.isnan(values)]
    mean, low, high = mean_of_levels(found, seed)
    return Overlap(values, mean, low, high, k / (n - 1), k, n, len(found), len(rows) - len(found), seed)


def mean_of_levels(values: Any, seed: int, resamples: int = RESAMPLES) -> tuple[float, float, float]:
    """Mean of values of which there are few different ones, and its 95 % percentile bootstrap interval over points.

    Resampling n points is drawing how often each level occurs: exact, and as cheap for a million points as for ten
    (Efron & Tibshirani 1993, section 13.3). NaN of no values.

    >>> mean_of_levels([0.5, 0.5], 0)
    (0.5, 0.5, 0.5)
    """
    given = np.asarray(values, dtype=np.float64)
    if len(given) == 0:
        return float("nan"), float("nan"), float("nan")
    levels, counts = np.unique(given, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(given), counts / len(given), size=resamples)
    low, high = np.percentile(drawn @ levels / len(given), [2.5, 97.5])
    return float(given.mean()), float(low), float(high)


def by_group(values: Any, groups: Sequence[Any], seed: int = 0) -> list[GroupMean]:
    """Mean of the values of each group, lowest first; what has no value or no group is left out.

    Parameters
    ----------
    values : [n], such as `Overlap.values`.
    groups : n names, None or NaN for none.
    """
    import pandas as pd

    frame = pd.DataFrame({"value": np.asarray(values, dtype=np.float64), "group": list(groups)}).dropna()
    found = []
    for name, part in frame.groupby("group", sort=True, observed=True)["value"]:
        mean, low, high = mean_of_levels(part.to_numpy(), seed)
        found.append(GroupMean(str(name), mean, low, high, len(part)))
    return sorted(found, key=lambda one: one.mean)


def most_changed(overlap: Any, displacement: Any, by: Literal["displacement", "overlap"], count: int) -> IntArray:
    """Positions of the points that moved farthest, or that kept the fewest neighbours; the other decides ties.

    >>> most_changed([0.5, 0.0, 0.0], [9.0, 1.0, 2.0], "overlap", 2).tolist()
    [2, 1]
    """
    kept, moved = np.asarray(overlap, dtype=np.float64), -np.asarray(displacement, dtype=np.float64)
    keys = (kept, moved) if by == "displacement" else (moved, kept)  # the last one is sorted by first
    order = np.lexsort(keys)
    return order[~np.isnan(keys[-1][order])][:count].astype(np.int64)


def space_overlap(left: Any, right: Any, k: int = 15, *, seed: int = 0) -> Overlap | None:
    """`neighbour_overlap` of the points of two spaces, [n, d] and [n, e], at `ANCHORS_IN_SPACE` random points at most.

    None where one of them has more than `MOST_IN_SPACE` numbers: somebody waits for the answer.
    """
    if max(np.size(left), np.size(right)) > MOST_IN_SPACE:
        return None
    return neighbour_overlap(left, right, k, most=ANCHORS_IN_SPACE * k, seed=seed)


def _radius(places: FloatArray) -> float:
    """Root-mean-square distance from the mean."""
    return float(np.sqrt(places.astype(np.float64).var(axis=0).sum()))


def _shared(near: RowNumbers, also: RowNumbers) -> IntArray:
    """How many members two sets have in common, row by row: [b, k] and [b, k] to [b]."""
    both = np.sort(np.concatenate([near, also], axis=1), axis=1)
    return np.asarray((both[:, 1:] == both[:, :-1]).sum(axis=1), dtype=np.int64)


class _Places:
    """Points of which the nearest neighbours are asked, exactly, among all of them."""

    def __init__(self, points: FloatArray) -> None:
        self.points = points.astype(np.float64)
        self.tree: Any = None
        if points.shape[1] <= 3:
            from scipy.spatial import cKDTree

            # split at the middle of the box: quicker to build, and not slow where many points lie in one place
            self.tree = cKDTree(self.points, balanced_tree=False, compact_nodes=False)
            return
        self.points -= self.points.mean(axis=0)  # least cancellation in the squares
        self.squares = np.square(self.points).sum(axis=1)

    def nearest(self, rows: IntArray, k: int) -> tuple[RowNumbers, NDArray[np.bool_]]:
        """The k nearest others of each row, int32 [m, k], and whether they are more than a choice among equals [m]."""
        near, distinct = np.empty((len(rows), k), dtype=np.int32), np.empty(len(rows), dtype=bool)
        order, step = np.arange(len(rows)), max(1, min(BLOCK, BLOCK_BYTES // (8 * len(self.points))))
        if self.tree is not None:
            # those that lie together are asked together: twice as quick, for they meet the same part of the tree
            place = np.empty(len(self.points), dtype=np.int64)
            place[self.tree.indices] = np.arange(len(self.points))
            order, step = np.argsort(place[rows]), BLOCK
        for start in range(0, len(rows), step):
            some = order[start : start + step]
            near[some], distinct[some] = self._of_block(rows[some], k)
        return near, distinct

    def _of_block(self, rows: IntArray, k: int) -> tuple[IntArray, NDArray[np.bool_]]:
        wanted = min(k + 2, len(self.points))  # itself, and one more that tells whether the k are distinct
        if self.tree is not None:
            distances, found = self.tree.query(self.points[rows], k=wanted, workers=2)
        else:
            distances, found = self._by_all_distances(rows, wanted)
        others = found != rows[:, None]
        others[others.all(axis=1), -1] = False  # itself lost among its equals: any one may go, it is not distinct
        near = found[others].reshape(len(rows), wanted - 1)
        if wanted == k + 1:  # all others are asked for: there is no choice
            return near, np.ones(len(rows), dtype=bool)
        return near[:, :k], np.asarray(distances[:, k + 1] > 0)

    def _by_all_distances(self, rows: IntArray, wanted: int) -> tuple[NDArray[np.float64], IntArray]:
        asking = self.points[rows]
        # the square of the row itself is the same along it: leaving it out changes no order
        rough = self.squares[None, :] - 2 * (asking @ self.points.T)
        found = np.argpartition(rough, wanted - 1, axis=1)[:, :wanted]
        distances = np.empty(found.shape)
        step = max(1, BLOCK_BYTES // (8 * wanted * self.points.shape[1]))
        for start in range(0, len(rows), step):  # again by difference, so that equal points are at distance 0
            part = slice(start, start + step)
            distances[part] = np.linalg.norm(self.points[found[part]] - asking[part, None], axis=2)
        order = np.argsort(distances, axis=1, kind="stable")
        return np.take_along_axis(distances, order, axis=1), np.take_along_axis(found, order, axis=1)
