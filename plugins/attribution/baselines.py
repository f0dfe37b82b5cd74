# SPDX-License-Identifier: Apache-2.0
"""Baselines: what an input is measured from. None is neutral, so that several are looked at."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

import workbench as wb
from plugins.attribution.questions import Question
from registry.priors import Normal, Uniform

BASELINES: Final = ("black", "mean", "blurred", "noise", "prior-mean", "sample")

WORDS: Final = {
    "black": "the lowest value that the space allows, everywhere (0 of vectors)",
    "mean": "the mean of the data, place by place",
    "blurred": "the input itself, blurred by an eighth of its side",
    "noise": "even noise over the range of images; of vectors a draw from the prior, or normal noise like the data",
    "prior-mean": "the mean of the prior",
    "sample": "another sample of the data, drawn at random",
}


def refused(name: str, space: wb.Space, data: Tensor | None) -> str | None:
    """Why a baseline cannot be had for a space, in one clause; else ``None``.

    >>> refused("blurred", wb.vectors(3), None)
    'only images can be blurred'
    """
    if name not in BASELINES:
        return f"there is no such baseline: there are {', '.join(BASELINES)}"
    if name == "blurred" and not isinstance(space, wb.Images):
        return "only images can be blurred"
    if name == "prior-mean" and getattr(space, "prior", None) is None:
        return f"{space.label} has no prior"
    if name in ("mean", "sample") and (data is None or len(data) < 2):
        return "it needs at least two points of the data"
    if name == "noise" and data is None and getattr(space, "prior", None) is None and not isinstance(space, wb.Images):
        return "it needs a prior, or points of the data"
    return None


def usual(space: wb.Space, data: Tensor | None) -> tuple[str, ...]:
    """The baselines that are looked at when none is named, the main one first."""
    wanted = ("black", "mean", "blurred") if isinstance(space, wb.Images) else ("prior-mean", "mean", "black", "sample")
    return tuple(one for one in wanted if refused(one, space, data) is None)[:3]


def baseline(name: str, question: Question, inputs: Tensor, *, data: Tensor | None = None, seed: int = 0) -> Tensor:
    """The baseline of each input, as the inputs ``[n, *shape]``.

    Parameters
    ----------
    data : points of the same space ``[m, *shape]``, for ``mean``, ``sample`` and ``noise``

    Raises
    ------
    ParameterError
        When the space has no such baseline, with the reason.
    """
    space = question.space
    if reason := refused(name, space, data):
        raise wb.ParameterError(f"the baseline '{name}' cannot be had here: {reason}")
    generator = torch.Generator().manual_seed(seed)
    if name == "black":
        return torch.full_like(inputs, space.low if isinstance(space, wb.Images) else 0.0)
    if name == "blurred":
        return blurred(inputs)
    if name == "prior-mean":
        return _prior_mean(space, generator).to(inputs).expand_as(inputs).clone()
    if name == "noise":
        return _noise(space, inputs, data, generator).to(inputs)
    if data is None:
        raise AssertionError("refused above")
    if name == "mean":
        return data.to(inputs).mean(dim=0).expand_as(inputs).clone()
    return _others(inputs, data.to(inputs), generator)


def blurred(images: Tensor, share: float = 1 / 8) -> Tensor:
    """Images under a Gaussian of standard deviation ``share`` of the shorter side; edges go on as they end."""
    high, wide = images.shape[2:]
    sigma = max(0.5, share * min(high, wide))
    for axis, side in ((2, high), (3, wide)):
        reach = min(math.ceil(3 * sigma), side - 1) if side > 1 else 0
        places = torch.arange(-reach, reach + 1, dtype=images.dtype, device=images.device)
        weights = torch.exp(-0.5 * (places / sigma) ** 2)
        kernel = (weights / weights.sum()).reshape((1, 1, -1, 1) if axis == 2 else (1, 1, 1, -1))
        padding = (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0)
        padded = functional.pad(images, padding, mode="replicate")
        images = functional.conv2d(padded.flatten(0, 1)[:, None], kernel).reshape(images.shape)
    return images


def _prior_mean(space: wb.Space, generator: torch.Generator) -> Tensor:
    prior, size = getattr(space, "prior", None), getattr(space, "size", 1)
    if isinstance(prior, Normal):
        return torch.as_tensor(prior.mean, dtype=torch.float64).expand(size)
    if isinstance(prior, Uniform):
        return torch.full((size,), (prior.low + prior.high) / 2, dtype=torch.float64)
    return torch.zeros(size, dtype=torch.float64)  # of the sphere


def _noise(space: wb.Space, inputs: Tensor, data: Tensor | None, generator: torch.Generator) -> Tensor:
    if isinstance(space, wb.Images):
        return torch.rand(inputs.shape, generator=generator) * (space.high - space.low) + space.low
    prior = getattr(space, "prior", None)
    if prior is not None:
        drawn: Tensor = prior.sample(len(inputs), getattr(space, "size", 1), generator)
        return drawn
    if data is None:
        raise AssertionError("refused above")
    known = data.cpu()
    return torch.randn(inputs.shape, generator=generator) * known.std(dim=0) + known.mean(dim=0)


def _others(inputs: Tensor, data: Tensor, generator: torch.Generator) -> Tensor:
    """For each input a point of the data that is not itself."""
    found = []
    for one in inputs:
        differs = (data - one).reshape(len(data), -1).abs().amax(dim=1) > 0
        there = torch.nonzero(differs)[:, 0]
        if not len(there):
            raise wb.DataError("all points of the data are the same: there is no other sample to measure from")
        found.append(data[there[int(torch.randint(len(there), (1,), generator=generator))]])
    return torch.stack(found)
