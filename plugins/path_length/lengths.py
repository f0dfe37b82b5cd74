# SPDX-License-Identifier: Apache-2.0
"""Squared change of the output for a small step along lerp and slerp, over the squared step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from plugins.geometry.decoding import Decode, evaluate, push
from plugins.geometry.frame import Frame
from plugins.geometry.paths import lerp, slerp

Float64 = NDArray[np.float64]
Path = Callable[[Float64, Float64, Float64], Float64]

PATHS: Final[dict[str, Path]] = {"lerp": lerp, "slerp": slerp}


def steps(
    kind: str, starts: Float64, ends: Float64, t: Float64, epsilon: float, frame: Frame
) -> tuple[Float64, Float64]:
    """Codes at ``t [n]`` and ``t + epsilon`` of the paths between ``starts`` and ``ends [n, d]``, each ``[n, d]``."""
    path = PATHS[kind]
    first, last = frame.inside(starts), frame.inside(ends)
    both = np.stack([path(a, b, np.array([at, at + epsilon])) for a, b, at in zip(first, last, t, strict=True)])
    moved = frame.outside(both)
    return moved[:, 0], moved[:, 1]


def squared_changes(decode: Decode, here: Float64, there: Float64, epsilon: float, like: torch.Tensor) -> Float64:
    """``|g(there) - g(here)|^2 / epsilon^2`` of each pair, ``[n]``, summed in float64.

    Karras, Laine and Aila, *A Style-Based Generator Architecture*, CVPR 2019, section 4.1, with the squared Euclidean
    distance in the place of the distance of VGG features.

    >>> straight = lambda z: z @ torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    >>> squared_changes(straight, np.zeros((1, 1)), np.full((1, 1), 1e-4), 1e-4, torch.zeros(1, dtype=torch.float64))
    array([25.])
    """
    before, after = (evaluate(decode, torch.from_numpy(one).to(like)).to(torch.float64) for one in (here, there))
    return np.asarray((after - before).square().sum(dim=1).cpu().numpy() / epsilon**2, dtype=np.float64)


def limits(decode: Decode, here: Float64, there: Float64, epsilon: float, like: torch.Tensor) -> Float64:
    """What :func:`squared_changes` tends to as epsilon goes to 0: ``|J v|^2`` by the exact derivative, ``[n]``."""
    codes = torch.from_numpy(here).to(like)
    velocity = torch.from_numpy((there - here) / epsilon).to(like)
    pushed = torch.cat(
        [
            push(decode, part, along[None])[0]
            for part, along in zip(torch.split(codes, 32), torch.split(velocity, 32), strict=True)
        ]
    )
    return np.asarray(pushed.to(torch.float64).square().sum(dim=1).cpu().numpy(), dtype=np.float64)


def trimmed(values: Float64, low: float = 0.01, high: float = 0.99) -> Float64:
    """Values between the 1 % and 99 % quantiles, as in the code of Karras and others.

    >>> trimmed(np.arange(101.0)).tolist()[:2], len(trimmed(np.arange(101.0)))
    ([1.0, 2.0], 99)
    """
    bounds = np.quantile(values, [low, high])
    return np.asarray(values[(values >= bounds[0]) & (values <= bounds[1])], dtype=np.float64)


def mean_of(values: Float64, trim: bool, seed: int) -> tuple[float, float, float]:
    """Mean, trimmed where asked for in each resample anew, with its 95 % percentile bootstrap interval."""
    rng = np.random.default_rng(seed)
    drawn = values[rng.integers(0, len(values), (1000, len(values)))]
    if trim:
        many = np.array([trimmed(one).mean() for one in drawn])
        value = float(trimmed(values).mean())
    else:
        many, value = drawn.mean(axis=1), float(values.mean())
    low, high = np.quantile(many, [0.025, 0.975])
    return value, float(low), float(high)
