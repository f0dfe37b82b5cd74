# SPDX-License-Identifier: Apache-2.0
"""The two groups of points: taken from their slices, freed of what they share, and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from registry.arrays import bad_rows

if TYPE_CHECKING:
    from registry.arrays import Array

LEAST: Final = 5  # points a side: halves of two and three


@dataclass(frozen=True)
class Groups:
    """Points of both groups, flattened to vectors ``[n, d]`` and ``[m, d]``.

    Attributes
    ----------
    toward, away : the points
    shared : points that were in both and are in neither now
    """

    toward: wb.Points
    away: wb.Points
    shared: int

    @property
    def source(self) -> str:
        """What the rows are rows of."""
        return self.toward.source


def groups_of(job: wb.Job, space: str, toward: str, away: str | None, limit: int) -> Groups:
    """The points of slice ``toward`` and of slice ``away`` (``None``: all that are not in ``toward``).

    Raises
    ------
    ParameterError
        When one slice is named twice.
    DataError
        When the slices hold the same rows, fewer than 5 points are left on a side, or a point is not finite.
    """
    if toward == away:
        raise wb.ParameterError(f"'toward' and 'away' are the same slice '{toward}': choose two different ones")
    inside = job.rows(space, slice=toward)
    outside = _rest(job, space, inside, limit) if away is None else job.rows(space, slice=away)
    names = f"'{toward}'", "the rest" if away is None else f"'{away}'"
    if away is not None and np.array_equal(inside, outside):
        raise wb.DataError(f"{names[0]} and {names[1]} hold the same rows: no direction leads from one to the other")
    shared = np.intersect1d(inside, outside)
    taken = [np.setdiff1d(one, shared) for one in (inside, outside)]
    for name, rows in zip(names, taken, strict=True):
        _check_number(name, len(rows), len(shared))
    points = [
        job.points(space, slice=of, rows=_some(rows, limit, job.rng))
        for of, rows in zip((toward, away), taken, strict=True)
    ]
    for name, one in zip(names, points, strict=True):
        _check_finite(name, one)
    return Groups(points[0], points[1], len(shared))


def _rest(job: wb.Job, space: str, inside: Array, limit: int) -> Array:
    """All rows that are not ``inside``; of a prior, which has no end, as many draws as can be wanted."""
    whole = job.rows(space)
    if job.points(space, rows=whole[:1]).source == "prior":
        whole = np.arange(max(len(whole), len(inside) + limit), dtype=np.int64)
    return np.setdiff1d(whole, inside)


def _some(rows: Array, limit: int, rng: np.random.Generator) -> Array:
    return rows if len(rows) <= limit else np.sort(rng.choice(rows, limit, replace=False))


def _check_number(name: str, count: int, shared: int) -> None:
    if count < LEAST:
        told = f", once the {shared:,} that are in both are left out" if shared else ""
        raise wb.DataError(
            f"{name} has {count} points{told}: a direction needs at least {LEAST} on each side, choose larger slices"
        )


def _check_finite(name: str, points: wb.Points) -> None:
    bad = bad_rows(points.flat())
    if bad.size:
        raise wb.DataError(
            f"{bad.size:,} of {len(points):,} points of {name} hold NaN or infinity (first: row "
            f"{int(points.rows[bad[0]])}): leave them out of the slice"
        )
