# SPDX-License-Identifier: Apache-2.0
"""Vietoris-Rips persistent homology behind one door.

Idea: the complex at scale r joins all points that are pairwise at most r apart; a bar is a piece, loop or void that is
born at one scale and filled at another. Which engine reduces the matrix does not change the bars:

* GUDHI (``RipsPersistence``, a fork of Ripser in double precision, any prime field) is the default;
* ``redzed-tda``, an extra, where it is faster: loops over Z/2 always (5 to 10 times), and voids over Z/2. Of 400 points
  or more whose edges collapse (spheres and blobs, not tori, tried on 150 points) it is given what GUDHI's collapse
  leaves: of a sphere of 500 points that takes 6 s, redzed alone 10 s, GUDHI with its collapse 8.5 s. It compares
  distances in single precision, so its bars are read back from the distances themselves, in double precision; bars
  shorter than 1e-7 of the largest distance may be missing;
* ripser.py alone gives cocycles.

Licences: GUDHI's ``RipsPersistence``, ripser.py and redzed-tda are MIT; but ``import gudhi`` itself loads extension
modules under the GPL v3 (those that use CGAL): see ``gudhi_adapter``.
"""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology import gudhi_adapter
from plugins.homology.simplices import Pairs, pairs_by_ranks, pairs_of
from plugins.homology.tables import check_prime, checked, limit_of

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Engine = Literal["auto", "gudhi", "redzed"]
HIGHEST = 3  # dimension of homology
COLLAPSES = 0.86  # share of edges left by a collapse below which it pays for voids
PROBED = 150  # points at which this is tried
MANY = 400  # points from which on it is tried
SINGLE = (1e-30, 1e30)  # largest distances with which single precision neither overflows nor underflows


@dataclass(frozen=True)
class Barcode:
    """Bars of each dimension.

    Attributes
    ----------
    bars : float64 [n_k, 2] of each dimension k, births and deaths in the unit of the distances, births rising; a bar
        that does not end (below the threshold) has death infinity; bars of no length are left out.
    field : the prime p of the coefficients Z/p.
    threshold : the scale up to which the complex was built; infinity where all of it was.
    """

    bars: tuple[Float64, ...]
    field: int
    threshold: float

    def dimension(self, k: int) -> Float64:
        """Bars of dimension k, [n, 2]; none where that dimension was not computed."""
        return self.bars[k] if 0 <= k < len(self.bars) else np.empty((0, 2))

    def lengths(self, k: int) -> Float64:
        """Death minus birth of the bars of dimension k, infinity where one does not end."""
        bars = self.dimension(k)
        lengths: Float64 = bars[:, 1] - bars[:, 0]
        return lengths

    def betti(self, scale: float, k: int) -> int:
        """How many bars of dimension k are alive at a scale: born at it or below, ending above it."""
        bars = self.dimension(k)
        return int(((bars[:, 0] <= scale) & (scale < bars[:, 1])).sum())


def rips(
    distances: Any,
    max_dim: int = 1,
    *,
    field: int = 2,
    threshold: float | None = None,
    engine: Engine = "auto",
) -> Barcode:
    """Barcode of the Vietoris-Rips complex.

    Parameters
    ----------
    distances : square [m, m], symmetric with zeros on the diagonal, or condensed [m (m - 1) / 2] in the order of
        ``scipy.spatial.distance.pdist``; not negative, not NaN. Infinity says that two points are never joined. The
        triangle inequality is not asked for.
    max_dim : highest dimension of homology, 0 to 3.
    field : prime p; bars over Z/2 and Z/3 differ where a space has torsion (Klein bottle, projective plane).
    threshold : largest scale; None: the enclosing radius, above which nothing happens.
    engine : "auto" chooses by what was measured (``benchmarks/bench_homology.py``).

    Raises
    ------
    DataError
        distances that are none, a dimension out of range, a field that is not prime, an engine that cannot do it.

    Source: Bauer 2021, Ripser, Journal of Applied and Computational Topology 5; implicit coboundary matrix, twist,
    enclosing radius (section 3).

    Examples
    --------
    >>> square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
    >>> found = rips(np.linalg.norm(square[:, None] - square[None], axis=2))
    >>> found.dimension(1).round(6).tolist()
    [[1.0, 1.414214]]
    """
    if not 0 <= max_dim <= HIGHEST:
        raise wb.DataError(f"Homology is computed up to dimension 0 to {HIGHEST}, not {max_dim}.")
    table = checked(distances)
    limit = limit_of(table, threshold)
    check_prime(field)
    chosen = _chosen(table, max_dim, field, limit, engine)
    if chosen == "redzed":
        reduce = engine == "auto" and max_dim == 2 and len(table) >= MANY and _collapses(table, limit)
        given = _collapsed(table, limit) if reduce else table
        bars = [_arranged(pairs.bars) for pairs in _redzed(given, max_dim, limit)]
    else:
        bars = [_arranged(one) for one in gudhi_adapter.rips_bars(table, max_dim, field, limit)]
    return Barcode(tuple(bars), field, limit)


def rips_cocycles(distances: Any, field: int = 47, threshold: float | None = None) -> tuple[Barcode, list[Int64]]:
    """Barcode of dimensions 0 and 1 with a cocycle of each loop, by ripser.py.

    Parameters
    ----------
    distances, threshold : as of `rips`.
    field : prime p. A large one: a cocycle over it is likely to be that of a whole number, which circular
        coordinates need.

    Returns
    -------
    The barcode, in single precision (1e-7 of the largest distance), and for each bar of dimension 1 in its order the
    cocycle: int64 [e, 3] of edges i, j and values v modulo p, for the edge from i to j (from j to i it has -v);
    it is one at scales from the birth to just below the death, where edges not named have value 0.

    Raises
    ------
    DataError
        as of `rips`.
    """
    from ripser import ripser

    table = checked(distances)
    limit = limit_of(table, threshold)
    check_prime(field)
    scale = _single_scale(table)
    table, bound = _beyond(table / scale if scale != 1 else table, limit / scale)
    given = ripser(table, maxdim=1, thresh=bound, coeff=field, distance_matrix=True, do_cocycles=True)
    dimensions = [np.asarray(one, dtype=np.float64).reshape(-1, 2) * scale for one in given["dgms"]]
    order = _order(dimensions[1])
    cocycles = [np.asarray(given["cocycles"][1][position], dtype=np.int64) for position in order]
    return Barcode((_arranged(dimensions[0]), dimensions[1][order]), field, limit), cocycles


def rips_pairs(distances: Any, dimension: int = 1, threshold: float | None = None) -> Pairs:
    """The simplices that make and end each bar of one dimension, over Z/2.

    Parameters
    ----------
    distances, threshold : as of `rips`.
    dimension : 0 to 3.

    Returns
    -------
    Bars as `rips` gives them and their simplices. Without redzed-tda the edges are exact, and their simplices are the
    roundest that have them as longest edge: they lie across the loop or void, but are not always those of the
    reduction.

    Raises
    ------
    DataError
        as of `rips`.

    Examples
    --------
    >>> square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
    >>> pairs = rips_pairs(np.linalg.norm(square[:, None] - square[None], axis=2))
    >>> pairs.births.shape, pairs.deaths.shape
    ((1, 2), (1, 3))
    """
    if not 0 <= dimension <= HIGHEST:
        raise wb.DataError(f"Homology is computed up to dimension 0 to {HIGHEST}, not {dimension}.")
    table = checked(distances)
    limit = limit_of(table, threshold)
    if has_redzed() and _single_scale(table) == 1:
        pairs = _redzed(table, dimension, limit)[dimension]
    else:
        pairs = pairs_by_ranks(
            table, dimension, limit, lambda ranks, most: gudhi_adapter.rips_bars(ranks, dimension, 2, most)[dimension]
        )
    kept = pairs.bars[:, 1] > pairs.bars[:, 0]
    order = np.flatnonzero(kept)[_order(pairs.bars[kept])]
    return Pairs(*(getattr(pairs, name)[order] for name in ("bars", "births", "deaths", "birth_edges", "death_edges")))


def has_redzed() -> bool:
    """Whether the extra redzed-tda is installed."""
    return importlib.util.find_spec("redzed_tda") is not None


def _chosen(table: Float64, max_dim: int, field: int, limit: float, engine: Engine) -> str:
    """Which engine does it."""
    able = field == 2 and _single_scale(table) == 1
    if engine == "gudhi":
        return "gudhi"
    if engine == "redzed":
        if not has_redzed():
            raise wb.DataError("redzed-tda is not installed: pip install 'latent-workbench[fast]'.")
        if not able:
            raise wb.DataError("redzed-tda computes over Z/2 and in single precision; take the engine 'gudhi'.")
        return "redzed"
    if engine != "auto":
        raise wb.DataError(f"The engine is 'auto', 'gudhi' or 'redzed', not {engine!r}.")
    return "gudhi" if not able or not has_redzed() or max_dim == 3 else "redzed"


def _collapses(table: Float64, limit: float) -> bool:
    """Whether enough edges go without a change of homology, tried on some points spread over the table."""
    some = np.linspace(0, len(table) - 1, PROBED).astype(np.int64)
    part = table[np.ix_(some, some)]
    edges = np.count_nonzero(np.triu(part <= limit, 1))
    return bool(gudhi_adapter.collapsed(part, limit)[0].size < COLLAPSES * edges)


def _collapsed(table: Float64, limit: float) -> Float64:
    """The table of a sparser graph with the same homology: scales of edges that are left, the others beyond the limit.

    Source: Glisse and Pritam 2022, Swap, shift and trim to edge collapse a filtration, SoCG 2022.
    """
    rows, columns, scales = gudhi_adapter.collapsed(table, limit)
    found = np.full_like(table, 4.0 * limit if limit > 0 else 1.0)
    np.fill_diagonal(found, 0.0)
    found[rows, columns] = found[columns, rows] = scales
    return found


def _single_scale(table: Float64) -> float:
    """A power of two by which distances are divided so that single precision holds them; 1 where it does anyway."""
    largest = float(table.max())
    if math.isinf(largest):
        largest = float(table.max(initial=0.0, where=np.isfinite(table)))
    if largest == 0 or SINGLE[0] < largest < SINGLE[1]:
        return 1.0
    return 2.0 ** math.frexp(largest)[1]


def _beyond(table: Float64, limit: float) -> tuple[Float64, float]:
    """The table for an engine in single precision, and the threshold to give it.

    An edge as long as the threshold belongs to the complex, but rounding may lift it above; so edges beyond the
    threshold are made much longer instead, and the threshold is put between.
    """
    if limit >= float(table.max(axis=1).min()) and math.isfinite(table.max()):
        return table, math.inf
    far = 4.0 * limit if limit > 0 else 1.0
    return np.where(table <= limit, table, far), far / 2


def _redzed(table: Float64, max_dim: int, limit: float) -> list[Pairs]:
    """Bars of each dimension by redzed-tda with their simplices, whose lengths are read from the table."""
    import redzed_tda

    given, bound = _beyond(table, limit)
    _, simplices = redzed_tda.rips(given, maxdim=max_dim, threshold=bound, simplex_pairs=True)
    return [pairs_of(table, simplices[k], k) for k in range(max_dim + 1)]


def _order(bars: Float64) -> Int64:
    """Positions of the bars by birth, then by death."""
    order: Int64 = np.lexsort((bars[:, 1], bars[:, 0]))
    return order


def _arranged(bars: Any) -> Float64:
    """Bars that have a length, by birth, then by death."""
    table = np.asarray(bars, dtype=np.float64).reshape(-1, 2)
    table = table[table[:, 1] > table[:, 0]]
    return table[_order(table)]
