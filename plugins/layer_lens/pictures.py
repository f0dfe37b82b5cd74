# SPDX-License-Identifier: Apache-2.0
"""Feature maps of one point at one step: the strongest units, signed, on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.layer_lens.measuring import unit_axis
from plugins.layer_lens.taps import Step

if TYPE_CHECKING:
    import torch

Array = NDArray[Any]

LARGEST: Final = 64  # pixels of a side: larger maps are averaged down to it
DIVERGING: Final = {
    False: ("#08519C", "#3182BD", "#8DB9D8", "#F2F2F2", "#F0A868", "#D9691E", "#8F3A04"),
    True: ("#7CC4FF", "#3D93D6", "#3E6A92", "#26282E", "#9A6A3C", "#DC7F2E", "#FFC083"),
}
"""By dark ground: blue below zero, the ground's grey at zero, orange above; told apart by every kind of sight."""


@dataclass(frozen=True)
class FeatureMaps:
    """What the strongest units of a step give for one point.

    Attributes
    ----------
    maps : float32 ``[k, height, width]``; units without places are one row, ``[1, 1, units]``
    units : int64 ``[k]``, their numbers, strongest first
    scale : largest size of a number of the whole step for this point: the end of the colours
    """

    maps: Array
    units: Array
    scale: float


def feature_maps(step: Step, output: torch.Tensor, most: int) -> FeatureMaps:
    """The ``most`` units of ``output [1, *shape]`` with the largest mean size, as pictures."""
    values = output[0].detach().float().cpu()
    scale = float(values.abs().max()) if values.numel() else 0.0
    if values.ndim < 2:
        flat = values.reshape(-1).numpy()
        return FeatureMaps(flat[None, None], np.arange(len(flat)), scale)
    moved = values.movedim(unit_axis(step) - 1, 0)
    places = moved.reshape(len(moved), 1, -1) if moved.ndim == 2 else moved.reshape(*moved.shape[:2], -1)
    strength = places.abs().mean(dim=(1, 2))
    order = strength.argsort(descending=True, stable=True)[:most]
    return FeatureMaps(_smaller(places[order]).numpy(), order.numpy(), scale)


def _smaller(maps: torch.Tensor) -> torch.Tensor:
    from torch.nn import functional

    height, width = maps.shape[1:]
    if max(height, width) <= LARGEST:
        return maps
    return functional.adaptive_avg_pool2d(maps[None], (min(height, LARGEST), min(width, LARGEST)))[0]


def coloured(maps: Array, scale: float, *, dark: bool = False) -> Array:
    """Pictures uint8 ``[k, height, width, 3]``: 0 is the ground's grey, ``scale`` full orange, ``-scale`` full blue."""
    place = np.clip(np.nan_to_num(maps) / (scale or 1.0), -1, 1) * 0.5 + 0.5
    ramp = np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in DIVERGING[dark]], dtype=np.float64)
    stops = np.linspace(0, 1, len(ramp))
    place = np.where(np.isfinite(place), place, stops[len(stops) // 2])  # of no number: the grey of the ground
    return np.stack([np.interp(place, stops, ramp[:, one]) for one in range(3)], axis=-1).round().astype(np.uint8)


def folded(row: Array) -> Array:
    """Units without places ``[1, units]`` as rows of a picture that is about twice as wide as high."""
    count = row.shape[1]
    wide = int(np.ceil(np.sqrt(2 * count))) if count > 16 else count
    high = -(-count // wide)
    return np.asarray(np.pad(row[0], (0, wide * high - count)).reshape(high, wide))


def sheet_of(found: FeatureMaps, columns: int = 8, cell: int = 64) -> Array:
    """All maps of a step as one picture, uint8 ``[height, width, 3]``."""
    maps = [folded(one) if one.shape[0] == 1 and one.shape[1] > 16 else one for one in found.maps]
    tiles = [_enlarged(coloured(one[None], found.scale)[0], cell) for one in maps]
    high, wide = max(one.shape[0] for one in tiles), max(one.shape[1] for one in tiles)
    down, columns = -(-len(tiles) // columns), min(columns, len(tiles))
    canvas = np.full((down * (high + 4) - 4, columns * (wide + 4) - 4, 3), 128, dtype=np.uint8)
    for at, one in enumerate(tiles):
        top, left = at // columns * (high + 4), at % columns * (wide + 4)
        canvas[top : top + one.shape[0], left : left + one.shape[1]] = one
    return canvas


def _enlarged(picture: Array, cell: int) -> Array:
    factor = max(1, round(cell / max(picture.shape[:2])))
    return np.asarray(picture.repeat(factor, axis=0).repeat(factor, axis=1))
