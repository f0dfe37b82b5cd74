# SPDX-License-Identifier: Apache-2.0
"""Stamps of Tux Paint: 785 pictures that people captioned, read from the fetched asset, never kept here (GPL-2)."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from typing import Any, Final

import numpy as np
import pandas as pd

import workbench as wb
from sample_models import assets

ASSET: Final = "stamps"
FOLDER: Final = "usr/share/tuxpaint/stamps/"
SIDE: Final = 224
MOST_PIXELS: Final = 20_000_000  # of a picture in the archive: the largest has 1.3 million


class Stamps(wb.Dataset):
    """Pictures ``[n, 3, 224, 224]`` in 0..1, each whole on a white square, decoded when asked for (118 MB in all).

    Columns: ``caption`` (the first line of the text beside the picture, in English), ``name`` (of the file), ``kind``
    (its folder) and ``twins`` (how many other stamps have the very same caption).

    Raises
    ------
    AssetUnavailable
        When the asset is not in the cache and cannot be fetched.
    """

    space = wb.images(3, SIDE, SIDE)

    def __init__(self) -> None:
        self.file = assets.fetch(ASSET)
        with zipfile.ZipFile(self.file) as held:
            there = set(held.namelist())
            captions = {
                name: first_line(held.read(_text_of(name))) for name in sorted(there) if _text_of(name) in there
            }
        self.names = [name for name, caption in captions.items() if caption]
        count = Counter(captions[name] for name in self.names)
        self._columns = pd.DataFrame(
            {
                "caption": [captions[name] for name in self.names],
                "name": [name.rpartition("/")[2].removesuffix(".png") for name in self.names],
                "kind": [name.removeprefix(FOLDER).partition("/")[0] for name in self.names],
                "twins": [count[captions[name]] - 1 for name in self.names],
            }
        )
        self._kept: dict[int, np.ndarray[Any, Any]] = {}

    def __len__(self) -> int:
        return len(self.names)

    @property
    def columns(self) -> pd.DataFrame:
        return self._columns

    def batch(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Pictures at these rows, float32."""
        wanted = [int(row) for row in rows]
        if fresh := [row for row in dict.fromkeys(wanted) if row not in self._kept]:
            with zipfile.ZipFile(self.file) as held:
                self._kept |= {row: on_white(held.read(self.names[row])) for row in fresh}
        pictures = np.zeros((len(wanted), SIDE, SIDE, 3), np.uint8)
        for place, row in enumerate(wanted):
            pictures[place] = self._kept[row]
        return pictures.transpose(0, 3, 1, 2).astype(np.float32) / 255

    def fingerprint(self) -> str:
        """Of the locked files and of how they are drawn; no picture is read."""
        return hashlib.sha256(repr((self.file.name, SIDE, self.names)).encode()).hexdigest()


def _text_of(name: str) -> str:
    """The text beside a picture; nothing for what is no picture.

    >>> _text_of("a/b.png"), _text_of("a/b.svg")
    ('a/b.txt', '')
    """
    return f"{name.removesuffix('.png')}.txt" if name.endswith(".png") else ""


def first_line(text: bytes) -> str:
    """The English caption: the first line; the others are translations.

    >>> first_line(b"A happy snail.\\nde.utf8=Eine Schnecke.")
    'A happy snail.'
    """
    return text.decode("utf-8", "replace").partition("\n")[0].strip()


def on_white(file: bytes) -> np.ndarray[Any, Any]:
    """A PNG file as uint8 ``[224, 224, 3]``: what is transparent is white, and so is what a longer side leaves free.

    Raises
    ------
    DataError
        When the picture has more than 20 million pixels.
    """
    from PIL import Image

    with Image.open(io.BytesIO(file)) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise wb.DataError(f"a stamp has {opened.width} x {opened.height} pixels, more than {MOST_PIXELS:,}")
        picture = opened.convert("RGBA")
    scale = SIDE / max(picture.size)
    wide, high = (max(1, round(side * scale)) for side in picture.size)
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    fitted = ground.convert("RGB").resize((wide, high), Image.Resampling.BICUBIC, reducing_gap=3.0)
    square = Image.new("RGB", (SIDE, SIDE), "white")
    square.paste(fitted, ((SIDE - wide) // 2, (SIDE - high) // 2))
    return np.asarray(square)
