# SPDX-License-Identifier: Apache-2.0
"""Circular coordinates: where around a loop each sample lies, as a share of a turn.

Idea: a cocycle says of each edge how often it crosses a cut through the loop. Spread evenly over all edges (by least
squares) the crossing becomes a steady advance, and adding it up from sample to sample gives an angle. A loop then is a
colour on the map, and its samples have an order. Where samples are dense there are many edges, and with equal weights
the angle would hardly advance there; an edge therefore counts by one over the numbers of edges at its two ends.

Source: de Silva, Morozov and Vejdemo-Johansson, "Persistent cohomology and circular coordinates", Discrete and
Computational Geometry 45, 2011, sections 2.4 (whole numbers in place of remainders) and 2.5 (least squares); Perea,
"Sparse circular coordinates via principal Z-bundles", 2020, section 3 (weights that carry it to all points); Coifman
and Lafon, "Diffusion maps", Applied and Computational Harmonic Analysis 21, 2006, section 3 (density drops out when
weights are divided by the densities at both ends).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.representatives import Float64, Int64, cochain

ABOVE = 0.3  # of the bar above its birth: edges are long enough to reach across places with few samples, and still few
PRECISION = 1e-8  # of the least squares, relative
BLOCK = 16_384  # points that are carried over together


def scale_of(birth: float, death: float, longest: float) -> float:
    """Length of edges at which coordinates are computed: 0.3 of the way from birth to death (or the longest distance).

    >>> scale_of(1.0, 2.0, longest=9.0)
    1.3
    """
    return birth + ABOVE * ((death if np.isfinite(death) else longest) - birth)


def circular_coordinates(cocycle: Any, n: int, edges: Any, field: int = 47) -> Float64:
    """Where around the loop of a cocycle each point lies.

    Parameters
    ----------
    cocycle : int ``[e, 3]`` of a bar (`engines.rips_cocycles`).
    n : number of points.
    edges : int ``[k, 2]``, the pairs of points (i before j) of a scale between birth and death of the bar
        (`representatives.edges_within`); the cocycle is looked at on these.
    field : the prime of the cocycle.

    Returns
    -------
    float64 ``[n]`` in 0 .. 1, shares of a turn from an arbitrary start, rising along a path that has pairing 1; NaN for
    the points of pieces (of the graph of edges) in which there is nothing of the loop.

    Raises
    ------
    DataError : the remainders are not those of a cocycle of whole numbers (torsion, or a scale beyond the death).

    Notes
    -----
    The whole numbers are the remainders nearest to 0. That they are a cocycle is checked on every triangle which has an
    edge where they are not 0; on all other triangles they are 0.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import lsqr

    table = cochain(cocycle, n, field)
    pairs = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
    joined = np.zeros((n, n), dtype=bool)
    joined[pairs[:, 0], pairs[:, 1]] = joined[pairs[:, 1], pairs[:, 0]] = True
    table[~joined] = 0
    _check_whole(table, joined, field)
    crossing = table[pairs[:, 0], pairs[:, 1]].astype(np.float64)
    k = len(pairs)
    rows = np.arange(k)
    signs = np.r_[np.ones(k), -np.ones(k)]
    differences = coo_array((signs, (np.r_[rows, rows], np.r_[pairs[:, 1], pairs[:, 0]])), (k, n)).tocsr()
    pieces = np.asarray(connected_components(coo_array(joined), directed=False)[1])
    reached = np.isin(pieces, pieces[pairs[crossing != 0, 0]])
    if not reached.any():
        return np.full(n, np.nan)
    degrees = joined.sum(axis=1)
    weights = 1 / np.sqrt(degrees[pairs[:, 0]] * degrees[pairs[:, 1]])
    weighted = differences.multiply(weights[:, None]).tocsr()
    # crossing + differences of f is the steady advance; f itself is the angle, for crossing is whole
    f = lsqr(weighted, -weights * crossing, atol=PRECISION, btol=PRECISION, iter_lim=20 * n)[0]
    return np.where(reached, _turns(f), np.nan)


def _turns(f: Float64) -> Float64:
    """Numbers modulo 1, below 1 after rounding as well."""
    shares = np.mod(f, 1.0)
    return np.where(shares >= 1.0, 0.0, shares)


def _check_whole(table: Int64, joined: NDArray[np.bool_], field: int) -> None:
    """Raises unless the whole numbers add up to 0 around every triangle of joined points."""
    if 3 * int(np.abs(table).max(initial=0)) < field:  # their sum is 0 modulo the field and too small to be else
        return
    for i, j in np.argwhere(np.triu(table, 1)):
        thirds = joined[i] & joined[j]
        if np.any(table[i, j] + table[j, thirds] + table[thirds, i]):
            raise wb.DataError(
                f"The loop modulo {field} is none over the whole numbers at this scale, so that no angle exists; "
                "compute it with another prime, such as 53, and at a scale below its death."
            )


def carry(theta: Any, nearest: Any) -> Float64:
    """Coordinates of all points, each that of its nearest landmark.

    Parameters
    ----------
    theta : float ``[m]`` of the landmarks.
    nearest : int ``[n]``, position of the nearest landmark of each point.

    Examples
    --------
    >>> carry([0.25, 0.5], [1, 0, 1])
    array([0.5 , 0.25, 0.5 ])
    """
    return np.asarray(theta, dtype=np.float64)[np.asarray(nearest, dtype=np.int64)]


def carry_smoothly(theta: Any, landmarks: Any, points: Any, *, k: int = 4) -> Float64:
    """Coordinates of all points, each the weighted mean direction of its nearest landmarks.

    The weight falls from the nearest landmark to 0 at the first one that no longer counts, so that coordinates do not
    jump from one point to the next. Where directions cancel out, the nearest landmark decides.

    Parameters
    ----------
    theta : float ``[m]``, shares of a turn; landmarks with NaN are left out.
    landmarks : float ``[m, d]``.
    points : float ``[n, d]`` or a memory map, read in blocks.
    k : landmarks that count for each point, Euclidean distance.

    Returns
    -------
    float64 ``[n]`` in 0 .. 1; NaN everywhere if no landmark has a coordinate.
    """
    from scipy.spatial import cKDTree

    angles = np.asarray(theta, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(angles))
    if not len(known):
        return np.full(len(points), np.nan)
    directions = np.exp(2j * np.pi * angles[known])
    tree = cKDTree(np.asarray(landmarks, dtype=np.float64)[known])
    count = min(k + 1, len(known))
    carried = np.empty(len(points))
    for start in range(0, len(points), BLOCK):
        part = np.asarray(points[start : start + BLOCK], dtype=np.float64)
        away, which = (found.reshape(len(part), count) for found in tree.query(part, k=count))
        weights = away[:, -1:] - away
        weights[weights.sum(axis=1) <= 0] = 1.0  # all equally far
        mean = (weights * directions[which]).sum(axis=1) / weights.sum(axis=1)
        mean = np.where(np.abs(mean) > 1e-6, mean, directions[which[:, 0]])
        carried[start : start + len(part)] = _turns(np.angle(mean) / (2 * np.pi))
    return carried


def correlation(first: Any, second: Any) -> float:
    """How far two circular coordinates of the same samples agree, whatever their starts and directions: 0 to 1.

    The length of the mean of exp(2 pi i (first - second)), or of the sum in place of the difference where that is
    longer; samples that lack one of them are left out, NaN where none is left.

    >>> round(correlation([0.0, 0.25, 0.5, 0.75], [0.9, 0.65, 0.4, 0.15]), 6)
    1.0
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    both = np.isfinite(one) & np.isfinite(two)
    if not both.any():
        return float("nan")
    turns = [np.exp(2j * np.pi * (one[both] + sign * two[both])).mean() for sign in (-1, 1)]
    return float(max(abs(turn) for turn in turns))
