# SPDX-License-Identifier: Apache-2.0
"""The analysis: amplify what a layer sees in a picture, at several sizes, and keep the steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

import workbench as wb


class DeepDream(wb.Analysis):
    """What does a layer see in this picture?

    Changes a picture step by step so that a layer, one of its channels, or its likeness to the features of a guide
    picture grows (Mordvintsev, Olah and Tyka, 2015), from coarse to fine. Kept are the picture, small frames of the
    way, and the value at every step; beside it stands a change of the same size at random.
    """

    name = "deep-dream"
    title = "Deep dream of a layer"
    version = "1"
    needs_model = True
    tags: ClassVar[tuple[str, ...]] = ("Inceptionism", "layers", "feature visualisation", "pictures")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)

    class Params(wb.Params):
        """The layer and what of it, the picture, and the steps."""

        through: wb.Pick[wb.Map[wb.Images, wb.Space]] = Field(description="The map from pictures that is run.")
        layer: wb.Pick[wb.Layer] | None = Field(
            None, description="The layer whose activations grow; empty: one at six tenths of the way."
        )
        goal: Literal["layer", "channel", "guide"] = Field(
            "layer", description="What grows: the whole layer, one channel, or the likeness to a guide picture."
        )
        channel: int | None = Field(None, ge=0, description="The channel, from 0, where one channel grows.")
        guide: int | None = Field(None, ge=0, description="Row of the guide picture, where there is one.")
        start: Literal["picture", "noise"] = Field("picture", description="What it starts from.")
        row: int = Field(0, ge=0, description="Row of the picture that it starts from.")
        size: int | None = Field(
            None,
            ge=1,
            le=512,
            description="Pixels of the longer side; empty: as the picture is. 512 takes 5 times 224.",
        )
        octaves: int = Field(3, ge=1, le=8, description="Sizes, from coarse to fine.")
        ratio: float = Field(1.4, gt=1, le=4, description="From one size to the next.")
        steps: int = Field(
            20,
            ge=1,
            le=500,
            description="Steps at each size; at 224 pixels all take about 5 s in SqueezeNet, 40 s in VGG-16.",
        )
        rate: float = Field(
            0.01, gt=0, le=0.5, description="Mean change of a value by a step, as a share of their range."
        )
        jitter: int | None = Field(None, ge=0, le=64, description="Pixels it is rolled by; empty: a sixteenth of it.")
        frames: int = Field(24, ge=2, le=100, description="Small frames that are kept of the way.")
        minutes: float = Field(5.0, gt=0, le=240, description="Refuse what would take longer, before it begins.")

        @model_validator(mode="after")
        def _goal_is_named(self) -> Self:
            for name in ("channel", "guide"):
                given = getattr(self, name) is not None
                if given != (self.goal == name):
                    told = f"is of no use where the goal is '{self.goal}'" if given else "is needed for this goal"
                    raise ValueError(f"'{name}' {told}")
            return self

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Dream on a copy of the model, then measure the picture as it is shown, and a random change of its size."""
        from plugins.deep_dream.dreaming import dream
        from plugins.deep_dream.results import result_of
        from plugins.feature_visualisation.optimising.reading import borrowed

        job.progress(0.0, "model")
        with borrowed(job.model) as model:
            found = dream(job, model, params)
        job.progress(0.99, "result")
        return result_of(found, params)
