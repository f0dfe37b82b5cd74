# SPDX-License-Identifier: Apache-2.0
"""What is excited: a channel, a unit, a class, a direction or all of a layer, from the words of the parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

import workbench as wb
from plugins.feature_visualisation.optimising import objectives
from plugins.feature_visualisation.optimising.choosing import at_share, trunk
from plugins.feature_visualisation.optimising.reading import OUTPUT, Reader
from plugins.feature_visualisation.scoring import estimated

if TYPE_CHECKING:
    from plugins.feature_visualisation.analysis import FeatureVisualisation


@dataclass(frozen=True)
class Asked:
    """A number of every point, and how to get it.

    Attributes
    ----------
    words : what it is, for a sentence
    reader : from points of the map's source to the activations, of ``layer`` and of ``textures``
    objective : from the activations of the layer to the number
    layer, textures : names; at the second, which has positions where any has, pictures are compared with each other
    unit : number of the channel or unit; ``None`` for a direction or all
    shape : of one activation
    rectified : whether what enters a rectifier is read, so that 0 is where it shuts
    """

    words: str
    reader: Callable[[Tensor], dict[str, Tensor]]
    objective: objectives.Objective
    layer: str
    textures: str
    unit: int | None
    shape: tuple[int, ...]
    rectified: bool

    def __call__(self, points: Tensor) -> Tensor:
        """The number of each point ``[n]``."""
        return self.value(self.reader(points))

    def value(self, activations: dict[str, Tensor]) -> Tensor:
        """The number of each point ``[n]`` from what the reader gave."""
        return self.objective(activations[self.layer])

    def alike(self, activations: dict[str, Tensor]) -> Tensor:
        """How alike the points are: their textures, else the activations themselves."""
        return objectives.likeness(activations[self.textures])

    def extent(self, activations: Tensor) -> Tensor:
        """Smallest and largest activation of the unit, over its positions, at each point ``[n, 2]``."""
        chosen = activations if self.unit is None else activations[:, self.unit]
        flat = chosen.reshape(len(chosen), -1)
        return torch.stack([flat.min(dim=1).values, flat.max(dim=1).values], dim=1)


def asked_of(
    job: wb.Job, model: wb.Model, through: wb.Map[Any, Any], example: Tensor, params: FeatureVisualisation.Params
) -> Asked:
    """Resolve the parameters against the model, by one pass of ``example``.

    Raises
    ------
    ParameterError
        When there is no such channel, unit or class, or a direction is asked for and not exactly one is named.
    MapError
        When the layer cannot be read.
    """
    if params.objective == "scorer":
        return _scored(job, through, params)
    if params.scorer is not None:
        raise wb.ParameterError(f"'scorer' is of no use where the objective is '{params.objective}'")
    where = params.space if params.space not in (None, through.target.name) else OUTPUT
    assert where is not None
    if where and where not in model.layers():
        raise wb.ParameterError(
            f"'space' = '{where}' is no layer of the model, nor what the map '{through.name}' leads to "
            f"('{through.target.name}')"
        )
    reader = Reader(through, model.layers(), [where], before=params.before)
    with torch.no_grad():
        activations = reader.probe(example)[where]
    textures = where
    if activations.ndim < 4 and example.ndim == 4:
        textures = _textures(model, through, example) or where
        reader = Reader(through, model.layers(), list(dict.fromkeys([where, textures])), before=params.before)
        with torch.no_grad():
            reader.probe(example)
    shape = tuple(activations.shape[1:])
    named = where or through.target.name
    into = " (what enters it)" if reader.before[where] else ""
    unit: int | None = None
    if params.objective == "direction":
        objective, words = _direction(job, params, named)
    elif params.objective == "layer":
        objective, words = objectives.whole_layer, f"all of {named}{into}"
    else:
        unit = _number(params.target, through.target if where == OUTPUT else None, named)
        make = objectives.neuron if params.objective == "neuron" else objectives.channel
        objective = make(unit)
        words = f"{_kind(params, shape, through, where)} {params.target} of {named}{into}"
    objective(activations)  # whether there is such a channel
    return Asked(words, reader, objective, where, textures, unit, shape, reader.before[where])


def _scored(job: wb.Job, through: wb.Map[Any, Any], params: FeatureVisualisation.Params) -> Asked:
    """The score of what a generator draws, as a number of its codes."""
    space = through.target
    if not isinstance(space, wb.Images) or not isinstance(through.source, wb.Vectors):
        raise wb.ParameterError(f"a scorer needs a map from codes to pictures, and '{through.name}' is none")
    if params.scorer is None:
        raise wb.ParameterError("the objective 'scorer' needs one in 'scorer'")
    known = wb.catalogue().scorers
    if params.scorer not in known:
        raise wb.ParameterError(f"'scorer' = '{params.scorer}' is none of {', '.join(known)}")
    scorer = known[params.scorer]
    if lacking := scorer.lacks(space):
        raise wb.ParameterError(f"'scorer' = '{params.scorer}' does not apply: {lacking}")

    def score(codes: Tensor) -> np.ndarray[Any, Any]:
        with torch.no_grad():
            drawn = through.point(codes.float())
        return scorer(drawn.cpu().numpy(), low=space.low, high=space.high)

    read: Any = lambda codes: {OUTPUT: codes}  # noqa: E731
    words = f"{scorer.label}{f' ({scorer.unit})' if scorer.unit else ''} of what {through.name} draws"
    return Asked(words, read, estimated(score, job.generator), OUTPUT, OUTPUT, None, (through.source.size,), False)


def _textures(model: wb.Model, through: wb.Map[Any, Any], example: Tensor) -> str | None:
    """A layer with positions half way, at which the textures of pictures are compared; none where none has any."""
    try:
        return at_share(trunk(model, through, example), 0.5)
    except wb.DoesNotApply:
        return None


def _direction(job: wb.Job, params: FeatureVisualisation.Params, named: str) -> tuple[objectives.Objective, str]:
    if len(params.kept) != 1:
        raise wb.ParameterError(
            "the objective 'direction' needs one kept direction in 'kept', and 'space' to be its space"
        )
    found = job.direction(params.kept[0])
    if found.space != named:
        raise wb.ParameterError(f"the direction '{found.name}' is of the space '{found.space}', not of '{named}'")
    return objectives.direction(torch.from_numpy(found.vector.copy()).float()), f"the direction {found.name} of {named}"


def _number(target: str, space: wb.Space | None, named: str) -> int:
    names = tuple(getattr(space, "names", None) or getattr(space, "axes", None) or ())
    if target in names:
        return names.index(target)
    if target.strip().isdecimal():
        return int(target)
    near = [one for one in names if target.lower() in one.lower()][:6]
    known = f"; there are {', '.join(near or names[:6])}" + (" ..." if len(names) > 6 else "") if names else ""
    raise wb.ParameterError(f"'target' = '{target}' is neither a number nor a name of '{named}'{known}")


def _kind(params: FeatureVisualisation.Params, shape: tuple[int, ...], through: wb.Map[Any, Any], where: str) -> str:
    if where == OUTPUT and isinstance(through.target, wb.Scalars):
        return "class" if through.target.logits else "number"
    if len(shape) == 1:
        return "unit"
    return "the middle unit of channel" if params.objective == "neuron" else "channel"
