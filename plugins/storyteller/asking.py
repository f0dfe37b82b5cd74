# SPDX-License-Identifier: Apache-2.0
"""What the page asks the warm processes for: texts read, points told, pictures placed; every answer is kept."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from registry.errors import DataError
from workbench.app import engine, subjects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plugins.storyteller.offered import Painter, Teller
    from registry.spaces import Images

    Float64 = NDArray[np.float64]

BATCH: Final = 64
LETTERS: Final = 10_000
MOST_PIXELS: Final = 40_000_000


def read(teller: Teller, texts: Sequence[str]) -> Float64:
    """Points of texts, float64 ``[n, d]``; each text is read once.

    Raises :class:`ModelError` when the model fails.
    """
    found = [_read(engine.store().location, teller.model, subjects.stamp(teller.model), teller.read, tuple(texts))]
    return np.asarray(found[0], dtype=np.float64)


@st.cache_resource(show_spinner=False, max_entries=512)
def _read(location: str, model: str, stamp: str, name: str, texts: tuple[str, ...]) -> Any:
    if len(texts) <= BATCH:
        return np.asarray(engine.live(model).apply(name, list(texts)), dtype=np.float32)
    return _many(model, stamp, name, texts)


def _many(model: str, stamp: str, name: str, texts: tuple[str, ...]) -> Any:
    """Points of many texts, kept beside those of runs, so that they are there again after a restart."""
    from workbench.points import ActivationStore
    from workbench.runs.sampling import CACHE_GIB

    known = json.dumps(["story", model, subjects.describe(model).fingerprint, stamp, name, texts])
    key = hashlib.sha256(known.encode()).hexdigest()
    cap = float(os.environ.get("WORKBENCH_CACHE_GIB") or CACHE_GIB)
    kept = ActivationStore(Path(engine.store().root) / "activations", int(cap * 2**30))
    found = kept.open(key)
    if found is not None:
        return np.array(found)
    live, parts = engine.live(model), []
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # texts of like length: little padding
    for start in range(0, len(texts), BATCH):
        asked = [texts[row] for row in order[start : start + BATCH]]
        parts.append(np.asarray(live.apply(name, asked), dtype=np.float32))
    points = np.concatenate(parts)[np.argsort(order)]
    writer = kept.writer(key, points.shape[1:], points.dtype)
    try:
        writer.append(points)
        writer.commit()
    except BaseException:
        writer.abort()
        raise
    return points


def tell(teller: Teller, back: int, points: Float64, effort: dict[str, int]) -> list[str]:
    """Texts of points ``[n, d]`` by map number ``back``; ``effort`` are its conditions, where it has them."""
    known = teller.conditions[back]
    conditions = tuple(sorted((name, value) for name, value in effort.items() if name in known))
    values = np.ascontiguousarray(points, dtype=np.float32)
    stamp = subjects.stamp(teller.model)
    return [
        str(_tell(engine.store().location, teller.model, stamp, teller.back[back], conditions, one.tobytes()))
        for one in values
    ]


@st.cache_resource(show_spinner=False, max_entries=4096)
def _tell(
    location: str, model: str, stamp: str, name: str, conditions: tuple[tuple[str, int], ...], point: bytes
) -> str:
    values = np.frombuffer(point, dtype=np.float32)[None]
    return str(engine.live(model).apply(name, values, **dict(conditions))[0])


def placed(painter: Painter, pixels: NDArray[np.uint8]) -> Float64:
    """The point of a picture, uint8 ``[height, width, 3]``, float64 ``[d]``."""
    stamp = subjects.stamp(painter.model)
    found = _placed(
        engine.store().location, painter.model, stamp, painter.maps, painter.pixels, pixels.shape, pixels.tobytes()
    )
    return np.asarray(found, dtype=np.float64)


@st.cache_resource(show_spinner=False, max_entries=128)
def _placed(
    location: str, model: str, stamp: str, maps: tuple[str, ...], space: Images, shape: tuple[int, ...], content: bytes
) -> Any:
    pixels = np.frombuffer(content, dtype=np.uint8).reshape(shape)
    batch: Any = pixels.transpose(2, 0, 1)[None].astype(np.float32) / 255 * (space.high - space.low) + space.low
    for name in maps:
        batch = engine.live(model).apply(name, batch)
    return np.asarray(batch)[0]


def pixels_of(content: bytes, space: Images) -> NDArray[np.uint8]:
    """An uploaded picture as the model takes it: the middle square, three colours, uint8 ``[height, width, 3]``.

    Raises
    ------
    DataError
        When the file is no PNG, JPEG or WebP picture, or a very large one.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    size = space.width or 224, space.height or 224
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise DataError(f"the picture has {opened.width:,} x {opened.height:,} pixels: make it smaller")
            turned = ImageOps.exif_transpose(opened).convert("RGB")
            return np.asarray(ImageOps.fit(turned, size, Image.Resampling.BICUBIC))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise DataError(f"this file cannot be read as a PNG, JPEG or WebP picture: {error}") from error


def cleaned(typed: str) -> tuple[str, str]:
    """A typed text as it is read, and what was done to it in a sentence; no text where there are only spaces.

    Control characters become spaces and what is longer than 10,000 characters is cut; letters of any script stay.

    >>> cleaned(" a\\x00b "), cleaned(" \\n ")
    (('a b', ''), ('', ''))
    """
    plain = " ".join("".join(one if one.isprintable() else " " for one in typed).split())
    if len(plain) <= LETTERS:
        return plain, ""
    return plain[:LETTERS], f"Of {len(plain):,} characters the first {LETTERS:,} were read."
