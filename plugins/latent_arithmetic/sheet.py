# SPDX-License-Identifier: Apache-2.0
"""The sum as a picture: a column of exemplars for each term with their mean below, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from registry.arrays import Array

EDGE: Final = 64  # longer side of a small picture; means are twice, the result three times that
GAP, SIGN, LINE, FONT = 6, 34, 20, 13
EACH: Final = 3  # exemplars shown above a mean


def equation(
    terms: Sequence[tuple[int, str, Array, Array]],
    result: Array,
    pixel_sum: Array,
    cloud: Array,
    *,
    dark: bool = False,
    ground: str | None = "white",
) -> Array:
    """The sum with its signs, uint8 ``[height, width, 3]``, or ``[..., 4]`` and transparent without a ground.

    Parameters
    ----------
    terms : of each term: its sign, its label, exemplars uint8 ``[n, h, w, c]`` and mean ``[h, w, c]``
    result, pixel_sum : uint8 ``[h, w, c]``
    cloud : uint8 ``[9, h, w, c]``, the result in the middle

    Laid out as figure 7 of Radford, Metz and Chintala, 2016.
    """
    from PIL import Image, ImageDraw, ImageFont

    small = max(result.shape[:2])
    unit = max(1, round(EDGE / small)) * small
    mean, cell = 2 * unit, unit
    columns = max(mean, EACH * (cell + GAP) - GAP)
    height = LINE + cell + GAP + mean + LINE + GAP
    block = 3 * (cell + GAP) - GAP
    height = max(height, LINE + block + LINE)
    width = len(terms) * (SIGN + columns + GAP) + SIGN + block + SIGN + mean + GAP
    ink = "#D6DADF" if dark else "#3A4048"
    canvas = Image.new("RGB" if ground else "RGBA", (width, height), ground or (0, 0, 0, 0))
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(FONT)

    def words(text: str, left: float, top: float, room: float) -> None:
        while text and pen.textlength(text, font=font) > room:
            text = text[:-2] + "…" if len(text) > 2 else ""
        pen.text((left + (room - pen.textlength(text, font=font)) / 2, top), text, font=font, fill=ink)

    def put(picture: Array, left: float, top: float, edge: int) -> None:
        canvas.paste(_sized(picture, edge), (round(left), round(top)))

    def sign(mark: str, left: float) -> None:
        middle, centre, half = round(height / 2), round(left + SIGN / 2), 8
        for offset in (-4, 4) if mark == "=" else (0,):
            pen.line((centre - half, middle + offset, centre + half, middle + offset), fill=ink, width=3)
        if mark == "+":
            pen.line((centre, middle - half, centre, middle + half), fill=ink, width=3)

    left = 0.0
    for place, (plus, label, exemplars, middle) in enumerate(terms):
        if place or plus < 0:
            sign("+" if plus > 0 else "-", left)
        left += SIGN
        words(label, left, 2, columns)
        few = exemplars[:EACH]
        start = left + (columns - len(few) * (cell + GAP) + GAP) / 2
        for number, one in enumerate(few):
            put(one, start + number * (cell + GAP), LINE, cell)
        put(middle, left + (columns - mean) / 2, LINE + cell + GAP, mean)
        left += columns + GAP
    sign("=", left)
    left += SIGN
    top = (height - block) / 2
    words("the sum, and neighbours", left, top - LINE, block)
    for number, one in enumerate(cloud):
        put(one, left + number % 3 * (cell + GAP), top + number // 3 * (cell + GAP), cell)
    at = left + cell + GAP - 3, top + cell + GAP - 3
    pen.rectangle((*at, at[0] + cell + 5, at[1] + cell + 5), outline="#D55E00", width=3)
    left += block + SIGN
    words("sum of pictures", left, (height - mean) / 2 - LINE, mean)
    put(pixel_sum, left, (height - mean) / 2, mean)
    return np.asarray(canvas)


def _sized(picture: Array, edge: int) -> Any:
    from PIL import Image

    rgb = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
    factor = edge / max(rgb.shape[:2])
    size = max(1, round(rgb.shape[1] * factor)), max(1, round(rgb.shape[0] * factor))
    return Image.fromarray(rgb).resize(size, Image.Resampling.NEAREST)
