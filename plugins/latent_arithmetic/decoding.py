# SPDX-License-Identifier: Apache-2.0
"""Codes decoded to pictures in 0..1, and read by scorers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.difference_direction.traversal import route_to_images, to_pixels
from registry.arrays import to_numpy

if TYPE_CHECKING:
    from plugins.directions.measuring.readers import Reader
    from registry.arrays import Array

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

BATCH: Final = 64


@dataclass(frozen=True)
class Decoder:
    """The maps from a space to pictures, and what reads these."""

    job: wb.Job
    route: list[wb.Map[Any, Any]]
    readers: list[Reader]

    @property
    def images(self) -> wb.Images:
        """The space that the maps lead to."""
        target = self.route[-1].target
        assert isinstance(target, wb.Images)  # where a route ends
        return target

    def __call__(self, codes: Any) -> Float32:
        """Pictures of codes ``[n, d]``, float32 ``[n, c, h, w]``: 0..1 is the range of the space, not cut to it.

        Raises
        ------
        MapError
            When a map does not give points of its target for such codes.
        """
        import torch

        found = []
        given = np.asarray(codes, dtype=np.float32)
        low, high = np.float32(self.images.low), np.float32(self.images.high)
        for start in range(0, len(given), BATCH):
            batch: Any = torch.from_numpy(given[start : start + BATCH].copy()).to(self.job.device)
            with torch.inference_mode():
                for one in self.route:
                    batch = one.point(batch)
            found.append((to_numpy(batch).astype(np.float32) - low) / (high - low))
        return np.concatenate(found)

    def read(self, pixels: Float32) -> Float64:
        """Every score of pictures, float64 ``[n, readers]``."""
        from plugins.directions.measuring.readers import read_all

        return read_all(self.readers, np.clip(pixels, 0, 1))

    def reader(self, name: str) -> Reader:
        """The scorer of this name; raises :class:`ParameterError` when it does not apply here."""
        for one in self.readers:
            if one.name == name:
                return one
        there = ", ".join(one.name for one in self.readers) or "none"
        raise wb.ParameterError(f"there is no scorer '{name}' for these pictures (there are: {there})")


def decoder_of(job: wb.Job, space: str, params: Any) -> tuple[Decoder | None, list[str]]:
    """The decoder of a space and notes of scorers that are left out; ``None`` where no maps lead to pictures."""
    from plugins.directions.measuring.readers import readers_of

    try:
        route = route_to_images(job.model, space)
    except wb.DoesNotApply:
        return None, ["Without a model there is nothing to decode the sum with."]
    if not route:
        return None, [f"No map of the model leads from {space} to pictures: the sum is told by its neighbours alone."]
    target = route[-1].target
    assert isinstance(target, wb.Images)  # where a route ends
    readers, notes = readers_of(params, target)
    return Decoder(job, route, readers), notes


def shown(pixels: Float32) -> Array:
    """Pictures in 0..1 as they are kept: uint8 ``[n, height, width, 1 or 3]``, cut to the range."""
    return to_pixels(np.asarray(pixels, dtype=np.float32), 0.0, 1.0)
