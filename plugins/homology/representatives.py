# SPDX-License-Identifier: Apache-2.0
"""Which samples form a loop: the edge that closes it, a short cycle around it, what fills it, and the room inside.

Idea: persistent cohomology gives for each bar of dimension 1 a *cocycle*, numbers modulo a prime on the edges, which
adds up to 0 along every closed path that can be shrunk and to something else along those that go around the hole. So
the shortest closed path along which it adds up to plus or minus one is a short representative of the bar. It is one of
many: other closed paths around the same hole are as right.

Source: de Silva, Morozov and Vejdemo-Johansson, "Persistent cohomology and circular coordinates", Discrete and
Computational Geometry 45, 2011 (cocycles); Erickson and Whittlesey, "Greedy optimal homotopy and homology generators",
SODA 2005, section 3 (the shortest closed path of a kind consists of two shortest paths from one vertex and an edge).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

SHARE = 0.02  # of a bar's length above its birth: there a path still has many samples; at half of it, some seven
ROUNDING = 1e-6  # relative: engines with cocycles count in single precision
BLOCK = 16_384  # rows of samples that are looked at together


@dataclass(frozen=True)
class Cycle:
    """A closed path of edges around a hole.

    Attributes
    ----------
    positions : int64 ``[c]``, the points in order; the last is joined to the first.
    length : sum of the lengths of its edges, in the units of the distances.
    pairing : what the cocycle adds up to along it, modulo the field, in -(p - 1) / 2 .. (p - 1) / 2; always 1 here, for
        the path is put in the direction in which it is.
    scale : no edge is longer than this.
    """

    positions: Int64
    length: float
    pairing: int
    scale: float


@dataclass(frozen=True)
class Edges:
    """What makes a bar and what ends it.

    Attributes
    ----------
    birth : int64 ``[2]``, the two points whose edge closes the loop.
    death : int64 ``[2]``, the two points farthest apart in the triangle that fills the last of the hole; None where
        the bar does not end.
    triangle : int64 ``[3]``, that triangle: three points across the hole from each other; None as above.
    """

    birth: Int64
    death: Int64 | None
    triangle: Int64 | None


@dataclass(frozen=True)
class Gap:
    """The middle of a hole.

    Attributes
    ----------
    centre : float64 ``[d]``, the mean of the three points of the triangle that fills it.
    distance : from there to the nearest sample, in the units of the points.
    nearest : row of that sample.
    """

    centre: Float64
    distance: float
    nearest: int


def cochain(cocycle: Any, n: int, field: int) -> Int64:
    """A cocycle as a table: value of each edge in its direction, nearest to 0 among its equals modulo the field.

    Parameters
    ----------
    cocycle : int ``[e, 3]``, an edge from i to j and its value in each row; 0 on all other edges.
    n : number of points.
    field : a prime.

    Returns
    -------
    int64 ``[n, n]``, antisymmetric up to the field.

    Raises
    ------
    DataError : not such a table, or a point that is not there.

    Examples
    --------
    >>> cochain([[1, 0, 46]], 2, field=47)
    array([[ 0,  1],
           [-1,  0]])
    """
    rows = np.asarray(cocycle, dtype=np.int64)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise wb.DataError(f"A cocycle has rows of two points and a value, but has shape {rows.shape}.")
    if rows.size and not 0 <= int(rows[:, :2].min()) <= int(rows[:, :2].max()) < n:
        raise wb.DataError(f"The cocycle speaks of points that are not among the {n} given.")
    table = np.zeros((n, n), dtype=np.int64)
    np.add.at(table, (rows[:, 0], rows[:, 1]), rows[:, 2])
    return centred(table - table.T, field)


def centred(values: Int64, field: int) -> Int64:
    """Whole numbers modulo a prime p as those in -(p - 1) / 2 .. (p - 1) / 2 (0 and 1 for p = 2).

    >>> centred(np.array([46, 47, 24]), 47).tolist()
    [-1, 0, -23]
    """
    half = (field - 1) // 2
    return np.asarray((values + half) % field - half, dtype=np.int64)


def pairing(positions: Any, cocycle: Any, field: int = 47) -> int:
    """What a cocycle adds up to along a closed path: 0 where it does not go around the hole, plus or minus 1 if once.

    >>> pairing([0, 1, 2], [[1, 0, 1]], field=47)
    -1
    """
    path = np.asarray(positions, dtype=np.int64)
    rows = np.asarray(cocycle, dtype=np.int64)
    n = 1 + max(int(path.max(initial=0)), int(rows[:, :2].max(initial=0)))
    total = cochain(rows, n, field)[path, np.roll(path, -1)].sum(keepdims=True)
    return int(centred(total, field)[0])


def cycle(distances: Any, cocycle: Any, birth: float, death: float, field: int = 47, *, share: float = SHARE) -> Cycle:
    """The shortest closed path that goes around the hole once, of edges hardly longer than the loop's birth.

    Parameters
    ----------
    distances : float ``[m, m]``, symmetric.
    cocycle : int ``[e, 3]`` of the bar (`engines.rips_cocycles`).
    birth, death : of the bar; a death of infinity where it does not end, then edges up to birth are used.
    field : the prime of the cocycle.
    share : edges up to ``birth + share * (death - birth)`` are used. More makes the path shorter and coarser.

    Raises
    ------
    DataError : the cocycle or the bar is not of these distances.
    """
    apart = _square(distances)
    table = cochain(cocycle, len(apart), field)
    # at birth itself hardly more than the edge that closes the loop is left, and a bar without end has no length
    scales = (birth + share * (death - birth), birth) if math.isfinite(death) else (birth,)
    for scale in scales:
        positions = _shortest(apart, table, scale, field)
        if positions is not None:
            turns = pairing(positions, cocycle, field)
            if turns != 1 % field:  # arithmetic that is checked, not believed
                raise AssertionError(f"The closed path goes around {turns} times.")
            length = float(apart[positions, np.roll(positions, -1)].sum())
            return Cycle(positions, length, turns, scale)
    raise wb.DataError(
        f"No closed path with edges up to {birth:g} goes around the hole of this cocycle; "
        "give the distances, the bar and the field that it was computed with."
    )


def _square(distances: Any) -> Float64:
    """Distances as float64 ``[m, m]``."""
    apart = np.asarray(distances, dtype=np.float64)
    if apart.ndim != 2 or apart.shape[0] != apart.shape[1]:
        raise wb.DataError(f"Distances are a square table, but have shape {apart.shape}.")
    return apart


def edges_within(distances: Any, scale: float) -> Int64:
    """All pairs of points (i before j) no farther apart than the scale, int64 ``[e, 2]``, up to single precision.

    >>> edges_within(np.array([[0.0, 1.0, 3.0], [1.0, 0.0, 1.0], [3.0, 1.0, 0.0]]), 1.0).tolist()
    [[0, 1], [1, 2]]
    """
    apart = _square(distances)
    return np.argwhere(np.triu(apart <= scale * (1 + ROUNDING), 1)).astype(np.int64)


def _shortest(apart: Float64, table: Int64, scale: float, field: int) -> Int64 | None:
    """The shortest closed path on which the table adds up to 1, or None.

    Each of them crosses an edge where the table is not 0, so it is enough to start from one end of each such edge. From
    a start: along a shortest path to one end of an edge, over it, and back along a shortest path from its other end.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    n = len(apart)
    first, second = edges_within(apart, scale).T
    values = table[first, second]
    crossing = values % field != 0
    if not crossing.any():
        return None
    starts = min(np.unique(first[crossing]), np.unique(second[crossing]), key=len)
    step = apart[first, second]
    step = step + 1e-12 * max(
        float(step.max()), np.finfo(float).tiny
    )  # equal points are a step too; fewer steps win ties
    both = (np.r_[first, second], np.r_[second, first])
    graph = coo_array((np.r_[step, step], both), (n, n)).tocsr()
    best, chosen = math.inf, None
    for start in starts:
        away, before = dijkstra(graph, indices=int(start), return_predecessors=True)
        before = np.where(before < 0, np.arange(n), before).astype(np.int64)
        sums = _along(before, table)
        turns = (sums[first] + values - sums[second]) % field
        lengths = np.where((turns == 1 % field) | (turns == field - 1), away[first] + step + away[second], math.inf)
        edge = int(lengths.argmin())
        if lengths[edge] < best:
            best = float(lengths[edge])
            ends = (first[edge], second[edge]) if turns[edge] == 1 % field else (second[edge], first[edge])
            chosen = _path(before, int(ends[0])) + _path(before, int(ends[1]))[:0:-1]
    return None if chosen is None else np.array(chosen, dtype=np.int64)


def _along(before: Int64, table: Int64) -> Int64:
    """Sum of the table along the path from the start to each point; doubling the steps each time."""
    n = len(before)
    sums = table[before, np.arange(n)]
    for _ in range(max(1, n.bit_length())):
        sums = sums + sums[before]
        before = before[before]
    return sums


def _path(before: Int64, end: int) -> list[int]:
    """The points from the start to the end."""
    path = [end]
    while before[path[-1]] != path[-1]:
        path.append(int(before[path[-1]]))
    return path[::-1]


def edges(distances: Any, cocycle: Any, birth: float, death: float, field: int = 47) -> Edges:
    """The edge that closes the loop of a bar and the triangle that fills it.

    The cocycle lives on edges of at least the length of birth, and only one is as short. At death there is for the
    first time an edge to which no value can be given so that all triangles below it add up to 0. Of these triangles the
    one is taken whose shortest side is longest: it lies most evenly across the hole.

    Parameters and errors as in `cycle`.
    """
    apart = _square(distances)
    table = cochain(cocycle, len(apart), field)
    used = np.argwhere(np.triu(table % field != 0, 1))
    if not len(used):
        raise wb.DataError("The cocycle is 0 on all edges and belongs to no loop.")
    lengths = apart[used[:, 0], used[:, 1]]
    closing = used[int(lengths.argmin())].astype(np.int64)
    if not math.isclose(float(lengths.min()), birth, rel_tol=10 * ROUNDING):
        raise wb.DataError(
            f"The shortest edge of the cocycle is {lengths.min():g} long, but the bar is born at {birth:g}; "
            "give the distances and the bar that it was computed with."
        )
    if not math.isfinite(death):
        return Edges(closing, None, None)
    pairs = _of_length(apart, death)
    for third_of in (_torn, _around):
        for pair in pairs:
            third = third_of(apart, table, pair, field)
            if third is not None:
                return Edges(closing, pair, np.array([*pair, third], dtype=np.int64))
    raise wb.DataError(f"No triangle ends the loop at {death:g}; give the distances and the bar of this cocycle.")


def _of_length(apart: Float64, length: float) -> Int64:
    """The edges of a length up to single precision, shortest first."""
    found = np.argwhere(np.triu(np.abs(apart - length) <= ROUNDING * length, 1)).astype(np.int64)
    order = np.argsort(apart[found[:, 0], found[:, 1]], kind="stable")
    return np.asarray(found[order])


def _torn(apart: Float64, table: Int64, pair: Int64, field: int) -> int | None:
    """The third point of the most even triangle with this longest edge, where no value of the edge suits all of them.

    Each triangle asks for a value of its longest edge; those on both sides of a hole ask for different ones.
    """
    thirds, asked = _triangles(apart, table, pair, field)
    return _most_even(apart, pair, thirds) if len(np.unique(asked)) > 1 else None


def _around(apart: Float64, table: Int64, pair: Int64, field: int) -> int | None:
    """The same among those around which the table is not 0: of many edges of one length some may lack a value."""
    thirds, asked = _triangles(apart, table, pair, field)
    return _most_even(apart, pair, thirds[asked != table[pair[0], pair[1]] % field])


def _triangles(apart: Float64, table: Int64, pair: Int64, field: int) -> tuple[Int64, Int64]:
    """Third points of the triangles with this longest edge, and the value of the edge with which each adds up to 0."""
    i, j = pair
    inside = np.maximum(apart[i], apart[j]) <= apart[i, j] * (1 + ROUNDING)
    inside[[i, j]] = False
    thirds = np.flatnonzero(inside)
    return thirds, (table[i, thirds] + table[thirds, j]) % field


def _most_even(apart: Float64, pair: Int64, thirds: Int64) -> int | None:
    """The one whose shortest side is longest, or None."""
    if not len(thirds):
        return None
    return int(thirds[np.minimum(apart[pair[0], thirds], apart[pair[1], thirds]).argmax()])


def gap_centre(points: Any, triangle: Any, samples: Any = None) -> Gap:
    """The middle of the three points across a hole, and how far the nearest sample is.

    Parameters
    ----------
    points : float ``[m, d]``, those the triangle is made of.
    triangle : int ``[3]`` (or the positions of any simplex).
    samples : float ``[n, d]`` or a memory map, all samples there are; the points themselves where left out.

    Raises
    ------
    DataError : shapes that do not fit, or no sample.

    Examples
    --------
    >>> gap_centre(np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]]), [0, 1, 2]).centre
    array([1., 1.])
    """
    corners = np.asarray(points)[np.asarray(triangle, dtype=np.int64)].astype(np.float64)
    others = points if samples is None else samples
    if corners.ndim != 2 or others.ndim != 2 or others.shape[1] != corners.shape[1] or not len(others):
        raise wb.DataError(f"Points {corners.shape} and samples {np.shape(others)} are not of one space.")
    centre = corners.mean(axis=0)
    best, nearest = math.inf, -1
    for start in range(0, len(others), BLOCK):
        part = np.asarray(others[start : start + BLOCK], dtype=np.float64)
        away = np.sqrt(np.square(part - centre).sum(axis=1))
        if float(away.min()) < best:
            best, nearest = float(away.min()), start + int(away.argmin())
    return Gap(centre, best, nearest)
