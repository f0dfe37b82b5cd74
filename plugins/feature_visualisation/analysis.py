# SPDX-License-Identifier: Apache-2.0
"""The analysis: the picture that excites a unit most, beside the data's own, noise, and a network without learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

import workbench as wb


class FeatureVisualisation(wb.Analysis):
    """Which picture excites a unit, channel, class or direction most?

    Starts from noise and climbs (Olah, Mordvintsev and Schubert, 2017): several pictures from different starts, and a
    set that is made to differ. Beside them stand the data's own top samples, noise, and the same search in a copy of
    the network whose weights are in random order: how far beyond the data the pictures go, and whether that says
    anything. With a generator in front, its code is searched in place of the pixels, within what its prior draws.
    """

    name = "feature-visualisation"
    title = "What excites a unit most?"
    version = "1"
    needs_model = True
    tags: ClassVar[tuple[str, ...]] = ("activation maximisation", "neuron", "channel", "class", "layers", "pictures")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """What is excited, by which search, beside what."""

        through: wb.Pick[wb.Map[wb.Images | wb.Vectors, wb.Space]] = Field(
            description="The map that is run: an encoder, a classifier, a decoder; its source is what is searched."
        )
        space: wb.Pick[wb.Vectors | wb.Scalars] | None = Field(
            None, description="The layer whose units are excited; empty: what the map leads to."
        )
        objective: Literal["channel", "neuron", "direction", "layer", "scorer"] = Field(
            "channel",
            description="A channel (mean over positions; without positions a unit, of a classifier a class), its "
            "middle unit, a kept direction, the whole layer, or a scorer of what a generator draws.",
        )
        target: str = Field("0", description="The channel, unit or class: its number from 0, or its name.")
        kept: tuple[wb.Kept, ...] = Field((), max_length=1, description="The kept direction to follow.")
        scorer: wb.Scored | None = Field(
            None, description="The scorer, where the map is a generator; its gradient is estimated from near codes."
        )
        decode: wb.Pick[wb.Map[wb.Vectors, wb.Images]] | None = Field(
            None, description="A generator in front: its code is searched in place of the pixels."
        )
        seeds: int = Field(3, ge=1, le=16, description="Pictures from different starts.")
        diverse: int = Field(3, ge=0, le=16, description="Pictures of a set that is made to differ; 0: none.")
        diversity: float = Field(1.0, ge=0, le=10, description="How much likeness within that set counts.")
        size: int | None = Field(
            None, ge=1, le=512, description="Pixels of the longer side; empty: what the map is declared for, else 128."
        )
        steps: int = Field(
            80, ge=1, le=2000, description="Steps of the search; at 224 pixels all of it takes a minute."
        )
        rate: float = Field(0.05, gt=0, le=5, description="Rate of Adam.")
        parametrisation: Literal["fourier", "sigmoid", "pixels"] = Field(
            "fourier", description="What a picture is made of: frequencies scaled as in natural pictures, or pixels."
        )
        jitter: int | None = Field(None, ge=0, le=64, description="Pixels it is rolled by; empty: a sixteenth of it.")
        scale: float = Field(0.05, ge=0, le=0.5, description="Share by which it is enlarged or shrunk.")
        turn: float = Field(5.0, ge=0, le=90, description="Degrees by which it is turned.")
        redirected: int = Field(16, ge=0, le=500, description="First steps in which shut rectifiers pass gradients on.")
        before: bool = Field(True, description="Read what enters a layer that is a nonlinearity, not what leaves it.")
        samples: int = Field(200, ge=0, le=5000, description="Samples of the data beside it, taken at random.")
        control: bool = Field(True, description="Search in a copy with shuffled weights too.")
        minutes: float = Field(5.0, gt=0, le=240, description="Refuse what would take longer, before it begins.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Look at the data, climb, climb in the shuffled copy, and measure the pictures as they are shown."""
        from plugins.feature_visualisation.optimising.reading import borrowed
        from plugins.feature_visualisation.results import result_of
        from plugins.feature_visualisation.visualising import visualise

        job.progress(0.0, "model")
        with borrowed(job.model) as model:
            found = visualise(job, model, params)
        job.progress(0.99, "result")
        return result_of(found, params)
