# SPDX-License-Identifier: Apache-2.0
"""Modes of the density of samples with their prominence, and the cluster of each (ToMATo).

Idea: let every sample climb to the densest of its neighbours until it stands on a peak; the samples that end on one
peak are its cluster. The *prominence* of a peak is how far one has to descend from it to reach a higher one. Peaks of
little prominence are ripples of the estimate and are merged into the higher one, so that those that count remain.

Source: Chazal, Guibas, Oudot and Skraba, "Persistence-based clustering in Riemannian manifolds", Journal of the ACM
60, 2013, computed by `plugins.modes.tomato`. Density: Chazal, Cohen-Steiner and Merigot, "Geometric inference for
probability measures", Foundations of Computational Mathematics 11, 2011 (distance to a measure).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

NOISE = 6.0  # standard errors
TREE = 8  # axes up to which neighbours are looked for in a tree
CANCELLED = 1e-3  # of the squared norms: below, a squared distance from single precision has lost its digits
BLOCK = 8_000_000  # numbers of a block of distances or differences


@dataclass(frozen=True)
class Modes:
    """Peaks of the density and the samples that belong to each.

    Attributes
    ----------
    labels : int64 ``[n]``, number of the mode of each sample; 0 is the most prominent.
    peaks : int64 ``[c]``, the densest sample of each mode.
    heights : float64 ``[c]``, log density there (natural logarithm, up to a constant that all share).
    prominences : float64 ``[c]``, falling: by how much the log density falls on the best path to a higher peak;
        infinite for the highest, and where no path of neighbours leads to a higher one. A prominence of 1 is a density
        that is e times that of the saddle.
    all_prominences : float64 ``[a]``, falling, of all peaks before merging: look here for the gap.
    diagram : float64 ``[a, 2]``, of the same peaks in the same order: log density of the peak and of the saddle to a
        higher one, minus infinity where there is none.
    density : float64 ``[n]``, log density of each sample, as in `heights`.
    k, dimension : neighbours of each sample (itself included) and exponent that the density was estimated with.
    estimated : the dimension as `filled_dimension` has it, whether or not it was used.
    threshold : peaks of this prominence or less were merged; NaN where a count was asked for.
    """

    labels: Int64
    peaks: Int64
    heights: Float64
    prominences: Float64
    all_prominences: Float64
    diagram: Float64
    density: Float64
    threshold: float
    k: int
    dimension: float
    estimated: float


def modes(
    points: Any,
    k: int | None = None,
    *,
    count: int | None = None,
    prominence: float | None = None,
    dimension: float | None = None,
) -> Modes:
    """The modes of samples.

    Parameters
    ----------
    points : float ``[n, d]``.
    k : neighbours of each sample (Euclidean; itself included); by default `neighbours_for`.
    count : how many modes to keep, all of fewer; pieces that no path joins are never merged, so that there can be more.
    prominence : keep the modes above this one, instead of a count; by default `noise_prominence`.
    dimension : of the space that the samples fill, the exponent of density; by default `filled_dimension`. Heights and
        prominences are in proportion to it.

    Raises
    ------
    DataError : no samples, NaN, or no table ``[n, d]``.
    ParameterError : k, count, prominence or dimension out of range, or both a count and a prominence.
    """
    values = _checked(points)
    n, d = values.shape
    k = neighbours_for(n) if k is None else k
    if not 1 <= k <= n:
        raise wb.ParameterError(f"Each of {n} samples can have 1 to {n} neighbours (itself included), not {k}.")
    if count is not None and (count < 1 or prominence is not None):
        raise wb.ParameterError("Ask for a count of modes of at least 1, or for a prominence, not for both.")
    if prominence is not None and not prominence >= 0:
        raise wb.ParameterError(f"A prominence is at least 0, but is {prominence:g}.")
    if dimension is not None and not 0 < dimension < math.inf:
        raise wb.ParameterError(f"The dimension of density is a number above 0, but is {dimension:g}.")
    away, neighbours = nearest_of(values, k)
    estimated = filled_dimension(away, d)
    dimension = estimated if dimension is None else float(dimension)
    density = log_density(away, dimension)
    threshold = math.nan if count is not None else noise_prominence(k) if prominence is None else float(prominence)
    return _climb(neighbours, density, count, threshold, (k, dimension, estimated))


def neighbours_for(n: int) -> int:
    """The square root of the number of samples, but at least 10 (and all of fewer than 10), itself included.

    >>> [neighbours_for(n) for n in (4, 60, 10_000)]
    [4, 10, 100]
    """
    return min(n, max(10, round(math.sqrt(n))))


def noise_prominence(k: int) -> float:
    """Prominence up to which a peak is taken for a ripple: 6 standard errors of a log density from k neighbours.

    The standard error is ``1 / sqrt(k)``. Measured on one normal law and on one cube of 1, 2, 5, 10 and 16 dimensions,
    100 to 8,000 samples with the default neighbours, 6 seeds each: the most prominent ripple had 5.2 of them.
    """
    return NOISE / math.sqrt(k)


def filled_dimension(away: Float64, most: int) -> float:
    """Dimension of the space that samples fill locally, from distances ``[n, k]`` of neighbours (the first is itself).

    One over the mean of log(farthest / nearer distance) over samples and neighbours (Levina and Bickel, "Maximum
    likelihood estimation of intrinsic dimension", 2004, with the mean of inverses as corrected by MacKay and
    Ghahramani, 2005); at most the number of coordinates, and that where all neighbours are equally far.
    """
    nearer, farthest = away[:, 1:-1], away[:, -1:]
    seen = np.broadcast_to(nearer > 0, nearer.shape)
    logarithms = np.log((farthest / np.where(seen, nearer, 1.0))[seen])
    total = float(logarithms.sum())
    return min(float(most), logarithms.size / total) if total > 0 else float(most)


def log_density(away: Float64, dimension: float) -> Float64:
    """Natural logarithm of the density of each sample, up to a constant, float64 ``[n]``.

    Minus the dimension times the logarithm of the distance to the measure: the root mean square of the distances
    ``[n, k]`` to the neighbours (the first is the sample itself and is left out). Where all are 0, half of the least
    distance that is not.
    """
    squares = np.square(away[:, 1:]).mean(axis=1) if away.shape[1] > 1 else np.zeros(len(away))
    above = squares[squares > 0]
    least = float(above.min()) / 4 if len(above) else 1.0
    return np.asarray(-dimension / 2 * np.log(np.where(squares > 0, squares, least)))


def _checked(points: Any) -> Float64:
    """Samples as float64 ``[n, d]``."""
    values = np.asarray(points, dtype=np.float64)
    if values.ndim != 2 or not values.size:
        raise wb.DataError(f"Modes need a table of samples with at least one row and column, but have {values.shape}.")
    if not np.isfinite(values).all():
        raise wb.DataError("Samples have values that are not finite; leave these rows out.")
    return values


def nearest_of(points: Float64, k: int) -> tuple[Float64, Int64]:
    """Distances and positions ``[n, k]`` of the nearest, the sample itself first.

    A tree for samples of few axes; for others, where it would look at nearly all, blocks of squared distances from
    products in single precision. Pairs so near that these lose digits are measured again, difference by difference.
    """
    n, d = points.shape
    if d <= TREE:
        from scipy.spatial import cKDTree

        away, which = cKDTree(points).query(points, k=k)
        return away.reshape(n, k), which.reshape(n, k).astype(np.int64)
    centred = points - points.mean(axis=0)
    norms = np.einsum("ij,ij->i", centred, centred)
    single = (centred / max(float(np.sqrt(norms.max())), 1e-300)).astype(np.float32)
    halves = np.einsum("ij,ij->i", single, single) / 2
    away, found = np.empty((n, k)), np.empty((n, k), dtype=np.int64)
    step = max(1, min(BLOCK // n, BLOCK // (k * d)))
    for start in range(0, n, step):
        part = np.arange(start, min(start + step, n))
        rank = halves - single[part] @ single.T  # half the squared distance, but for the norm of the sample itself
        rank[np.arange(len(part)), part] = -np.inf  # itself first, whatever equals it
        near = np.argpartition(rank, k - 1, axis=1)[:, :k]
        products = np.take_along_axis(rank, near, axis=1).astype(np.float64) + halves[part, None]
        squared = np.maximum(2 * products * float(norms.max()), 0.0)
        close = squared <= CANCELLED * (norms[part, None] + norms[near])
        rows, columns = np.nonzero(close)
        squared[rows, columns] = np.square(centred[near[rows, columns]] - centred[part[rows]]).sum(axis=1)
        squared[near == part[:, None]] = -1.0
        order = np.argsort(squared, axis=1, kind="stable")
        found[part] = np.take_along_axis(near, order, axis=1)
        away[part] = np.sqrt(np.maximum(np.take_along_axis(squared, order, axis=1), 0.0))
    return away, found


def _climb(
    neighbours: Int64, density: Float64, count: int | None, threshold: float, by: tuple[int, float, float]
) -> Modes:
    """ToMATo on a graph of neighbours, made symmetric."""
    from plugins.modes.tomato import merges

    found = merges(neighbours, density)
    pairs, tops = found.pairs, found.tops
    diagram = np.concatenate([np.stack([tops, np.full(len(tops), -np.inf)], axis=1), pairs])
    every = diagram[:, 0] - diagram[:, 1]
    falling = np.lexsort((-diagram[:, 0], -every))
    diagram, every = diagram[falling], every[falling]
    kept = int((every > threshold).sum()) if count is None else min(count, len(every))  # GUDHI complains of more
    labels = found.clusters(max(kept, len(tops)))
    number = int(labels.max()) + 1
    peaks = np.array([_densest(np.flatnonzero(labels == one), density) for one in range(number)], dtype=np.int64)
    prominences = _of_peaks(density[peaks], pairs, tops)
    order = np.lexsort((peaks, -density[peaks], -prominences))
    renamed = np.empty(number, dtype=np.int64)
    renamed[order] = np.arange(number)
    return Modes(
        labels=renamed[labels],
        peaks=peaks[order],
        heights=density[peaks[order]],
        prominences=prominences[order],
        all_prominences=every,
        diagram=diagram,
        density=density,
        threshold=threshold,
        k=by[0],
        dimension=by[1],
        estimated=by[2],
    )


def _densest(members: Int64, density: Float64) -> int:
    """The first of the densest samples among these."""
    return int(members[int(density[members].argmax())])


def _of_peaks(heights: Float64, merges: Float64, tops: Float64) -> Float64:
    """Prominence of each peak ``[c]``: the diagram has its height and that of its saddle, or it tops a piece."""
    found = np.empty(len(heights))
    free = {height: int((tops == height).sum()) for height in heights.tolist()}
    saddles = {height: sorted(merges[merges[:, 0] == height, 1].tolist()) for height in heights.tolist()}
    for at, height in enumerate(heights.tolist()):
        if free[height]:  # peaks of exactly one height cannot be told apart: the prominent ones first
            free[height] -= 1
            found[at] = math.inf
        else:
            found[at] = height - saddles[height].pop(0)
    return found
