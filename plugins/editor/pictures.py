# SPDX-License-Identifier: Apache-2.0
"""Pictures of what an edit changes: differences on a scale with zero in its middle, strips, grids, animations."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from registry.pictures import to_pixels as to_pixels
from workbench.app.components.palette import DIVERGING_RAMP, SEQUENTIAL_RAMP
from workbench.app.parts.contact_sheet import enlarge
from workbench.app.parts.contact_sheet import png as png

if TYPE_CHECKING:
    from registry.arrays import Array
    from registry.spaces import Images

Pixels = npt.NDArray[np.uint8]
Difference = Literal["signed", "absolute"]
SIDE: Final = 256  # pixels of the longer side of a large picture, about
BAR: Final = 10  # pixels, height of the scale below a difference


def large(image: Array, space: Images) -> Pixels:
    """One picture ``[channels, height, width]`` with each pixel repeated a whole number of times, uint8 RGB."""
    return rgb(enlarge(to_pixels(image[None], space)[0], SIDE))


def rgb(pixels: Pixels) -> Pixels:
    """Grey as three equal channels."""
    return np.asarray(np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[..., :3])


def difference(before: Array, after: Array, kind: Difference, *, dark: bool) -> tuple[Pixels, float]:
    """The change of a picture ``[channels, height, width]`` in colours, uint8 RGB, and the value of the full colour.

    Values are shares of the range. Signed: the mean over channels, blue below zero and orange above, zero in the
    middle; absolute: the mean over channels of the absolute change. The scale stands below the picture.
    """
    change = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    theme = "dark" if dark else "light"
    if kind == "signed":
        flat = change.mean(axis=0)
        top = float(np.abs(flat).max())
        place = 0.5 + flat / (2 * top) if top > 0 else np.full(flat.shape, 0.5)
        ramp = DIVERGING_RAMP[theme]
    else:
        flat = np.abs(change).mean(axis=0)
        top = float(flat.max())
        place = flat / top if top > 0 else np.zeros(flat.shape)
        ramp = SEQUENTIAL_RAMP[theme]
    picture = enlarge(coloured(place, ramp), SIDE)
    width = picture.shape[1]
    bar = np.repeat(coloured(np.linspace(0, 1, width)[None], ramp), BAR, axis=0)
    gap = np.repeat(coloured(np.full((1, 1), 0.5 if kind == "signed" else 0.0), ramp), width, axis=1)
    return np.concatenate([picture, np.repeat(gap, 2, axis=0), bar]), top


def coloured(places: npt.NDArray[np.float64], ramp: Sequence[str]) -> Pixels:
    """Numbers of 0..1 on a ramp of colours, uint8 ``[..., 3]``.

    >>> coloured(np.array([0.0, 0.5, 1.0]), ("#000000", "#FFFFFF")).tolist()
    [[0, 0, 0], [128, 128, 128], [255, 255, 255]]
    """
    stops = np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in ramp], dtype=np.float64)
    at = np.linspace(0, 1, len(stops))
    bands = [np.interp(np.clip(places, 0, 1), at, stops[:, band]) for band in range(3)]
    return np.asarray(np.rint(np.stack(bands, axis=-1)).astype(np.uint8))


def gif(frames: Array, space: Images, milliseconds: int, *, back: bool) -> bytes:
    """Pictures ``[n, channels, height, width]`` as an endless GIF, there and back again where asked for."""
    from PIL import Image

    pictures = [Image.fromarray(one) for one in _frames(frames, space, back=back)]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer, "GIF", save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0, optimize=False
    )
    return buffer.getvalue()


def zipped(frames: Array, space: Images) -> bytes:
    """Pictures as PNG files in a zip archive, numbered in order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for number, one in enumerate(to_pixels(frames, space)):
            archive.writestr(f"frame_{number:03d}.png", png(one))
    return buffer.getvalue()


def encoder_of_mp4() -> str | None:
    """The program that makes MP4 files, where one is installed."""
    return shutil.which("ffmpeg")


def mp4(frames: Array, space: Images, milliseconds: int, *, back: bool) -> bytes:
    """Pictures as an H.264 film; raises :class:`OSError` when the encoder is missing or fails."""
    import tempfile
    from pathlib import Path

    program = encoder_of_mp4()
    if program is None:
        raise OSError("there is no ffmpeg on the path")
    pictures = _frames(frames, space, back=back)
    height, width = (side // 2 * 2 for side in pictures[0].shape[:2])  # H.264 takes even sides
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.mp4"
        command = [program, "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
        command += ["-r", f"{1000 / milliseconds:g}", "-i", "-", "-pix_fmt", "yuv420p", str(out)]
        raw = b"".join(np.ascontiguousarray(one[:height, :width]).tobytes() for one in pictures)
        done = subprocess.run(command, input=raw, capture_output=True, timeout=60, check=False)
        if done.returncode:
            raise OSError(f"ffmpeg failed: {done.stderr.decode(errors='replace').strip()[:200]}")
        return out.read_bytes()


def _frames(frames: Array, space: Images, *, back: bool) -> list[Any]:
    pictures = [rgb(enlarge(one, SIDE)) for one in to_pixels(frames, space)]
    return [*pictures, *pictures[-2:0:-1]] if back else pictures
