# SPDX-License-Identifier: Apache-2.0
"""Small pictures: a map of points as a thumbnail, for galleries and rows of small multiples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.app.components.palette import CATEGORY_COLOURS, NEUTRAL_COLOUR, SEQUENTIAL_RAMP

Pixels = npt.NDArray[np.uint8]
_MOST = 20_000


def of_points(
    coordinates: npt.NDArray[Any], codes: npt.NDArray[Any] | None = None, *, width: int = 320, height: int = 220
) -> Pixels:
    """Points as dots on nothing: uint8 ``[height, width, 4]``.

    Parameters
    ----------
    coordinates : numbers ``[n, 2 or more]``; two axes are drawn, at one scale; rows that are not finite are left out
    codes : category numbers from 0 (negative: none), or values in 0..1 as floats; without them one colour
    """
    shown = np.asarray(coordinates[:, :2], dtype=np.float64)
    kept = np.flatnonzero(np.isfinite(shown).all(axis=1))
    kept = kept[:: max(1, -(-len(kept) // _MOST))]
    canvas = np.zeros((height, width, 4), dtype=np.float64)
    if len(kept) == 0:
        return canvas.astype(np.uint8)
    shown = shown[kept]
    low, high = shown.min(axis=0), shown.max(axis=0)
    margin = 6
    scale = min(
        (width - 2 * margin) / max(high[0] - low[0], 1e-12), (height - 2 * margin) / max(high[1] - low[1], 1e-12)
    )
    middle = (low + high) / 2
    across = (shown[:, 0] - middle[0]) * scale + width / 2
    down = height / 2 - (shown[:, 1] - middle[1]) * scale
    colours = _colours(None if codes is None else np.asarray(codes)[kept], len(kept))
    radius = 2 if len(kept) <= 400 else 1
    order = np.random.default_rng(0).permutation(len(kept))  # no class lies on top of the others
    for dx in range(-radius, radius + 1):
        for dy in range(-radius, radius + 1):
            if dx * dx + dy * dy > radius * radius + (radius > 1):
                continue
            columns = np.clip(np.rint(across[order] + dx).astype(int), 0, width - 1)
            lines = np.clip(np.rint(down[order] + dy).astype(int), 0, height - 1)
            strength = 1.0 if dx == dy == 0 else 0.55
            fresh = canvas[lines, columns, 3] <= strength * 255
            canvas[lines[fresh], columns[fresh], :3] = colours[order][fresh]
            canvas[lines[fresh], columns[fresh], 3] = strength * 255
    return canvas.astype(np.uint8)


def _colours(codes: npt.NDArray[Any] | None, count: int) -> npt.NDArray[np.float64]:
    if codes is None:
        return np.tile(_rgb([CATEGORY_COLOURS[0]]), (count, 1))
    if np.issubdtype(codes.dtype, np.floating):
        ramp = _rgb(SEQUENTIAL_RAMP["light"][1:-1])
        return np.asarray(ramp[np.clip(np.nan_to_num(codes) * len(ramp), 0, len(ramp) - 1).astype(int)])
    palette = _rgb([*CATEGORY_COLOURS, NEUTRAL_COLOUR])
    return np.asarray(palette[np.where(codes < 0, len(CATEGORY_COLOURS), codes % len(CATEGORY_COLOURS))])


def _rgb(colours: Sequence[str]) -> npt.NDArray[np.float64]:
    return np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in colours], dtype=np.float64)
