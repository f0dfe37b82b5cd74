# SPDX-License-Identifier: Apache-2.0
"""What a method is, what it is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugins.attribution.batching import Passes

if TYPE_CHECKING:
    from plugins.attribution.questions import Question


@dataclass(frozen=True)
class Settings:
    """How much is spent.

    Attributes
    ----------
    steps : points on the path from the baseline (integrated gradients and what is built on them)
    draws : random draws (SmoothGrad, GradientSHAP), or orders of the features (Shapley values); KernelSHAP and LIME
        take 20 times as many
    segments : about how many parts an input is cut into where parts are taken away; an even grid of an image (all
        channels of a place together), runs of the axes of a vector
    window, stride : of occlusion, in pixels (or axes); ``None``: two cells of the grid of segments, and one
    noise : standard deviation of the noise of SmoothGrad and GradientSHAP, as a share of the range of the inputs
    """

    steps: int = 50
    draws: int = 25
    segments: int = 49
    window: int | None = None
    stride: int | None = None
    noise: float = 0.1


@dataclass(frozen=True)
class Task:
    """What a method works on: the question (on a copy, where there are hooks), the inputs, memory, random draws.

    ``streams`` are the numbers of the random draws of each input.
    """

    question: Question
    inputs: Tensor
    baseline: Tensor | None
    pool: Tensor | None
    layer: nn.Module | None
    settings: Settings
    seed: int
    passes: Passes
    streams: Sequence[int]

    @property
    def module(self) -> nn.Module:
        """The number, to be hooked."""
        return self.question.module

    @property
    def start(self) -> Tensor:
        """The baseline, of a method that cannot do without."""
        if self.baseline is None:
            raise TypeError("this method needs a baseline")
        return self.baseline

    @property
    def tapped(self) -> nn.Module:
        """The layer, of a method that cannot do without."""
        if self.layer is None:
            raise TypeError("this method needs a layer")
        return self.layer

    def generator(self, row: int) -> torch.Generator:
        """Random numbers of one input: the same ones however the inputs are batched; on the processor."""
        return torch.Generator().manual_seed(self.seed * 1_000_003 + self.streams[row])

    def rng(self, row: int) -> np.random.Generator:
        """The same for numpy."""
        return np.random.default_rng([self.seed, self.streams[row]])


def never(question: Question) -> str | None:
    """No condition."""
    return None


def silent(question: Question) -> str:
    """Nothing that the reader need be told."""
    return ""


@dataclass(frozen=True)
class Method:
    """One method of attribution.

    Attributes
    ----------
    name, title : as parameters and pages call it
    run : from a task to values ``[n, *shape]``, of the input's shape (of the layer's, for a method that attributes to a
        layer; ``[n, 1, height, width]`` for Grad-CAM)
    needs_baseline, complete, signed, gradient : whether it measures from a baseline; its values sum to f(input) -
        f(baseline); they have a sign; it differentiates
    layer : whether it attributes to the units of a layer; ``through_layer`` : to the input, by way of a layer
    hooks : whether it puts hooks on modules, and so works on a copy made fit for them
    cost : rows forwards and backwards for one input, by the number of segments and the settings
    conditions : why it cannot answer a question, in one clause; else ``None``
    caveat : what the reader must know of its answer to a question
    source : the paper
    """

    name: str
    title: str
    run: Callable[[Task], Tensor]
    cost: Callable[[int, Settings], tuple[int, int]]
    needs_baseline: bool = False
    complete: bool = False
    signed: bool = True
    gradient: bool = True
    layer: bool = False
    through_layer: bool = False
    hooks: bool = False
    conditions: Callable[[Question], str | None] = never
    caveat: Callable[[Question], str] = silent
    source: str = ""

    def refused(self, question: Question) -> str | None:
        """Why it cannot answer a question, in one clause; else ``None``."""
        if self.gradient and question.differentiable:
            return f"it needs gradients, and {question.differentiable}"
        return self.conditions(question)


@dataclass(frozen=True)
class Attributed:
    """What a method gave.

    Attributes
    ----------
    method : its name
    values : float32 or float64 as the inputs ``[n, *shape]`` (``[n, 1, height, width]`` from Grad-CAM), or of the
        layer's shape; signed where the method is. A part that was taken away as a whole is shared evenly among its
        pixels, so that sums over pixels are sums over parts
    gap : float64 ``[n]``, sum of the values - (f(input) - f(baseline)), for complete methods
    change : float64 ``[n]``, f(input) - f(baseline), for complete methods
    forwards, backwards : rows that went through the model, both for all inputs together
    seconds : how long it took
    adapted : what was changed on the copy, one sentence each
    notes : what the reader must know: the caveat, memory that ran out
    layer : the layer's name, where one was used
    """

    method: str
    values: NDArray[np.floating]
    gap: NDArray[np.float64] | None = None
    change: NDArray[np.float64] | None = None
    forwards: int = 0
    backwards: int = 0
    seconds: float = 0.0
    adapted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    layer: str | None = None

    @property
    def relative_gap(self) -> float | None:
        """Largest gap over the inputs as a share of the largest change, so that a change of 0 divides nothing."""
        if self.gap is None or self.change is None:
            return None
        scale = float(np.abs(self.change).max())
        return float(np.abs(self.gap).max() / scale) if scale > 0 else float("nan")
