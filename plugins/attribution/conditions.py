# SPDX-License-Identifier: Apache-2.0
"""When methods that change the backward pass may be used: what they know how to pass through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from torch import nn

from plugins.attribution.pooling import can_unfold, overlaps
from plugins.attribution.questions.kinds import Distance

if TYPE_CHECKING:
    from plugins.attribution.questions import Question

LINEAR: Final = (
    nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d,
    nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d, nn.Flatten, nn.Unflatten, nn.Identity,
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.Upsample, nn.UpsamplingNearest2d,
    nn.UpsamplingBilinear2d, nn.PixelShuffle, nn.PixelUnshuffle, nn.ChannelShuffle, nn.ZeroPad1d, nn.ZeroPad2d,
    nn.ZeroPad3d, nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReplicationPad1d, nn.ReplicationPad2d,
    nn.ConstantPad1d, nn.ConstantPad2d, nn.Fold, nn.Unfold,
)  # fmt: skip
"""Modules that are linear in eval mode (up to a constant)."""

DEEPLIFT: Final = (
    nn.ReLU, nn.ELU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.Softplus, nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d,
    nn.Softmax,
)  # fmt: skip
"""Modules that bend and that captum has a rule of DeepLIFT for."""

DEEPLIFT_FUNCTIONS: Final = {"relu", "relu_", "sigmoid", "sigmoid_", "tanh", "tanh_", "leaky_relu", "elu", "softplus"}
"""Functions that are made modules on the copy."""

LRP: Final = (nn.ReLU, nn.Tanh, nn.LeakyReLU, nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
LRP_FUNCTIONS: Final = {"relu", "relu_", "tanh", "tanh_", "leaky_relu"}

STATELESS: Final = (
    nn.ReLU, nn.ELU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.Softplus, nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d,
    nn.Softmax, nn.Identity, nn.Flatten, nn.Unflatten, nn.AvgPool1d, nn.AvgPool2d, nn.Upsample, nn.Dropout,
    nn.Dropout2d, nn.AdaptiveAvgPool2d, nn.PixelShuffle,
)  # fmt: skip
"""Modules without tensors of their own: one that a pass runs twice may be made two."""


def rectified(question: Question) -> str | None:
    """Guided backpropagation and deconvolution change what goes back through ReLU, and nothing else."""
    made = question.structure
    if made.of(nn.ReLU) or {"relu", "relu_"} & set(made.functions):
        return None
    return "the model has no ReLU on the way, so that it would be the plain gradient by another name"


def over_images(question: Question) -> str | None:
    """Grad-CAM lays the maps of a layer over an image."""
    if len(question.shape) == 3:
        return None
    return "its map lies over an image, and the inputs are none: the methods of a layer answer which channels count"


def guided_over_images(question: Question) -> str | None:
    """Both conditions of guided Grad-CAM."""
    return over_images(question) or rectified(question)


def rescalable(question: Question) -> str | None:
    """DeepLIFT needs a rule for every step that bends, and every one of them to run once in a pass."""
    pools = [(one.name, question.module.get_submodule(f"networks.{one.name}")) for one in question.structure.parts]
    if wrong := [name for name, one in pools if overlaps(one) and not can_unfold(one)]:
        return f"DeepLIFT has no rule for windows of a maximum pooling that overlap or have gaps ({listed(wrong)})"
    return _passable(question, DEEPLIFT, DEEPLIFT_FUNCTIONS, "DeepLIFT has no rule for", sums=True)


def propagable(question: Question) -> str | None:
    """Layer-wise relevance propagation needs a rule for every step, sums of two branches included."""
    return _passable(question, LRP, LRP_FUNCTIONS, "there is no rule of relevance propagation for", sums=False)


def _passable(
    question: Question, bending: tuple[type[nn.Module], ...], functions: set[str], what: str, *, sums: bool
) -> str | None:
    made = question.structure
    if question.module.alone:
        return "points go through one by one (random numbers, or a number that hangs on the batch): modules run often"
    if isinstance(question.module.number, Distance):
        return "the number is a distance, which bends after the last module, where there is no rule"
    kinds = dict.fromkeys(f"{one.kind.__name__} ({one.name})" for one in made.parts if one.kind not in LINEAR + bending)
    loose = [
        one
        for one in dict.fromkeys([*made.activations(), *made.bending(), *([] if sums else made.unknown())])
        if one not in functions
    ]
    if kinds or loose:
        named = [*kinds, *(f"the function {one}" for one in loose)]
        return f"{what} {listed(named)}"
    twice = [one.name for one in made.reused() if one.kind not in STATELESS]
    if twice and not sums:
        return f"a pass runs {listed(twice)} more than once, and its weights cannot be made two"
    return None


def other_activations(question: Question) -> str:
    """The caveat of methods that change ReLU alone."""
    bent = dict.fromkeys(one.kind.__name__ for one in question.structure.parts if _bends(one.kind))
    loose = [one for one in question.structure.activations() if one not in ("relu", "relu_")]
    named = [*bent, *(f"the function {one}" for one in loose)]
    return f"The gradient goes through {listed(named)} as it is: only ReLU is changed." if named else ""


def _bends(kind: type[nn.Module]) -> bool:
    return kind.__module__.endswith("activation") and kind is not nn.ReLU


def listed(names: list[str], most: int = 5) -> str:
    """Names in a sentence, the rest of many as a number."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
