# SPDX-License-Identifier: Apache-2.0
"""The analysis: a picture with the content of one sample and the style of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

import workbench as wb


class StyleTransfer(wb.Analysis):
    """The content of one picture in the style of another, and where both end up.

    Moves a picture until a layer sees in it what it sees in the content picture, and until the products of channels
    (Gram matrices) of other layers are those of the style picture (Gatys, Ecker and Bethge, 2016). Both pulls are drawn
    as curves, and all pictures as points in the space of contents and in that of styles, before and after, among other
    samples of the data.
    """

    name = "style-transfer"
    title = "Style transfer"
    version = "1"
    needs_model = True
    tags: ClassVar[tuple[str, ...]] = ("Gatys", "Gram matrix", "texture", "layers", "pictures")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Both pictures, the layers, the weights, and the search."""

        through: wb.Pick[wb.Map[wb.Images, wb.Space]] = Field(description="The map from pictures that is run.")
        content_row: int = Field(0, ge=0, description="Row of the picture whose content is kept.")
        style_row: int = Field(1, ge=0, description="Row of the picture whose style is taken.")
        content_layer: wb.Pick[wb.Layer] | None = Field(
            None, description="The layer that holds the content; empty: the second of the last size but one."
        )
        style_layers: tuple[str, ...] = Field(
            (),
            max_length=16,
            description="Layers whose Gram matrices are the style; empty: the first at each size of maps.",
        )
        content_weight: float = Field(1.0, ge=0, le=1e6, description="Weight of the content.")
        style_weight: float = Field(10.0, ge=0, le=1e6, description="Weight of the style (mean over its layers).")
        variation_weight: float = Field(
            10.0,
            ge=0,
            le=1e6,
            description="Weight of the total variation (mean squared difference of neighbours), against noise of "
            "single pixels; 0: none.",
        )
        start: Literal["content", "style", "noise"] = Field("content", description="The picture that it starts from.")
        optimiser: Literal["adam", "lbfgs"] = Field(
            "adam", description="Adam on pixels, or L-BFGS with a line search on numbers whose sigmoid is the picture."
        )
        steps: int = Field(
            120,
            ge=1,
            le=3000,
            description="Steps; at 224 pixels 120 of Adam take about 10 s in SqueezeNet, 2 minutes in VGG-16.",
        )
        rate: float = Field(0.03, gt=0, le=1, description="Rate of Adam, as a share of the range of values.")
        size: int | None = Field(
            None, ge=1, le=512, description="Pixels of the longer side; empty: as the content picture is."
        )
        others: int = Field(8, ge=0, le=50, description="Other samples drawn beside them in both spaces.")
        minutes: float = Field(5.0, gt=0, le=240, description="Refuse what would take longer, before it begins.")

        @model_validator(mode="after")
        def _two_pulls(self) -> Self:
            if self.content_row == self.style_row:
                raise ValueError("'content_row' and 'style_row' are the same picture: name two")
            if self.content_weight + self.style_weight == 0:
                raise ValueError("'content_weight' and 'style_weight' are both 0: nothing pulls")
            return self

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Transfer on a copy of the model, then place every picture in both spaces."""
        from plugins.feature_visualisation.optimising.reading import borrowed
        from plugins.style_transfer.results import result_of
        from plugins.style_transfer.transferring import transfer

        job.progress(0.0, "model")
        with borrowed(job.model) as model:
            found = transfer(job, model, params)
        job.progress(0.99, "result")
        return result_of(found, params)
