# SPDX-License-Identifier: Apache-2.0
"""Maps as pictures: one scale for maps that measure the same, centred at zero where they have a sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

SHOWN: Final = 0.995  # of the places of all maps of a family lie within its scale

#: Blue below zero, orange above, as the app's own; the middle is the ground, so that what is empty looks empty.
DIVERGING: Final = {
    False: ("#08519C", "#3182BD", "#9CC7E3", "#FFFFFF", "#F4B981", "#D9691E", "#8F3A04"),
    True: ("#7CC4FF", "#3D93D6", "#27506F", "#15171C", "#6E4420", "#DC7F2E", "#FFC083"),
}
#: From the ground to purple (Viridis would begin darker than the ground of a light page).
SEQUENTIAL: Final = {
    False: ("#FFFFFF", "#D9D3EE", "#AC9CD9", "#7B62BE", "#4F2F97", "#2D0F5E"),
    True: ("#15171C", "#35284F", "#5F479A", "#9175CE", "#C4B2EC", "#F3EEFF"),
}

SHARES: Final = "shares of the answer"
SLOPES: Final = "slopes"
FAMILIES: Final[Mapping[str, str]] = {
    "saliency": SLOPES, "smoothgrad": SLOPES, "guided-backprop": SLOPES, "deconvolution": SLOPES,
    "smoothgrad-squared": "squared slopes", "vargrad": "squared slopes",
    "occlusion": "falls when covered", "grad-cam": "Grad-CAM", "guided-grad-cam": "guided Grad-CAM", "lrp": "relevance",
}  # fmt: skip


def family_of(method: str, signed: bool) -> str:
    """Methods whose values measure the same, and share a scale: slopes, shares of the answer, each other by itself."""
    family = FAMILIES.get(method, SHARES)
    return family if signed else f"{family}, without sign"


@dataclass(frozen=True)
class Scale:
    """The end of a scale, and the share of the mass of the maps that lies beyond it."""

    end: float
    beyond: float
    signed: bool


def scale_of(maps: list[NDArray[np.float64]], signed: bool) -> Scale:
    """One scale for maps ``[h, w]``; the outermost half percent of the places is clipped.

    >>> scale_of([np.array([[0.0, 2.0]])], True)
    Scale(end=1.99, beyond=0.005..., signed=True)
    """
    sizes = np.concatenate([np.abs(one).ravel() for one in maps]) if maps else np.zeros(1)
    sizes = sizes[np.isfinite(sizes)]
    total = float(sizes.sum()) if len(sizes) else 0.0
    if total == 0:
        return Scale(1.0, 0.0, signed)
    end = float(np.quantile(sizes, SHOWN)) or float(sizes.max())
    return Scale(end, float(np.maximum(sizes - end, 0).sum()) / total, signed)


def drawn(values: NDArray[np.float64], scale: Scale, dark: bool) -> Pixels:
    """A map ``[h, w]`` as uint8 ``[h, w, 3]``; what is not finite is grey."""
    ramp = np.array([_rgb(one) for one in (DIVERGING if scale.signed else SEQUENTIAL)[dark]], dtype=np.float64)
    place = np.clip(np.nan_to_num(values) / scale.end, -1, 1)
    place = (place + 1) / 2 if scale.signed else np.abs(place)
    at = place * (len(ramp) - 1)
    low = np.minimum(np.floor(at).astype(int), len(ramp) - 2)
    part = (at - low)[..., None]
    colours = ramp[low] * (1 - part) + ramp[low + 1] * part
    colours[~np.isfinite(values)] = 128
    return np.asarray(np.rint(colours), dtype=np.uint8)


def bar(scale: Scale, dark: bool, width: int = 220) -> Pixels:
    """The scale itself as a strip, uint8 ``[14, width, 3]``."""
    ends = np.linspace(-scale.end if scale.signed else 0.0, scale.end, width)
    return drawn(np.repeat(ends[None], 14, axis=0), scale, dark)


def enlarged(picture: Any, least: int) -> Pixels:
    """Repeated by whole numbers until the longer side has ``least`` pixels; larger ones are left."""
    given = np.asarray(picture)
    factor = max(1, round(least / max(given.shape[:2])))
    return np.asarray(given.repeat(factor, axis=0).repeat(factor, axis=1))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
