# SPDX-License-Identifier: Apache-2.0
"""The sheet of a traversal: a row for each start, a column for each step, and where the means of the groups lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from registry.arrays import Array

EDGE, GAP = 96, 6  # pixels: longer side of a picture about, and between pictures
LABEL, LINE, TICKS, FONT, COMMON = 130, 22, 18, 12, 620  # words, heading, marks, letters where the pictures are COMMON
AWAY, TOWARD, FAR = "#0072B2", "#E69F00", "#D55E00"  # blue, orange and vermilion of Okabe and Ito
AWAY_ON_DARK = "#56B4E9"  # their sky blue


@dataclass(frozen=True)
class Row:
    """One row: its words, and where the means of the two groups lie on it, in steps from the start."""

    label: str
    group: str
    away_at: float
    toward_at: float


class Sheet:
    """Draws ``pictures [rows, steps, height, width, 1 or 3]``, uint8, at ``steps`` (float64, the middle one 0).

    ``outside`` says of each picture, bool ``[rows, steps]``, whether its code lies outside the shell of the prior: it
    gets a bar on top.
    """

    def __init__(
        self, pictures: Array, steps: Array, rows: Sequence[Row], outside: Array | None = None, *, dark: bool = False
    ) -> None:
        factor = max(1, round(EDGE / max(pictures.shape[2:4])))
        self.pictures = pictures.repeat(factor, axis=2).repeat(factor, axis=3)
        self.steps, self.rows = np.asarray(steps, dtype=np.float64), list(rows)
        self.height, self.width = int(self.pictures.shape[2]), int(self.pictures.shape[3])
        self.outside = np.zeros(pictures.shape[:2], dtype=bool) if outside is None else np.asarray(outside)
        self.away, self.ink, self.faint = AWAY_ON_DARK if dark else AWAY, "#D6DADF" if dark else "#3A4048", "#8A8A8A"
        # a wide sheet is shown smaller, and its words must still be read
        enlarged = max(1.0, len(self.steps) * (self.width + GAP) / COMMON)
        self.label, self.line, self.ticks, self.font = (round(one * enlarged) for one in (LABEL, LINE, TICKS, FONT))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole, in pixels."""
        width = self.label + len(self.steps) * (self.width + GAP) + GAP
        return width, self.line + len(self.rows) * (self.height + self.ticks + GAP) + GAP

    def draw(self, ground: str | None = "white") -> Array:
        """The sheet, uint8 ``[height, width, 3]``, or ``[height, width, 4]`` and transparent without a ``ground``."""
        from PIL import Image, ImageDraw, ImageFont

        canvas = Image.new("RGB" if ground else "RGBA", self.size, ground or (0, 0, 0, 0))
        pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(self.font)
        for at, step in enumerate(self.steps):
            words = "unmoved" if step == 0 else f"{step:+.3g}"
            centre = self._left(at) + self.width / 2
            pen.text((centre - pen.textlength(words, font=font) / 2, 2), words, font=font, fill=self.ink)
        for number, row in enumerate(self.rows):
            self._row(canvas, pen, font, number, row)
        return np.asarray(canvas)

    def _row(self, canvas: Any, pen: Any, font: Any, number: int, row: Row) -> None:
        from PIL import Image

        top = self.line + number * (self.height + self.ticks + GAP)
        for at, words in enumerate((row.label, row.group)):
            place = (2, top + self.height / 2 + (1.25 * at - 1.2) * self.font)
            pen.text(place, self._fit(pen, words, font), font=font, fill=self.ink)
        for at in range(len(self.steps)):
            left = self._left(at)
            canvas.paste(Image.fromarray(_rgb(self.pictures[number, at])), (left, top))
            if self.outside[number, at]:
                pen.rectangle((left, top - 4, left + self.width - 1, top - 2), fill=FAR)
        middle = self._left(len(self.steps) // 2)
        frame = (middle - 2, top - 2, middle + self.width + 1, top + self.height + 1)
        pen.rectangle(frame, outline=self.ink, width=2)
        self._ticks(pen, row, top + self.height + 3)

    def _left(self, column: float) -> int:
        return self.label + GAP + round(column * (self.width + GAP))

    def _ticks(self, pen: Any, row: Row, top: int) -> None:
        """A line below the row with a triangle at the mean of each group; it points sideways to one beyond the end."""
        first, last = self._left(0), self._left(len(self.steps) - 1) + self.width
        half = self.ticks // 3
        y = top + half + 2
        pen.line((first, y, last, y), fill=self.faint)
        step = self.steps[1] - self.steps[0]
        for position, colour, filled in ((row.away_at, self.away, False), (row.toward_at, TOWARD, True)):
            x = self._left((position - self.steps[0]) / step) + self.width // 2
            if x < first:
                shape = [(first + 2 * half, y - half), (first, y), (first + 2 * half, y + half)]
            elif x > last:
                shape = [(last - 2 * half, y - half), (last, y), (last - 2 * half, y + half)]
            else:
                shape = [(x, y - half), (x - half, y + half), (x + half, y + half)]
            pen.polygon(shape, fill=colour if filled else None, outline=colour, width=2)

    def _fit(self, pen: Any, words: str, font: Any) -> str:
        while words and pen.textlength(words, font=font) > self.label - 4:
            words = words[:-2] + "…" if len(words) > 2 else ""
        return words


def _rgb(picture: Array) -> Array:
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
