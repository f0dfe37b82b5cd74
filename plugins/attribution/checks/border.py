# SPDX-License-Identifier: Apache-2.0
"""How much of a map lies on the border of the picture, or in one corner (where watermarks are), against chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

import workbench as wb
from plugins.attribution.checks.means import LEVEL, SHARE, Mean, mean_of

CORNERS: Final = ("top left", "top right", "bottom left", "bottom right")
LARGEST: Final = 0.6  # share of the picture: a larger frame is no border


@dataclass(frozen=True)
class Border:
    """Shares of the mass ``|map|`` in the frame, and in the corner that holds most of it.

    Attributes
    ----------
    width : pixels of the frame; corners are twice as wide
    area, corner_area : share of the picture that they cover: what an even map has there
    share, corner_share : means over samples; the corner's at a level for the best of four (Bonferroni)
    corner : which corner
    control, corner_control : the same shares of ``|input - baseline|``
    """

    width: int
    area: float
    share: Mean
    control: Mean
    corner: str
    corner_area: float
    corner_share: Mean
    corner_control: Mean


def border_share(values: Any, distance: Any, part: float = 0.1) -> Border:
    """Shares of maps ``[n, channels, height, width]``; ``part`` is the frame's width as a share of the shorter side.

    Raises
    ------
    DoesNotApply
        For what is no picture, and for pictures so small that a frame of a pixel is most of them.

    >>> even = np.ones((3, 1, 20, 20))
    >>> found = border_share(even, even)
    >>> found.width, round(found.area, 2), round(found.share.value, 2)
    (2, 0.36, 0.36)
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 4:
        raise wb.DoesNotApply("only pictures have a border")
    height, width = given.shape[2:]
    frame = max(1, round(part * min(height, width)))
    inside = max(height - 2 * frame, 0) * max(width - 2 * frame, 0)
    area = 1 - inside / (height * width)
    if area > LARGEST:
        raise wb.DoesNotApply(f"a frame of {frame} pixel{'s' * (frame > 1)} is {area:.0%} of {height} x {width} pixels")
    mask = np.ones((height, width), dtype=bool)
    mask[frame : height - frame, frame : width - frame] = False
    corners = _corners(height, width, 2 * frame)
    shares = [_share(given, one) for one in corners]
    best = int(np.argmax([np.nan_to_num(mean_of(one).value, nan=-1.0) for one in shares]))
    away = np.asarray(distance, dtype=np.float64)
    level = 1 - (1 - LEVEL) / len(CORNERS)
    return Border(
        frame,
        area,
        mean_of(_share(given, mask), within=SHARE),
        mean_of(_share(away, mask), within=SHARE),
        CORNERS[best],
        float(corners[best].mean()),
        mean_of(shares[best], level, within=SHARE),
        mean_of(_share(away, corners[best]), within=SHARE),
    )


def _corners(height: int, width: int, side: int) -> list[Any]:
    found = []
    for down in (slice(0, side), slice(height - side, height)):
        for across in (slice(0, side), slice(width - side, width)):
            mask = np.zeros((height, width), dtype=bool)
            mask[down, across] = True
            found.append(mask)
    return found


def _share(values: Any, mask: Any) -> Any:
    mass = np.abs(values).sum(axis=1)
    total = mass.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((total > 0) & np.isfinite(total), (mass * mask).sum(axis=(1, 2)) / total, np.nan)
