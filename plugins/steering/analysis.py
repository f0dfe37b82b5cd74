# SPDX-License-Identifier: Apache-2.0
"""The analysis: a direction of a layer, added at several scales, with what it does and what else it does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, field_validator

import workbench as wb

MOST_SCALES = 8


class Steering(wb.Analysis):
    """Does adding a direction to the stream of a language model bring out a style, and what does it break?

    The direction is the difference between the means of two groups of texts at a layer (Turner and others, 2023;
    Panickssery and others, 2023), or one that was kept. It is added at several scales, and measured on texts that did
    not make it: how much more likely texts of the one group become than texts of the other, and what that does to
    neutral text: its perplexity, and the repeats and full stops of what the model then writes. Random directions of
    the same length stand beside it. The scale that is recommended is the largest at which the effect stands and the
    text is whole: a direction that is pushed too far makes a model write nothing but full stops.
    """

    name = "steering"
    title = "Steering"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("texts", "language model", "direction", "intervention")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """The layer, the groups of texts, the scales."""

        score: wb.Pick[wb.Map[wb.Texts, wb.Scalars]] = Field(
            description="Map to the mean log-probability of a token of a text, its first number."
        )
        onward: wb.Pick[wb.Map[wb.Texts, wb.Texts]] = Field(description="Map that writes on from a text.")
        space: wb.Pick[wb.Layer] | None = Field(
            None, description="The layer that the direction is added to; empty: the middle one of the stream."
        )
        by: wb.Pick[wb.Column] | None = Field(
            None, description="Column of kinds of texts; empty: the first that has two classes and more."
        )
        toward: str = Field("", description="Class that the direction leads to; empty: romance, or the largest class.")
        away: str = Field("", description="Class that it leads from; empty: news, or the next largest class.")
        kept: tuple[wb.Kept, ...] = Field(
            (), max_length=1, description="A kept direction in place of the difference; name its layer as the space."
        )
        scales: tuple[float, ...] = Field(
            (0.6, 1.2, 2.4, 4.8, 9.6), description="How far to go, in lengths of the direction; 0 is always measured."
        )
        examples: int = Field(60, ge=8, le=2000, description="Most texts of each group that make the direction.")
        measured: int = Field(12, ge=8, le=500, description="Most held-out texts of each group, and neutral ones.")
        random: int = Field(3, ge=1, le=50, description="Random directions of the same length, at every scale.")
        prompts: int = Field(4, ge=1, le=50, description="Beginnings of neutral texts that are written on.")
        tokens: int = Field(24, ge=4, le=500, description="Tokens that are written after each.")

        @field_validator("scales")
        @classmethod
        def _finite(cls, value: tuple[float, ...]) -> tuple[float, ...]:
            if not all(math.isfinite(one) and one != 0 and abs(one) <= 1000 for one in value):
                raise ValueError("scales must be finite numbers other than 0, from -1000 to 1000")
            if not 1 <= len(set(value)) == len(value) <= MOST_SCALES:
                raise ValueError(f"give 1 to {MOST_SCALES} different scales")
            return value

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Make the direction and measure it, everything random under the seed of the run."""
        from plugins.steering.measuring import measure
        from plugins.steering.results import result_of
        from plugins.steering.texts import groups_of

        score, onward = job.model.maps[params.score], job.model.maps[params.onward]
        if job.data is None:
            raise wb.DoesNotApply("steering is measured on texts of two kinds: give a data set of them")
        layer = params.space or middle_layer(job.model, score.source.name, job.device)
        groups = groups_of(
            job.data, job.rows(score.source.name), params.by, params.toward, params.away,
            params.examples, params.measured, params.prompts, job.rng,
        )  # fmt: skip
        job.progress(0.0, "texts that make the direction")
        points = [job.points(layer, rows=rows).flat() for rows in (groups.made_toward, groups.made_away)]
        if params.kept:
            vector = np.asarray(job.direction(params.kept[0]).vector, dtype=np.float64)
        else:
            vector = points[0].mean(axis=0, dtype=np.float64) - points[1].mean(axis=0, dtype=np.float64)
        if not np.linalg.norm(vector) > 0:
            raise wb.DataError(f"the direction at '{layer}' is zero: the two groups have the same mean")
        lengths = np.linalg.norm(np.concatenate(points), axis=1)
        steps = measure(
            job, (score, onward), layer, vector, groups, params.scales, params.random, params.tokens,
            lambda part: job.progress(0.15 + 0.8 * part, "scales"),
        )  # fmt: skip
        job.progress(0.97, "result")
        return result_of(groups, steps, layer, vector, float(np.median(lengths)), kept=bool(params.kept))


def middle_layer(model: wb.Model, source: str, device: str) -> str:
    """The middle one of the layers as wide as the vectors that a map leads to from the texts.

    Raises
    ------
    workbench.DoesNotApply
        When there is no such layer.
    """
    for one in model.maps_from(source):
        width = getattr(one.target, "size", None)
        if width is None:
            continue
        (seen,) = wb.capture(model, one.name, [["one", "two words"]], None, device=device)
        fitting = [name for name in model.layers() if name in seen and tuple(seen[name].shape) == (2, width)]
        if fitting:
            return fitting[len(fitting) // 2]
    raise wb.DoesNotApply("no layer holds as many numbers for a text as a map from texts gives: name one as the space")
