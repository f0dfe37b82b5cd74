# SPDX-License-Identifier: Apache-2.0
"""The loops of one barcode, each with the angle that it gives every sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.circular import circular_coordinates, scale_of
from plugins.homology.engines import rips_cocycles
from plugins.homology.representatives import edges_within
from plugins.homology.shapes import same_bar
from plugins.homology.trust import gap_rank, seen_lengths, standing_out

if TYPE_CHECKING:
    from plugins.homology.bars import Bar
    from plugins.homology.engines import Barcode
    from plugins.homology.measures import Measured

Float64 = NDArray[np.float64]
PRIME = 47
MOST = 6  # loops of a step that are followed at most
TRIED = 3  # longest bars that are looked at even where they are no more than noise
SAME = 1e-5  # of the largest distance, in which the engines may differ


@dataclass(frozen=True)
class Loop:
    """A loop and the angle of each landmark.

    Attributes
    ----------
    bar : its bar with all that says whether it can be trusted
    told : whether it is more than noise
    theta : float64 ``[m]``, shares of a turn; NaN for landmarks that the loop does not reach
    """

    bar: Bar
    told: bool
    theta: Float64


def spacing(barcode: Barcode) -> float:
    """Half the usual distance at which points join: shorter loops are of the spacing of the points; 0 without joins."""
    deaths = barcode.dimension(0)[:, 1]
    deaths = deaths[np.isfinite(deaths)]
    return float(np.median(deaths)) / 2 if len(deaths) else 0.0


def standing(barcode: Barcode, dimension: int) -> int:
    """How many loops or voids stand out by the gap rule, where those of the spacing of the points count as one length.

    Along a thin line the gap rule alone calls a few tiny loops out of a dozen tinier ones: a layer that flattens a
    loop to a line would be said to make seven.
    """
    if dimension != 1:
        return standing_out(barcode, dimension)
    return gap_rank(seen_lengths(barcode.dimension(1), 1, barcode.threshold), spacing(barcode))


def is_told(bar: Bar, barcode: Barcode) -> bool:
    """Whether a bar is more than noise, and longer than the spacing of the points."""
    return bar.significant and (bar.dimension == 0 or bar.length > spacing(barcode))


def loops_of(one: Measured, bars: list[Bar]) -> list[Loop]:
    """The loops that are more than noise, and of the three longest bars those that could be one that fades."""
    mine = sorted((bar for bar in bars if bar.dimension == 1), key=lambda bar: bar.rank)
    told = [bar for bar in mine if is_told(bar, one.barcode)][:MOST]
    wanted = told + [bar for bar in mine[:TRIED] if bar not in told and bar.length > spacing(one.barcode)]
    if not wanted:
        return []
    last = max(one.reach if bar.essential else bar.death * (1 + SAME) for bar in wanted)
    barcode, cocycles = rips_cocycles(one.distances, PRIME, min(last, one.barcode.threshold))
    pairs = barcode.dimension(1)
    found = []
    for bar in sorted(wanted, key=lambda bar: bar.rank):
        at = same_bar(pairs, bar, SAME * one.reach)
        theta = None if at is None else _angle(one.distances, cocycles[at], pairs[at], one.reach)
        if theta is not None:  # a loop over Z/2 alone has no angle
            found.append(Loop(bar, bar in told, theta))
    return found


def angles_of_longest(distances: Float64, barcode: Barcode, count: int) -> list[Float64]:
    """The angles ``[m]`` of the ``count`` longest loops of a draw, six at most."""
    pairs = barcode.dimension(1)
    count = min(count, MOST, len(pairs))
    if count == 0:
        return []
    reach = float(distances[np.isfinite(distances)].max())
    lengths = seen_lengths(pairs, 1, min(barcode.threshold, reach))
    last = float(np.minimum(pairs[np.argsort(-lengths)[:count], 1], reach).max()) * (1 + SAME)
    given, cocycles = rips_cocycles(distances, PRIME, min(last, barcode.threshold))
    others = given.dimension(1)
    order = np.argsort(-seen_lengths(others, 1, min(given.threshold, reach)), kind="stable")[:count]
    found = [_angle(distances, cocycles[at], others[at], reach) for at in order]
    return [theta for theta in found if theta is not None]


def _angle(distances: Float64, cocycle: NDArray[np.int64], pair: Float64, reach: float) -> Float64 | None:
    birth, death = (float(number) for number in pair)
    scale = scale_of(birth, death, longest=reach)
    try:
        return circular_coordinates(cocycle, len(distances), edges_within(distances, scale), PRIME)
    except wb.DataError:  # no cocycle of whole numbers: torsion, which has no angle
        return None
