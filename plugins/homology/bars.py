# SPDX-License-Identifier: Apache-2.0
"""The bars of a group with the three numbers that say whether each can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.homology.trust import (
    FEWEST_BARS,
    RIPS,
    Recurrence,
    in_covering_radii,
    late,
    recurrence,
    standing_out,
    universal_p,
    wilson,
)

if TYPE_CHECKING:
    from plugins.homology.engines import Barcode
    from plugins.homology.measures import Measured

Float64 = NDArray[np.float64]

LEVEL = 0.05  # adjusted p value up to which a bar is none of noise
RECURS = 0.5  # share of draws that the lower end of the interval has to reach
OVERLAP = 0.2  # least share that a bar of the random subset has in common with the one it is taken for
NOTHING = float("nan")


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes
    ----------
    number : of the bar in the whole result, from 0
    group : the class, empty for all points
    dimension, birth, death : as the engine gave them; the death of an essential bar is infinite
    rank : 1 for the longest of its group and dimension
    length : as far as it was followed (an essential bar: up to the threshold)
    p_value : adjusted, under the universal null, of the bar that it is on a random subset; NaN where not defined
    recurrence, low, high : share of draws in which at least ``rank`` bars stand out, with its 95 % interval
    in_covering_radii, relative_length : the length in covering radii, and in median distances of the landmarks
    late : a void that begins only where a longer loop has been filled: of the complex, not of the points
    p_reason : why there is no p value; empty where there is one
    """

    number: int
    group: str
    dimension: int
    rank: int
    birth: float
    death: float
    length: float
    p_value: float
    recurrence: float
    recurrence_low: float
    recurrence_high: float
    in_covering_radii: float
    relative_length: float
    late: bool = False
    p_reason: str = ""

    @property
    def essential(self) -> bool:
        """Whether it does not end."""
        return not np.isfinite(self.death)

    @property
    def passed(self) -> tuple[bool, bool]:
        """Whether the universal null and the random draws each call it more than noise."""
        return self.p_value <= LEVEL, self.recurrence_low >= RECURS

    @property
    def significant(self) -> bool:
        """More than noise by one of the two tests, not below what the landmarks resolve, and not of the complex."""
        return any(self.passed) and not self.in_covering_radii < 1 and not self.late


def bars_of(measured: Sequence[Measured]) -> list[Bar]:
    """All bars, by group and dimension, longest first."""
    found: list[Bar] = []
    for one in measured:
        for dimension in range(len(one.barcode.bars)):
            found += _bars(one, dimension, len(found))
    return found


def recurring(one: Measured, dimension: int, count: int) -> Recurrence | None:
    """In how many draws at least 1, 2, ..., ``count`` bars stand out: of pieces, those that are more than outliers."""
    if not one.draws:
        return None
    if dimension > 0:
        return recurrence(one.draws, dimension, count)
    n = len(one.draws)
    hits = (np.array(one.drawn_pieces)[:, None] > np.arange(1, count + 1)).sum(axis=0)
    low, high = wilson(hits, n)
    return Recurrence(hits / n, low, high, n)


def _bars(one: Measured, dimension: int, start: int) -> list[Bar]:
    pairs = one.barcode.dimension(dimension)
    if not len(pairs):
        return []
    end = one.reach
    lengths = np.minimum(pairs[:, 1], end) - pairs[:, 0]
    lengths[np.isinf(pairs[:, 1]) & (dimension == 0)] = np.inf  # the piece that all end up in comes first
    order = np.argsort(-lengths, kind="stable")
    tested = tested_on(one, dimension)
    p = p_values(pairs, tested, dimension, end, one.factor)
    others = np.empty((0, 2)) if tested is None else tested.dimension(dimension)
    unseen = _unseen(pairs, others, p, standing_out(one.barcode, dimension), end)
    p[unseen] = NOTHING
    why = _why(one, tested, dimension, p, unseen)
    of_complex = late(pairs, [one.barcode.dimension(k) for k in range(1, dimension)])
    radii = in_covering_radii(pairs, one.covering_radius if one.covering_radius > 0 and not one.weighted else 0.0)
    # In H0 the r-th longest bar that ends has rank r; the piece that stays is rank 0 and is tested by nothing.
    first = int(dimension == 0 and np.isinf(pairs[:, 1]).any())
    share = recurring(one, dimension, len(pairs))
    found = []
    for place, at in enumerate(order):
        rank = place + 1 - first
        told = share is not None and rank >= 1
        length = float(lengths[at])
        found.append(
            Bar(
                number=start + place,
                group=one.group.name,
                dimension=dimension,
                rank=rank,
                birth=float(pairs[at, 0]),
                death=float(pairs[at, 1]),
                length=length,
                p_value=float(p[at]),
                recurrence=float(share.share[rank - 1]) if told and share else NOTHING,
                recurrence_low=float(share.low[rank - 1]) if told and share else NOTHING,
                recurrence_high=float(share.high[rank - 1]) if told and share else NOTHING,
                in_covering_radii=float(radii[at]),
                relative_length=length / one.median_distance if one.median_distance > 0 else NOTHING,
                late=bool(of_complex[at]),
                p_reason=why[at],
            )
        )
    return found


def tested_on(one: Measured, dimension: int) -> Barcode | None:
    """The barcode of random points that the universal null looks at: of loops its own, of voids that of a draw."""
    if one.weighted or dimension == 0:
        return None
    if dimension == 1:
        return one.tested
    if len(one.chosen) == len(one.group.positions):  # the landmarks are all points
        return one.barcode
    return one.draws[0] if one.draws else None


def p_values(pairs: Float64, tested: Barcode | None, dimension: int, end: float, factor: float = RIPS) -> Float64:
    """The p value of each bar: that of the bar of the random subset which lies at the same scales, else 1.

    Bars of the random subset with a p value below 1 take in turn, the smallest first, the bar of the landmarks with
    which they share most of their scales (length of what both have, over length of what either has), if it is at least
    a fifth. NaN where the universal null is not defined on the random subset.
    """
    found = np.full(len(pairs), np.nan)
    if tested is None or not len(pairs):
        return found
    others = tested.dimension(dimension)
    p = universal_p(others, dimension, factor)
    if not np.isfinite(p).any():
        return found
    found[:] = 1.0
    free = np.ones(len(pairs), dtype=np.bool_)
    for at in np.argsort(p, kind="stable"):
        if not p[at] < 1 or not free.any():
            break
        shared = np.where(free, overlap(pairs, others[at], end), -1.0)
        best = int(shared.argmax())
        if shared[best] >= OVERLAP:
            found[best], free[best] = p[at], False
    return found


def _unseen(pairs: Float64, others: Float64, p: Float64, stand_out: int, end: float) -> NDArray[np.bool_]:
    """Bars that stand out by their gap in length, and at whose scales the random points have no bar at all.

    Of these the universal null has said nothing: that a bar of noise is missing there is as it should be, and 1.
    """
    found = np.zeros(len(pairs), dtype=np.bool_)
    if stand_out == 0 or not np.isfinite(p).any():
        return found
    lengths = np.minimum(pairs[:, 1], end) - pairs[:, 0]
    for at in np.argsort(-lengths, kind="stable")[:stand_out]:
        found[at] = not any(overlap(pairs[at : at + 1], other, end)[0] >= OVERLAP for other in others)
    return found


def _why(one: Measured, tested: Barcode | None, dimension: int, p: Float64, unseen: NDArray[np.bool_]) -> list[str]:
    """Why each bar has no p value; empty where it has one."""
    if one.weighted:
        every = "no law of noise is known for the weighted complex"
    elif dimension == 0:
        every = "pieces are born at scale 0, of which the law of noise says nothing"
    elif tested is None:
        every = "there were no random points to test on"
    else:
        every = f"fewer than {FEWEST_BARS} different bars that end among the random points"
    said = np.where(unseen, "the random points have no bar at these scales", every)
    return ["" if known else str(words) for known, words in zip(np.isfinite(p), said, strict=True)]


def overlap(pairs: Float64, other: Any, end: float) -> Float64:
    """Scales that each bar has in common with another, over those that either has; bars end at ``end`` at the latest.

    >>> overlap(np.array([[0.0, 2.0], [5.0, 6.0]]), [1.0, 2.0], 9.0).tolist()
    [0.5, 0.0]
    """
    birth, death = pairs[:, 0], np.minimum(pairs[:, 1], max(end, float(pairs[:, 0].max())))
    low, high = float(other[0]), min(float(other[1]), max(end, float(other[0])))
    common = np.maximum(np.minimum(death, high) - np.maximum(birth, low), 0.0)
    either = np.maximum(np.maximum(death, high) - np.minimum(birth, low), np.finfo(float).tiny)
    return np.asarray(common / either)


def unmatched(one: Measured, bars: Sequence[Bar]) -> int:
    """Loops of the random subset that the universal null calls more than noise and that no bar here stands for."""
    if one.tested is None:
        return 0
    p = universal_p(one.tested.dimension(1), 1, one.factor)
    here = sum(bar.p_value <= LEVEL for bar in bars if bar.group == one.group.name and bar.dimension == 1)
    return max(int((p <= LEVEL).sum()) - here, 0)
