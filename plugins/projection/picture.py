# SPDX-License-Identifier: Apache-2.0
"""The map of all points as a picture, for reports and notebooks: however many points, the same size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 900, 700
LEGEND = 190  # pixels at the right, where there are categories
MARGIN, TITLE = 16, 34
SMOOTH = 2  # drawn so many times larger and scaled down, for smooth edges
MOST_CATEGORIES = 40
# The colours and shapes of the app's map: ten that differ to normal, protan, deutan and tritan eyes, then the same
# again with the next of the shapes.
COLOURS = CHART_COLOURS
SHAPES = ("circle", "square", "triangle", "diamond")
MISSING = "#8A8A8A"
INK = (38, 39, 48)
LABEL = 20  # letters of a label

Picture = NDArray[np.uint8]


def map_picture(
    coordinates: FloatArray, columns: pd.DataFrame, title: str, placed: NDArray[np.bool_] | None = None
) -> Picture:
    """All points in the first two dimensions of their map, one unit as long across as up.

    Parameters
    ----------
    coordinates : [n, 2 or 3].
    columns : labels of the n points; the first column of 2 to `MOST_CATEGORIES` values gives colours, shapes and
        legend.
    title : line on top.
    placed : bool [n], points to be ringed in black.

    Returns
    -------
    uint8 [700, 900, 3], on white. Which of two points lies on top is random, of fixed seed; ringed points lie on top of
    all others.
    """
    from PIL import Image, ImageDraw, ImageFont

    name, codes, labels = _categories(columns, len(coordinates))
    right = LEGEND if labels else 0
    ringed = np.zeros(len(coordinates), dtype=bool) if placed is None else placed
    radius = _radius(len(coordinates))
    field = _field(coordinates, codes, ringed, radius, (WIDTH - right - 2 * MARGIN, HEIGHT - TITLE - MARGIN))
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    page.paste(Image.fromarray(field), (MARGIN, TITLE))
    draw = ImageDraw.Draw(page)
    draw.text((MARGIN, 9), title, fill=INK, font=ImageFont.load_default(15))
    if labels:
        small, left, line = ImageFont.load_default(13), WIDTH - right, min(20.0, (HEIGHT - 90) / len(labels))
        draw.text((left, TITLE), _short(name), fill=INK, font=ImageFont.load_default(14))
        for i, (code, label) in enumerate(labels):
            top = TITLE + 24 + i * line
            _stamp_on(page, code, left + 4, int(top + 4))
            draw.text((left + 22, top), _short(label), fill=INK, font=small)
    if ringed.any():
        draw.text(
            (MARGIN, HEIGHT - 17), "black rings: placed without refitting", fill=INK, font=ImageFont.load_default(12)
        )
    return np.asarray(page, dtype=np.uint8)


def _categories(columns: pd.DataFrame, n: int) -> tuple[str, NDArray[np.int64], list[tuple[int, str]]]:
    """Name of the column, the category number of each point (-1: none), and the legend; one colour without any."""
    for name in columns.columns:
        if 2 <= columns[name].nunique() <= MOST_CATEGORIES:
            values = columns[name].astype("category")
            codes: NDArray[np.int64] = np.array(values.cat.codes, dtype=np.int64)
            present = set(np.unique(codes).tolist())
            labels = [(i, str(one)) for i, one in enumerate(values.cat.categories) if i in present]
            return str(name), codes, [*labels, *([(-1, "no value")] if -1 in present else [])]
    return "", np.zeros(n, dtype=np.int64), []


def _radius(n: int) -> float:
    """Radius of a point in pixels: from 3.5 for few points to 0.5 for a million."""
    return float(np.clip(200 / np.sqrt(n), 0.5, 3.5))


def _field(
    coordinates: FloatArray, codes: NDArray[np.int64], ringed: NDArray[np.bool_], radius: float, size: tuple[int, int]
) -> Picture:
    """The points alone, [height, width, 3]."""
    from PIL import Image

    width, height = size[0] * SMOOTH, size[1] * SMOOTH
    flat = coordinates[:, :2].astype(np.float64)
    low, high = flat.min(axis=0), flat.max(axis=0)
    edge = 2 * SMOOTH * (radius + 2)
    extent = np.maximum(high - low, max(float((high - low).max()) * 1e-6, 1e-300))
    scale = float(((width - 2 * edge, height - 2 * edge) / extent).min())
    middle = (low + high) / 2
    x = np.rint(width / 2 + (flat[:, 0] - middle[0]) * scale).astype(np.int64)
    y = np.rint(height / 2 - (flat[:, 1] - middle[1]) * scale).astype(np.int64)
    order = np.random.default_rng(0).permutation(len(flat)) + len(flat) * ringed  # on top: the largest
    order = np.argsort(np.argsort(order))
    on_top = np.full(height * width, -1, dtype=np.int64)
    shapes = (codes // len(COLOURS)) % len(SHAPES)
    for number, shape in enumerate(SHAPES):
        for rim in (False, True):  # a ring is a larger black mark below the point's own
            here = np.flatnonzero((shapes == number) & (ringed if rim else True))
            for across, down in _offsets(shape, (radius + (1.2 if rim else 0)) * SMOOTH):
                places = (y[here] + down) * width + x[here] + across
                np.maximum.at(on_top, places, 2 * order[here] + (0 if rim else 1))
    colours = np.array([_rgb(each) for each in (*COLOURS, MISSING)], dtype=np.uint8)
    of_point = np.where(codes < 0, len(COLOURS), codes % len(COLOURS))
    canvas = np.full((height * width, 3), 255, dtype=np.uint8)
    drawn = np.flatnonzero(on_top >= 0)
    by_order = np.empty(len(flat), dtype=np.int64)
    by_order[order] = np.arange(len(flat))
    canvas[drawn] = colours[of_point[by_order[on_top[drawn] // 2]]]
    canvas[drawn[on_top[drawn] % 2 == 0]] = 0
    image = Image.fromarray(canvas.reshape(height, width, 3))
    return np.asarray(image.resize(size, Image.Resampling.BOX), dtype=np.uint8)


def _offsets(shape: str, radius: float) -> list[tuple[int, int]]:
    """Pixels of a mark of about the same area as a disc of this radius."""
    reach = int(np.ceil(1.6 * radius))
    steps = range(-reach, reach + 1)
    inside: dict[str, Any] = {
        "circle": lambda x, y: x * x + y * y <= radius * radius,
        "square": lambda x, y: max(abs(x), abs(y)) <= 0.886 * radius,
        "triangle": lambda x, y: -0.8 * radius <= -y <= 1.5 * radius - 1.9 * abs(x) - 0.2 * radius,
        "diamond": lambda x, y: abs(x) + abs(y) <= 1.253 * radius,
    }
    return [(x, y) for x in steps for y in steps if inside[shape](x, y)]


def _stamp_on(page: Any, code: int, left: int, top: int) -> None:
    """The mark of a category in the legend."""
    colour = _rgb(MISSING if code < 0 else COLOURS[code % len(COLOURS)])
    for across, down in _offsets(SHAPES[(code // len(COLOURS)) % len(SHAPES) if code >= 0 else 0], 5.0):
        page.putpixel((left + 5 + across, top + 5 + down), colour)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _short(text: str) -> str:
    text = "".join(one if one.isprintable() else " " for one in text)
    return text if len(text) <= LABEL else text[: LABEL - 1] + "…"
