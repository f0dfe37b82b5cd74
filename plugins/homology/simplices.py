# SPDX-License-Identifier: Apache-2.0
"""Simplices that make and end bars, and the bars read back from them in double precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Simplices that make and end the bars of one dimension, by the vertices they have.

    Attributes
    ----------
    bars : float64 [n, 2], as in a barcode over Z/2.
    births : int64 [n, k + 1], the simplex with which the bar begins: a point, an edge, a triangle.
    deaths : int64 [n, k + 2], the simplex that ends it: an edge, a triangle, a tetrahedron; -1 where it does not end.
    birth_edges, death_edges : int64 [n, 2], the longest edge of each, whose length is the birth or death; -1 where
        there is none (a point at birth, no end).
    """

    bars: Float64
    births: Int64
    deaths: Int64
    birth_edges: Int64
    death_edges: Int64


def pairs_of(table: Float64, simplices: Sequence[tuple[Sequence[int], Sequence[int]]], k: int) -> Pairs:
    """Bars of the simplices, exactly."""
    births = np.array([birth for birth, _ in simplices], dtype=np.int64).reshape(-1, k + 1)
    never = [-1] * (k + 2)
    deaths = np.array([death or never for _, death in simplices], dtype=np.int64).reshape(-1, k + 2)
    birth_edges, born = longest_edges(table, births)
    death_edges, died = longest_edges(table, deaths)
    return Pairs(np.stack([born, died], axis=1), births, deaths, birth_edges, death_edges)


def longest_edges(table: Float64, simplices: Int64) -> tuple[Int64, Float64]:
    """The longest edge [n, 2] and its length [n] of simplices [n, v]; a point has -1 and 0, no simplex -1 and inf."""
    n, v = simplices.shape
    edges = np.full((n, 2), -1, dtype=np.int64)
    longest = np.full(n, -1.0)
    for i in range(v):
        for j in range(i + 1, v):
            ends = simplices[:, [i, j]]
            lengths = table[ends[:, 0], ends[:, 1]]
            longer = lengths > longest
            edges[longer], longest[longer] = ends[longer], lengths[longer]
    missing = simplices[:, 0] < 0
    edges[missing] = -1
    return edges, np.where(missing, np.inf, np.maximum(longest, 0.0))


def pairs_by_ranks(table: Float64, dimension: int, limit: float, bars_of: Callable[[Float64, float], Float64]) -> Pairs:
    """Simplices from an engine that gives scales only: `bars_of` distances and a threshold gives those of a dimension.

    With the distances put in one strict order (equal ones by position) and ranks in their place, a scale names its
    edge. A strict order that refines the distances has the same bars, once read back.
    """
    m = len(table)
    rows, columns = np.triu_indices(m, 1)
    lengths = table[rows, columns]
    order = np.argsort(lengths, kind="stable")
    ranks = np.zeros((m, m))
    ranks[rows[order], columns[order]] = ranks[columns[order], rows[order]] = np.arange(1.0, len(order) + 1)
    bars = bars_of(ranks, float(np.count_nonzero(lengths <= limit)))

    def edges_of(scales: Float64) -> Int64:
        found = np.full((len(scales), 2), -1, dtype=np.int64)
        named = np.isfinite(scales) & (scales > 0)
        place = order[scales[named].astype(np.int64) - 1]
        found[named] = np.stack([rows[place], columns[place]], axis=1)
        return found

    birth_edges, death_edges = edges_of(bars[:, 0]), edges_of(bars[:, 1])
    births = np.array([_roundest(ranks, edge, dimension + 1) for edge in birth_edges], dtype=np.int64)
    deaths = np.array([_roundest(ranks, edge, dimension + 2) for edge in death_edges], dtype=np.int64)
    if dimension == 0:  # the later point of the edge that ends the piece stands for it
        births = np.where(death_edges[:, 1:] >= 0, death_edges[:, 1:], 0)
    births, deaths = births.reshape(-1, dimension + 1), deaths.reshape(-1, dimension + 2)
    born = np.zeros(len(bars)) if dimension == 0 else table[tuple(birth_edges.T)]
    died = np.where(death_edges[:, 0] >= 0, table[tuple(death_edges.T)], np.inf)
    return Pairs(np.stack([born, died], axis=1), births, deaths, birth_edges, death_edges)


def _roundest(ranks: Float64, edge: Int64, vertices: int) -> list[int]:
    """An edge made a simplex: one vertex after the other, each as far as it can be without a longer edge."""
    if edge[0] < 0:
        return [-1] * vertices
    longest = ranks[edge[0], edge[1]]

    def grown(chosen: list[int]) -> list[int] | None:
        if len(chosen) == vertices:
            return chosen
        least = ranks[chosen].min(axis=0)  # 0 at the chosen themselves
        near = np.flatnonzero((ranks[chosen].max(axis=0) < longest) & (least > 0))
        for one in near[np.argsort(-least[near])]:
            if found := grown([*chosen, int(one)]):
                return found
        return None

    return sorted(grown([int(edge[0]), int(edge[1])]) or [-1] * vertices)
