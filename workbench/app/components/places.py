# SPDX-License-Identifier: Apache-2.0
"""Where on a map the name of a category stands: at its densest place, if it is at home there."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.app.components.encoding import Cloud, Colour

#: Most cells along each axis of the histogram in which the densest place is looked for.
CELLS: Final = {2: 64, 3: 20}
#: Points that a cell holds on average at least: among fewer a category is in the majority by chance.
FILLED: Final = 10
#: A name stands only where its category makes up this share of the points, or this many times its share of all.
MAJORITY: Final = 0.5
ENRICHED: Final = 3.0


def label_places(colour: Colour, cloud: Cloud) -> list[Any]:
    """Give ``[code, [x, y(, z)]]`` of each named category that is at home somewhere; kept with the colouring.

    A category that is spread like all others (a random split, say) has no place of its own: its name at the densest
    spot of the map would say what is not so.
    """
    if colour.codes is None or colour.legend["kind"] != "category" or not cloud.count:
        return []
    if cloud.fingerprint not in colour.places:
        colour.places[cloud.fingerprint] = _find(colour, cloud)
    return colour.places[cloud.fingerprint]


def _find(colour: Colour, cloud: Cloud) -> list[Any]:
    assert colour.codes is not None
    every = cloud.count == cloud.total
    points = cloud.coordinates if every else cloud.coordinates[cloud.drawn]
    codes = (colour.codes if every else colour.codes[cloud.drawn]).astype(np.int64)
    dimensions = points.shape[1]
    cells = min(CELLS[dimensions], max(3, int((len(points) / FILLED) ** (1 / dimensions))))
    flat = np.zeros(len(points), dtype=np.int64)
    for axis in range(dimensions):
        low, high = cloud.frame["low"][axis], cloud.frame["high"][axis]
        part = (points[:, axis] / 2 - low / 2) / ((high / 2 - low / 2) or 1.0)
        flat = flat * cells + np.minimum((part * cells).astype(np.int64), cells - 1)
    marks = colour.legend["categories"]
    shape, size = (cells,) * dimensions, cells**dimensions
    counts = np.bincount(codes * size + flat, minlength=len(marks) * size).reshape(len(marks), *shape)
    everywhere = _around(counts.sum(axis=0))
    found: list[Any] = []
    for code, mark in enumerate(marks):
        amount = int(counts[code].sum())
        if not amount or mark.get("rest"):
            continue
        near = _around(counts[code])
        at = np.unravel_index(int(near.argmax()), shape)
        share = near[at] / everywhere[at]
        if share < MAJORITY and share < ENRICHED * amount / len(points):
            continue
        own = np.flatnonzero(codes == code)
        index = np.stack(np.unravel_index(flat[own], shape), axis=1)
        close = points[own[(np.abs(index - np.asarray(at)) <= 1).all(axis=1)]]
        found.append([code, [float(value) for value in close.astype(np.float64).mean(axis=0)]])
    return found


def _around(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sum over each cell and its neighbours."""
    for axis in range(counts.ndim):
        padded = np.pad(counts, [(1, 1) if one == axis else (0, 0) for one in range(counts.ndim)])
        parts = [np.take(padded, range(start, start + counts.shape[axis]), axis=axis) for start in range(3)]
        counts = parts[0] + parts[1] + parts[2]
    return counts
