# SPDX-License-Identifier: Apache-2.0
"""What a barcode will cost, before it is computed: simplices, seconds and bytes, and a refusal with the way out.

Idea: cost goes with the number of triangles (for loops) or tetrahedra (for voids) below the threshold, not with the
number of points: a torus of 1,000 points takes twenty times as long as a sphere of as many. They are counted where
that is quick and estimated from the neighbourhoods of a few points where it is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.engines import has_redzed
from plugins.homology.tables import checked

Float64 = NDArray[np.float64]
VERTICES = 200  # neighbourhoods looked at
PAIRS = 10_000  # pairs of neighbours looked at in each, where there are more
TRIPLES = 2000  # triples of them
# Measured on one core with the torus, sphere and Gaussian clouds of benchmarks/bench_homology.py, rounded up: seconds
# and bytes a simplex of the largest dimension, and bytes a pair of points.
GUDHI_SECONDS = {0: 0.0, 1: 6e-8, 2: 1e-8, 3: 2e-8}
GUDHI_BYTES = {0: 0.0, 1: 7.0, 2: 0.5, 3: 1.0}
REDZED_SECONDS = {0: 0.0, 1: 3e-9, 2: 5e-9}
REDZED_BYTES = {0: 0.0, 1: 0.0, 2: 0.1}
PAIR_SECONDS = 1e-7
PAIR_BYTES = 48.0
MOST_SECONDS = 600.0
MOST_SECONDS_TOGETHER = 1800.0  # of a barcode and its draws
MOST_BYTES = 4 * 2**30


@dataclass(frozen=True)
class Cost:
    """What a barcode is predicted to cost: what tori take; spheres and blobs take up to twenty times less.

    Attributes
    ----------
    points, max_dim : as asked.
    edges, triangles, tetrahedra : simplices at the threshold; tetrahedra are counted from dimension 2 on, else 0.
    seconds : processor time of the engine that `rips` takes.
    bytes : peak memory above that of the process, the table of distances included.
    """

    points: int
    max_dim: int
    edges: float
    triangles: float
    tetrahedra: float
    seconds: float
    bytes: float


def estimate(
    distances: Any, max_dim: int = 1, threshold: float | None = None, *, field: int = 2, seed: int = 0
) -> Cost:
    """Predict what `rips` costs.

    Parameters
    ----------
    distances : as of `rips`; or just the number of points, for the worst case: all simplices there can be. With a
        threshold nobody knows how many those are, and the cost is that of the distances alone.
    max_dim, threshold, field : as of `rips`.
    seed : of the neighbourhoods looked at beyond 200 points.

    Raises
    ------
    DataError
        as of `rips`; fewer than 1 point.

    Examples
    --------
    >>> cost = estimate(100)
    >>> cost.triangles
    161700.0
    """
    if isinstance(distances, int | np.integer):
        m = int(distances)
        if m < 1:
            raise wb.DataError(f"At least 1 point is needed, not {m}.")
        most = 0 if threshold is not None else m
        edges, triangles = float(math.comb(most, 2)), float(math.comb(most, 3))
        tetrahedra = float(math.comb(most, 4)) if max_dim >= 2 else 0.0
        top = float(math.comb(most, max_dim + 2))
    else:
        table = checked(distances)
        m = len(table)
        limit = float(table.max(axis=1).min()) if threshold is None else threshold
        joined = (table <= limit) & np.isfinite(table)
        np.fill_diagonal(joined, False)
        edges = float(joined.sum()) / 2
        triangles, tetrahedra = _cliques(joined, max_dim >= 2, np.random.default_rng(seed))
        # beyond tetrahedra: as if each kept as large a share of what there can be
        share = (tetrahedra / math.comb(m, 4)) if m >= 4 else 0.0
        top = {0: 0.0, 1: triangles, 2: tetrahedra}.get(max_dim, share * math.comb(m, max_dim + 2))
    fast = field == 2 and max_dim in REDZED_SECONDS and has_redzed()
    a_second, a_byte = (REDZED_SECONDS, REDZED_BYTES) if fast else (GUDHI_SECONDS, GUDHI_BYTES)
    dimension = min(max_dim, max(a_second))
    pairs = float(m) * m
    return Cost(
        points=m,
        max_dim=max_dim,
        edges=edges,
        triangles=triangles,
        tetrahedra=tetrahedra,
        seconds=PAIR_SECONDS * pairs + a_second[dimension] * top,
        bytes=PAIR_BYTES * pairs + a_byte[dimension] * top,
    )


def refuse(cost: Cost, limit: float | None = None, *, seconds: float = MOST_SECONDS) -> None:
    """Refuse a barcode that would take too much memory or time.

    Parameters
    ----------
    cost : what it is predicted to cost.
    limit : bytes; None: 4 GiB, or half of the memory that is free when that is less.
    seconds : processor time.

    Raises
    ------
    DataError
        with what it would take, what is allowed, and what takes less.
    """
    if limit is None:
        import psutil

        limit = min(float(MOST_BYTES), psutil.virtual_memory().available / 2)
    if cost.bytes <= limit and cost.seconds <= seconds:
        return
    if cost.bytes > limit:
        what = f"about {_bytes(cost.bytes)} of memory, and {_bytes(limit)} are allowed"
    else:
        what = f"about {in_words(cost.seconds)} of processor time, and {in_words(seconds)} are allowed"
    simplices = (
        f"{cost.tetrahedra:.2g} tetrahedra" if cost.tetrahedra > cost.triangles else f"{cost.triangles:.2g} triangles"
    )
    lower = f", homology up to dimension {cost.max_dim - 1}" if cost.max_dim > 1 else ""
    raise wb.DataError(
        f"Homology up to dimension {cost.max_dim} of {cost.points:,} points ({simplices}) would take {what}. "
        f"Take fewer landmarks ({_fewer(cost, limit, seconds):,} would do){lower} or a smaller threshold."
    )


def refuse_together(cost: Cost, points: int, draws: int) -> float:
    """Predicted seconds of a barcode and of those of random draws beside it, refused beyond half an hour.

    Parameters
    ----------
    cost : of the barcode.
    points, draws : of each draw, and how many there are.

    Raises
    ------
    DataError
        with what it would take, what is allowed, and what takes less.
    """
    pairs = PAIR_SECONDS * float(cost.points) ** 2
    share = points / cost.points
    one = share**2 * pairs + share ** (cost.max_dim + 2) * (cost.seconds - pairs)
    total = cost.seconds + draws * one
    try:
        refuse(replace(cost, seconds=total), seconds=MOST_SECONDS_TOGETHER)
    except wb.DataError as error:
        raise wb.DataError(
            f"With {draws} random draws of {points:,} points each it takes too long. {error} Fewer 'draws' help, too."
        ) from None
    return total


def _cliques(joined: NDArray[np.bool_], tetrahedra: bool, random: np.random.Generator) -> tuple[float, float]:
    """Triangles and tetrahedra of a graph, from those at each of its points, or at 200 of them."""
    m = len(joined)
    looked = np.arange(m) if m <= VERTICES else random.choice(m, VERTICES, replace=False)
    three = four = 0.0
    for vertex in looked:
        near = np.flatnonzero(joined[vertex])
        if len(near) < 2:
            continue
        three += _link_edges(joined, near, random)
        if tetrahedra and len(near) >= 3:
            four += _link_triangles(joined, near, random)
    share = m / len(looked)
    return three * share / 3, four * share / 4


def _link_edges(joined: NDArray[np.bool_], near: NDArray[np.int64], random: np.random.Generator) -> float:
    """Edges among the neighbours of a point: counted when few, estimated from random pairs when many."""
    d = len(near)
    if d * d <= 2 * PAIRS:
        return np.count_nonzero(joined[np.ix_(near, near)]) / 2
    i, j = random.integers(d, size=(2, PAIRS))
    return float(joined[near[i], near[j]][i != j].mean()) * math.comb(d, 2)


def _link_triangles(joined: NDArray[np.bool_], near: NDArray[np.int64], random: np.random.Generator) -> float:
    """Triangles among them."""
    d = len(near)
    if d <= 60:
        table = joined[np.ix_(near, near)].astype(np.float32)
        return float(((table @ table) * table).sum(dtype=np.float64)) / 6
    i, j, k = random.integers(d, size=(3, TRIPLES))
    different = (i != j) & (j != k) & (i != k)
    i, j, k = near[i[different]], near[j[different]], near[k[different]]
    return float((joined[i, j] & joined[j, k] & joined[i, k]).mean()) * math.comb(d, 3)


def _fewer(cost: Cost, limit: float, seconds: float) -> int:
    """Points of the same shape that stay within the limits, two digits of them."""
    shrink = 1.0
    pairs = float(cost.points) ** 2
    order = cost.max_dim + 2
    for all_, of_pairs, most in (
        (cost.bytes, PAIR_BYTES * pairs, limit),
        (cost.seconds, PAIR_SECONDS * pairs, seconds),
    ):
        step = 1.0
        while step > 1e-6 and step**2 * of_pairs + step**order * (all_ - of_pairs) > most:
            step *= 0.98
        shrink = min(shrink, step)
    points = max(1.0, cost.points * shrink)
    digit = 10 ** max(0, math.floor(math.log10(points)) - 1)
    return int(points // digit * digit)


def _bytes(number: float) -> str:
    """A number of bytes for people: 1.5 GB."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            return f"{number:.3g} {unit}"
        number /= 1000
    raise AssertionError


def in_words(number: float) -> str:
    """A duration for people."""
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if number >= 2 * size:
            return f"{number / size:,.0f} {unit}"
    return f"{number:.2g} seconds"
