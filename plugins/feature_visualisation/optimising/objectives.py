# SPDX-License-Identifier: Apache-2.0
"""What is raised: a number for each picture, from the activations of one layer ``[n, channels, ...]``."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

import workbench as wb

Objective = Callable[[Tensor], Tensor]
"""Activations ``[n, ...]`` to numbers ``[n]``."""


def channel(number: int) -> Objective:
    """Mean of one channel over its positions; of a layer without positions, one unit."""

    def raised(activations: Tensor) -> Tensor:
        return (
            activations[:, _in_range(number, activations.shape[1], "channel")].flatten(1).mean(dim=1)
            if (activations.ndim > 2)
            else activations[:, _in_range(number, activations.shape[1], "unit")]
        )

    return raised


def neuron(number: int, row: int | None = None, column: int | None = None) -> Objective:
    """One channel at one position (the middle one by default); of a layer without positions, one unit."""

    def raised(activations: Tensor) -> Tensor:
        if activations.ndim == 2:
            return activations[:, _in_range(number, activations.shape[1], "unit")]
        one = activations[:, _in_range(number, activations.shape[1], "channel")]
        for place in (row, column)[: one.ndim - 1]:
            at = one.shape[1] // 2 if place is None else _in_range(place, one.shape[1], "position")
            one = one[:, at]
        return one.flatten(1).mean(dim=1) if one.ndim > 1 else one

    return raised


def whole_layer(activations: Tensor) -> Tensor:
    """Half the sum of squares of all activations: its gradient by them is the activations themselves.

    Source: Mordvintsev, Olah and Tyka, *Inceptionism*, 2015, and its notebook (``objective_L2``).
    """
    return activations.flatten(1).square().sum(dim=1) / 2


def direction(vector: Tensor) -> Objective:
    """Dot product with a direction of the layer ``[d]``, scaled to length 1.

    Raises
    ------
    SpaceError
        When the layer is not as wide.
    """
    length = vector.norm()
    if not bool(length > 0):
        raise wb.ParameterError("the direction has length 0: there is nothing to follow")
    unit = vector / length

    def raised(activations: Tensor) -> Tensor:
        flat = activations.flatten(1)
        if flat.shape[1] != len(unit):
            raise wb.SpaceError(f"the direction has {len(unit):,} numbers, and the layer gives {flat.shape[1]:,}")
        product: Tensor = flat @ unit.to(flat)
        return product

    return raised


def guide(features: Tensor) -> Objective:
    """Dot product, at each position, with that position of the guide whose features match best, summed.

    ``features`` are activations of the guide ``[1, channels, ...]``; its size may differ. Its gradient by the
    activations is the matched feature itself. Source: the notebook of *Inceptionism* (``objective_guide``).
    """
    wanted = features.detach()[0].flatten(1)  # [channels, positions]

    def raised(activations: Tensor) -> Tensor:
        here = activations.reshape(len(activations), activations.shape[1], -1)
        if here.shape[1] != len(wanted):
            raise wb.SpaceError(f"the guide has {len(wanted)} channels, and the layer {here.shape[1]}")
        matches = torch.einsum("ncp,cq->npq", here, wanted)
        return matches.max(dim=2).values.sum(dim=1)

    return raised


def likeness(activations: Tensor) -> Tensor:
    """Mean cosine between the Gram matrices of different pictures (of the activations, without positions).

    To be lowered by a set of pictures that shall differ. Source: Olah, Mordvintsev and Schubert, *Feature
    Visualization*, Distill 2017, section "Diversity" and its appendix. 0 for a single picture.
    """
    count = len(activations)
    if count < 2:
        return activations.new_zeros(())
    if activations.ndim > 2:
        maps = activations.flatten(2)
        rows = torch.bmm(maps, maps.transpose(1, 2)).flatten(1)
    else:
        rows = activations
    rows = torch.nn.functional.normalize(rows, dim=1)
    cosines = rows @ rows.T
    return (cosines.sum() - cosines.diagonal().sum()) / (count * (count - 1))


def _in_range(number: int, count: int, what: str) -> int:
    if not 0 <= number < count:
        raise wb.ParameterError(f"there is no {what} {number}: the layer has {count:,}, from 0 to {count - 1:,}")
    return number
