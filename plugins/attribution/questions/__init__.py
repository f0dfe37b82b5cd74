# SPDX-License-Identifier: Apache-2.0
"""Questions: one number of an input, and how to get it, on a copy of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import workbench as wb
from plugins.attribution.questions.asked import Asked, Tally
from plugins.attribution.questions.copies import copied
from plugins.attribution.questions.kinds import Channel, Distance, Mean, Number, Projection, Region, Similarity, Unit
from plugins.attribution.questions.probing import Probe
from plugins.attribution.structure import Structure

__all__ = [
    "Asked", "Channel", "Distance", "Mean", "Number", "Probe", "Projection", "Question", "Region", "Similarity",
    "Tally", "Unit", "ask", "ask_function", "copied",
]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One number of an input.

    Attributes
    ----------
    sentence : the number in words, "unit 3 of z"
    space : space of the input
    module : ``[n, *shape] -> [n]``; its children are the networks of a copy of the model, in eval mode
    few : the point that it was looked at with ``[1, *shape]``
    layers : the layers that a pass runs before the number is there, by the model's names, in the order they first end;
        those of the copy, so that they may be hooked
    calls : how often a pass runs each
    shapes : output of each for one point
    structure : modules and functions that a pass runs
    differentiable : why it has no gradient by the input, in one clause; empty where it has one
    notes : what the reader must know of the number (random numbers inside, a class chosen by itself)
    probe : how well the probe does, where the number is a probe's
    relabelled : the same question with the probe learned from labels shuffled with a seed; ``None`` without a probe
    """

    sentence: str
    space: wb.Space
    module: Asked
    few: Tensor
    layers: Mapping[str, nn.Module] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    structure: Structure = field(default_factory=Structure)
    differentiable: str = ""
    notes: tuple[str, ...] = ()
    probe: Probe | None = None
    relabelled: Callable[[int], Question] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one input, as it was asked with."""
        return tuple(self.few.shape[1:])

    @property
    def function(self) -> Callable[[Tensor], Tensor]:
        """The module, as a function."""
        return self.module

    def values(self, inputs: Tensor, size: int = 64) -> NDArray[np.float64]:
        """The number of each input, without gradients, float64 ``[n]``."""
        with torch.no_grad():
            parts = [self.module(one).double().cpu().numpy() for one in torch.split(inputs, size)]
        return np.concatenate(parts)

    def copied(self) -> Question:
        """The same question on a copy of its own: weights may be changed, hooks set."""
        module = self.module.copied()
        known = module.model.layers()
        return replace(self, module=module, layers={name: known[name] for name in self.layers if name in known})


def ask(
    model: wb.Model,
    through: str,
    number: Number,
    few: Tensor,
    sentence: str,
    *,
    at: str | None = None,
    then: tuple[str, ...] = (),
    **more: Any,
) -> Question:
    """The question, on a copy of the model, with what one pass of a few points tells of it.

    Parameters
    ----------
    through : name of the map
    number : one of those of :mod:`plugins.attribution.questions.kinds`, or any like them
    few : one to three points ``[n, *shape]`` on the device of the model
    sentence : the number in words
    at : the layer where it is read; ``None``: the output of the map
    then : maps that the output goes through before the number is read
    more : further fields of the question

    Raises
    ------
    SpaceError
        When the points are none of the space that the map starts at, whole numbers among them.
    ParameterError
        When there is no such unit, region or layer.
    MapError
        When the output or layer gives no real numbers, one row for each point; when the model cannot be copied.
    """
    from plugins.attribution.questions.looking import looked

    source = model.maps[through].source
    if not few.is_floating_point():
        raise wb.SpaceError(
            f"{source.label}: its points are whole numbers ({few.dtype}), which have neither gradients nor parts that "
            "could be taken away: ask through a map that starts at images, vectors or numbers"
        )
    source.validate(few)
    if at is not None and at not in model.layers():
        raise wb.ParameterError(f"the model has no layer '{at}'")
    return looked(
        Question(sentence, source, Asked(copied(model), through, at, number, then), few[:1].detach(), **more), few
    )


def ask_function(function: Callable[[Tensor], Tensor] | nn.Module, few: Tensor, sentence: str = "f") -> Question:
    """A bare function or module ``[n, *shape] -> [n]`` as a question, for a check by hand.

    >>> asked = ask_function(lambda x: (x * torch.tensor([2.0, -3.0])).sum(dim=1), torch.ones(1, 2))
    >>> asked.values(torch.tensor([[1.0, 1.0]])).tolist(), asked.differentiable
    ([-1.0], '')
    """
    source = wb.vectors(max(1, int(few[0].numel()))) if few.ndim == 2 else wb.images(1, 1, 1)
    if few.ndim == 4:
        source = wb.images(few.shape[1], few.shape[2], few.shape[3], low=-1e9, high=1e9)

    class Bare(wb.Model):
        pixels = source
        output = wb.scalars()

        def __init__(self) -> None:
            if isinstance(function, nn.Module):
                self.net = function

        @wb.maps(pixels, to=output)
        def ask(self, points: Tensor) -> Tensor:
            given = self.net(points) if isinstance(function, nn.Module) else function(points)
            return given.reshape(len(points), -1)

    return ask(Bare(), "ask", Unit(0), few, sentence)
