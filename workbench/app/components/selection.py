# SPDX-License-Identifier: Apache-2.0
"""From what the user did in the browser (lasso, click, invert, ...) to the rows that are selected."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.app.components.operation import Mode, Operation
from workbench.app.components.resolver import Resolver


@dataclass(frozen=True, eq=False)
class Selection:
    """Rows that the user chose on the map.

    Attributes:
        points: int64 [s], selected row positions, rising; of a filtered map those that the filter leaves.
        clicked: the row clicked last, when the last thing done was a click on a point.
        polygon: float64 [m, 2], outline drawn last, when the last thing done was a lasso or a rectangle: in data
            coordinates in 2-D, in view coordinates (see ``view``) in 3-D.
        view: float64 [3, 4], in 3-D the matrix from data to view coordinates at that moment.
        mode: what the last thing done did to the selection; ``"initial"`` before any.
        look: camera, hidden categories, value range and mode of drawing as text; give it as ``look`` to see the same.
        probe: the place on empty map that was asked about last, in data coordinates.
    """

    points: npt.NDArray[np.int64]
    clicked: int | None = None
    polygon: npt.NDArray[np.float64] | None = None
    view: npt.NDArray[np.float64] | None = None
    mode: Mode = "initial"
    look: str = ""
    probe: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Progress:
    """How far the operations have been folded, kept between reruns so that each is resolved once.

    Attributes:
        cloud: fingerprint of the points.
        base: fingerprint of the rows that the caller wants selected at first.
        initial: bool [n], those rows.
        chosen: bool [n], what is selected now.
        done: identities of the operations folded so far.
        last: the last of them.
        clicked: the row that the last of them named, when it was a click.
        stale: identities of an older list that the browser has given up: points or start were exchanged and came back.
    """

    cloud: str
    base: str
    initial: npt.NDArray[np.bool_]
    chosen: npt.NDArray[np.bool_]
    done: tuple[str, ...] = ()
    last: Operation | None = None
    clicked: int | None = None
    stale: tuple[str, ...] = ()

    def fold(self, told: Sequence[Any], find: Callable[[Operation], Resolver | None]) -> Progress:
        """Apply what is new in the browser's list of operations.

        The list is the whole truth since the start or since the last replacement: when it does not continue what was
        folded so far, folding starts afresh. It stops before an operation whose map is not known yet.

        Args:
            told: the list.
            find: gives the resolver of the map that an operation was done on.
        """
        operations = [Operation.read(one) for one in told]
        names = tuple(operation.identity for operation in operations)
        if names == self.done or (names and names == self.stale):
            return self
        seen = len(self.done) if names[: len(self.done)] == self.done else 0
        chosen = self.chosen if seen else self.initial
        last, clicked = (self.last, self.clicked) if seen else (None, None)
        for operation in operations[seen:]:
            resolver = find(operation)
            if resolver is None:
                break
            chosen, clicked = resolver.apply(operation, chosen)
            last, seen = operation, seen + 1
        return replace(self, chosen=chosen, done=names[:seen], last=last, clicked=clicked)

    def is_behind(self, told: Sequence[Any]) -> bool:
        """Whether the list holds an operation that could not be folded."""
        names = tuple(str(one["id"]) for one in told)
        return names != self.done and not (names and names == self.stale)


def describe(progress: Progress, visible: npt.NDArray[np.bool_] | None = None) -> Selection:
    """Say what is selected; a filter narrows it as long as it stands."""
    points = np.flatnonzero(progress.chosen if visible is None else progress.chosen & visible).astype(np.int64)
    last = progress.last
    if last is None:
        return Selection(points)
    return Selection(points, progress.clicked, last.polygon, last.view, last.mode)


def start(cloud: str, selected: npt.ArrayLike | None, drawn: npt.NDArray[np.bool_]) -> Progress:
    """Begin with the rows that the caller wants selected, as far as they are drawn.

    Raises:
        ValueError: when a row is out of range.
    """
    chosen = np.zeros(len(drawn), dtype=np.bool_)
    if selected is not None:
        wanted = np.asarray(selected, dtype=np.int64).reshape(-1)
        if len(wanted) and (wanted.min() < 0 or wanted.max() >= len(drawn)):
            raise ValueError(f"selected must hold row positions from 0 to {len(drawn) - 1:,}")
        chosen[wanted] = True
        chosen &= drawn
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
