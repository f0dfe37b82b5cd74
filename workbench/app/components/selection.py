# SPDX-License-Identifier: Apache-2.0
"""From what the user did in the browser (lasso, click, invert, ...) to the rows that are selected."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from workbench.app.components.polygon import contains, project

Mode = Literal["initial", "replace", "add", "subtract", "invert", "clear"]
Kind = Literal["polygon", "point", "category", "invert", "clear"]


@dataclass(frozen=True, eq=False)
class Selection:
    """Rows that the user chose on the map.

    Attributes:
        points: int64 [s], selected row positions, rising.
        clicked: the row clicked last, when the last thing done was a click on a point.
        polygon: float64 [m, 2], outline drawn last, when the last thing done was a lasso or a rectangle: in data
            coordinates in 2-D, in view coordinates (see ``view``) in 3-D.
        view: float64 [3, 4], in 3-D the matrix from data to view coordinates at that moment.
        mode: what the last thing done did to the selection; ``"initial"`` before any.
    """

    points: npt.NDArray[np.int64]
    clicked: int | None = None
    polygon: npt.NDArray[np.float64] | None = None
    view: npt.NDArray[np.float64] | None = None
    mode: Mode = "initial"


@dataclass(frozen=True, eq=False)
class Operation:
    """One thing that the user did, as the browser tells it."""

    identity: str
    kind: Kind
    mode: Mode
    polygon: npt.NDArray[np.float64] | None
    view: npt.NDArray[np.float64] | None
    index: int
    hidden: npt.NDArray[np.int64]

    @classmethod
    def read(cls, told: Any) -> Operation:
        """Read what the browser sent.

        Raises:
            ValueError: when it is not an operation; nothing that a browser sends is trusted to be well formed.
        """
        try:
            kind, mode = told["kind"], told["mode"]
            if kind not in get_args(Kind) or mode not in get_args(Mode):
                raise ValueError(f"unknown kind {kind!r} or mode {mode!r}")
            polygon = np.asarray(told["polygon"], dtype=np.float64).reshape(-1, 2) if kind == "polygon" else None
            view = np.asarray(told["view"], dtype=np.float64).reshape(3, 4) if told.get("view") else None
            hidden = np.asarray(told.get("hidden") or [], dtype=np.int64).reshape(-1)
            index = int(told.get("index", -1))
            return cls(str(told["id"]), cast(Kind, kind), cast(Mode, mode), polygon, view, index, hidden)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"the point map sent an operation that cannot be read: {error}") from error


@dataclass(frozen=True, eq=False)
class Resolver:
    """Turns operations into flags over the drawn points.

    Attributes:
        positions: float64 [k, 2 or 3], as drawn.
        codes: category code of each point, or None when colours are not categories.
    """

    positions: npt.NDArray[np.float64]
    codes: npt.NDArray[Any] | None

    def apply(self, operation: Operation, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Give the flags [k] after an operation; it never selects a point of a hidden category."""
        if operation.kind == "clear":
            return np.zeros_like(chosen)
        visible = np.ones_like(chosen)
        if self.codes is not None and len(operation.hidden):
            visible = ~np.isin(self.codes, operation.hidden)
        if operation.kind == "invert":
            return np.where(visible, ~chosen, chosen)
        hit = self._hit(operation) & visible
        if operation.mode == "add":
            return chosen | hit
        if operation.mode == "subtract":
            return chosen & ~hit
        return hit

    def _hit(self, operation: Operation) -> npt.NDArray[np.bool_]:
        hit = np.zeros(len(self.positions), dtype=np.bool_)
        if operation.kind == "point":
            if not 0 <= operation.index < len(hit):
                raise ValueError(f"the point map sent the point {operation.index}, but has {len(hit):,}")
            hit[operation.index] = True
        elif operation.kind == "category":
            if self.codes is not None:
                hit = self.codes == operation.index
        elif operation.polygon is not None:
            flat = self.positions
            if flat.shape[1] == 3:
                if operation.view is None:
                    raise ValueError("the point map sent a polygon in space without the view it was drawn in")
                flat = project(flat, operation.view)
            hit = contains(flat, operation.polygon)
        return hit


@dataclass(frozen=True, eq=False)
class Progress:
    """How far the operations have been folded, kept between reruns so that each is resolved once.

    Attributes:
        cloud: fingerprint of the points.
        base: fingerprint of the rows that the caller wants selected at first.
        initial: bool [k], those rows.
        chosen: bool [k], what is selected now.
        done: identities of the operations folded so far.
        last: the last of them.
        stale: identities of an older list that the browser has given up: points or start were exchanged and came back.
    """

    cloud: str
    base: str
    initial: npt.NDArray[np.bool_]
    chosen: npt.NDArray[np.bool_]
    done: tuple[str, ...] = ()
    last: Operation | None = None
    stale: tuple[str, ...] = ()

    def fold(self, told: Sequence[Any], resolver: Resolver) -> Progress:
        """Apply what is new in the browser's list of operations.

        The list is the whole truth since the start or since the last replacement: when it does not continue what was
        folded so far, folding starts afresh.
        """
        operations = [Operation.read(one) for one in told]
        names = tuple(operation.identity for operation in operations)
        if names == self.done or (names and names == self.stale):
            return self
        seen = len(self.done) if names[: len(self.done)] == self.done else 0
        chosen = self.chosen if seen else self.initial
        for operation in operations[seen:]:
            chosen = resolver.apply(operation, chosen)
        last = operations[-1] if operations else None
        return replace(self, chosen=chosen, done=names, last=last)


def describe(progress: Progress, rows: npt.NDArray[np.int64]) -> Selection:
    """Say what is selected in terms of the caller's rows."""
    points = rows[progress.chosen]
    last = progress.last
    if last is None:
        return Selection(points)
    clicked = int(rows[last.index]) if last.kind == "point" else None
    return Selection(points, clicked, last.polygon, last.view, last.mode)


def start(cloud: str, selected: npt.ArrayLike | None, rows: npt.NDArray[np.int64], total: int) -> Progress:
    """Begin with the rows that the caller wants selected.

    Raises:
        ValueError: when a row is out of range.
    """
    chosen = np.zeros(len(rows), dtype=np.bool_)
    if selected is not None:
        wanted = np.unique(np.asarray(selected, dtype=np.int64).reshape(-1))
        if len(wanted) and (wanted[0] < 0 or wanted[-1] >= total):
            raise ValueError(f"selected must hold row positions from 0 to {total - 1:,}")
        chosen = np.isin(rows, wanted, assume_unique=True)
    base = hashlib.blake2b(np.packbits(chosen).tobytes(), digest_size=8).hexdigest()
    return Progress(cloud, base, chosen, chosen)


def saved(record: Mapping[str, Any] | None, beginning: Progress) -> list[Any] | None:
    """Give the operations that a browser reported for exactly these points and this start, if it did."""
    if not record or (record.get("cloud"), record.get("base")) != (beginning.cloud, beginning.base):
        return None
    listed = record.get("list")
    return listed if isinstance(listed, list) else None


def follow(before: Progress | None, beginning: Progress, told: Sequence[Any] | None) -> Progress:
    """Go on from the last run of the page, or begin anew when points or start are others now.

    On an exchange the browser begins anew too, so what it had reported for these very points at an earlier time is
    stale. With no memory at all (a new session for a page that stayed open) its report stands.
    """
    if before is not None and (before.cloud, before.base) == (beginning.cloud, beginning.base):
        return before
    if before is None or told is None:
        return beginning
    return replace(beginning, stale=tuple(Operation.read(one).identity for one in told))
