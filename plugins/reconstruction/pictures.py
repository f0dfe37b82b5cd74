# SPDX-License-Identifier: Apache-2.0
"""The sheet of examples: originals, reconstructions and absolute differences, with the scale of the differences."""

from __future__ import annotations

from typing import Any

import numpy as np

# from black (no difference) over violet and orange to pale yellow, with lightness that only grows; after "inferno" of
# van der Walt and Smith, matplotlib 1.5
SCALE = np.array([[0, 0, 4], [66, 10, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 164]])
EDGE, MARGIN, LINE = 96, 96, 14  # pixels: shorter edge of a picture at least, column of words, height of a line


def coloured(values: np.ndarray) -> np.ndarray:
    """Numbers of 0..1 as colours of the scale, uint8 ``[..., 3]``."""
    at = np.linspace(0, 1, len(SCALE))
    clipped = np.clip(values, 0, 1)
    return np.stack([np.interp(clipped, at, SCALE[:, band]) for band in range(3)], axis=-1).round().astype(np.uint8)


def sheet(originals: np.ndarray, others: np.ndarray, low: float, high: float, captions: list[str]) -> tuple[Any, float]:
    """A picture of three rows for images ``[n, channels, height, width]``, uint8 RGB, and the top of the error scale.

    The difference is the mean absolute one over channels, coloured from 0 to its largest value in the sheet.
    """
    from PIL import Image, ImageDraw

    difference = np.abs(originals - others).mean(axis=1)
    top = float(difference.max())
    enlarge = max(1, round(EDGE / min(originals.shape[2:])))
    rows = [_row(_rgb(one, low, high), enlarge) for one in (originals, others)]
    rows.append(_row(coloured(difference / top if top > 0 else difference), enlarge))
    height, width = rows[0].shape[:2]
    canvas = Image.new("RGB", (MARGIN + width, 3 * height + 3 * LINE + 8), "white")
    draw = ImageDraw.Draw(canvas)
    for number, (row, words) in enumerate(zip(rows, ("original", "reconstruction", "|difference|"), strict=True)):
        canvas.paste(Image.fromarray(row), (MARGIN, number * height))
        draw.text((4, number * height + height // 2 - 6), words, fill="black")
    step = width // len(captions)
    for number, words in enumerate(captions):
        draw.text((MARGIN + number * step + 2, 3 * height + 2), words, fill="black")
    bar = coloured(np.repeat(np.linspace(0, 1, min(width, 256))[None], LINE, axis=0))
    canvas.paste(Image.fromarray(bar), (MARGIN, 3 * height + LINE + 6))
    draw.text((4, 3 * height + LINE + 6), "difference", fill="black")
    draw.text((MARGIN, 3 * height + 2 * LINE + 6), "0", fill="black")
    label = f"{top:.3g}"
    end = MARGIN + bar.shape[1] - int(draw.textlength(label))
    draw.text((end, 3 * height + 2 * LINE + 6), label, fill="black")
    return np.asarray(canvas), top


def _rgb(images: np.ndarray, low: float, high: float) -> np.ndarray:
    """Images ``[n, channels, height, width]`` in ``low..high`` as uint8 ``[n, height, width, 3]``."""
    scaled = np.clip((images - low) / (high - low), 0, 1)
    bands = scaled[:, :3] if scaled.shape[1] >= 3 else np.repeat(scaled[:, :1], 3, axis=1)
    return (bands.transpose(0, 2, 3, 1) * 255).round().astype(np.uint8)


def _row(pictures: np.ndarray, enlarge: int) -> np.ndarray:
    """Pictures ``[n, height, width, 3]`` side by side, each pixel ``enlarge`` times as long and as wide."""
    large = pictures.repeat(enlarge, axis=1).repeat(enlarge, axis=2)
    return np.concatenate(list(large), axis=1)
