# SPDX-License-Identifier: Apache-2.0
"""A few hundred points that stand for all, chosen so that outliers do not decide the shape.

Idea: farthest-point sampling covers a space evenly, but picks outliers first: with one outlier in a hundred the loops
of a million points are gone. So the sparsest share of the points, those farthest from their k-th neighbour, is set
aside first. They are named in the result, not forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]
How = Literal["trimmed", "random", "farthest"]
POOL = 100_000  # points among which landmarks are looked for at most
POOL_BYTES = 128 * 2**20  # of their coordinates in single precision
REFERENCE = 20_000  # points among which neighbours are looked for at most
BLOCK_BYTES = 16 * 2**20  # of distances or coordinates worked on at a time
SEED = 0x1A4D


@dataclass(frozen=True)
class Landmarks:
    """Landmarks of n points, by position in them.

    Attributes
    ----------
    positions : int64 [m], the landmarks in the order they were chosen; of "trimmed" and "farthest" the first of them
        are landmarks too, of a coarser kind. Fewer than asked for where there are no more different points.
    trimmed : int64 [t], ascending, the sparse points of the pool that could not become landmarks.
    pool : int64 [p], ascending, the points that were looked at: all, or a random part of very many.
    covering_radius : farthest distance of a point of the pool that was not trimmed from its nearest landmark.
    nearest : int64 [n], for every point the index in `positions` of its nearest landmark.
    distances : float32 [n], its distance from it; trimmed or not, points farther than the covering radius are not
        represented.
    counts : int64 [m], points whose nearest landmark this is.
    """

    positions: Int64
    trimmed: Int64
    pool: Int64
    covering_radius: float
    nearest: Int64
    distances: Float32
    counts: Int64

    @property
    def outside(self) -> Int64:
        """Positions of all points farther than the covering radius from every landmark, ascending."""
        return np.flatnonzero(self.distances > self.covering_radius * (1 + 1e-6)).astype(np.int64)


def landmarks(points: Any, m: int, *, how: How = "trimmed", trim: float = 0.2, k: int = 10, seed: int = 0) -> Landmarks:
    """Choose m landmarks of the points.

    Parameters
    ----------
    points : [n, d] finite numbers, an array or memory map; read in blocks, never copied whole.
    m : how many.
    how : "trimmed", the sparsest share set aside, then each next landmark as far from the others as possible;
        "farthest", the same without trimming; "random", without replacement.
    trim : share of the pool that is set aside, 0 to 0.9.
    k : the neighbour whose distance says how sparse it is around a point.
    seed : of the pool, of the reference for neighbours and of the first landmark.

    Beyond 100,000 points (fewer of very wide ones) the landmarks are looked for in a random pool of that size, and
    neighbours among 20,000 of it. Euclidean distances, in single precision on centred points; those reported are exact
    for the pairs named.

    Raises
    ------
    DataError
        no points, NaN or infinity, m below 1, a share out of range.

    Sources: Gonzalez 1985 (farthest-point, within twice the best covering radius); de Silva, Carlsson 2004 (maxmin
    landmarks); trimming by distance to the k-th neighbour: Carlsson, Ishkhanov, de Silva, Zomorodian 2008, section 3.

    Examples
    --------
    >>> line = np.array([[0.0], [0.1], [0.2], [1.0], [9.0]])
    >>> chosen = landmarks(line, 2, trim=0.2, k=1)
    >>> chosen.trimmed.tolist(), chosen.covering_radius < 1
    ([4], True)
    """
    if m < 1:
        raise wb.DataError(f"At least 1 landmark is needed, not {m}.")
    if not 0 <= trim <= 0.9:
        raise wb.DataError(f"The share set aside is 0 to 0.9, not {trim:g}.")
    if k < 1:
        raise wb.DataError(f"The neighbour that says how sparse it is around a point is at least the 1st, not {k}.")
    table = _table(points)
    centre, scale = _checked(table)
    random = np.random.default_rng([SEED, seed])
    pool = _pool(table, random)
    values = _scaled(table[pool], centre, scale)
    dense = np.ones(len(pool), dtype=bool)
    if how == "trimmed":
        dense = ~_sparsest(values, trim, k, random)
    elif how not in ("random", "farthest"):
        raise wb.DataError(f"Landmarks are 'trimmed', 'random' or 'farthest', not {how!r}.")
    if how == "random":
        positions = random.choice(len(table), min(m, len(table)), replace=False).astype(np.int64)
    else:
        kept = np.flatnonzero(dense)
        positions = pool[kept[_farthest(values[kept], m, random)]]
    nearest, away = _nearest(table, positions, centre, scale)
    return Landmarks(
        positions=positions,
        trimmed=pool[~dense],
        pool=pool,
        covering_radius=float(away[pool[dense]].max()),
        nearest=nearest,
        distances=away,
        counts=np.bincount(nearest, minlength=len(positions)).astype(np.int64),
    )


def landmarks_of_table(
    distances: Float32, m: int, *, how: How = "trimmed", trim: float = 0.2, k: int = 10, seed: int = 0
) -> Landmarks:
    """`landmarks` of points of which the distances ``[n, n]`` alone are known; all of them are looked at.

    Examples
    --------
    >>> line = np.array([0.0, 0.1, 0.2, 1.0, 9.0], dtype=np.float32)
    >>> landmarks_of_table(np.abs(line[:, None] - line), 2, trim=0.2, k=1).trimmed.tolist()
    [4]
    """
    random = np.random.default_rng([SEED, seed])
    n = len(distances)
    dense = np.ones(n, dtype=bool)
    if how == "trimmed":
        sparse = np.partition(distances, min(k, n - 1), axis=1)[:, min(k, n - 1)]
        dense[np.argsort(-sparse, kind="stable")[: int(trim * n)]] = False
    if how == "random":
        positions = random.choice(n, min(m, n), replace=False).astype(np.int64)
    else:
        kept = np.flatnonzero(dense)
        taken = [int(kept[random.integers(len(kept))])]
        away = distances[taken[0], kept].copy()
        while len(taken) < m and away.max() > 0:
            taken.append(int(kept[away.argmax()]))
            np.minimum(away, distances[taken[-1], kept], out=away)
        positions = np.array(taken, dtype=np.int64)
    nearest = distances[:, positions].argmin(axis=1).astype(np.int64)
    away = distances[np.arange(n), positions[nearest]].astype(np.float32)
    return Landmarks(
        positions=positions,
        trimmed=np.flatnonzero(~dense).astype(np.int64),
        pool=np.arange(n, dtype=np.int64),
        covering_radius=float(away[dense].max()),
        nearest=nearest,
        distances=away,
        counts=np.bincount(nearest, minlength=len(positions)).astype(np.int64),
    )


def _table(points: Any) -> NDArray[Any]:
    """Points [n, d] as they lie."""
    table = points if isinstance(points, np.ndarray) else np.asarray(points)
    if table.dtype.kind not in "fiub":
        raise wb.DataError(f"Points must be real numbers, but are of type {table.dtype}.")
    if table.ndim == 0 or not len(table):
        raise wb.DataError("There are no points.")
    return table.reshape(len(table), -1)


def _blocks(table: NDArray[Any], bytes_a_row: int) -> Iterator[slice]:
    """Slices of rows that stay within the bytes of a block."""
    step = max(1, BLOCK_BYTES // max(1, bytes_a_row))
    for start in range(0, len(table), step):
        yield slice(start, min(start + step, len(table)))


def _checked(table: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
    """The centre of finite points, and a scale by which single precision holds their squares."""
    total = np.zeros(table.shape[1])
    largest, bad, first = 0.0, 0, -1
    for rows in _blocks(table, 8 * table.shape[1]):
        part = table[rows].astype(np.float64)
        finite = np.isfinite(part).all(axis=1)
        if not finite.all():
            bad += int((~finite).sum())
            first = first if first >= 0 else rows.start + int(np.argmin(finite))
            continue
        total += part.sum(axis=0)
        largest = max(largest, float(np.abs(part).max(initial=0.0)))
    if bad:
        raise wb.DataError(
            f"{bad} of {len(table)} points hold NaN or infinity (the first is at position {first}); leave them out."
        )
    return total / len(table), largest or 1.0


def _scaled(part: NDArray[Any], centre: NDArray[np.float64], scale: float) -> Float32:
    """Points less their centre, in units of the scale, in single precision."""
    values = part.astype(np.float64)
    values -= centre
    values /= scale
    return values.astype(np.float32)


def _pool(table: NDArray[Any], random: np.random.Generator) -> Int64:
    """Positions of all points, or of a random part that fits, ascending."""
    most = min(POOL, max(1000, POOL_BYTES // (4 * max(1, table.shape[1]))))
    if len(table) <= most:
        return np.arange(len(table), dtype=np.int64)
    return np.sort(random.choice(len(table), most, replace=False)).astype(np.int64)


def _sparsest(values: Float32, trim: float, k: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """Which points are farthest from their k-th neighbour: the share asked for, ties by position."""
    import faiss

    n = len(values)
    sparse = np.zeros(n, dtype=bool)
    k = min(k, n - 1)
    drop = int(trim * n)
    if drop == 0 or k < 1:
        return sparse
    reference = np.arange(n)
    if n > REFERENCE:
        reference = np.sort(random.choice(n, REFERENCE, replace=False))
    index = faiss.IndexFlatL2(values.shape[1])
    index.add(np.ascontiguousarray(values[reference]))
    away = np.empty(n, dtype=np.float32)
    member = np.zeros(n, dtype=bool)
    member[reference] = True
    step = max(256, BLOCK_BYTES // (8 * (k + 1)))
    for start in range(0, n, step):
        part = slice(start, start + step)
        squared = index.search(np.ascontiguousarray(values[part]), k + 1)[0]
        # a member of the reference finds itself first
        away[part] = np.where(member[part], squared[:, k], squared[:, k - 1])
    sparse[np.argsort(-away, kind="stable")[:drop]] = True
    return sparse


def _farthest(values: Float32, m: int, random: np.random.Generator) -> Int64:
    """Indices of up to m points: the first at random, each next as far from all before as possible."""
    chosen = np.empty(min(m, len(values)), dtype=np.int64)
    chosen[0] = random.integers(len(values))
    away = np.full(len(values), np.inf, dtype=np.float32)
    for position in range(1, len(chosen)):
        last = chosen[position - 1]
        for rows in _blocks(values, 4 * values.shape[1]):
            difference = values[rows] - values[last]
            np.minimum(away[rows], np.einsum("ij,ij->i", difference, difference), out=away[rows])
        chosen[position] = int(np.argmax(away))
        if away[chosen[position]] == 0:  # the rest are duplicates of landmarks
            return chosen[:position]
    return chosen


def _nearest(table: NDArray[Any], positions: Int64, centre: NDArray[np.float64], scale: float) -> tuple[Int64, Float32]:
    """For every point the index of its nearest landmark and its distance, block by block."""
    chosen = _scaled(table[positions], centre, scale)
    halves = (np.einsum("ij,ij->i", chosen, chosen) / 2).astype(np.float32)
    nearest = np.empty(len(table), dtype=np.int64)
    away = np.empty(len(table), dtype=np.float32)
    for rows in _blocks(table, 4 * len(positions) + 12 * table.shape[1]):
        part = _scaled(table[rows], centre, scale)
        products = part @ chosen.T
        products -= halves  # |x - y|^2 / 2 is least where x.y - |y|^2 / 2 is largest
        nearest[rows] = products.argmax(axis=1)
        part -= chosen[nearest[rows]]
        away[rows] = np.sqrt(np.einsum("ij,ij->i", part, part)) * scale
    strayed = (nearest[positions] != np.arange(len(positions))) & (away[positions] > 0)  # by rounding
    for index in np.flatnonzero(strayed):
        nearest[positions[index]], away[positions[index]] = index, 0.0
    return nearest, away
