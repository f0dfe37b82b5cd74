# SPDX-License-Identifier: Apache-2.0
"""The component that moves the points of a layer in the browser; a frame needs no server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray


def moving(
    frames: NDArray[Any],
    *,
    key: str,
    points: int,
    lines: int,
    along: int,
    stages: Sequence[str],
    verbs: Sequence[str],
    colours: Sequence[str],
    colours_dark: Sequence[str],
) -> None:
    """Draw the motion.

    Parameters
    ----------
    frames : float32 ``[frames, points + lines * along, 2]``; the last two are the ends of the second and third step
    key : of the component, unique on the page; slider and scale are kept under it
    points, lines, along : how the rows of a frame are to be read
    stages : names of the places where the slider can rest, two to four
    verbs : what happens between them
    colours, colours_dark : one CSS colour for each point, on light and on dark ground
    """
    header = {
        "key": key,
        "frames": int(frames.shape[0]),
        "count": int(frames.shape[1]),
        "points": points,
        "lines": lines,
        "along": along,
        "stages": list(stages),
        "verbs": list(verbs),
        "colours": list(colours),
        "colours_dark": list(colours_dark),
    }
    _mount()(key=key, data=packed(header, frames))


def packed(header: dict[str, Any], frames: NDArray[Any]) -> bytes:
    """Length of the header (uint32), the header as JSON padded with spaces to four bytes, float32 numbers."""
    words = json.dumps(header).encode()
    words += b" " * (-len(words) % 4)
    return len(words).to_bytes(4, "little") + words + np.ascontiguousarray(frames, dtype="<f4").tobytes()


@cache
def _mount() -> Any:
    """Register the component once a process."""
    from streamlit.components.v2 import component

    folder = resources.files("plugins.layer_lens") / "motion_assets"
    script = (folder / "motion.js").read_text(encoding="utf-8")
    style = (folder / "motion.css").read_text(encoding="utf-8")
    return component("workbench_layer_motion", html="<div class='lm-root'></div>", css=style, js=script)
