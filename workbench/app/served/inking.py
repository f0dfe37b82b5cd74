# SPDX-License-Identifier: Apache-2.0
"""From numbers of points in each pixel to colours and opacities. Arrays are ``[height, width]``, the top row first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Plane: TypeAlias = npt.NDArray[np.float32]
Picture: TypeAlias = npt.NDArray[np.float32]  # [height, width, 4], red, green, blue and opacity in 0 to 1

#: Least opacity of a pixel with a point, by radius of the marks: dots of one pixel are many, discs are to be solid.
FLOOR: Final = (0.45, 0.6, 0.75, 0.85)
#: What is not selected keeps this part of its opacity.
FADED: Final = 0.28


class Ink:
    """Points counted for each pixel, and the sum of their colours."""

    def __init__(self, height: int, width: int) -> None:
        self.total: Plane = np.zeros((height, width), dtype=np.float32)
        self.colour: Plane = np.zeros((3, height, width), dtype=np.float32)

    def add(self, counts: npt.NDArray[Any], colour: Sequence[float]) -> None:
        """Add points that have one colour."""
        amount = counts.astype(np.float32)
        self.total += amount
        for plane, part in zip(self.colour, colour, strict=True):
            plane += amount * np.float32(part)

    def add_each(self, counts: npt.NDArray[Any], table: npt.NDArray[np.float32], place: npt.NDArray[Any]) -> None:
        """Add points whose colour stands in a table ``[colours, 3]``, at another place for each pixel."""
        rows, columns = np.nonzero(counts)
        amount = counts[rows, columns].astype(np.float32)
        self.total[rows, columns] += amount
        chosen = table[place[rows, columns]]
        for axis, plane in enumerate(self.colour):
            plane[rows, columns] += amount * chosen[:, axis]

    def grown(self, radius: int, margin: int) -> Ink:
        """The same with every point drawn as a disc, and without the margin around the picture."""
        height, width = self.total.shape[0] - 2 * margin, self.total.shape[1] - 2 * margin
        made = Ink(height, width)
        for down, right in disc(radius):
            rows, columns = slice(margin + down, margin + down + height), slice(margin + right, margin + right + width)
            made.total += self.total[rows, columns]
            made.colour += self.colour[:, rows, columns]
        return made


@lru_cache
def disc(radius: int) -> tuple[tuple[int, int], ...]:
    """Offsets of the pixels of a disc: one for radius 0, five for 1.

    >>> len(disc(0)), len(disc(1)), len(disc(2)), len(disc(3))
    (1, 5, 21, 37)
    """
    around = range(-radius, radius + 1)
    limit = radius**2 + (radius > 1)
    return tuple((down, right) for down in around for right in around if down**2 + right**2 <= limit)


def shade(ink: Ink, least: float) -> Picture:
    """Mean colour of the points of a pixel; the opacity grows with the logarithm of their number from ``least``."""
    made = np.zeros((*ink.total.shape, 4), dtype=np.float32)
    rows, columns = np.nonzero(ink.total)
    if len(rows):
        amount = ink.total[rows, columns]
        full = np.log1p(4 * float(amount.mean()))
        made[rows, columns, 3] = least + (1 - least) * np.minimum(1, np.log1p(amount) / full)
        for axis in range(3):
            made[rows, columns, axis] = ink.colour[axis, rows, columns] / amount
    return made


def shade_density(ink: Ink, table: npt.NDArray[np.float32]) -> Picture:
    """Colour by the logarithm of the number of points of a pixel, the last of the table at the most."""
    made = np.zeros((*ink.total.shape, 4), dtype=np.float32)
    rows, columns = np.nonzero(ink.total)
    if len(rows):
        amount = np.log1p(ink.total[rows, columns])
        made[rows, columns, :3] = table[np.rint(amount / amount.max() * (len(table) - 1)).astype(np.intp)]
        made[rows, columns, 3] = 1
    return made


def over(top: Picture, below: Picture) -> Picture:
    """One picture on another (Porter and Duff, 1984)."""
    rest = below[..., 3] * (1 - top[..., 3])
    alpha = top[..., 3] + rest
    made = np.zeros_like(top)
    made[..., 3] = alpha
    share = np.divide(rest, alpha, out=np.zeros_like(alpha), where=alpha > 0)[..., None]
    made[..., :3] = top[..., :3] * (1 - share) + below[..., :3] * share
    return made


def to_bytes(picture: Picture) -> npt.NDArray[np.uint8]:
    """A picture with 0 to 255 for 0 to 1."""
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def read_colour(text: str) -> tuple[float, float, float]:
    """Red, green and blue in 0 to 1.

    >>> read_colour("#FF0033")
    (1.0, 0.0, 0.2)

    Raises
    ------
    ValueError
        When the text is not of the form ``#RRGGBB``.
    """
    if len(text) != 7 or not text.startswith("#"):
        raise ValueError(f"a colour is written as #RRGGBB, not {text!r}")
    red, green, blue = bytes.fromhex(text[1:])
    return red / 255, green / 255, blue / 255


def colour_table(ramp: Sequence[str], steps: int = 256) -> npt.NDArray[np.float32]:
    """A ramp as float32 ``[steps, 3]``, interpolated between its colours."""
    stops = np.array([read_colour(one) for one in ramp], dtype=np.float64)
    at = np.linspace(0, len(stops) - 1, steps)
    parts = [np.interp(at, np.arange(len(stops)), stops[:, axis]) for axis in range(3)]
    return np.stack(parts, axis=1).astype(np.float32)
