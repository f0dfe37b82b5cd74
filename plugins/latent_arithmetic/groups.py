# SPDX-License-Identifier: Apache-2.0
"""Who the exemplars of each term are: rows of the data, draws of the prior, or items, found, checked and chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.latent_arithmetic.terms import Condition, Term, rows_written
from registry.arrays import bad_rows

if TYPE_CHECKING:
    from registry.arrays import Array

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Scores = Callable[[str, Int64], Float64]
"""The score of rows: name of the scorer, rows ``[n]`` -> float64 ``[n]``."""

SAME: Final = 1e-5  # of the longest coordinate: less is the arithmetic of one encoder in batches of two sizes


@dataclass(frozen=True)
class Group:
    """The exemplars of a term.

    Attributes
    ----------
    term : what was asked for
    rows : all of them, int64 rising
    codes : their points, float64 ``[n, d]``
    chosen : positions among them that are used
    """

    term: Term
    rows: Int64
    codes: Float64
    chosen: Int64

    @property
    def mean(self) -> Float64:
        """Mean of the chosen ones ``[d]``."""
        return np.asarray(self.codes[self.chosen].mean(axis=0))

    @property
    def fixed(self) -> bool:
        """Whether it is one point that was named: it stands for itself, and no sample of anything."""
        return self.term.listed and len(self.rows) == 1


@dataclass(frozen=True)
class Source:
    """What rows are rows of.

    Attributes
    ----------
    name : a data set, ``"prior"``, ``"points"`` or ``"items"``
    rows : every row there is, or the first draws of a prior, which has no end
    columns : labels of the rows of a data set, ``None`` of anything else
    items : names of the items by row, empty of anything else
    """

    name: str
    rows: Int64
    columns: Any
    items: tuple[str, ...]

    @property
    def drawn(self) -> bool:
        """Whether the points are draws from a prior."""
        return self.name == "prior"

    @property
    def word(self) -> str:
        """What one point is called."""
        return "draw" if self.drawn else "item" if self.items else "row"

    def label(self, term: Term) -> str:
        """What a group is called; listed draws are no rows."""
        return term.label.replace("row", self.word, 1) if term.listed and not self.items else term.label

    def called(self, row: int) -> str:
        """A point by its name or number."""
        return self.items[row] if self.items else f"{self.word} {row:,}"


def source_of(job: wb.Job, space: str) -> Source:
    """What points of ``space`` come from."""
    rows = np.asarray(job.rows(space), dtype=np.int64)
    first = job.points(space, rows=rows[:1])
    name = "prior" if first.source.startswith("prior") else first.source
    columns = None
    if job.data is not None and name != "prior":
        columns = job.data.columns
    items: tuple[str, ...] = ()
    if name == "items":
        found = [one for one in job.model.spaces.values() if isinstance(one, wb.Items) and len(one.names) == len(rows)]
        items = found[0].names if found else ()
    return Source(name, rows, columns, items)


def groups_of(
    job: wb.Job,
    space: str,
    terms: list[Term],
    source: Source,
    *,
    k: int | None,
    limit: int,
    candidates: int,
    share: float,
    scores: Scores,
) -> list[Group]:
    """The groups of the terms; ``k`` exemplars are taken at random of each that is not listed row by row.

    At most ``limit`` points of a group are taken, and a scorer chooses ``share`` of at most ``candidates``.

    Raises
    ------
    DataError
        When a group is empty or smaller than ``k``, two are the same, all points are one, a row is not there, or a
        point is not finite.
    """
    found: list[Group] = []
    for term in terms:
        rows = _rows(job, space, term, source, candidates, share, scores)
        if len(rows) > limit:
            rows = np.sort(job.rng.choice(rows, limit, replace=False))
        if not term.listed and k is not None and k > len(rows):
            has = "1 exemplar" if len(rows) == 1 else f"{len(rows):,} exemplars"
            raise wb.DataError(f"'{term.label}' has {has} and {k:,} were asked for: take fewer, or a larger group")
        points = job.points(space, rows=rows)
        bad = bad_rows(points.flat())
        if bad.size:
            raise wb.DataError(
                f"{bad.size:,} of {len(points):,} points of '{term.label}' hold NaN or infinity (first: "
                f"{source.called(int(rows[bad[0]]))}): leave them out"
            )
        for other in found:
            if np.array_equal(other.rows, rows):
                raise wb.DataError(
                    f"'{other.term.label}' and '{term.label}' are the same {source.word}s: they cancel or count twice, "
                    "leave one of the two out"
                )
        count = len(rows) if term.listed or k is None else k
        chosen = np.sort(job.rng.choice(len(rows), count, replace=False)).astype(np.int64)
        found.append(Group(term, rows, points.flat().astype(np.float64), chosen))
    every = np.concatenate([one.codes for one in found])
    if len(found) > 1 and np.ptp(every, axis=0).max() <= SAME * np.abs(every).max():
        raise wb.DataError(
            f"all {len(every):,} exemplars of the groups are one and the same point: nothing tells the groups apart, "
            "choose others"
        )
    return found


def _rows(job: wb.Job, space: str, term: Term, source: Source, candidates: int, share: float, scores: Scores) -> Int64:
    """All rows that meet the conditions of a term."""
    ordered = sorted(term.conditions, key=lambda one: one.kind in ("high", "low"))
    rows: Int64 | None = None
    for one in ordered:
        if one.kind in ("high", "low"):
            among = source.rows if rows is None else rows
            if len(among) > candidates:  # the same for every term, so that each is scored once
                few = np.random.default_rng(job.seed)
                among = np.sort(few.choice(among, candidates, replace=False))
            rows = _extreme(one, among, share, scores)
        else:
            named = _named(job, space, one, source)
            rows = named if rows is None else np.intersect1d(rows, named)
        if len(rows) == 0:
            raise wb.DataError(f"the group '{term.label}' is empty: no {source.word} is in it")
    assert rows is not None  # a term has at least one condition
    return np.asarray(rows, dtype=np.int64)


def _named(job: wb.Job, space: str, one: Condition, source: Source) -> Int64:
    if one.kind == "slice":
        return np.asarray(job.rows(space, slice=one.what), dtype=np.int64)
    if one.kind == "class":
        return _class(one.what, source)
    rows = _items(one.what, source) if one.kind == "items" else np.array(rows_written(one.what), dtype=np.int64)
    absent = np.empty(0) if source.drawn else np.setdiff1d(rows, source.rows)
    if len(absent):
        raise wb.DataError(
            f"there is no {source.word} {int(absent[0]):,} among the {len(source.rows):,} {source.word}s of this run"
        )
    return rows


def _class(what: str, source: Source) -> Int64:
    column, _, value = what.partition("=")
    if source.columns is None or column not in source.columns:
        there = ", ".join(map(str, getattr(source.columns, "columns", ()))) or "no columns"
        raise wb.DataError(f"the points have no column '{column}' (there are: {there}): name another or use a slice")
    told: Mapping[Any, Any] = source.columns[column].iloc[source.rows].astype(str)
    return np.asarray(source.rows[np.asarray(told) == value], dtype=np.int64)


def _items(what: str, source: Source) -> Int64:
    if not source.items:
        raise wb.DataError(
            f"'{what}' names items, and the points of this space are {source.word}s: use rows or a slice"
        )
    places = {name: row for row, name in enumerate(source.items)}
    for name in what.split("|"):
        if name not in places:
            raise wb.DataError(f"there is no item '{name}' among the {len(places):,} items")
    return np.array(sorted({places[one] for one in what.split("|")}), dtype=np.int64)


def _extreme(one: Condition, rows: Int64, share: float, scores: Scores) -> Int64:
    """The share of rows with the highest or the lowest score; those without a score are never taken."""
    values = scores(one.what, rows)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2 or not values[known].max() > values[known].min():
        raise wb.DataError(
            f"'{one.what}' is the same or undefined for all {len(rows):,} points: there is no {one.kind}"
        )
    count = max(1, round(share * len(known)))
    order = known[np.argsort(values[known], kind="stable")]
    return np.sort(rows[order[-count:] if one.kind == "high" else order[:count]])


def units_of(space: wb.Space, pool: Array) -> Float64:
    """One standard deviation along each axis ``[d]``: of the prior where there is one, else of the pool."""
    from plugins.difference_direction.shell import shell_of

    shell = shell_of(space)
    if shell is not None:
        return shell.std
    return np.asarray(np.asarray(pool, dtype=np.float64).std(axis=0))
