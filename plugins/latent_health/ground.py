# SPDX-License-Identifier: Apache-2.0
"""What of a model is looked at: the latent space, the map to it, and the maps from it to samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.coverage.neighbours import Float32, Float64, unit_rows
from plugins.coverage.ways import draw, way, with_prior
from registry.priors import Normal

if TYPE_CHECKING:
    from plugins.latent_health.analysis import LatentHealth

MANY = 10_000  # draws that mean and deviation of a prior are taken from where it is not normal


@dataclass
class Ground:
    """The parts of a run.

    Attributes
    ----------
    space : the latent space
    encode : name of the map to it, ``None`` without one
    chain : names of the maps from it to samples, the picked one last; empty without any
    end : the space that they end at
    mean, std : of the prior, one number for each axis, float64 ``[d]``
    normal : whether the prior is normal on every axis
    names : of the axes
    draw : gives so many draws from the prior, float32 ``[m, d]``
    notes : what was left out, in sentences
    """

    space: Any
    encode: str | None
    chain: tuple[str, ...]
    end: Any
    mean: Float64
    std: Float64
    normal: bool
    names: tuple[str, ...]
    draw: Callable[[int], Float32]
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Axes of the latent space."""
        return len(self.mean)

    def standardised(self, points: Float32) -> Float64:
        """Points in deviations of the prior from its mean; an axis without deviation stays as it is."""
        std = np.where(self.std > 0, self.std, 1.0)
        return np.asarray((points.astype(np.float64) - self.mean) / std, dtype=np.float64)


def ground_of(job: wb.Job, params: LatentHealth.Params) -> Ground:
    """The latent space and maps that were picked, or the first that fit.

    Raises
    ------
    DoesNotApply
        When there is no space with a prior, or the picked one has none.
    ParameterError
        When picked maps do not lead to or from the space.
    """
    model = job.model
    space = _space(model, params)
    encode: str | None = params.encode
    if encode is None:
        fits = [
            name
            for name, one in model.maps.items()
            if one.target.name == space.name and isinstance(one.source, (wb.Images, wb.Vectors))
        ]
        encode = min(fits, key=lambda name: not isinstance(model.maps[name].source, wb.Images)) if fits else None
    elif model.maps[encode].target.name != space.name:
        raise wb.ParameterError(f"'encode' = '{encode}' ends at '{model.maps[encode].target.name}', not '{space.name}'")
    chain = _chain(model, space.name, params.decode)
    if encode is None and not chain:
        raise wb.DoesNotApply(
            f"no map leads to '{space.name}' or from it to images or vectors: there is nothing to measure"
        )
    by_angle = str(space.metric) == "cosine"
    normal = isinstance(space.prior, Normal) and not by_angle
    mean, std = _moments(job, space, normal, by_angle)
    normal = normal and bool((std > 0).all())
    axes = getattr(space, "axes", None)
    names = tuple(str(one) for one in axes) if axes else tuple(str(one) for one in range(space.size))
    return Ground(
        space, encode, chain, model.maps[chain[-1]].target if chain else None, mean, std, normal, names,
        lambda count: draw(job, space, count),
    )  # fmt: skip


def _space(model: wb.Model, params: LatentHealth.Params) -> Any:
    there = with_prior(model.spaces)
    name: str | None = params.space
    if name is None and params.encode is not None:
        name = model.maps[params.encode].target.name
    if name is None and params.decode is not None:
        found = way(model.maps, there, model.maps[params.decode].source.name)
        if found is None:
            raise wb.DoesNotApply(f"'{params.decode}' starts at no space with a prior, and is reached from none")
        name = found[0]
    if name is None:
        ends = [one.target.name for one in model.maps.values() if one.target.name in there]
        name = next(iter([*ends, *there]), None)
    if name is None:
        raise wb.DoesNotApply("no space of this model has a prior: there is nothing to draw from or to compare with")
    if name not in there:
        raise wb.DoesNotApply(f"'{name}' has no prior: choose {' or '.join(there) or 'a model with one'}")
    return model.spaces[name]


def _chain(model: wb.Model, start: str, picked: str | None) -> tuple[str, ...]:
    if picked is not None:
        found = way(model.maps, [start], model.maps[picked].source.name)
        if found is None:
            raise wb.ParameterError(f"'decode' = '{picked}' cannot be reached from '{start}'")
        return (*found[1], picked)
    ways = {
        name: found[1]
        for name in model.spaces
        if name != start and (found := way(model.maps, [start], name)) is not None
    }
    for kind in (wb.Images, wb.Vectors):
        fits = [one for name, one in ways.items() if isinstance(model.spaces[name], kind)]
        if fits:
            return min(fits, key=len)
    return ()


def _moments(job: wb.Job, space: Any, normal: bool, by_angle: bool) -> tuple[Float64, Float64]:
    """Mean and deviation of the prior on each axis; of draws where it is not normal, at length 1 for angles."""
    size = int(space.size)
    if normal:
        mean, std = (np.asarray(one, dtype=np.float64) for one in (space.prior.mean, space.prior.std))
        return np.array(np.broadcast_to(mean, (size,))), np.array(np.broadcast_to(std, (size,)))
    drawn = draw(job, space, MANY)
    drawn = unit_rows(drawn) if by_angle else drawn
    return drawn.mean(axis=0, dtype=np.float64), drawn.std(axis=0, dtype=np.float64)


def data_of(job: wb.Job, space: Any) -> bool:
    """Whether the run's data is points of ``space`` itself, and not of a space that a map leads from to it."""
    if job.data is None:
        return False
    given = job.data.space
    size = getattr(given, "size", None), getattr(space, "size", None)
    return given.kind == space.kind and size[0] == size[1]
