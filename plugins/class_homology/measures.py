# SPDX-License-Identifier: Apache-2.0
"""What is measured in each random draw: of every pair of classes, of normal clouds in their place, of two halves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plugins.class_homology.around import loops_of
from plugins.class_homology.joining import joining_scale, scale_of_most
from plugins.homology.distances import median_distance
from plugins.homology.engines import rips
from plugins.homology.trust import standing_out
from plugins.space_comparison.diagrams import Diagrams, bottleneck, diagrams, wasserstein

if TYPE_CHECKING:
    from plugins.class_homology.ground import Ground
    from plugins.homology.engines import Barcode

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

KINDS: dict[str, Callable[[Float64, Float64], float]] = {"bottleneck": bottleneck, "wasserstein": wasserstein}
LOOKED_AT = 3  # loops that stand out whose cycle is looked at
COMPARED = 10  # draws in which diagrams are compared at most: optimal transport takes longest
HALF = 150  # points of a class in a diagram at most


@dataclass(frozen=True)
class Union:
    """What one union of two groups of points shows.

    Attributes
    ----------
    joined : whether a loop that stands out joins the two
    stretch : largest death over birth of its loops; 1 where there is none
    apart : scale at which most of both are one piece, over the larger of the scales at which most of each is
    """

    joined: float
    stretch: float
    apart: float


@dataclass(frozen=True)
class Trials:
    """Numbers of each draw ``[t]`` for each pair ``[p]`` or class ``[k]``.

    Attributes
    ----------
    pairs : the two classes of each pair, positions among the classes
    real, blobs : float64 ``[p, t, 3]``, fields of `Union`: of the classes, and of normal points in their place
    halves : float64 ``[k, t, 3]``, of two random halves of a class
    within : float64 ``[k, t]``, the scale at which most of a class is one piece
    apart : float64 ``[p, c, kinds, dimensions]``, distances of the diagrams of two classes in median distances of each
    alike : float64 ``[k, c, kinds, dimensions]``, of two halves of a class
    points, half : points of a class in a draw, and in a diagram
    """

    pairs: list[tuple[int, int]]
    real: Float64
    blobs: Float64
    halves: Float64
    within: Float64
    apart: Float64
    alike: Float64
    points: int
    half: int


def trials_of(
    ground: Ground,
    blobs: Ground,
    points: int,
    draws: int,
    max_dim: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Trials:
    """All draws, each of ``points`` of every class and as many others of it."""
    k = len(ground.members)
    pairs = list(itertools.combinations(range(k), 2))
    compared = min(draws, COMPARED)
    half = min(points, HALF)
    real, made = np.empty((len(pairs), draws, 3)), np.empty((len(pairs), draws, 3))
    halves, within = np.empty((k, draws, 3)), np.empty((k, draws))
    far, near = (np.empty((n, compared, len(KINDS), max_dim + 1)) for n in (len(pairs), k))
    labels = np.repeat([0, 1], points)
    for draw in range(draws):
        both = [rng.permutation(one)[: 2 * points] for one in ground.members]
        fake = [rng.permutation(one)[:points] for one in blobs.members]
        table = ground.distances(np.concatenate([one[:points] for one in both]))
        other = blobs.distances(np.concatenate(fake))
        scales = [scale_of_most(_block(table, one, one, points)) for one in range(k)]
        faked = [scale_of_most(_block(other, one, one, points)) for one in range(k)]
        within[:, draw] = scales
        shapes: list[tuple[Diagrams, Diagrams]] = []
        for one in range(k):
            mine = ground.distances(both[one])
            again = scale_of_most(mine[points:, points:])
            halves[one, draw] = _numbers(mine, labels, max(scales[one], again))
            if draw < compared:
                unit = median_distance(mine)
                parts = (mine[:half, :half], mine[points : points + half, points : points + half])
                first, second = (diagrams(part, max_dim, unit) for part in parts)
                near[one, draw] = _apart(first, second)
                shapes.append((first, second))
        for at, (a, b) in enumerate(pairs):
            real[at, draw] = _numbers(_block(table, a, b, points), labels, max(scales[a], scales[b]))
            made[at, draw] = _numbers(_block(other, a, b, points), labels, max(faked[a], faked[b]))
            if draw < compared:
                far[at, draw] = (_apart(shapes[a][0], shapes[b][0]) + _apart(shapes[a][1], shapes[b][1])) / 2
        progress((draw + 1) / draws)
    return Trials(pairs, real, made, halves, within, far, near, points, half)


def union_of(distances: Float64, labels: Int64, within: float) -> Union:
    """What the union of two groups shows; ``within`` is the scale at which most of each is one piece."""
    barcode = rips(distances, 1)
    bars = barcode.dimension(1)
    reach = reach_of(barcode, distances)
    some = bars[bars[:, 0] > 0]
    stretch = float((np.minimum(some[:, 1], reach) / some[:, 0]).max(initial=1.0))
    count = min(standing_out(barcode, 1), LOOKED_AT)
    joined = count > 0 and any(one.joins for one in loops_of(distances, labels, barcode, count, reach))
    scale = joining_scale(distances, labels)
    return Union(float(joined), stretch, scale / within if 0 < within < np.inf else float("nan"))


def reach_of(barcode: Barcode, distances: Float64) -> float:
    """The largest scale that a barcode looked at, finite."""
    if np.isfinite(barcode.threshold):
        return float(barcode.threshold)
    return float(distances[np.isfinite(distances)].max())


def _numbers(distances: Float64, labels: Int64, within: float) -> tuple[float, float, float]:
    found = union_of(distances, labels, within)
    return found.joined, found.stretch, found.apart


def _block(table: Float64, a: int, b: int, points: int) -> Float64:
    """Distances within and between two classes of a table of all."""
    parts = [np.arange(one * points, (one + 1) * points) for one in dict.fromkeys((a, b))]
    some = np.concatenate(parts)
    return np.ascontiguousarray(table[np.ix_(some, some)])


def _apart(one: Diagrams, other: Diagrams) -> Float64:
    """Both distances in each dimension, ``[kinds, dimensions]``."""
    return np.array([[far(a, b) for a, b in zip(one, other, strict=True)] for far in KINDS.values()])
