# SPDX-License-Identifier: Apache-2.0
"""Does a map change when the network's weights are drawn anew? Layer by layer from the top, and each layer alone.

Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, "Sanity checks for saliency maps", NeurIPS 2018, section 3. A
control, never a ranking: noise changes most, and layers drawn from the top keep much of the scale below them, so that
maps cannot be expected to change wholly (Binder and others, "Shortcomings of top-down randomization-based sanity
checks", CVPR 2023). ``|input - baseline|`` stands beside it: it knows nothing of the network, and stays at 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.attribution.checks.means import Float64
from plugins.attribution.checks.similarity import picture_of, spearman_where_any, structural_similarity

if TYPE_CHECKING:
    import torch
    from torch import nn

    from plugins.attribution.questions import Question

ALL: Final = "all layers"


@dataclass(frozen=True)
class Stage:
    """One way of drawing weights anew.

    Attributes
    ----------
    name : the layer at which it stops (cascade), or the one layer that is drawn anew
    cascade : whether all layers above it are drawn anew as well
    layers : names of the layers drawn anew
    """

    name: str
    cascade: bool
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Randomised:
    """Likeness of maps before and after, by method and stage.

    Attributes
    ----------
    stages : in their order: the cascade from the top, then each layer alone
    spearman : by method float64 ``[stages, n]``, rank correlation of the maps as they are shown (with their sign, where
        they have one), over the places where either is not 0
    sizes : the same of ``|map|``
    ssim : by method float64 ``[stages, n]``; NaN for what is no picture
    last : by method the maps with all layers drawn anew, ``[n, ...]``
    before : by method the maps of the trained network that were made again, ``[n, ...]``, to be compared with
    failed : by method, why it has none
    """

    stages: tuple[Stage, ...]
    spearman: Mapping[str, Float64]
    sizes: Mapping[str, Float64]
    ssim: Mapping[str, Float64]
    last: Mapping[str, Any]
    failed: Mapping[str, str]
    before: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full(self) -> int:
        """Position of the stage at which all layers are drawn anew."""
        return max(at for at, one in enumerate(self.stages) if one.cascade)


def drawn_anew(module: nn.Module, generator: torch.Generator) -> None:
    """Draw the parameters of a module anew, in place, each with the scale it has.

    Weights (two axes and more) are normal with mean 0 and the root mean square of the trained ones, so that answers
    and gradients keep their order of size; parameters and running statistics with one axis (biases, scales of
    normalisation) change places, all in the same way, and so stay what such a layer can have.
    """
    import torch

    with torch.no_grad():
        moved: dict[int, torch.Tensor] = {}
        single = [one for one in module.buffers() if one.ndim == 1 and one.is_floating_point()]
        for one in [*module.parameters(), *single]:
            if one.ndim >= 2:
                noise = torch.randn(one.shape, generator=generator, dtype=torch.float32)
                one.copy_(noise.to(one) * one.square().mean().sqrt())
            elif one.ndim == 1 and len(one) > 1:
                size = len(one)
                if size not in moved:
                    moved[size] = torch.randperm(size, generator=generator)
                one.copy_(one[moved[size].to(one.device)].clone())


def layers_of(question: Question) -> list[str]:
    """Names of the layers with weights of their own, the top (last executed) first; the innermost of nested ones."""
    having = {name: one for name, one in question.layers.items() if any(True for _ in one.parameters())}
    inner = [
        name
        for name, one in having.items()
        if not any(other is not one and other in set(one.modules()) for other in having.values())
    ]
    seen: set[int] = set()
    found = []
    for name in inner[::-1]:
        if id(having[name]) not in seen:
            seen.add(id(having[name]))
            found.append(name)
    return found


def stages_of(layers: Sequence[str], most: int) -> list[Stage]:
    """A cascade from the top and each layer alone; at most ``most`` of each kind, at even steps, the last always.

    >>> [one.name for one in stages_of(["c", "b", "a"], 2) if one.cascade]
    ['b', 'all layers']
    """
    places = np.unique(np.linspace(0, len(layers), min(most, len(layers)) + 1).round().astype(int)[1:])
    cascade = [
        Stage(ALL if place == len(layers) else layers[place - 1], True, tuple(layers[:place])) for place in places
    ]
    alone = [Stage(layers[place - 1], False, (layers[place - 1],)) for place in places]
    return [*cascade, *alone] if len(layers) > 1 else cascade


def randomisation(
    question: Question,
    values: Mapping[str, Any],
    attribute_with: Callable[[Question, str], Any],
    *,
    stages: int = 8,
    signed: Mapping[str, bool] | None = None,
    alone: bool = True,
    seed: int = 0,
    progress: Callable[[float], None] = lambda part: None,
) -> Randomised:
    """Attribute with copies of the question whose layers are drawn anew, and compare with ``values``.

    Parameters
    ----------
    values : the maps of the trained network by method, ``[n, ...]``
    signed : whether their sign means something; without it sizes are compared
    attribute_with : gives the maps of the same samples for another question

    Raises
    ------
    DoesNotApply
        When no layer of the question has weights, or drawing all of them anew leaves its answer as it was.
    """
    import torch

    layers = layers_of(question)
    if not layers:
        raise wb.DoesNotApply("no layer between input and answer has weights that could be drawn anew")
    wanted = [one for one in stages_of(layers, stages) if alone or one.cascade]
    alike: dict[str, list[Float64]] = {name: [] for name in values}
    sizes: dict[str, list[Float64]] = {name: [] for name in values}
    ssim: dict[str, list[Float64]] = {name: [] for name in values}
    last: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for at, stage in enumerate(wanted):
        other = question.copied()
        for name in stage.layers:
            place = layers.index(name)
            drawn_anew(other.layers[name], torch.Generator().manual_seed(seed * 10_007 + place))
        for name, before in values.items():
            after = _attributed(attribute_with, other, name, failed) if name not in failed else None
            if after is None:
                after = np.full(np.shape(before), np.nan)
            elif stage.name == ALL:
                last[name] = after
            sizes[name].append(spearman_where_any(np.abs(before), np.abs(after)))
            with_sign = (signed or {}).get(name, False)
            alike[name].append(spearman_where_any(before, after) if with_sign else sizes[name][-1])
            ssim[name].append(_ssim(before, after))
        progress((at + 1) / len(wanted))
    return Randomised(
        tuple(wanted),
        {name: np.array(one) for name, one in alike.items()},
        {name: np.array(one) for name, one in sizes.items()},
        {name: np.array(one) for name, one in ssim.items()},
        last,
        failed,
    )


def moved_by(question: Question, inputs: torch.Tensor, seed: int) -> bool:
    """Whether drawing all layers anew changes the answers at all: else the check cannot say anything."""
    import torch

    other = question.copied()
    for place, name in enumerate(layers_of(question)):
        drawn_anew(other.layers[name], torch.Generator().manual_seed(seed * 10_007 + place))
    with torch.no_grad():
        return not torch.equal(question.function(inputs), other.function(inputs))


def _ssim(before: Any, after: Any) -> Float64:
    if np.ndim(before) != 4:
        return np.full(len(before), np.nan)
    return structural_similarity(*(picture_of(np.abs(one)) for one in (before, after)))


def _attributed(
    attribute_with: Callable[[Question, str], Any], question: Question, method: str, failed: dict[str, str]
) -> Any:
    try:
        return np.asarray(attribute_with(question, method), dtype=np.float64)
    except wb.WorkbenchError as error:
        failed[method] = str(error)
        return None
