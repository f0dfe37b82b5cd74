# SPDX-License-Identifier: Apache-2.0
"""The analysis: pairs, held-out rows where one side is fitted to the other, both ways measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import workbench as wb
from plugins.retrieval.pairs import FEWEST, PairParams, Pairs, groups_of, lacking, pairs_of, split_of
from registry.parameters import Subject


class Retrieval(wb.Analysis):
    """Does each picture find its own caption among all captions, and each caption its picture?

    Takes rows of the data through one map and a text of each row through another into one space, and ranks all texts
    for each row and all rows for each text by their angle. Recall at 1, 5 and 10 stands beside exact chance and beside
    the same pairs shuffled; ties and repeated captions count against the model. Two encoders that share no space are
    compared after ridge regression from one to the other, always on rows that the regression has not seen.
    """

    name = "retrieval"
    title = "Retrieval both ways"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("captions", "pictures", "texts", "ranking", "hubs")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(PairParams):
        """The pairs, whether one side is fitted to the other, and the control."""

        align: Literal["as they are", "ridge"] = Field(
            "as they are",
            description="Compare the two sides as they are, or after ridge regression from the first to the second, "
            "fitted on training rows and measured on held-out rows only.",
        )
        split: wb.Pick[wb.Column] | None = Field(
            None,
            description="Column that marks the held-out rows (True, 1, test, held_out, yes): only these are measured. "
            "Empty: all rows; for ridge a random share.",
        )
        held_out: float = Field(
            0.3, gt=0, lt=1, description="Share of the rows that ridge is measured on, where no column marks them."
        )
        draws: int = Field(500, ge=20, le=10_000, description="Times that the pairs are shuffled for the control.")

    @classmethod
    def missing(cls, subject: Subject) -> list[str]:
        """Texts with a map and a column, or a second space."""
        return lacking(subject)

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Measure both ways, everything random under the seed of the run."""
        from plugins.retrieval.measures import measure
        from plugins.retrieval.results import result_of

        job.progress(0.0, "pairs")
        pairs = pairs_of(job, params)
        job.progress(0.4, "held-out rows")
        fitted = None
        seen = held_out_of(job, pairs, params)
        if params.align == "ridge":
            pairs, fitted = aligned(pairs, ~seen, job.rng)
        elif pairs.first.shape[1] != pairs.second.shape[1]:
            raise wb.ParameterError(
                f"points of {pairs.first.shape[1]:,} and of {pairs.second.shape[1]:,} numbers cannot be compared as "
                "they are: set align to 'ridge'"
            )
        else:
            pairs = pairs.taken(np.flatnonzero(seen))
        if len(pairs) < FEWEST:
            raise wb.DataError(f"{len(pairs)} pairs are held out: at least {FEWEST} are needed")
        job.progress(0.6, "ranks")
        ways = measure(pairs, params.draws, job.rng, lambda done: job.progress(0.6 + 0.35 * done, "ranks"))
        return result_of(pairs, ways, fitted, params)


def held_out_of(job: wb.Job, pairs: Pairs, params: Retrieval.Params) -> NDArray[np.bool_]:
    """Which pairs are measured, bool ``[n]``.

    Raises
    ------
    DataError
        When the column marks no row, or for a ridge all rows: it is not measured on the rows it was fitted on.
    """
    if params.split is not None:
        assert job.data is not None  # the pick is a column of it
        held = split_of(job.data.columns, params.split, pairs.rows)
        if not held.any():
            raise wb.DataError(
                f"'{params.split}' marks no row as held out (True, 1, test, held_out or yes): choose another column"
            )
        if params.align == "ridge" and held.all():
            raise wb.DataError(
                f"'{params.split}' marks every row as held out, and ridge needs rows to be fitted on: choose another "
                "column or none, or a data set that has both"
            )
        return held
    if params.align == "as they are":
        return np.ones(len(pairs), dtype=bool)
    groups = groups_of(pairs)  # a caption is never on both sides
    order = job.rng.permutation(int(groups.max()) + 1)
    size = np.bincount(groups)[order]
    held_groups = order[: max(1, int(np.searchsorted(np.cumsum(size), params.held_out * len(pairs))))]
    held = np.isin(groups, held_groups)
    if held.all():
        raise wb.DataError("every pair shares its text or point with another: there is nothing to hold out for ridge")
    return held


def aligned(pairs: Pairs, training: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Pairs, Any]:
    """The held-out pairs with their first side taken to the second, and the fit (:func:`plugins.retrieval.ridge.fit`).

    Rows for training that share a text or a point with a held-out row are left out of the fit.

    Raises
    ------
    DataError
        When fewer than 5 rows are left to fit on, or none to measure.
    """
    from plugins.retrieval.ridge import fit
    from plugins.words.neighbours import unit_rows

    groups = groups_of(pairs)
    leaked = training & np.isin(groups, groups[~training])
    used = np.flatnonzero(training & ~leaked)
    rest = pairs.taken(np.flatnonzero(~training))
    if len(used) < FEWEST or not len(rest):
        raise wb.DataError(
            f"ridge has {len(used)} rows to be fitted on and {len(rest)} to be measured on: at least {FEWEST} of each "
            "are needed, and no row is used for both"
        )
    fitted = fit(pairs.first[used], unit_rows(pairs.second[used]), groups[used], rng)
    notes = [
        *pairs.notes,
        f"Ridge from {pairs.names[0]} to {pairs.names[1]} was fitted on {len(used):,} other rows; its strength, "
        f"{fitted.strength:g} of the mean squared singular value, had the least error in rows left out of five "
        "folds of these.",
    ]
    if leaked.any():
        notes.append(
            f"{int(leaked.sum()):,} rows share a text or a point with a held-out row and were not used for the fit."
        )
    if fitted.at_edge:
        notes.append("That strength is the weakest or the strongest that was tried: the best one may lie beyond.")
    return replace(rest, first=fitted(rest.first), notes=tuple(notes)), fitted
