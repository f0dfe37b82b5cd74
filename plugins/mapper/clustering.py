# SPDX-License-Identifier: Apache-2.0
"""Taking the samples of one interval apart into pieces, in one of three ways."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Clustering = Literal["linkage", "average", "modes"]

BLOCK = 512  # samples whose distances are held at once
WIDE = 10  # axes beyond which distances are taken from products
LARGEST = {"linkage": 50_000, "average": 10_000, "modes": 50_000}  # samples of one interval: time or memory squared
FEWEST_OF_MODES = 10  # samples below which a density says nothing
ROUNDING = 1e-9


def pieces(points: Float64, held: Int64, radius: float, clustering: Clustering) -> list[Int64]:
    """Positions of the samples of each piece, ascending.

    Parameters
    ----------
    points : ``[n, d]``.
    held : positions of the samples of the interval, ascending.
    radius : for "linkage" and "average".
    clustering : "linkage": connected components of samples no farther apart than the radius (single linkage cut
        there); "average": average linkage cut at the radius, so that long pieces are cut; "modes": peaks of the density
        with the samples that climb to each (ToMATo), whatever the radius.

    Raises
    ------
    DataError : more samples than can be taken apart.
    """
    if len(held) > LARGEST[clustering]:
        raise wb.DataError(
            f"{len(held):,} samples lie in one interval, more than the {LARGEST[clustering]:,} that Mapper can take "
            "apart; take more intervals, or fewer samples."
        )
    if clustering == "average":
        return _average(points, held, radius)
    if clustering == "modes":
        return _modes(points, held)
    return _connected(points, held, radius)


def nearest(points: Float64, others: Float64) -> Float64:
    """Distance of each of ``points [n, d]`` to the nearest of ``others [m, d]``, float64 ``[n]``."""
    parts = [_squares(points[at : at + BLOCK], others).min(axis=1) for at in range(0, len(points), BLOCK)]
    return np.sqrt(np.concatenate(parts)) if parts else np.empty(0)


def _squares(points: Float64, others: Float64) -> Float64:
    """Squared distances ``[n, m]``: difference by difference for few axes, from single precision products for many.

    The points are centred; the products are off by some 1e-6 of the squared distance from their middle.
    """
    if points.shape[1] <= WIDE:
        from scipy.spatial.distance import cdist

        return np.asarray(cdist(points, others, "sqeuclidean"))
    squared = (points.astype(np.float32) @ others.astype(np.float32).T).astype(np.float64)
    squared *= -2
    squared += np.square(points).sum(axis=1)[:, None]
    squared += np.square(others).sum(axis=1)
    return np.maximum(squared, 0.0, out=squared)


def _connected(points: Float64, held: Int64, radius: float) -> list[Int64]:
    reach = radius * (1 + ROUNDING)
    found = []
    left = held
    while len(left):
        piece, front, left = [left[:1]], left[:1], left[1:]
        while len(front) and len(left):
            near = nearest(points[left], points[front]) <= reach
            front, left = left[near], left[~near]
            piece.append(front)
        found.append(np.sort(np.concatenate(piece)))
    return found


def _average(points: Float64, held: Int64, radius: float) -> list[Int64]:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(held) < 2:
        return [held] if len(held) else []
    table = np.sqrt(_squares(points[held], points[held]))
    np.fill_diagonal(table, 0.0)
    tree = linkage(squareform((table + table.T) / 2, checks=False), "average")
    return _by_label(held, fcluster(tree, radius * (1 + ROUNDING), "distance"))


def _modes(points: Float64, held: Int64) -> list[Int64]:
    from plugins.modes.peaks import modes

    if len(held) < FEWEST_OF_MODES:
        return [held] if len(held) else []
    return _by_label(held, modes(points[held]).labels)


def _by_label(held: Int64, labels: NDArray[np.integer]) -> list[Int64]:
    """Groups of one label, that with the first sample first."""
    _, firsts = np.unique(labels, return_index=True)
    return [held[labels == labels[first]] for first in np.sort(firsts)]
