# SPDX-License-Identifier: Apache-2.0
"""What the distance is measured in: the output itself, or what another map of the model makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

import workbench as wb
from plugins.geometry.decoding import Decode, flat


def decoder_to(job: wb.Job, map_: wb.Map[Any, Any], features: str | None) -> tuple[Decode, str]:
    """Codes to flat features, and the name of the distance.

    ``features`` is a space that a map of the model leads to from the output, or a layer that such a map drives.

    Raises
    ------
    ParameterError
        When no map leads from the output to these features.
    """
    space = map_.target.name
    if features is None:
        return flat(map_), f"squared Euclidean distance in {space}"
    for one in job.model.maps_from(space):
        reader = _reader(job.model, one, features)
        if reader is not None:
            return _after(map_, reader), f"squared Euclidean distance of features '{features}' of {space}"
    ways = ", ".join(one.target.name for one in job.model.maps_from(space)) or "none"
    raise wb.ParameterError(
        f"'features' = '{features}' cannot be read off {space}: the maps from there lead to {ways}, and only their "
        "layers are driven by it"
    )


def _after(map_: wb.Map[Any, Any], reader: Callable[[Any], Tensor]) -> Decode:
    return lambda codes: reader(_mean(map_(codes)))


def _mean(out: Any) -> Any:
    from registry.arrays import is_distribution

    return out.mean if is_distribution(out) else out


def _copied(out: Any) -> Any:
    """What a layer gave, in memory of its own: a later layer may write into that of the output."""
    return out.clone() if isinstance(out, torch.Tensor) else out


def _reader(model: wb.Model, one: wb.Map[Any, Any], features: str) -> Callable[[Any], Tensor] | None:
    if one.target.name == features:
        return lambda batch: _mean(one(batch)).flatten(1)
    module = model.layers().get(features)
    if module is None:
        return None

    def read(batch: Any) -> Tensor:
        held: list[Tensor] = []
        handle = module.register_forward_hook(lambda _module, _inputs, out: held.append(_copied(out)))
        try:
            one(batch)
        finally:
            handle.remove()
        if not held:
            raise wb.ParameterError(f"'features' = '{features}' is not driven by map '{one.name}'")
        if not isinstance(held[-1], torch.Tensor):
            raise wb.ParameterError(f"'features' = '{features}' gives no tensor: choose another layer")
        return held[-1].flatten(1)

    return read
