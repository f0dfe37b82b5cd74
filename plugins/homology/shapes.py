# SPDX-License-Identifier: Apache-2.0
"""The samples behind chosen bars: a cycle in order, what makes and ends it, the middle of the hole, an angle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.bars import Bar, overlap
from plugins.homology.pieces import pieces_at

if TYPE_CHECKING:
    from plugins.homology.analysis import Homology
    from plugins.homology.clouds import Cloud
    from plugins.homology.measures import Measured

Int64 = NDArray[np.int64]
PRIME = 47  # of the cocycles: a large prime, so that they lift to whole numbers
MOST_POINTS = 800  # landmarks up to which cocycles are computed: they cost some twenty times the bars
SAME = 1e-4  # of the largest scale: two engines' numbers for one bar
MOST_NUMBERS = 50_000_000  # of points searched for the nearest to the middle of a hole
MOST_COMPARED = 500_000_000  # numbers compared to smooth an angle between landmarks; of more, the nearest one decides
MANY = 200_000  # points beyond which an angle and a plane of them all are kept for the longest loops alone
MAPPED = 3
ALIKE = 0.5  # share of scales that a bar of another complex has in common with the one it stands for
VOIDS = 3  # voids whose samples are found
JOINED = 5  # gaps between pieces whose samples are found
WHY_MANY = "too many landmarks for cycles: their samples are found for up to 800"


@dataclass
class Shape:
    """What is known of one bar. Positions are those of the sample; what is not known is ``None``.

    Attributes
    ----------
    bar : its number
    cycle : int64 ``[c]``, the samples of a short closed path around the loop, in order
    cycle_length : its length in units of the distance
    birth, death : int64 ``[v]``, samples of the simplex (edge, triangle, ...) that makes it, and of that which fills it
    circular : float32 ``[n]``, where around the loop each point lies, 0 to 1; NaN outside of the group
    gap : float32 ``[d]``, the middle of what fills it
    gap_distance : from there to the nearest point
    plane : float32 ``[n, 2]``, all points in the plane in which the cycle lies best
    """

    bar: int
    cycle: Int64 | None = None
    cycle_length: float = float("nan")
    birth: Int64 | None = None
    death: Int64 | None = None
    circular: NDArray[np.float32] | None = None
    gap: NDArray[np.float32] | None = None
    gap_distance: float = float("nan")
    plane: NDArray[np.float32] | None = None


@dataclass
class Shapes:
    """Samples by bar, and the pieces that all points fall into.

    Attributes
    ----------
    of : by number of the bar
    pieces : int64 ``[n]``, the piece of each point, largest first; ``None`` where they are one
    sizes : number of points in each piece that is more than a few outliers
    notes : what could not be found
    """

    of: dict[int, Shape] = field(default_factory=dict)
    pieces: Int64 | None = None
    sizes: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def shapes_of(
    cloud: Cloud,
    measured: Sequence[Measured],
    bars: Sequence[Bar],
    params: Homology.Params,
    progress: Callable[[float], None],
) -> Shapes:
    """The samples of the longest loops and voids of all points, and of the significant ones of each class."""
    found = Shapes()
    for at, one in enumerate(measured):
        mine = [bar for bar in bars if bar.group == one.group.name]
        loops = [bar for bar in mine if bar.dimension == 1 and _wanted(bar, params.cycles)]
        if loops and len(one.chosen) > MOST_POINTS:
            found.notes.append(f"{one.group.words}: {len(one.chosen):,} landmarks are {WHY_MANY}.")
        elif loops:
            for shape in _loops(cloud, one, loops, found.notes):
                found.of[shape.bar] = shape
        if not one.group.name:
            for dimension, most in ((0, JOINED), (2, VOIDS)):
                wanted = [
                    bar
                    for bar in mine
                    if bar.dimension == dimension and not bar.essential and 1 <= bar.rank <= min(most, params.cycles)
                ]
                if wanted and len(one.chosen) <= MOST_POINTS and one.complex != "alpha":
                    for shape in _simplices(cloud, one, wanted, dimension):
                        found.of[shape.bar] = shape
            pieces, sizes = pieces_at(one.distances, one.barcode, one.nearest)
            if len(sizes) > 1:
                found.pieces, found.sizes = pieces, sizes
        progress((at + 1) / len(measured))
    return found


def _wanted(bar: Bar, most: int) -> bool:
    if bar.group:
        return most > 0 and (bar.significant or bar.rank == 1)
    return bar.rank <= most or bar.significant


def _loops(cloud: Cloud, one: Measured, bars: Sequence[Bar], notes: list[str]) -> list[Shape]:
    from plugins.homology.engines import rips_cocycles
    from plugins.homology.representatives import cycle, edges

    # Beyond the last death wanted nothing needs to be looked at: among noise in many dimensions that is most of it.
    last = max(one.reach if bar.essential else bar.death * (1 + SAME) for bar in bars)
    if one.complex == "alpha":
        last = one.reach
        notes.append(
            "The alpha complex knows no distances between samples: the cycle of a loop is that of the Rips loop which "
            "shares most of its scales, and at least half of them."
        )
    barcode, cocycles = rips_cocycles(one.distances, field=PRIME, threshold=min(last, one.barcode.threshold))
    pairs = barcode.dimension(1)
    found = []
    for bar in bars:
        if one.complex == "alpha":
            at = most_alike(pairs, bar, one.reach)
        else:
            at = same_bar(pairs, bar, SAME * one.reach)
        if at is None:  # a loop over this field alone
            among = "the loops of Rips" if one.complex == "alpha" else f"the loops modulo {PRIME}"
            notes.append(f"The loop born at {bar.birth:.3g} is not among {among}, so that it has no cycle here.")
            continue
        birth, death = (float(number) for number in pairs[at])
        shape = Shape(bar.number)
        path = cycle(one.distances, cocycles[at], birth, death, PRIME)
        ends = edges(one.distances, cocycles[at], birth, death, PRIME)
        shape.cycle, shape.cycle_length = one.chosen[path.positions], path.length
        shape.birth = one.chosen[ends.birth]
        if ends.triangle is not None:
            shape.death = one.chosen[ends.triangle]
            _place_gap(shape, cloud, one)
        if len(cloud) <= MANY or bar.rank <= MAPPED:
            shape.circular = _circular(cloud, one, cocycles[at], birth, death, notes)
            shape.plane = plane_of(cloud.values, shape.cycle)
        found.append(shape)
    return found


def same_bar(pairs: NDArray[np.float64], bar: Bar, within: float) -> int | None:
    """Which of the bars another engine gave is this one: birth and death the same up to single precision."""
    if not len(pairs):
        return None
    away = np.abs(pairs[:, 0] - bar.birth)
    if bar.essential:
        away = np.where(np.isinf(pairs[:, 1]), away, np.inf)
    else:
        away = np.maximum(away, np.abs(np.where(np.isinf(pairs[:, 1]), 1e300, pairs[:, 1]) - bar.death))
    best = int(away.argmin())
    return best if away[best] <= within else None


def most_alike(pairs: NDArray[np.float64], bar: Bar, end: float) -> int | None:
    """Which of the bars of another complex shares most of the scales of this one, if it is at least half."""
    if not len(pairs):
        return None
    shared = overlap(pairs, (bar.birth, bar.death), end)
    best = int(shared.argmax())
    return best if shared[best] >= ALIKE else None


def _place_gap(shape: Shape, cloud: Cloud, one: Measured) -> None:
    """The middle of the hole; points that are known by their distances alone have none."""
    if cloud.table is None and shape.death is not None:
        shape.gap, shape.gap_distance = _gap(cloud, one, shape.death)


def _gap(cloud: Cloud, one: Measured, death: Int64) -> tuple[NDArray[np.float32], float]:
    """The middle of the simplex that fills a hole; in the units of the space, whatever the metric."""
    from plugins.homology.representatives import gap_centre

    points = cloud.values[one.chosen]
    every = cloud.values if cloud.values.size <= MOST_NUMBERS else points
    order = np.argsort(one.chosen, kind="stable")
    gap = gap_centre(points[order], np.searchsorted(one.chosen[order], death), every)
    return gap.centre.astype(np.float32), gap.distance


def _circular(
    cloud: Cloud, one: Measured, cocycle: Int64, birth: float, death: float, notes: list[str]
) -> NDArray[np.float32] | None:
    from plugins.homology.circular import carry, carry_smoothly, circular_coordinates, scale_of
    from plugins.homology.representatives import edges_within

    scale = scale_of(birth, death, longest=one.reach)
    try:
        theta = circular_coordinates(cocycle, len(one.chosen), edges_within(one.distances, scale), PRIME)
    except wb.DataError as error:
        notes.append(f"The loop born at {birth:.3g} has no circular coordinate: {error}")
        return None
    n = len(one.group.positions)
    smooth = cloud.metric in ("euclidean", "cosine") and n > len(one.chosen)
    if smooth and n * cloud.values.shape[1] * len(one.chosen) <= MOST_COMPARED:
        placed = cloud.placed
        mine = carry_smoothly(theta, placed[one.chosen], placed[one.group.positions])
    else:
        mine = carry(theta, one.nearest)
    found = np.full(len(cloud), np.nan, dtype=np.float32)
    found[one.group.positions] = mine
    return found


def _simplices(cloud: Cloud, one: Measured, bars: Sequence[Bar], dimension: int) -> list[Shape]:
    """The simplices with which gaps between pieces, or voids, begin and end."""
    from plugins.homology.engines import rips_pairs

    pairs = rips_pairs(one.distances, dimension, threshold=one.barcode.threshold)
    free = pairs.bars.copy()
    found = []
    for bar in bars:
        at = same_bar(free, bar, SAME * one.reach)
        if at is None:
            continue
        free[at] = np.nan_to_num(np.inf)  # bars of one length are told apart by being taken once
        shape = Shape(bar.number)
        if dimension > 0:
            shape.birth = one.chosen[pairs.births[at]]
        if (pairs.deaths[at] >= 0).all():
            shape.death = one.chosen[pairs.deaths[at]]
            _place_gap(shape, cloud, one)
        found.append(shape)
    return found


def plane_of(values: NDArray[np.float32], cycle: Int64) -> NDArray[np.float32]:
    """All points ``[n, d]`` in the plane of largest variance of the samples of a cycle, float32 ``[n, 2]``."""
    points = values[cycle].astype(np.float64)
    middle = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    axes = axes[:2]
    if len(axes) < 2:
        axes = np.vstack([axes, np.zeros((2 - len(axes), values.shape[1]))])
    placed = np.empty((len(values), 2), dtype=np.float32)
    for at in range(0, len(values), 8192):
        placed[at : at + 8192] = (values[at : at + 8192] - middle) @ axes.T
    return placed
