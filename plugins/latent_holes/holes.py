# SPDX-License-Identifier: Apache-2.0
"""The largest holes: draws from the prior with the largest empty balls around them, one for each hole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugins.coverage.neighbours import Float32, Float64, Int64, distances, nearest
from plugins.homology.trust import wilson

CANDIDATES = 40  # empty balls looked at
FEWEST_DRAWS = 4000
CONTROLS = 10  # sets of draws that take the place of the codes
BEYOND = 0.95  # of the codes are nearer to their middle: a hole farther out lies beyond them


@dataclass(frozen=True)
class Holes:
    """Empty balls, the largest prior mass first.

    Attributes
    ----------
    centres : float32 ``[h, d]``, draws from the prior
    radius : float64 ``[h]``, distance to the nearest code
    mass, low, high : float64 ``[h]``, share of fresh draws inside the ball, with its 95 % interval
    beyond : bool ``[h]``, whether the centre is farther from the middle of the codes than 95 % of them are
    near : int64 ``[h, m]``, positions of the nearest codes, the nearest first
    draws : float32 ``[m, d]``, the draws that were looked at, and ``away [m]`` their distance to the nearest code
    typical : the typical distance; draws farther than it are uncovered
    fresh : draws on which the mass was measured
    """

    centres: Float32
    radius: Float64
    mass: Float64
    low: Float64
    high: Float64
    beyond: NDArray[np.bool_]
    near: Int64
    draws: Float32
    away: Float64
    typical: float
    fresh: int


def find_holes(codes: Float32, draw: Callable[[int], Float32], typical: float, most: int, neighbours: int) -> Holes:
    """Up to ``most`` holes of the codes ``[n, d]``.

    The uncovered draw farthest from every code is the centre of a hole; the ball around it up to the nearest code
    is empty, and draws within it belong to the same hole. The next is the farthest of the rest. Of up to 40 such balls
    those that hold the largest share of *fresh* draws are kept: the draws that made a ball would overstate it.
    """
    count = max(FEWEST_DRAWS, len(codes))
    draws, away, chosen, inside = _balls(codes, draw, typical, count)
    centres, radius = draws[chosen], away[chosen]
    order = np.lexsort((-radius, -inside))[:most]
    low, high = wilson(inside[order], count)
    middle = codes.mean(axis=0, dtype=np.float64).astype(np.float32)[None]
    out = distances(centres[order], middle)[:, 0] if len(chosen) else np.zeros(0)
    edge = float(np.quantile(distances(codes, middle)[:, 0], BEYOND))
    apart = distances(centres[order], codes) if len(chosen) else np.zeros((0, len(codes)), dtype=np.float32)
    return Holes(
        centres[order], radius[order], inside[order] / count, low, high, out > edge,
        apart.argsort(axis=1, kind="stable")[:, :neighbours].astype(np.int64), draws, away, typical, count,
    )  # fmt: skip


def control_of(draw: Callable[[int], Float32], n: int, typical: float, most: int) -> Float64:
    """Masses of the holes of the prior against itself, float64 ``[10, most]``, the largest first; 0 where none is.

    The same as `find_holes`, ten times with ``n`` fresh draws in place of the codes: what a perfect encoder leaves.
    """
    count = max(FEWEST_DRAWS, n)
    found = np.zeros((CONTROLS, most))
    for one in found:
        masses = np.sort(_balls(draw(n), draw, typical, count)[3])[::-1][:most] / count
        one[: len(masses)] = masses
    return found


def _balls(
    codes: Float32, draw: Callable[[int], Float32], typical: float, count: int
) -> tuple[Float32, Float64, Int64, Int64]:
    """Draws, their distance to the nearest code, those that are centres of holes, and fresh draws in each hole."""
    draws = draw(count)
    away, _ = nearest(draws, codes)
    left = away > typical
    chosen: list[int] = []
    while left.any() and len(chosen) < CANDIDATES:
        at = int(np.where(left, away, -1.0).argmax())
        chosen.append(at)
        left &= distances(draws[at : at + 1], draws)[0] > away[at]
        left[at] = False
    fresh = draw(count)
    within = distances(draws[chosen], fresh) < away[chosen][:, None] if chosen else np.zeros((0, count), dtype=np.bool_)
    return draws, away, np.array(chosen, dtype=np.int64), within.sum(axis=1).astype(np.int64)
