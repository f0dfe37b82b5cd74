# SPDX-License-Identifier: Apache-2.0
"""The parameters of the analysis, in a module that is quick to import."""

from __future__ import annotations

from typing import Final, Literal, Self, get_args

from pydantic import Field, model_validator

import workbench as wb

Kind = Literal[
    "automatic", "unit", "channel", "class", "region", "direction", "probe", "distance", "mean", "similarity"
]
MethodName = Literal[
    "saliency", "input-x-gradient", "integrated-gradients", "smoothgrad", "smoothgrad-squared", "vargrad",
    "gradient-shap", "deeplift", "guided-backprop", "deconvolution", "grad-cam", "guided-grad-cam", "lrp", "occlusion",
    "feature-ablation", "shapley-sampling", "kernel-shap", "lime", "layer-gradient-x-activation", "layer-conductance",
    "layer-integrated-gradients", "internal-influence",
]  # fmt: skip
BaselineName = Literal["black", "mean", "blurred", "noise", "prior-mean", "sample"]

MOST_LETTERS: Final = 10_000
USED: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "automatic": ((), ()),
    "unit": (("unit",), ("space",)),
    "channel": (("unit",), ("space",)),
    "class": ((), ("class_name",)),
    "region": (("top", "left", "height", "width"), ()),
    "direction": (("kept", "space"), ()),
    "probe": (("space", "by", "value"), ()),
    "distance": (("other",), ("space",)),
    "mean": ((), ("space",)),
    "similarity": (("text",), ("against",)),
}
"""For each kind of number the parameters that it needs, and those that it may have."""
ARGUMENTS: Final = tuple(dict.fromkeys(one for pair in USED.values() for group in pair for one in group))


class AttributionParams(wb.Params):
    """The map, the number, the samples, the methods, and how much is spent."""

    through: wb.Pick[wb.Map[wb.Images | wb.Vectors | wb.Scalars, wb.Space]] = Field(
        description="The map that is asked: an encoder, a decoder, a classifier, a discriminator. What is asked for is "
        "which parts of its input drive a number of its output, or of a layer on the way."
    )
    question: Kind = Field(
        "automatic",
        description="Which number: a unit, the mean of a channel, a class (logit), the mean of a rectangle of an "
        "output image, the component along a kept direction, the log odds of a probe, the distance from the output of "
        "another sample, the mean of all, the similarity to a text (cosine, in a space that the model reads texts "
        "into). Automatic: of images the middle, of classes the most likely, of vectors the "
        "unit that varies most.",
    )
    unit: int | None = Field(None, ge=0, description="Unit or channel: its position, counted from 0.")
    class_name: str | None = Field(
        None, description="Class: its name; empty: the one that is most likely at most of the samples."
    )
    top: int | None = Field(None, ge=0, description="Region: its first row of pixels, from above.")
    left: int | None = Field(None, ge=0, description="Region: its first column of pixels, from the left.")
    height: int | None = Field(None, ge=1, description="Region: rows.")
    width: int | None = Field(None, ge=1, description="Region: columns.")
    space: wb.Pick[wb.Space] | None = Field(
        None, description="Where the number is read: a layer, or the output of the map (empty)."
    )
    kept: tuple[wb.Kept, ...] = Field(
        (), max_length=1, description="Direction: the name of a kept one; 'space' says of which space it is."
    )
    by: wb.Pick[wb.Column] | None = Field(None, description="Probe: the column that it is learned from.")
    value: str | None = Field(None, description="Probe: the class of the column that it tells from all others.")
    other: int | None = Field(None, ge=0, description="Distance: the row of the other sample.")
    text: str | None = Field(
        None, max_length=MOST_LETTERS, description="Similarity: the text, in the words that the model was trained on."
    )
    against: str | None = Field(
        None,
        max_length=MOST_LETTERS,
        description="Similarity: another text, whose similarity is subtracted: what speaks for the one rather than the "
        "other.",
    )
    samples: int = Field(8, ge=1, le=500, description="Samples looked at, drawn at random.")
    rows: tuple[int, ...] = Field((), max_length=500, description="In place of that: exactly these rows.")
    methods: tuple[MethodName, ...] = Field(
        ("saliency", "integrated-gradients", "deeplift", "guided-backprop", "occlusion"),
        min_length=1,
        description=f"Methods, side by side: {', '.join(get_args(MethodName))}. One that cannot answer is listed with "
        "the reason.",
    )
    baselines: tuple[BaselineName, ...] = Field(
        (),
        description=f"What an input is measured from: {', '.join(get_args(BaselineName))}. The first is used, the "
        "others show how much the answer hangs on it. Empty: black, mean and blurred of images; the mean of the prior, "
        "the mean and 0 of vectors.",
    )
    layer: wb.Pick[wb.Layer] | None = Field(
        None, description="Layer of Grad-CAM and of the methods of layers; empty: the last that fits."
    )
    steps: int = Field(50, ge=2, le=2000, description="Points on the way from the baseline (integrated gradients).")
    draws: int = Field(
        25,
        ge=2,
        le=2000,
        description="Random draws of SmoothGrad and GradientSHAP, orders of Shapley sampling; 20 times as many masks "
        "of KernelSHAP and LIME.",
    )
    segments: int = Field(
        49, ge=2, le=4096, description="Parts that an input is cut into where parts are taken away (about)."
    )
    checks: bool = Field(True, description="Check the maps; a map without its checks proves little.")

    @model_validator(mode="after")
    def _arguments_of_the_kind(self) -> Self:
        needed, allowed = USED[self.question]
        given = [one for one in ARGUMENTS if getattr(self, one) not in (None, ())]
        missing = [one for one in needed if one not in given]
        if missing:
            raise ValueError(f"the question '{self.question}' needs {_listed(missing)}")
        unused = [one for one in given if one not in (*needed, *allowed)]
        if unused:
            raise ValueError(f"the question '{self.question}' makes no use of {_listed(unused)}: leave it empty")
        for name in ("methods", "baselines", "rows"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"'{name}' names one twice")
        return self


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{one}'" for one in names)
