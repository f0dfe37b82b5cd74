# SPDX-License-Identifier: Apache-2.0
"""Which points are exemplars of the concept, which are others, and at which the decision is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from workbench.runs.automatic import called

if TYPE_CHECKING:
    from plugins.concept_sensitivity.analysis import ConceptSensitivity

Int64 = NDArray[np.int64]

FEWEST: Final = 10  # exemplars: halves of five
TIMES: Final = 3  # as many others as exemplars at most: random concepts are drawn among them
FEWEST_ASKED: Final = 10


@dataclass(frozen=True)
class Groups:
    """Points of the source of a map.

    Attributes
    ----------
    concept, others, asked : the points
    names : what concept and others are called
    notes : what was left out
    """

    concept: wb.Points
    others: wb.Points
    asked: wb.Points
    names: tuple[str, str]
    notes: tuple[str, ...]


def groups_of(job: wb.Job, source: str, params: ConceptSensitivity.Params) -> Groups:
    """Exemplars, others and asked points, random subsets where there are more than the limits.

    Raises
    ------
    ParameterError
        When one slice is both concept and others, or the column has no such class.
    DataError
        When the slices hold the same rows, or fewer than 10 points are left of a group.
    """
    if params.concept is not None and params.concept == params.others:
        raise wb.ParameterError(f"'concept' and 'others' are the same slice '{params.concept}': choose two different")
    inside, name = _concept(job, source, params)
    whole = job.rows(source)
    if params.others is not None:
        outside, rest = job.rows(source, slice=params.others), called(params.others)
        if np.array_equal(inside, outside):
            raise wb.DataError(f"{name} and {rest} hold the same rows: nothing tells one from the other")
    else:
        if job.points(source, rows=whole[:1]).source == "prior":  # which has no end
            whole_of_it = np.arange(max(len(whole), len(inside) + TIMES * params.limit), dtype=np.int64)
        else:
            whole_of_it = whole
        outside, rest = np.setdiff1d(whole_of_it, inside), "the rest"
    shared = np.intersect1d(inside, outside)
    inside, outside = (np.setdiff1d(one, shared) for one in (inside, outside))
    notes = [f"{len(shared):,} rows are in both groups; they were left out of both."] if len(shared) else []
    _check(name, len(inside), FEWEST, "exemplars", len(shared))
    _check(rest, len(outside), FEWEST, "other points", len(shared))
    count = min(len(inside), len(outside), params.limit)
    if count < min(len(inside), params.limit):
        notes.append(
            f"{count:,} of {len(inside):,} exemplars are used: as many as there are others to set against them."
        )
    asked_at = whole if params.at is None else job.rows(source, slice=params.at)
    _check("the points at which the decision is asked", len(asked_at), FEWEST_ASKED, "points", 0)
    return Groups(
        job.points(source, slice=params.concept, rows=_some(inside, count, job.rng)),
        job.points(source, slice=params.others, rows=_some(outside, TIMES * count, job.rng)),
        job.points(source, slice=params.at, rows=_some(asked_at, params.most_points, job.rng)),
        (name, rest),
        tuple(notes),
    )


def _concept(job: wb.Job, source: str, params: ConceptSensitivity.Params) -> tuple[Int64, str]:
    """Rows of the exemplars and what they are called."""
    if params.concept is not None:
        return np.asarray(job.rows(source, slice=params.concept), dtype=np.int64), called(params.concept)
    rows = np.asarray(job.rows(source), dtype=np.int64)
    if job.data is None or job.points(source, rows=rows[:1]).source in ("prior", "points"):
        raise wb.DoesNotApply(f"the points of '{source}' are no rows of the data, so they have no column '{params.by}'")
    values = job.data.columns[params.by].iloc[rows].astype(str).to_numpy()
    chosen = rows[values == params.value]
    if not len(chosen):
        there = sorted(set(values.tolist()))
        shown = ", ".join(there[:12]) + (" ..." if len(there) > 12 else "")
        raise wb.ParameterError(f"'value' = '{params.value}' is no value of the column '{params.by}': it has {shown}")
    return chosen, f"{params.by} = {params.value}"


def _some(rows: Int64, limit: int, rng: np.random.Generator) -> Int64:
    return rows if len(rows) <= limit else np.sort(rng.choice(rows, limit, replace=False))


def _check(name: str, count: int, fewest: int, what: str, shared: int) -> None:
    if count < fewest:
        told = f", once the {shared:,} that are in both are left out" if shared else ""
        raise wb.DataError(f"'{name}' has {count} {what}{told}: at least {fewest} are needed, choose a larger group")
