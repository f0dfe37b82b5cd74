# SPDX-License-Identifier: Apache-2.0
"""The strip as one picture, for reports and notebooks: a small map of each step with its numbers below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.layers.classes import Labels
from plugins.layers.measures import Measured
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.layers.distances import Float64

WIDE, HIGH, WORDS, GAP = 208, 168, 50, 12  # pixels of a map, of the lines below it, and between
ACROSS, TOP = 5, 40
SMOOTH = 2  # drawn so many times larger and scaled down
INK, FAINT, FRAME, MISSING = "#262730", "#5A5C66", "#D5D6DB", "#8A8A8A"

Picture = NDArray[np.uint8]


def strip_picture(measured: Sequence[Measured], table: pd.DataFrame, labels: Labels | None, title: str) -> Picture:
    """All steps, five in a line, on white: uint8 ``[height, width, 3]``.

    Points of a class have one of ten colours, which come round again; a legend names them where there are ten or fewer.
    """
    from PIL import Image, ImageDraw, ImageFont

    count = len(measured)
    columns = min(ACROSS, count)
    lines = -(-count // columns)
    legend = 30 if labels is not None and len(labels.names) <= len(CHART_COLOURS) else 0
    size = (GAP + columns * (WIDE + GAP), TOP + lines * (HIGH + WORDS + GAP) + legend)
    page = Image.new("RGB", (max(size[0], 420), size[1]), "white")
    draw = ImageDraw.Draw(page)
    fonts = [ImageFont.load_default(each) for each in (16, 13, 12)]
    draw.text((GAP, 11), _one_line(title), fill=INK, font=fonts[0])
    for at, (one, row) in enumerate(zip(measured, table.to_dict("records"), strict=True)):
        left, top = GAP + (at % columns) * (WIDE + GAP), TOP + (at // columns) * (HIGH + WORDS + GAP)
        page.paste(_small_map(one.coordinates, None if labels is None else labels.codes), (left, top))
        draw.rectangle((left, top, left + WIDE - 1, top + HIGH - 1), outline=FRAME)
        if one.state != "measured":
            draw.text((left + 10, top + HIGH // 2 - 8), _why(one.state), fill=FAINT, font=fonts[1])
        name = _cut(draw, f"{at}  {one.step.name}", fonts[1], WIDE)
        draw.text((left, top + HIGH + 4), name, fill=INK, font=fonts[1])
        draw.text((left, top + HIGH + 22), _cut(draw, in_words(row), fonts[2], WIDE), fill=FAINT, font=fonts[2])
    if legend and labels is not None:
        _legend(draw, labels, size[1] - legend + 4, page.width, fonts[2])
    return np.asarray(page, dtype=np.uint8)


def in_words(row: Any) -> str:
    """Kind or numbers of one step in a line.

    >>> in_words({"accuracy": 0.913, "dimension": 7.24, "state": "measured"})
    '91 % told, dimension 7.2'
    """
    if row["state"] != "measured":
        return str(row["state"])
    parts = []
    if row["accuracy"] == row["accuracy"]:
        parts.append(f"{row['accuracy']:.0%} told".replace("%", " %"))
    if row["dimension"] == row["dimension"]:
        parts.append(f"dimension {row['dimension']:.1f}")
    return ", ".join(parts)


def _why(state: str) -> str:
    return {"constant": "all points are equal", "not finite": "NaN or infinity"}[state]


def _small_map(coordinates: Float64, codes: NDArray[np.int64] | None) -> Any:
    """Points as discs, at one scale across and up."""
    from PIL import Image, ImageDraw

    wide, high = WIDE * SMOOTH, HIGH * SMOOTH
    image = Image.new("RGB", (wide, high), "white")
    if not np.isfinite(coordinates).all() or not np.ptp(coordinates) > 0:
        return image.resize((WIDE, HIGH))
    low, top = coordinates.min(axis=0), coordinates.max(axis=0)
    extent = np.maximum(top - low, float((top - low).max()) * 1e-6)
    edge = 14 * SMOOTH
    scale = float((np.array([wide - edge, high - edge]) / extent).min())
    shown = (coordinates - (low + top) / 2) * scale * [1, -1] + [wide / 2, high / 2]
    radius = SMOOTH * float(np.clip(50 / np.sqrt(len(shown)), 0.9, 3.0))
    draw = ImageDraw.Draw(image)
    for at in np.random.default_rng(0).permutation(len(shown)):  # no class lies on top of the others
        x, y = shown[at]
        colour = _colour(0 if codes is None else int(codes[at]))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return image.resize((WIDE, HIGH), Image.Resampling.BOX)


def _colour(code: int) -> str:
    return MISSING if code < 0 else CHART_COLOURS[code % len(CHART_COLOURS)]


def _cut(draw: Any, text: str, font: Any, width: int) -> str:
    """The text on one line, shortened from the front (the end of a path says most) until it fits."""
    text = _one_line(text)
    if draw.textlength(text, font=font) <= width:
        return text
    number, _, rest = text.partition("  ")
    lead = f"{number}  …" if rest else "…"
    rest = rest or text
    while rest and draw.textlength(lead + rest, font=font) > width:
        rest = rest[1:]
    return lead + rest


def _one_line(text: str) -> str:
    """Without control characters: a line that breaks cannot be measured, let alone drawn in its place.

    >>> _one_line("a\\nb")
    'a b'
    """
    return "".join(one if one.isprintable() else " " for one in text)


def _legend(draw: Any, labels: Labels, top: int, width: int, font: Any) -> None:
    left = GAP
    for code, name in enumerate(labels.names):
        shown = _one_line(name)
        shown = shown if len(shown) <= 20 else shown[:19] + "…"
        length = int(draw.textlength(shown, font=font)) + 30
        if left + length > width:
            draw.text((left, top), "…", fill=INK, font=font)
            return
        draw.ellipse((left, top + 3, left + 9, top + 12), fill=_colour(code))
        draw.text((left + 14, top), shown, fill=INK, font=font)
        left += length
