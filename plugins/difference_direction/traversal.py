# SPDX-License-Identifier: Apache-2.0
"""The traversal: points moved along the direction step by step, and decoded to pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.difference_direction.difference import Difference
from plugins.difference_direction.products import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from plugins.difference_direction.groups import Groups
    from registry.arrays import Array

BATCH: Final = 32
LONGEST: Final = 256  # pixels of the longer side that are kept of a picture


@dataclass(frozen=True)
class Starts:
    """Where a traversal starts: the middle between the means first, then points of both groups by turns.

    Attributes
    ----------
    points : float64 ``[k, d]``
    table : one row each: ``start`` (what it is), ``group`` ("middle", "toward", "away"), ``row`` (-1 for the middle),
        and where on the row the means of the groups lie, in steps from the start: ``away_at`` and ``toward_at``
    """

    points: FloatArray
    table: pd.DataFrame


def starts_of(groups: Groups, difference: Difference, examples: int, rng: np.random.Generator) -> Starts:
    """The middle, and ``examples`` points taken at random, the first of ``away``."""
    import pandas as pd

    word = "draw" if groups.source.startswith("prior") else "row"
    points, rows = [difference.middle], [("between the means", "middle", -1)]
    sides = (("away", groups.away, examples - examples // 2), ("toward", groups.toward, examples // 2))
    taken = [(name, side, rng.choice(len(side), min(count, len(side)), replace=False)) for name, side, count in sides]
    for turn in range(max((len(one[2]) for one in taken), default=0)):
        for name, side, positions in taken:
            if turn < len(positions):
                at = int(positions[turn])
                points.append(side.flat()[at].astype(np.float64))
                rows.append((f"{word} {int(side.rows[at])}", name, int(side.rows[at])))
    table = pd.DataFrame(rows, columns=["start", "group", "row"])
    at_start = difference.position(np.stack(points))
    table["away_at"], table["toward_at"] = -0.5 - at_start, 0.5 - at_start
    return Starts(np.stack(points), table)


def steps_to(reach: float, count: int) -> FloatArray:
    """``count`` even steps from ``-reach`` to ``reach``, the middle one 0.

    >>> steps_to(1.5, 7)
    array([-1.5, -1. , -0.5,  0. ,  0.5,  1. ,  1.5])
    """
    half = count // 2
    return np.asarray(np.arange(-half, half + 1) * (reach / half), dtype=np.float64)


def route_to_images(model: wb.Model, space: str) -> list[wb.Map[Any, Any]]:
    """The fewest maps that lead from ``space`` to images, in order; none when there is no way."""
    ways: list[tuple[str, list[wb.Map[Any, Any]]]] = [(space, [])]
    seen = {space}
    for here, route in ways:
        for one in model.maps_from(here):
            if isinstance(one.target, wb.Images):
                return [*route, one]
            if one.target.name not in seen:
                seen.add(one.target.name)
                ways.append((one.target.name, [*route, one]))
    return []


def decoded(job: wb.Job, codes: FloatArray, route: list[wb.Map[Any, Any]]) -> Array:
    """Pictures of ``codes [n, d]``, uint8 ``[n, height, width, 1 or 3]``; large ones are averaged down to 256 pixels.

    Raises
    ------
    MapError
        When a map does not give points of its target for such codes.
    """
    import torch

    from registry.arrays import to_numpy

    found = []
    space = route[-1].target
    assert isinstance(space, wb.Images)  # where a route ends
    for start in range(0, len(codes), BATCH):
        batch: Any = torch.from_numpy(codes[start : start + BATCH].astype(np.float32)).to(job.device)
        with torch.no_grad():
            for one in route:
                batch = one.point(batch)
        found.append(to_pixels(to_numpy(batch), space.low, space.high))
        job.progress(0.6 + 0.4 * min(start + BATCH, len(codes)) / len(codes), "decoding")
    return np.concatenate(found)


def to_pixels(images: Array, low: float, high: float) -> Array:
    """Images ``[n, channels, height, width]`` in ``low..high`` as uint8 ``[n, height, width, 1 or 3]``.

    Two channels are shown by their mean, of more than three the first three.
    """
    scaled = (images.astype(np.float32) - low) / (high - low)
    bands = scaled.mean(axis=1, keepdims=True) if scaled.shape[1] == 2 else scaled[:, :3]
    factor = -(-max(bands.shape[2:]) // LONGEST)
    if factor > 1:
        height, width = (side // factor * factor for side in bands.shape[2:])
        n, channels = bands.shape[:2]
        blocks = bands[:, :, :height, :width].reshape(n, channels, height // factor, factor, width // factor, factor)
        bands = blocks.mean(axis=(3, 5))
    return np.asarray((np.clip(bands, 0, 1) * 255).round().astype(np.uint8).transpose(0, 2, 3, 1))
