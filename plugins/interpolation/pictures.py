# SPDX-License-Identifier: Apache-2.0
"""The strips of a pair: one row of pictures for each path."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

EDGE: Final = 72  # pixels of the longer side of a picture, about
LABEL: Final = 124
GAP: Final = 4


def strips(paths: dict[str, Any], *, dark: bool = False, ground: str | None = "white") -> Any:
    """Rows of pictures ``[k, h, w, 1 or 3]`` under their names, uint8 ``[.., .., 3]`` (4 without a ground)."""
    from PIL import Image, ImageDraw, ImageFont

    first = next(iter(paths.values()))
    factor = max(1, round(EDGE / max(first.shape[1:3])))
    height, width = first.shape[1] * factor, first.shape[2] * factor
    size = LABEL + len(first) * (width + GAP), len(paths) * (height + GAP)
    canvas = Image.new("RGB" if ground else "RGBA", size, ground or (0, 0, 0, 0))
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(13)
    ink = "#D6DADF" if dark else "#3A4048"
    for number, (name, pictures) in enumerate(paths.items()):
        top = number * (height + GAP)
        pen.text((2, top + height / 2 - 8), name, font=font, fill=ink)
        large = pictures.repeat(factor, axis=1).repeat(factor, axis=2)
        for at, one in enumerate(large):
            picture = np.repeat(one, 3, axis=2) if one.shape[2] == 1 else one
            canvas.paste(Image.fromarray(picture), (LABEL + at * (width + GAP), top))
    return np.asarray(canvas)
