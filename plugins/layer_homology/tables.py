# SPDX-License-Identifier: Apache-2.0
"""Distances of the rows at one step, in the metric that is asked for."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plugins.homology.distances import pairwise

Float64 = NDArray[np.float64]
Metric = Literal["euclidean", "cosine", "geodesic", "hops"]
WORDS = {
    "euclidean": "Euclidean distance",
    "cosine": "1 − cosine",
    "geodesic": "distance along the graph of neighbours",
    "hops": "number of edges along the graph of neighbours",
}


def straight(values: NDArray[np.float32], metric: Metric) -> Float64:
    """Distances ``[n, n]`` that ask no graph: by angle where that is the metric, else Euclidean."""
    return pairwise(values, "cosine" if metric == "cosine" else "euclidean")


def table_of(values: NDArray[np.float32], metric: Metric, k: int, known: Float64 | None = None) -> Float64:
    """Distances ``[n, n]``; ``known`` are the straight ones, where they are there already.

    Raises
    ------
    DataError
        As of `plugins.homology.distances.pairwise`.
    """
    if metric in ("euclidean", "cosine"):
        return straight(values, metric) if known is None else known
    if metric == "geodesic":
        return pairwise(values, "geodesic", k=k)
    return hops(straight(values, metric) if known is None else known, k)


def hops(distances: Float64, k: int) -> Float64:
    """Number of edges on the shortest way along the graph that joins each point to its k nearest, float64 ``[n, n]``.

    Infinite between pieces of the graph. Source: Naitzat, Zhitnikov and Lim, "Topology of deep neural networks",
    Journal of Machine Learning Research 21:184, 2020 (with k = 35 for their data set D-II).

    >>> line = np.array([0.0, 1.0, 2.0, 4.0])
    >>> hops(np.abs(line[:, None] - line), 1).tolist()[0]
    [0.0, 1.0, 2.0, 3.0]
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import shortest_path

    n = len(distances)
    k = min(k, n - 1)
    if k < 1:
        return np.zeros((n, n))
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    near = np.argsort(others, axis=1, kind="stable")[:, :k]
    graph = csr_matrix((np.ones(n * k), (np.repeat(np.arange(n), k), near.ravel())), shape=(n, n))
    ways = shortest_path(graph, method="D", directed=False, unweighted=True)
    return np.asarray(np.minimum(ways, ways.T), dtype=np.float64)


def plane_of(distances: Float64) -> tuple[Float64, float]:
    """Coordinates ``[m, 2]`` on the two principal components, from Euclidean distances, and their share of variance."""
    from plugins.layers.flat_maps import principal_plane

    squared = np.square(distances)
    rows = squared.mean(axis=1, keepdims=True)
    return principal_plane(-0.5 * (squared - rows - rows.T + squared.mean()))
