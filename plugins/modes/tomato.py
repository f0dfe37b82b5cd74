# SPDX-License-Identifier: Apache-2.0
"""ToMATo by GUDHI: a graph and a density in, peaks with their saddles and clusters out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugins.homology import gudhi_adapter

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Merges:
    """Every peak of a density on a graph.

    Attributes
    ----------
    pairs : float64 ``[a, 2]``, height of each peak that meets a higher one, and height of the saddle between them.
    tops : float64 ``[p]``, height of the highest peak of each piece of the graph.
    clusters : gives the labels int64 ``[n]`` for a number of clusters, at least as many as pieces.
    """

    pairs: Float64
    tops: Float64
    clusters: Callable[[int], Int64]


def merges(neighbours: Int64, density: Float64) -> Merges:
    """Let every sample climb along its neighbours ``[n, k]`` (made mutual) in its log density ``[n]``.

    Source: Chazal, Guibas, Oudot and Skraba, "Persistence-based clustering in Riemannian manifolds", Journal of the ACM
    60, 2013, algorithm 1.
    """
    tomato = gudhi_adapter.tomato(neighbours, density)

    def clusters(count: int) -> Int64:
        tomato.n_clusters_ = count
        return np.asarray(tomato.labels_, dtype=np.int64)

    pairs = np.asarray(tomato.diagram_, dtype=np.float64).reshape(-1, 2)
    return Merges(pairs, np.asarray(tomato.max_weight_per_cc_, dtype=np.float64), clusters)
