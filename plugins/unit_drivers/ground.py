# SPDX-License-Identifier: Apache-2.0
"""The samples and their units, and the map whose inputs drive them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.layers.walk import units_of

if TYPE_CHECKING:
    from plugins.unit_drivers.analysis import UnitDrivers

FEWEST = 8


@dataclass
class Ground:
    """What a run stands on.

    Attributes
    ----------
    points : the sample of the space
    values : float32 ``[n, u]``, the units looked at: of a layer with maps, each channel's mean over its positions
    units : int64 ``[u]``, their numbers in the space (of channels, if ``channels``)
    channels : whether they are channels
    through, at : the map that drives them, and the layer, ``None`` where they are the map's output; no map: ``None``
    """

    points: wb.Points
    values: NDArray[np.float32]
    units: NDArray[np.int64]
    channels: bool
    through: str | None
    at: str | None
    notes: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        """How a unit is called."""
        return "channel" if self.channels else "unit"


def ground_of(job: wb.Job, params: UnitDrivers.Params) -> Ground:
    """Take the sample; channels of a convolutional layer by their mean.

    Raises
    ------
    DataError
        With fewer than 8 samples, or none whose units are finite.
    ParameterError
        When there is no such unit.
    """
    points = job.points(params.space, limit=params.limit)
    shape = tuple(getattr(points.space, "shape", ()) or ())
    flat = np.asarray(points.flat(), dtype=np.float32)
    channels = len(shape) >= 2 and int(np.prod(shape)) == flat.shape[1]
    values = flat.reshape(len(flat), shape[0], -1).mean(axis=2) if channels else flat
    if len(values) < FEWEST:
        few = "1 sample" if len(values) == 1 else f"{len(values)} samples"
        raise wb.DataError(f"{few} of '{params.space}' cannot be related: {FEWEST} are needed at least")
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values).all(axis=1)).sum())
        raise wb.DataError(f"the units of {bad} of {len(values)} samples of '{params.space}' are NaN or infinite")
    word = "channels" if channels else "units"
    if params.unit is not None and params.unit >= values.shape[1]:
        raise wb.ParameterError(
            f"'unit' = {params.unit}: '{params.space}' has {values.shape[1]:,} {word}, 0 to {values.shape[1] - 1:,}"
        )
    units = units_of(values.shape[1], params.most_units, job.seed)
    notes = []
    if len(units) < values.shape[1]:
        notes.append(f"Of {values.shape[1]:,} {word}, {len(units):,} were looked at, drawn at random.")
        if params.unit is not None and params.unit not in units:
            units = np.sort(np.append(units[1:], params.unit))
    if channels:
        notes.append("Each channel of the layer counts as one unit, by its mean over positions.")
    through, at = _driver(job, points.space, params.space)
    return Ground(points, np.ascontiguousarray(values[:, units]), units, channels, through, at, notes)


def _driver(job: wb.Job, space: wb.Space, name: str) -> tuple[str | None, str | None]:
    maps = job.model.maps
    if isinstance(space, wb.Layer):
        return (space.map if space.map in maps else None), name
    leading = [one.name for one in maps.values() if one.target.name == name and _has_parts(one.source)]
    pictures = [one for one in leading if isinstance(maps[one].source, wb.Images)]
    return next(iter([*pictures, *leading]), None), None


def _has_parts(source: Any) -> bool:
    return isinstance(source, wb.Images | wb.Vectors) and not isinstance(source, wb.Layer)
