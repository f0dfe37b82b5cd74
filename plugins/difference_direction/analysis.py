# SPDX-License-Identifier: Apache-2.0
"""The analysis: two groups of points, the difference of their means, what it is worth, and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from pydantic import Field, field_validator

import workbench as wb
from plugins.difference_direction import charts
from plugins.difference_direction.difference import Difference, difference_of_means
from plugins.difference_direction.findings import findings_of
from plugins.difference_direction.groups import Groups, groups_of
from plugins.difference_direction.measures import Measured, measure, metrics_of
from plugins.difference_direction.pictures import Row, Sheet
from plugins.difference_direction.shell import shell_of
from plugins.difference_direction.traversal import Starts, decoded, route_to_images, starts_of, steps_to
from workbench.runs.automatic import called

if TYPE_CHECKING:
    from plugins.difference_direction.products import FloatArray
    from registry.arrays import Array


UNUSUAL: Final = 1.0  # percent of the draws of a prior


class DifferenceDirection(wb.Analysis):
    """Which way leads from one group of points to the other?

    Takes the difference of the means of two slices in a latent space or layer, moves points along it and decodes them.
    Half of each group gives the direction and the other half is measured along it; the difference is set against
    permuted labels and random directions, and the page shows how many examples such a direction needs before it
    settles. A direction can be kept under a name for other analyses.
    """

    name = "difference-direction"
    title = "Direction between two groups"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("direction", "slices", "traversal")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Two groups and how far to go."""

        space: wb.Pick[wb.Vectors] = Field(description="Where the points are: a latent space or a layer.")
        toward: wb.Pick[wb.Slice] = Field(description="The group that the direction leads to.")
        away: wb.Pick[wb.Slice] | None = Field(None, description="The group that it leads from; empty: all others.")
        limit: int = Field(2000, ge=10, le=100_000, description="Most points of each group, taken at random.")
        steps: int = Field(7, ge=3, le=15, description="Pictures in a row of the traversal, an odd number.")
        reach: float = Field(
            1.5, gt=0, le=100, description="How far to go each way; 1 is the distance between the means."
        )
        examples: int = Field(6, ge=0, le=24, description="Points that the traversal starts at, besides the middle.")

        @field_validator("steps")
        @classmethod
        def _odd(cls, value: int) -> int:
            if value % 2 == 0:
                raise ValueError("choose an odd number, so that the unmoved point stands in the middle")
            return value

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Measure and decode, everything random under the seed of the run."""
        job.progress(0.0, "points")
        groups = groups_of(job, params.space, params.toward, params.away, params.limit)
        difference = difference_of_means(groups.toward.flat(), groups.away.flat())
        steps = steps_to(params.reach, params.steps)
        measured = measure(job, groups, difference, steps)
        starts = starts_of(groups, difference, params.examples, job.rng)
        names = called(params.toward), called(params.away or "the rest")
        arrays: dict[str, Array] = {
            "direction": difference.unit.astype(np.float32),
            "difference": difference.vector.astype(np.float32),
            "middle": difference.middle.astype(np.float32),
            "steps": steps,
            "held_out_toward": measured.held.toward.astype(np.float32),
            "held_out_away": measured.held.away.astype(np.float32),
        }
        drawn = {
            "positions": charts.positions(measured.held.toward, measured.held.away, names),
            "examples": charts.examples(measured.examples),
        }
        if measured.size > 1:
            drawn["random_directions"] = charts.random_directions(measured.held.areas, measured.held.area)
        shell = shell_of(groups.toward.space)
        if shell is not None:
            arrays["outside"] = shell.moved(starts.points, difference.vector, steps) > shell.outer
        pictures, why = _pictures(job, params.space, starts, difference, steps)
        images = {}
        if pictures is not None:
            arrays["traversal"] = pictures
            images["traversal"] = Sheet(pictures, steps, rows_of(starts.table, names), arrays.get("outside")).draw()
        job.progress(1.0, "done")
        return wb.Result(
            metrics=metrics_of(measured, difference),
            tables={"examples": measured.examples, "steps": measured.steps, "starts": starts.table},
            arrays=arrays,
            images=images,
            charts=drawn,
            findings=findings_of(measured, measured.spread),
            notes=[*_notes(groups, names, measured), *([why] if why else [])],
        )


def rows_of(table: Any, names: tuple[str, str]) -> list[Row]:
    """The rows of the sheet from the table ``starts``; ``names`` are those of the groups, toward first."""
    of = {"toward": names[0], "away": names[1], "middle": ""}
    return [
        Row(str(one["start"]), of[str(one["group"])], float(one["away_at"]), float(one["toward_at"]))
        for one in table.to_dict("records")
    ]


def _pictures(
    job: wb.Job, space: str, starts: Starts, difference: Difference, steps: FloatArray
) -> tuple[Array | None, str]:
    """The traversal, uint8 ``[starts, steps, height, width, channels]``, or why there is none."""
    try:
        route = route_to_images(job.model, space)
    except wb.DoesNotApply:
        return None, "Without a model there is nothing to decode the moved points with."
    if not route:
        return None, f"No map of the model leads from {space} to pictures, so the moved points cannot be shown."
    codes = starts.points[:, None] + steps[None, :, None] * difference.vector
    try:
        pixels = decoded(job, codes.reshape(-1, codes.shape[2]), route)
    except wb.MapError as error:  # what was measured stands: the model does not take codes this far out
        return None, f"The moved points could not be decoded: {error}. Try a smaller reach."
    return pixels.reshape(*codes.shape[:2], *pixels.shape[1:]), ""


def _notes(groups: Groups, names: tuple[str, str], measured: Measured) -> list[str]:
    notes = [
        f"{len(groups.toward):,} points of {names[0]} and {len(groups.away):,} of {names[1]}, "
        f"in {measured.size:,} axes."
    ]
    if groups.shared:
        notes.append(f"{groups.shared:,} rows are in both slices; they were left out of both.")
    notes.append(
        "If the groups were drawn on a map of this very space, they differ along some direction by construction: the "
        "held-out halves do not cure that, because both were chosen the same way, and the permuted labels only say "
        "that the groups differ."
    )
    notes.append(
        "A difference of means sees neither a difference in spread or shape, nor two kinds of points in one group "
        "whose differences cancel."
    )
    if measured.size == 1:
        notes.append("In one axis there are no other directions to compare this one with.")
    if "middle_percentile" in measured.steps:
        below = float(measured.steps["middle_percentile"].iloc[len(measured.steps) // 2])
        if below < UNUSUAL:
            notes.append(
                f"The point between the means lies nearer to the centre of the prior than {_most(100 - below)} of its "
                "draws: an average is itself an unusual point, and its pictures show that too."
            )
    if getattr(groups.toward.space, "metric", "") == "cosine":
        notes.append("This space compares by angle; means and lengths are those of the points as they are.")
    return notes


def _most(percent: float) -> str:
    return "nearly all" if percent > 99.9 else f"{percent:.1f} %"
