# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

import workbench as wb


class Contrast(wb.Analysis):
    """What distinguishes these points?

    Compares the points of a slice with all others, or with a second slice: every column of labels and attributes,
    every dimension of every space, and every unit of every layer of the model. For each it measures how often a point
    inside is above one outside, with an interval, and a p value that is corrected for the number of tests; the
    strongest are drawn.
    """

    name = "contrast"
    title = "What distinguishes these points"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("selection", "labels", "units", "statistics")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """The second slice and the space may be left out."""

        selection: wb.Pick[wb.Slice] = Field(description="The points asked about, e.g. a lasso saved as a slice.")
        against: wb.Pick[wb.Slice] | None = Field(
            None,
            description="What they are compared with; empty: all other points of the data or of the run's slice, also "
            "those that the map did not show.",
        )
        space: wb.Pick[wb.Vectors | wb.Images] | None = Field(
            None, description="Compare this space or layer alone, and the columns; empty: every space."
        )
        layers: bool = Field(True, description="Compare the units of every layer of the model too.")
        limit: int = Field(2000, ge=5, le=100_000, description="Most points compared on each side, taken at random.")
        top: int = Field(12, ge=1, le=40, description="Features drawn, the strongest first.")
        level: float = Field(0.95, gt=0.5, lt=1, description="Level of the intervals.")
        drawn_on: wb.Pick[wb.Vectors | wb.Images] | None = Field(
            None,
            description="The space on whose map the selection was drawn, for the note on circular p values; empty: not "
            "known.",
        )
        correction: Literal["benjamini-hochberg", "benjamini-yekutieli"] = Field(
            "benjamini-hochberg",
            description="How p values become q values: Benjamini-Hochberg for independent or positively dependent "
            "tests, Benjamini-Yekutieli for any (stricter by the logarithm of the number of tests).",
        )

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Choose the rows, compare, correct, draw."""
        from plugins.contrast.columns import Columns, compare_columns
        from plugins.contrast.findings import findings_of
        from plugins.contrast.notes import (
            EFFECT,
            STRONGEST,
            circular_note,
            left_out_note,
            sides_note,
            tests_note,
        )
        from plugins.contrast.results import charts, images, metrics
        from plugins.contrast.sides import choose
        from plugins.contrast.spaces import compare_spaces, spaces_of

        job.progress(0.0, "rows")
        sides = choose(job, params.space or spaces_of(job)[0], params.selection, params.against, params.limit)
        spaces = compare_spaces(
            job,
            sides,
            params.selection,
            params.against,
            params.space,
            params.layers,
            params.level,
            lambda done, stage: job.progress(0.02 + 0.88 * done, stage),
        )
        job.progress(0.9, "columns")
        columns = Columns() if spaces.columns is None else compare_columns(*spaces.columns, params.level)
        columns.rows.extend(spaces.rows)
        features, untested = columns.rows.features(params.correction), columns.rows.untested()
        if len(features) == 0:
            reasons = "; ".join(dict.fromkeys(untested["why"])) or "the data have no columns and no numbers"
            raise wb.DataError(f"nothing can be compared between these points: {reasons}")
        job.progress(0.95, "charts")
        return wb.Result(
            metrics=metrics(features, params.level),
            tables={"features": features, "not_tested": untested},
            arrays={"rows": sides.inside, "rows_outside": sides.outside},
            images=images(features, spaces),
            charts=charts(features, columns, spaces, params.top, params.level),
            findings=findings_of(features, columns.counts, params.selection, params.level),
            notes=[
                sides_note(sides, params.selection, params.against, job.seed),
                *sides.notes,
                EFFECT,
                tests_note(features, params.correction),
                *circular_note(features, params.drawn_on),
                STRONGEST,
                *spaces.notes,
                *left_out_note(untested),
            ],
        )
