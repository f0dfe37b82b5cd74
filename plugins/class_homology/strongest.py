# SPDX-License-Identifier: Apache-2.0
"""The strongest loop of each pair of classes, on one larger random sample: its numbers, its samples, its plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.class_homology.around import PRIME, Loop, loops_of
from plugins.class_homology.measures import reach_of
from plugins.homology.bars import LEVEL
from plugins.homology.circular import circular_coordinates, scale_of
from plugins.homology.distances import median_distance
from plugins.homology.engines import rips
from plugins.homology.representatives import edges_within
from plugins.homology.shapes import plane_of
from plugins.homology.trust import universal_p

if TYPE_CHECKING:
    from plugins.class_homology.ground import Ground

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

LOOKED_AT = 6  # longest loops of a pair among which one that joins is looked for
COVERED = 0.95  # share of the points that the covering radius is asked to cover
MOST = 400  # points of a class at most


@dataclass(frozen=True)
class Strongest:
    """The longest loop of a pair that joins it; where none does, the longest of all.

    Attributes
    ----------
    loop : it, its positions among ``chosen``
    rank : 1 for the longest of the union
    length, relative_length : as far as it was followed, and in median distances of the union
    p_value : under the universal null, adjusted for all loops of the union and all pairs tried (Bonferroni); NaN where
        it is not defined
    joining_p : the least such p of the pair's loops that join it, 1 where none does
    in_covering_radii : its length, in units of the distance within which 95 % of the points of both classes lie of
        the sample (all of them would let one outlier decide); NaN along a graph
    chosen : int64 ``[s]``, the sample, positions in the ground; the first class first
    labels : int64 ``[s]``, 0 and 1
    circular : float32 ``[s]``, where around the loop each point lies; NaN where it is not defined
    plane : float32 ``[s, 2]``, the sample in the plane in which the cycle lies best
    """

    loop: Loop
    rank: int
    length: float
    relative_length: float
    p_value: float
    joining_p: float
    in_covering_radii: float
    chosen: Int64
    labels: Int64
    circular: NDArray[np.float32]
    plane: NDArray[np.float32]


def strongest_of(
    ground: Ground,
    pairs: list[tuple[int, int]],
    points: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Strongest | None]:
    """The strongest loop of each pair; ``None`` where a union has no loop at all."""
    size = min(points, MOST, *(len(one) for one in ground.members))
    drawn = [np.sort(rng.permutation(one)[:size]) for one in ground.members]
    radii = [_covering(ground, mine, every) for mine, every in zip(drawn, ground.members, strict=True)]
    found = []
    for at, (a, b) in enumerate(pairs):
        found.append(_strongest(ground, np.r_[drawn[a], drawn[b]], size, len(pairs), max(radii[a], radii[b])))
        progress((at + 1) / len(pairs))
    return found


def _strongest(ground: Ground, chosen: Int64, size: int, tried: int, radius: float) -> Strongest | None:
    distances = ground.distances(chosen)
    labels = np.repeat(np.array([0, 1], dtype=np.int64), size)
    barcode = rips(distances, 1)
    reach = reach_of(barcode, distances)
    bars = barcode.dimension(1)
    lengths = np.minimum(bars[:, 1], reach) - bars[:, 0]
    if not len(bars):
        return None
    p = universal_p(bars, 1)
    # the longest loops, and all that the universal null calls more than noise whatever their length
    wanted = max(LOOKED_AT, int((np.nan_to_num(p, nan=1.0) <= LEVEL / tried).sum()))
    loops = loops_of(distances, labels, barcode, wanted, reach)
    if not loops:
        return None
    joining = [one for one in loops if one.joins]
    of = [_same(bars, one) for one in joining]
    least = min((tried * float(p[at]) for at in of if p[at] == p[at]), default=1.0)
    first = joining[0] if joining else loops[0]
    at = _same(bars, first)
    middle = median_distance(distances)
    return Strongest(
        loop=first,
        rank=1 + int((lengths > lengths[at]).sum()),
        length=float(lengths[at]),
        relative_length=float(lengths[at] / middle) if middle > 0 else float("nan"),
        p_value=min(1.0, tried * float(p[at])) if p[at] == p[at] else float("nan"),
        joining_p=min(1.0, least),
        in_covering_radii=float(lengths[at] / radius) if radius > 0 else float("nan"),
        chosen=chosen,
        labels=labels,
        circular=_circular(distances, first, reach),
        plane=plane_of(np.asarray(ground.values[chosen], dtype=np.float32), first.cycle.positions),
    )


def _same(bars: Float64, loop: Loop) -> int:
    """Which bar the loop is."""
    ends = np.where(np.isinf(bars[:, 1]) & np.isinf(loop.death), 0.0, np.abs(np.nan_to_num(bars[:, 1] - loop.death)))
    return int((np.abs(bars[:, 0] - loop.birth) + ends).argmin())


def _circular(distances: Float64, loop: Loop, reach: float) -> NDArray[np.float32]:
    try:
        theta = circular_coordinates(
            loop.cocycle,
            len(distances),
            edges_within(distances, scale_of(loop.birth, loop.death, longest=reach)),
            PRIME,
        )
    except wb.DataError:  # torsion: there is no angle
        return np.full(len(distances), np.nan, dtype=np.float32)
    return theta.astype(np.float32)


def _covering(ground: Ground, chosen: Int64, members: Int64) -> float:
    """Distance to the nearest of those chosen within which 95 % of the points of a class lie; NaN along a graph."""
    from scipy.spatial import cKDTree

    if ground.table is not None:
        return float("nan")
    values = np.asarray(ground.values, dtype=np.float64)
    if ground.metric == "cosine":
        values = values / np.linalg.norm(values, axis=1, keepdims=True)
    away = np.quantile(cKDTree(values[chosen]).query(values[members])[0], COVERED, method="inverted_cdf")
    return float(away**2 / 2 if ground.metric == "cosine" else away)
