# SPDX-License-Identifier: Apache-2.0
"""The two sides of a comparison: which rows are inside the selection, which outside, and what was left away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import workbench as wb

FEWEST = 5  # rows a side; with fewer even groups that do not overlap differ with p > 0.01


@dataclass(frozen=True)
class Sides:
    """Rows of both sides, int64 in ascending order, those that each had before the limit, and notes on the choice."""

    inside: Any
    outside: Any
    all_inside: int
    all_outside: int
    notes: tuple[str, ...] = ()


def choose(job: wb.Job, space: str, selection: str, against: str | None, limit: int) -> Sides:
    """The rows of the slice ``selection`` and those of ``against`` (all others where it is ``None``), at random.

    Rows of both slices are of neither side. Raises :class:`DataError` where fewer than 5 are left on one of them.
    """
    inside = np.unique(np.asarray(job.rows(space, slice=selection), dtype=np.int64))
    notes: list[str] = []
    if against is None:
        outside = np.setdiff1d(_population(job, space, selection, inside), inside)
        named = f"the rest of the points outside of '{selection}'"
    else:
        if against == selection:
            raise wb.ParameterError(f"'{selection}' is compared with itself: choose another slice to compare it with")
        other = np.unique(np.asarray(job.rows(space, slice=against), dtype=np.int64))
        both = np.intersect1d(inside, other)
        inside, outside = np.setdiff1d(inside, both), np.setdiff1d(other, both)
        named = f"the slice '{against}'"
        if len(both):
            notes.append(f"{len(both):,} points in both slices are left out on both sides.")
    for rows, name in ((inside, f"the slice '{selection}'"), (outside, named)):
        if len(rows) < FEWEST:
            without = " without those that are in both" if notes else ""
            raise wb.DataError(
                f"{name} has {len(rows)} points{without}, and a comparison needs at least {FEWEST} on each side: "
                "choose a slice with more, or another one to compare it with"
            )
    return Sides(_some(job, inside, limit), _some(job, outside, limit), len(inside), len(outside), tuple(notes))


def _population(job: wb.Job, space: str, selection: str, inside: Any) -> Any:
    """What the selection was chosen from: the rows of the run, or the draws up to the last one chosen."""
    if len(inside) == 0:
        return inside
    if job.points(space, slice=selection, rows=inside[:1]).source == "prior":
        return np.arange(int(inside[-1]) + 1, dtype=np.int64)
    return np.asarray(job.rows(space), dtype=np.int64)


def _some(job: wb.Job, rows: Any, limit: int) -> Any:
    return rows if len(rows) <= limit else np.sort(job.rng.choice(rows, limit, replace=False))
