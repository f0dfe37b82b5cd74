# SPDX-License-Identifier: Apache-2.0
"""Codes to pictures and rows to codes, by the warm process of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.errors import DataError
from registry.spaces import Images, Vectors
from workbench.app import engine, subjects
from workbench.app.parts import pictures

if TYPE_CHECKING:
    from plugins.editor.editing import Float64
    from registry.arrays import Array
    from workbench.points import Description

BATCH: Final = 32
SPREAD_ROWS: Final = 512


@dataclass(frozen=True)
class Decoder:
    """The maps from a space to pictures, by name, and the space of the pictures."""

    model: str
    maps: tuple[str, ...]
    pixels: Images

    def __call__(self, codes: Float64) -> Array:
        """Pictures of ``codes [n, d]``, float32 ``[n, channels, height, width]`` in the range of the space.

        Raises :class:`ModelError` when the model fails.
        """
        live, found = engine.live(self.model), []
        rows = np.atleast_2d(np.asarray(codes)).astype(np.float32)
        for start in range(0, len(rows), BATCH):
            batch: Any = rows[start : start + BATCH]
            for name in self.maps:
                batch = live.apply(name, batch)
            found.append(np.asarray(batch, dtype=np.float32))
        return np.concatenate(found)

    def shares(self, images: Array) -> Array:
        """Pictures with values scaled to 0..1 and clipped."""
        return np.asarray(np.clip((images - self.pixels.low) / (self.pixels.high - self.pixels.low), 0, 1))


def editable(description: Description) -> list[str]:
    """Spaces of vectors from which maps lead to pictures."""
    return [
        name
        for name, one in description.spaces.items()
        if isinstance(one, Vectors) and pictures.routes(description, name)
    ]


def decoder_of(model: str, description: Description, space: str) -> Decoder:
    """The shortest way from a space to pictures."""
    maps = pictures.routes(description, space)[0].maps
    target = description.spaces[description.maps[maps[-1]].target]
    assert isinstance(target, Images)  # where such a route ends
    return Decoder(model, maps, target)


def leads_to(description: Description, data: str, space: str) -> str:
    """Why rows of a data set have no codes in a space, in a sentence; empty when they have."""
    from registry.errors import WorkbenchError
    from workbench.points.routes import plan

    try:
        route = plan(description, space, engine.dataset(data).space)
    except WorkbenchError as error:
        return str(error)
    return "" if route.from_data else f"no map leads from {data} to {space}"


def encoded(model: str, description: Description, data: str, space: str, rows: Array) -> Float64:
    """Codes of rows of a data set (means where the encoder gives distributions), float64 ``[n, d]``.

    Raises
    ------
    DataError, ModelError
        When nothing leads from the data to the space, or the model fails.
    """
    from workbench.data import fit
    from workbench.points.routes import plan

    dataset = engine.dataset(data)
    route = plan(description, space, dataset.space)
    if not route.from_data:
        raise DataError(f"no map leads from {data} to {space}")
    fitted = fit(dataset, route.start)
    live, found = engine.live(model), []
    for start in range(0, len(rows), BATCH):
        batch: Any = fitted.batch(np.asarray(rows[start : start + BATCH], dtype=np.int64))
        for name in route.maps:
            batch = live.apply(name, batch)
        found.append(np.asarray(batch, dtype=np.float64))
    return np.concatenate(found)


def spread_of_codes(model: str, description: Description, space: str) -> tuple[Float64, Float64, str]:
    """Mean and standard deviations of codes of the model's own data, and of what they are; for a space without a prior.

    0 and 1 where there are no such codes.
    """
    size = getattr(description.spaces[space], "size", 1)
    data = subjects.own_data(model)
    if data is None or leads_to(description, data, space):
        return np.zeros(size), np.ones(size), "nothing known: 1 is taken"
    count = len(engine.dataset(data))
    rows = np.unique(np.linspace(0, count - 1, min(count, SPREAD_ROWS)).round().astype(np.int64))
    codes = encoded(model, description, data, space, rows)
    std = codes.std(axis=0)
    return codes.mean(axis=0), np.where(std > 0, std, 1.0), f"the codes of {len(rows)} rows of {data}"
