# SPDX-License-Identifier: Apache-2.0
"""Turns operations into flags over the rows, by the arithmetic that the browser uses for drawing them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.app.components.encoding import MISSING_VALUE, Cloud, Colour
from workbench.app.components.operation import Operation
from workbench.app.components.polygon import contains, project

Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Resolver:
    """What is needed to resolve what was done on one map.

    Attributes:
        cloud: the points.
        colour: their colours, whose categories can be hidden and whose values can be filtered.
        other: the second place of each point, when the map morphs.
    """

    cloud: Cloud
    colour: Colour
    other: Cloud | None = None

    def apply(self, operation: Operation, chosen: Flags) -> tuple[Flags, int | None]:
        """Give the flags [n] after an operation, and the row it named; it never selects a point that was not drawn."""
        if operation.kind == "clear":
            return np.zeros_like(chosen), None
        eligible = self.eligible(operation.hidden, operation.limits)
        if operation.kind == "invert":
            return np.where(eligible, ~chosen, chosen), None
        hit, named = self._hit(operation, eligible)
        if operation.kind == "near" and named is None:
            return chosen, None  # a click beside all points changes nothing
        hit &= eligible
        if operation.mode == "add":
            return chosen | hit, named
        if operation.mode == "subtract":
            return chosen & ~hit, named
        return hit, named

    @property
    def drawn(self) -> Flags:
        """Rows that have a place, and a second one when the map morphs."""
        return self.cloud.drawn if self.other is None else self.cloud.drawn & self.other.drawn

    def eligible(self, hidden: npt.NDArray[np.int64], limits: tuple[int, int] | None) -> Flags:
        """Rows that are drawn with these categories hidden and these value codes shown."""
        drawn = self.drawn
        codes, kind = self.colour.codes, self.colour.legend["kind"]
        if codes is None:
            return drawn
        if kind == "category" and len(hidden):
            table = np.ones(256, dtype=np.bool_)
            table[hidden[(hidden >= 0) & (hidden < 256)]] = False
            shown: Flags = drawn & table[codes]
            return shown
        if kind == "value" and limits is not None:
            low, high = limits
            within: Flags = drawn & (codes >= low) & (codes <= high) & (codes != MISSING_VALUE)
            return within
        return drawn

    def positions(self, share: float) -> npt.NDArray[Any]:
        """Where the points are, ``share`` of the way to their other place: float32 [n, 2], or float64 [n, 3]."""
        if self.other is None or share == 0:
            return self.cloud.positions
        if share == 1:
            return self.other.positions
        # The browser computes this same sum in the same order and rounds it to float32 as well.
        begin, end = self.cloud.positions.astype(np.float64), self.other.positions.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            mixed: npt.NDArray[np.float32] = (begin + (end - begin) * share).astype(np.float32)
        return mixed

    def flat(self, operation: Operation) -> npt.NDArray[Any]:
        """The plane that the viewer saw, [n, 2]."""
        places = self.positions(operation.share)
        if places.shape[1] == 2:
            return places
        if operation.view is None:
            raise ValueError("the point map sent an outline in space without the view it was drawn in")
        return project(places, operation.view)

    def _hit(self, operation: Operation, eligible: Flags) -> tuple[Flags, int | None]:
        hit = np.zeros(self.cloud.total, dtype=np.bool_)
        if operation.kind == "point":
            if not 0 <= operation.index < len(hit):
                raise ValueError(f"the point map sent the point {operation.index}, but has {len(hit):,}")
            hit[operation.index] = True
            return hit, operation.index
        if operation.kind == "near" and operation.place is not None:
            row = self.nearest(operation, eligible)
            if row is not None:
                hit[row] = True
            return hit, row
        if operation.kind == "category":
            if self.colour.codes is not None and self.colour.legend["kind"] == "category":
                hit = self.colour.codes == operation.index
        elif operation.polygon is not None:
            hit = contains(self.flat(operation), operation.polygon)
        return hit, None

    def nearest(self, operation: Operation, eligible: Flags) -> int | None:
        """The eligible row nearest to the place of a click, if one is within reach; of equally near ones the last."""
        assert operation.place is not None
        across, up, reach = operation.place
        rows = np.flatnonzero(eligible)
        flat = self.flat(operation)[rows].astype(np.float64)
        away = (flat[:, 0] - across) ** 2 + (flat[:, 1] - up) ** 2
        if not len(away) or not away.min() <= reach**2:
            return None
        return int(rows[np.flatnonzero(away == away.min())[-1]])
