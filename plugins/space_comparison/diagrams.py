# SPDX-License-Identifier: Apache-2.0
"""Persistence diagrams of a cloud in units of its median distance, and how far two of them are apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.homology import gudhi_adapter
from plugins.homology.engines import rips

Float64 = NDArray[np.float64]
Diagrams = tuple[Float64, ...]

RELATIVE = 0.001  # error of the bottleneck distance, relative to it


def diagrams(distances: Float64, max_dim: int, unit: float) -> Diagrams:
    """Bars that end, ``[m, 2]`` for each dimension 0 .. ``max_dim``, of a Vietoris-Rips complex over Z/2.

    Parameters
    ----------
    distances : ``[n, n]``
    unit : what births and deaths are divided by, the median distance of the whole sample

    The one piece that never ends is in every diagram and left out.
    """
    found = rips(distances, max_dim)
    kept = []
    for dimension in range(max_dim + 1):
        bars = found.dimension(dimension)
        kept.append(bars[np.isfinite(bars[:, 1])] / unit)
    return tuple(kept)


def bottleneck(one: Float64, other: Float64) -> float:
    """Bottleneck distance of two diagrams ``[m, 2]``: the largest move of the best matching, in the largest coordinate.

    By Hera, up to a relative error of 0.001. Source: Kerber, Morozov and Nigmetov, "Geometry helps to compare
    persistence diagrams", Journal of Experimental Algorithmics 22, 2017.

    >>> round(bottleneck(np.array([[0.0, 1.0]]), np.array([[0.0, 1.2]])), 3)
    0.2
    """
    return gudhi_adapter.bottleneck(one, other, RELATIVE)


def wasserstein(one: Float64, other: Float64) -> float:
    """Wasserstein distance of order 1 of two diagrams ``[m, 2]``: the sum of all moves of the best matching.

    Moves are measured in the largest coordinate, as those of the bottleneck distance, so that it is never smaller; a
    bar without a partner moves half its length. Exact optimal transport. Source: Lacombe, Cuturi and Oudot, "Large
    scale computation of means and clusters for persistence diagrams using optimal transport", NeurIPS 31, 2018.

    >>> wasserstein(np.array([[0.0, 1.0]]), np.empty((0, 2)))
    0.5
    """
    if len(one) == 0 or len(other) == 0:
        whole = np.concatenate([one, other])
        return float((whole[:, 1] - whole[:, 0]).sum() / 2)
    return gudhi_adapter.wasserstein(one, other)
