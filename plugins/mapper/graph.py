# SPDX-License-Identifier: Apache-2.0
"""Mapper: the shape of a set of samples as a small graph, with samples at its nodes.

Idea: look at the samples through a lens (a number or two for each), cut the range of the lens into intervals that
overlap, take the samples of each interval apart into pieces, and join two pieces that share samples. A circle seen from
the side becomes a cycle of nodes, a branching shape a tree.

The *overlap* of two neighbouring intervals A and B is the share |A and B| / |A| of an interval's length that is also in
the next one. It is below one half, so that no sample lies in three intervals of one lens.

Source: Singh, Memoli and Carlsson, "Topological methods for the analysis of high dimensional data sets and 3D object
recognition", Eurographics Symposium on Point-Based Graphics, 2007; Carriere, Michel and Oudot, "Statistical analysis
and parameter selection for Mapper", Journal of Machine Learning Research 19, 2018, section 4.2 (the radius).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.mapper.clustering import Clustering, nearest, pieces

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

DRAWS = 20  # subsets from which the radius is estimated


@dataclass(frozen=True)
class Graph:
    """Pieces of overlapping intervals, and which of them share samples.

    Attributes
    ----------
    nodes : for each node the positions of its samples, int64, ascending.
    cells : int64 ``[v, l]``, which interval of each lens a node comes from.
    lens : float64 ``[v, l]``, mean of the lens over the samples of a node.
    edges : int64 ``[e, 2]``, nodes that share samples, the smaller number first.
    overlaps : int64 ``[e]``, how many they share.
    radius : samples no farther apart than this are in one piece.
    """

    nodes: tuple[Int64, ...]
    cells: Int64
    lens: Float64
    edges: Int64
    overlaps: Int64
    radius: float

    @property
    def pieces(self) -> int:
        """Number of connected components of the graph."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        v = len(self.nodes)
        links = coo_array((np.ones(len(self.edges)), (self.edges[:, 0], self.edges[:, 1])), (v, v))
        return int(connected_components(links, directed=False)[0])

    @property
    def loops(self) -> int:
        """Number of independent cycles of the graph: edges - nodes + pieces. With two lenses corners add small ones."""
        return len(self.edges) - len(self.nodes) + self.pieces


def intervals(low: float, high: float, count: int, overlap: float) -> Float64:
    """Equal closed intervals over a range, each sharing this share of its length with the next, float64 ``[count, 2]``.

    >>> intervals(0.0, 10.0, 3, overlap=0.25)
    array([[ 0.,  4.],
           [ 3.,  7.],
           [ 6., 10.]])
    """
    length = (high - low) / (1 + (count - 1) * (1 - overlap))
    starts = low + np.arange(count) * length * (1 - overlap)
    cover = np.stack([starts, starts + length], axis=1)
    cover[-1, 1] = high  # without rounding, so that the last sample is in
    return cover


def mapper(
    points: Any,
    lens: Any,
    *,
    count: int = 10,
    overlap: float = 0.3,
    cover: Literal["length", "samples"] = "length",
    radius: float | None = None,
    smallest: int = 1,
    clustering: Clustering = "linkage",
    seed: int = 0,
) -> Graph:
    """The Mapper graph of samples seen through a lens.

    Parameters
    ----------
    points : float ``[n, d]``.
    lens : float ``[n]`` or ``[n, l]``, one or a few numbers for each sample (a coordinate, a principal component).
    count : intervals of each lens, at least 1.
    overlap : share of an interval that is also in the next, above 0 and below 0.5.
    cover : "length": intervals are equally long; "samples": on the ranks of the lens, so that they (and their overlaps)
        hold equally many samples, but for ties.
    radius : samples no farther apart than this are joined; by default `typical_radius`.
    smallest : pieces of fewer samples are left out.
    clustering : how the samples of an interval are taken apart, see `plugins.mapper.clustering.pieces`.
    seed : of the subsets from which the radius is estimated.

    Raises
    ------
    DataError : shapes that do not fit, NaN, no samples, or too many of them in one interval.
    ParameterError : a count, overlap, radius or smallest piece out of range.
    """
    values, through = _checked(points, lens)
    if count < 1 or not 0 < overlap < 0.5 or smallest < 1 or cover not in ("length", "samples"):
        raise wb.ParameterError(
            "Mapper takes at least 1 interval, an overlap above 0 and below 0.5, a smallest piece of at least 1 sample "
            f'and a cover by "length" or "samples", but was given {count}, {overlap:g}, {smallest} and {cover!r}.'
        )
    if radius is None:
        radius = typical_radius(values, seed=seed)
    elif not 0 <= radius < math.inf:
        raise wb.ParameterError(f"The radius of Mapper is a length of at least 0, but is {radius:g}.")
    inside = [_members(one, count, overlap, cover) for one in through.T]
    nodes: list[Int64] = []
    cells: list[tuple[int, ...]] = []
    for cell in product(*(range(len(one)) for one in inside)):
        held = np.flatnonzero(np.logical_and.reduce([inside[axis][k] for axis, k in enumerate(cell)]))
        for piece in pieces(values, held.astype(np.int64), radius, clustering):
            if len(piece) >= smallest:
                nodes.append(piece)
                cells.append(cell)
    edges, overlaps = _nerve(nodes, len(values))
    means = np.array([through[node].mean(axis=0) for node in nodes]).reshape(len(nodes), through.shape[1])
    shape = (len(nodes), through.shape[1])
    return Graph(tuple(nodes), np.array(cells, dtype=np.int64).reshape(shape), means, edges, overlaps, radius)


def typical_radius(points: Any, *, seed: int = 0, draws: int = DRAWS) -> float:
    """How far the samples are from a random subset of ``n / log(n)`` of them at most, mean over the draws.

    The rule of Carriere, Michel and Oudot (section 4.2, with an exponent of 1.001) for the radius below which samples
    are neighbours. It follows the sparsest places: with outliers give a radius of your own.
    """
    values = np.asarray(points, dtype=np.float64)
    n = len(values)
    size = max(1, min(n - 1, int(n / math.log(n) ** 1.001))) if n > 2 else 1
    random = np.random.default_rng(seed)
    farthest = []
    for _ in range(draws):
        subset = values[random.choice(n, size, replace=False)]
        farthest.append(float(nearest(values, subset).max()))
    return float(np.mean(farthest))


def _checked(points: Any, lens: Any) -> tuple[Float64, Float64]:
    """Points ``[n, d]`` and lens ``[n, l]`` as float64."""
    values = np.asarray(points, dtype=np.float64)
    through = np.asarray(lens, dtype=np.float64)
    through = through[:, None] if through.ndim == 1 else through
    if values.ndim != 2 or through.ndim != 2 or len(through) != len(values) or not through.shape[1]:
        raise wb.DataError(f"Mapper needs a lens value for each sample, but has {through.shape} for {values.shape}.")
    if not len(values):
        raise wb.DataError("Mapper needs at least one sample.")
    if not (np.isfinite(values).all() and np.isfinite(through).all()):
        raise wb.DataError("Samples or their lens have values that are not finite; leave these rows out.")
    return values - values.mean(axis=0), through  # near 0 products lose no digits


def _members(lens: Float64, count: int, overlap: float, cover: str) -> list[NDArray[np.bool_]]:
    """For each interval of one lens which samples are in it."""
    if cover == "samples":
        from scipy.stats import rankdata

        lens = rankdata(lens, method="average")
    if lens.min() == lens.max():
        count = 1  # a lens that sees nothing is one interval, not the same one many times
    cuts = intervals(float(lens.min()), float(lens.max()), count, overlap)
    return [(low <= lens) & (lens <= high) for low, high in cuts]


def _nerve(nodes: list[Int64], n: int) -> tuple[Int64, Int64]:
    """Pairs of nodes that share samples ``[e, 2]``, and how many ``[e]``."""
    from scipy.sparse import csr_array, triu

    if not nodes:
        return np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=np.int64)
    bounds = np.cumsum([0, *map(len, nodes)])
    held = csr_array((np.ones(bounds[-1], dtype=np.int64), np.concatenate(nodes), bounds), (len(nodes), n))
    shared = triu(held @ held.T, k=1).tocoo()
    order = np.lexsort((shared.col, shared.row))
    edges = np.stack([shared.row, shared.col], axis=1)[order].astype(np.int64)
    return edges, np.asarray(shared.data[order], dtype=np.int64)
