# SPDX-License-Identifier: Apache-2.0
"""The points nearest to a sum, with and without those that went into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from registry.arrays import Array

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Nearest:
    """Points by their distance from the sum, the nearest first.

    Attributes
    ----------
    positions : among the points, int64 ``[m]``
    distances : Euclidean, or 1 less the cosine, float64 ``[m]``
    inputs : whether each went into the sum, bool ``[m]``
    """

    positions: Int64
    distances: Float64
    inputs: NDArray[np.bool_]

    def without_inputs(self) -> Int64:
        """Positions of those that did not go into the sum."""
        return self.positions[~self.inputs]


def nearest(code: Any, points: Array, inputs: Any, *, metric: str = "euclidean", count: int | None = None) -> Nearest:
    """Rank ``points [n, d]`` by their distance from ``code [d]``; ``inputs`` are positions of those that made it.

    The usual report of word analogies leaves the words of the question out of the answers; with them the nearest word
    is mostly one of the question (Linzen, *Issues in evaluating semantic spaces using word analogies*, 2016).

    >>> words = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [1.0, 2.0]])
    >>> found = nearest([1.0, 1.1], words, [1])
    >>> found.positions.tolist(), found.without_inputs().tolist()
    ([3, 1, 2, 0], [3, 2, 0])
    """
    distances = distances_of(np.asarray(code, dtype=np.float64)[None], points, metric)[0]
    order = np.argsort(distances, kind="stable")
    is_input = np.isin(order, np.asarray(inputs, dtype=np.int64))
    if count is not None:
        kept = np.zeros(len(order), dtype=np.bool_)
        kept[:count] = True
        kept[np.flatnonzero(~is_input)[:count]] = True  # as many without the inputs
        order, is_input = order[kept], is_input[kept]
    return Nearest(order.astype(np.int64), distances[order], is_input)


def distances_of(codes: Float64, points: Array, metric: str) -> Float64:
    """Distances float64 ``[m, n]`` of ``codes [m, d]`` from ``points [n, d]``; a zero vector has cosine 0 to all."""
    there = np.asarray(points, dtype=np.float64)
    if metric == "cosine":
        return np.asarray(1 - unit(codes) @ unit(there).T)
    squared = np.square(codes).sum(axis=1)[:, None] - 2 * codes @ there.T + np.square(there).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def unit(points: Any) -> Float64:
    """Points brought to length 1, float64 ``[n, d]``; zero vectors stay."""
    given = np.asarray(points, dtype=np.float64)
    length = np.linalg.norm(given, axis=1, keepdims=True)
    return np.asarray(given / np.where(length > 0, length, 1.0))
