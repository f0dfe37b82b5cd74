# SPDX-License-Identifier: Apache-2.0
"""Which layer a method works at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

import workbench as wb

if TYPE_CHECKING:
    from plugins.attribution.methods.method import Method
    from plugins.attribution.questions import Question


def layer_of(question: Question, method: Method, asked: str | None) -> str | None:
    """The layer of a method that works at one: the one asked for, else the last that can be.

    Raises
    ------
    ParameterError
        When the layer asked for is not run before the number is there, or runs more than once.
    DoesNotApply
        When no layer can be used.
    """
    if not (method.layer or method.through_layer):
        return None
    if asked is not None:
        if wrong := unfit(question, asked, maps=method.through_layer):
            raise wb.ParameterError(f"the layer '{asked}' cannot be used by {method.title}: {wrong}")
        return asked
    fit = layers_fit(question, maps=method.through_layer)
    if not fit:
        what = "maps (channels, height, width)" if method.through_layer else "one row of numbers for each input"
        raise wb.DoesNotApply(f"{method.title} cannot answer '{question.sentence}': no layer gives {what}")
    if method.through_layer:
        return fit[-1]
    inner = fit[:-1] or fit  # the last layer is mostly where the number is read: it says nothing new
    bent = [name for name in inner if bends(question.layers[name])]
    return bent[-1] if bent else inner[-1]


def layers_fit(question: Question, *, maps: bool) -> list[str]:
    """Layers that a method can work at, in order; those with maps of more than one place alone, where asked."""
    inner = [name for name in question.layers if name != question.module.at]
    return [name for name in inner if not unfit(question, name, maps=maps) and _is_leaf(question, name)]


def unfit(question: Question, layer: str, *, maps: bool) -> str:
    """Why a layer cannot be attributed to, in one clause; else nothing."""
    if layer not in question.layers:
        return "no pass runs it before the number is there"
    if question.calls[layer] > 1:
        return f"a pass runs it {question.calls[layer]} times, so that it has no one output"
    shape = question.shapes.get(layer)
    if shape is None:
        return "its output is no tensor of real numbers with one row for each input"
    if maps and (len(shape) != 3 or shape[1] * shape[2] < 2):
        return f"its output of shape {list(shape)} has no places: it needs channels, height and width"
    return ""


def bends(module: nn.Module) -> bool:
    """Whether a module is an activation function."""
    return type(module).__module__.endswith("modules.activation")


def _is_leaf(question: Question, name: str) -> bool:
    return not list(question.layers[name].children())
