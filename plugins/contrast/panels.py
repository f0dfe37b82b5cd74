# SPDX-License-Identifier: Apache-2.0
"""A picture of where pictures differ: the mean inside, the mean outside, and the effect at each pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from plugins.contrast.spaces import Pictures

# from lower inside over none to higher inside: blue and orange of the charts, with white between them
LOWER, NONE, HIGHER = (np.array(one, dtype=np.float64) for one in ((0, 114, 178), (255, 255, 255), (230, 159, 0)))
CONSTANT = np.array((225, 225, 225), dtype=np.uint8)
EDGE, GAP, LINE = 168, 12, 18  # pixels: shorter edge of a panel at least, between panels, height of a line of words


def diverging(effects: Any) -> Any:
    """Effects of 0..1 as colours, uint8 ``[..., 3]``: white at one half, grey where not a number."""
    away = np.nan_to_num(2 * np.asarray(effects, dtype=np.float64) - 1)[..., None]
    colours = NONE + np.maximum(away, 0) * (HIGHER - NONE) + np.maximum(-away, 0) * (LOWER - NONE)
    found = colours.round().clip(0, 255).astype(np.uint8)
    found[np.isnan(effects)] = CONSTANT
    return found


def panels(pictures: Pictures, effects: Any) -> Any:
    """Three panels side by side, uint8 ``[height, width, 3]``; of several channels the strongest effect is shown."""
    from PIL import Image, ImageDraw

    shape = pictures.inside.shape
    strongest = _strongest(np.asarray(effects, dtype=np.float64).reshape(shape))
    shown = [_rgb(one, pictures.low, pictures.high) for one in (pictures.inside, pictures.outside)]
    shown.append(diverging(strongest))
    enlarge = max(1, round(EDGE / min(shape[1:])))
    large = [one.repeat(enlarge, axis=0).repeat(enlarge, axis=1) for one in shown]
    height, width = large[0].shape[:2]
    canvas = Image.new("RGB", (3 * width + 2 * GAP, height + 2 * LINE), "white")
    draw = ImageDraw.Draw(canvas)
    for at, (panel, words) in enumerate(zip(large, ("mean inside", "mean outside", "effect"), strict=True)):
        left = at * (width + GAP)
        draw.text((left + 2, 3), words, fill="black")
        canvas.paste(Image.fromarray(panel), (left, LINE))
    left = 2 * (width + GAP)
    scale = diverging(np.repeat(np.linspace(0, 1, width)[None], 6, axis=0))
    canvas.paste(Image.fromarray(scale), (left, LINE + height + 2))
    draw.text((left, LINE + height + 7), "0", fill="black")
    draw.text((left + width // 2 - 8, LINE + height + 7), "0.5", fill="black")
    draw.text((left + width - 6, LINE + height + 7), "1", fill="black")
    return np.asarray(canvas)


def _strongest(effects: Any) -> Any:
    """Of each position ``[channels, height, width]`` the effect farthest from one half; NaN where none was tested."""
    away = np.where(np.isnan(effects), -1, np.abs(effects - 0.5))
    return np.take_along_axis(effects, away.argmax(axis=0)[None], axis=0)[0]


def _rgb(picture: Any, low: float, high: float) -> Any:
    scaled = np.clip((picture - low) / (high - low), 0, 1)
    bands = scaled[:3] if len(scaled) >= 3 else np.repeat(scaled[:1], 3, axis=0)
    return (bands.transpose(1, 2, 0) * 255).round().astype(np.uint8)
