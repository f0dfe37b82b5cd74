# SPDX-License-Identifier: Apache-2.0
"""Contact sheets: many small pictures on one, grey or colour, with captions."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from registry.pictures import to_pixels as to_pixels
from workbench.app.parts.text import one_line

Pixels = npt.NDArray[np.uint8]

#: A small picture is enlarged by whole steps until its longer side is at least this.
CELL = 72
_GAP = 6
_CAPTION = 16


def sheet(
    pictures: Sequence[npt.NDArray[Any]], captions: Sequence[str] | None = None, *, columns: int = 8, dark: bool = False
) -> Pixels:
    """One picture of all: uint8 ``[height, width, 4]``, transparent between them.

    Parameters
    ----------
    pictures : uint8 ``[height, width]`` or ``[height, width, 1 or 3]``; sizes may differ
    captions : one for each picture, or none
    columns : how many stand side by side
    dark : whether captions are to be read on a dark ground

    Raises
    ------
    ValueError
        When there is no picture, or captions and pictures differ in number.
    """
    if not len(pictures):
        raise ValueError("a contact sheet needs at least one picture")
    if captions is not None and len(captions) != len(pictures):
        raise ValueError(f"{len(pictures)} pictures have {len(captions)} captions")
    cells = [enlarge(_rgb(one)) for one in pictures]
    height, width = max(one.shape[0] for one in cells), max(one.shape[1] for one in cells)
    line = _CAPTION if captions is not None else 0
    columns = max(1, min(columns, len(cells)))
    down = math.ceil(len(cells) / columns)
    canvas = np.zeros((down * (height + line + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 4), dtype=np.uint8)
    for position, cell in enumerate(cells):
        top, left = (position // columns) * (height + line + _GAP), (position % columns) * (width + _GAP)
        top += (height - cell.shape[0]) // 2
        left += (width - cell.shape[1]) // 2
        canvas[top : top + cell.shape[0], left : left + cell.shape[1], :3] = cell
        canvas[top : top + cell.shape[0], left : left + cell.shape[1], 3] = 255
    return canvas if captions is None else _write(canvas, captions, columns, height, width, dark)


def enlarge(picture: Pixels, least: int = CELL) -> Pixels:
    """A small picture with each pixel repeated a whole number of times (nothing is smoothed or invented)."""
    factor = max(1, round(least / max(picture.shape[:2])))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def png(pixels: Pixels) -> bytes:
    """A picture as the bytes of a PNG file."""
    from PIL import Image

    buffer = io.BytesIO()
    plain = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    Image.fromarray(plain).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _rgb(picture: npt.NDArray[Any]) -> Pixels:
    given = np.asarray(picture)
    if given.dtype != np.uint8 or given.ndim not in (2, 3):
        raise ValueError(
            f"a picture is {given.dtype} of shape {list(given.shape)}, expected uint8 [height, width(, channels)]"
        )
    if given.ndim == 2:
        given = given[..., None]
    return np.repeat(given, 3, axis=2) if given.shape[2] == 1 else given[..., :3]


def _write(canvas: Pixels, captions: Sequence[str], columns: int, height: int, width: int, dark: bool) -> Pixels:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(canvas)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(11)
    ink = (214, 218, 224, 255) if dark else (68, 74, 82, 255)
    for position, caption in enumerate(captions):
        text = one_line(caption, 100)  # a line that breaks cannot be measured, one of thousands takes seconds
        while text and draw.textlength(text, font=font) > width:
            text = text[:-2] + "…" if len(text) > 2 else ""
        left = (position % columns) * (width + _GAP)
        top = (position // columns) * (height + _CAPTION + _GAP) + height + 2
        draw.text((left, top), text, font=font, fill=ink)
    return np.asarray(image)
