# SPDX-License-Identifier: Apache-2.0
"""Whether a loop of two classes taken together is of both: neither has it by itself, and its cycle crosses twice.

A loop of a union can be a loop of one class, or one that winds through a mixture of both. It *joins* the two when

1. no closed path of points of one class alone goes around it, at the middle of its bar (the cocycle of the loop,
   restricted to a class, is the difference of a potential there: exact, no path is searched for); and
2. a short cycle around it changes from one class to the other exactly twice: it is an arc of the one and an arc of the
   other. A single sample between two of the other class is a border that is not sharp, and does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.homology.representatives import Cycle, cochain, cycle

if TYPE_CHECKING:
    from plugins.homology.engines import Barcode

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

PRIME = 47  # of the cocycles: a large prime, so that they lift to whole numbers
SAME = 1e-4  # of the largest scale: two engines' numbers for one bar
MIDDLE = 0.5  # of the bar, where it is asked whether one class has the loop by itself
SMOOTHED = 5  # samples of a cycle from which single samples of the other class are looked over
FEWEST = 2  # samples of each class in a cycle of both


@dataclass(frozen=True)
class Loop:
    """One loop of a union of classes.

    Attributes
    ----------
    birth, death : scales; the death of one that is never filled is infinite
    cycle : a short closed path around it, positions in the union
    cocycle : of the bar, modulo 47
    changes : how often the cycle changes from one class to the other
    alone : for each class whether it has the loop by itself
    """

    birth: float
    death: float
    cycle: Cycle
    cocycle: Int64
    changes: int
    alone: tuple[bool, bool]
    counts: tuple[int, int]

    @property
    def joins(self) -> bool:
        """Whether it is a loop of both classes together, and of neither alone."""
        return self.changes == 2 and not any(self.alone) and min(self.counts) >= FEWEST


def loops_of(distances: Float64, labels: Int64, barcode: Barcode, wanted: int, reach: float) -> list[Loop]:
    """The ``wanted`` longest loops of the union of two classes, longest first.

    Parameters
    ----------
    distances : ``[n, n]``
    labels : int64 ``[n]`` of 0 and 1
    barcode : of the distances
    reach : largest scale that was looked at: the end of bars that do not end
    """
    from plugins.homology.engines import rips_cocycles

    bars = barcode.dimension(1)
    order = np.argsort(-(np.minimum(bars[:, 1], reach) - bars[:, 0]), kind="stable")[:wanted]
    if not len(order):
        return []
    last = float(np.minimum(bars[order, 1] * (1 + SAME), reach).max())
    found, cocycles = rips_cocycles(distances, field=PRIME, threshold=last)
    pairs = found.dimension(1)
    loops = []
    for at in order:
        same = _same(pairs, bars[at], SAME * reach)
        if same is not None:
            birth, death = (float(one) for one in pairs[same])
            loops.append(_loop(distances, labels, cocycles[same], birth, death, reach))
    return loops


def _loop(distances: Float64, labels: Int64, cocycle: Int64, birth: float, death: float, reach: float) -> Loop:
    path = cycle(distances, cocycle, birth, death, PRIME)
    middle = birth + MIDDLE * (min(death, reach) - birth)
    table = cochain(cocycle, len(distances), PRIME)
    alone = [goes_around(distances, table, np.flatnonzero(labels == one), middle) for one in (0, 1)]
    mine = labels[path.positions]
    counts = int((mine == 0).sum()), int((mine == 1).sum())
    return Loop(birth, death, path, cocycle, changes(mine), (alone[0], alone[1]), counts)


def _same(pairs: Float64, bar: Float64, within: float) -> int | None:
    """Which bar of another engine is this one, up to single precision; one that it did not see end has its birth."""
    if not len(pairs):
        return None
    ends = np.where(np.isinf(pairs[:, 1]) & np.isinf(bar[1]), 0.0, np.abs(np.nan_to_num(pairs[:, 1] - bar[1])))
    away = np.maximum(np.abs(pairs[:, 0] - bar[0]), ends)
    best = int(away.argmin())
    return best if away[best] <= within else None


def changes(labels: Any) -> int:
    """How often the labels change around a closed path, single ones between two others not counted.

    >>> changes([0, 0, 0, 1, 1, 1]), changes([0, 0, 0, 1, 0, 0, 1, 1, 1]), changes([0, 1, 0, 1])
    (2, 2, 4)
    """
    around = np.asarray(labels, dtype=np.int64)
    if len(around) >= SMOOTHED:
        before, after = np.roll(around, 1), np.roll(around, -1)
        around = np.where(before == after, before, around)
    return int((around != np.roll(around, 1)).sum())


def goes_around(distances: Float64, table: Int64, members: Sequence[int] | Int64, scale: float) -> bool:
    """Whether some closed path of these points alone, with steps up to a scale, adds up to other than 0.

    Parameters
    ----------
    distances : ``[n, n]``
    table : int64 ``[n, n]``, the cochain of a cocycle modulo 47 (`representatives.cochain`)
    members : positions of the points
    scale : between birth and death of the loop

    Potentials are added up along a spanning forest; the table is the difference of a potential exactly where every
    other edge agrees with them.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    some = np.asarray(members, dtype=np.int64)
    joined = distances[np.ix_(some, some)] <= scale
    np.fill_diagonal(joined, False)
    values = table[np.ix_(some, some)]
    if not (values[joined] % PRIME).any():
        return False
    graph = csr_array(joined)
    potential = np.zeros(len(some), dtype=np.int64)
    seen = np.zeros(len(some), dtype=np.bool_)
    for start in range(len(some)):
        if seen[start]:
            continue
        order, before = breadth_first_order(graph, start, directed=False)
        seen[order] = True
        for at in order[1:]:
            potential[at] = potential[before[at]] + values[before[at], at]
    off = (potential[None, :] - potential[:, None] - values) % PRIME
    return bool(off[joined].any())
