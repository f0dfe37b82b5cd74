# SPDX-License-Identifier: Apache-2.0
"""A folder of image files as a data set, decoded when a batch asks for them."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.data import Dataset, plain_columns
from registry.errors import DataError
from registry.spaces import images
from workbench.data.captions import captioned
from workbench.data.digests import files_digest

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

# Formats that Pillow decodes by itself; EPS and the like would start other programs.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "TGA", "JPEG2000")
ENDINGS = {
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".jp2", ".j2k"),
}
CHANNELS = {"L": 1, "RGB": 3}
GREY = ("1", "L", "LA", "La", "I", "F")
TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
SHOWN = 10


class ImageFolder(Dataset):
    """Images of one size under a folder, values 0..1, with the columns ``file`` and ``folder`` (the label).

    Files of mode ``mode`` (``"L"`` grey or ``"RGB"``; by default what most files are), upright as their EXIF says,
    resized only when ``size`` is given, transparency dropped. With ``skip_broken`` every file is decoded once and
    those that cannot be are left out; without it they are an error. Captions and further columns come from a table or
    from texts beside the pictures (:mod:`workbench.data.captions`).
    """

    def __init__(
        self,
        path: Path,
        options: Mapping[str, Any],
        *,
        size: int | Sequence[int] | None = None,
        mode: str | None = None,
        skip_broken: bool = False,
        captions: str | None = None,
        skip_missing: bool = False,
    ) -> None:
        if mode not in (None, *CHANNELS):
            raise DataError(f"mode = {mode!r} is not known: use L or RGB")
        self.path, self.options = path, dict(options)
        self.size = _size(size)
        self.resizes = self.size is not None
        files = image_files(path)
        if not files:
            raise DataError(f"there is no image in the folder '{path}': it takes {' '.join(sorted(ENDINGS))}")
        files, self._beside, self.tables = captioned(path, files, captions, skip_missing)
        facts = _facts(path, files, skip_broken)
        if self._beside is not None and len(facts) < len(files):  # without those that are broken
            self._beside = self._beside[[one in facts for one in files]].reset_index(drop=True)
        self.files = list(facts)
        self.mode = mode or Counter(one for one, _ in facts.values()).most_common(1)[0][0]
        if self.size is None:
            self.size = _one_size(facts)
        self.space = images(CHANNELS[self.mode], *self.size)

    def __len__(self) -> int:
        return len(self.files)

    def batch(self, rows: Array) -> Array:
        """Images, float32 ``[m, c, h, w]``; raises :class:`DataError` naming a file that cannot be decoded."""
        assert self.size is not None
        made = np.empty((len(rows), CHANNELS[self.mode], *self.size), dtype=np.float32)
        for place, row in enumerate(rows):
            made[place] = self._decode(self.files[int(row)])
        return made / np.float32(255)

    @cached_property
    def columns(self) -> pd.DataFrame:
        import pandas as pd

        folders = [os.path.dirname(one) for one in self.files]
        own = pd.DataFrame({"file": self.files, "folder": folders})
        if self._beside is None:
            return own
        return pd.concat([own, plain_columns(self._beside.drop(columns=own.columns, errors="ignore"))], axis=1)

    def fingerprint(self) -> str:
        """SHA-256 of the names and bytes of the files, captions among them, and of the options."""
        beside = [(one.relative_to(self.path).as_posix(), one) for one in self.tables]
        return files_digest([*((one, self.path / one) for one in self.files), *beside], self.options)

    def _decode(self, name: str) -> Array:
        def whole(image: Image.Image) -> Array:
            from PIL import Image, ImageOps

            upright = _eight_bits(ImageOps.exif_transpose(image)).convert(self.mode)
            height, width = self.size or (upright.height, upright.width)
            if (upright.height, upright.width) != (height, width):
                if not self.resizes:
                    raise ValueError(
                        f"it is {upright.height} x {upright.width} when upright: give size={height},{width}"
                    )
                upright = upright.resize((width, height), Image.Resampling.BICUBIC)
            pixels = np.asarray(upright)
            return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)

        pixels: Array = _read(self.path / name, name, whole)
        return pixels


def image_files(path: Path) -> list[str]:
    """Paths of the image files under a folder, relative to it, sorted; hidden ones are left out."""
    found: list[str] = []
    for folder, inner, names in os.walk(path):
        inner[:] = [one for one in inner if not one.startswith(".")]
        relative = Path(folder).relative_to(path)
        for name in names:
            is_image = not name.startswith(".") and Path(name).suffix.lower() in ENDINGS
            if is_image and (Path(folder) / name).is_file():
                found.append((relative / name).as_posix())
    return sorted(found)


def _read(path: Path, name: str, use: Callable[[Image.Image], Any]) -> Any:
    """What ``use`` makes of an image file; every way in which a file can be broken is a :class:`DataError`."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged metadata; but not:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                return use(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(
            f"the image '{name}' is larger than {Image.MAX_IMAGE_PIXELS:,} pixels: make it smaller"
        ) from None
    except Exception as error:  # noqa: BLE001 - decoders raise OSError, SyntaxError, struct.error, ... on broken files
        raise DataError(f"the image '{name}' cannot be read: {error}") from None


def _facts(path: Path, files: list[str], skip_broken: bool) -> dict[str, tuple[str, tuple[int, int]]]:
    """Mode and (height, width) of each file, from its header (decoded whole with ``skip_broken``)."""

    def look(image: Image.Image) -> tuple[str, tuple[int, int]]:
        if skip_broken:
            image.load()
        known = image.format != "PNG" or "exif" in image.info  # else Pillow would decode all of it to look for more
        turned = known and image.getexif().get(0x0112) in TURNED
        size = (image.width, image.height) if turned else (image.height, image.width)
        grey = image.mode.startswith("I;16") or image.mode in GREY
        return "L" if grey else "RGB", size

    found: dict[str, tuple[str, tuple[int, int]]] = {}
    broken: list[str] = []
    for name in files:
        try:
            found[name] = _read(path / name, name, look)
        except DataError as error:
            broken.append(str(error))
    if broken and not (skip_broken and found):
        more = f"; and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        raise DataError(
            f"{len(broken)} of {len(files)} images are broken (remove them, or give skip_broken=true): "
            f"{'; '.join(broken[:SHOWN])}{more}"
        )
    return found


def _one_size(facts: dict[str, tuple[str, tuple[int, int]]]) -> tuple[int, int]:
    sizes = Counter(size for _, size in facts.values())
    (height, width), _ = sizes.most_common(1)[0]
    for name, (_, size) in facts.items():
        if size != (height, width):
            raise DataError(
                f"the images have {len(sizes)} sizes: most are {height} x {width}, '{name}' is {size[0]} x {size[1]}; "
                f"give size={height},{width} to have them resized"
            )
    return height, width


def _size(given: int | str | Sequence[int] | None) -> tuple[int, int] | None:
    if given is None:
        return None
    parts = given.replace("x", ",").split(",") if isinstance(given, str) else given
    try:
        numbers = [int(parts)] * 2 if isinstance(parts, (int, float)) else [int(one) for one in parts]
    except (TypeError, ValueError):
        numbers = []
    numbers = numbers * 2 if len(numbers) == 1 else numbers
    if len(numbers) != 2 or min(numbers) < 1:
        raise DataError(f"size = {given!r} is none: give one number, or height,width")
    return numbers[0], numbers[1]


def _eight_bits(image: Image.Image) -> Image.Image:
    """Deeper grey brought to 8 bits; Pillow's own conversion would cut off everything above 255."""
    if image.mode.startswith("I;16") or image.mode == "I":
        from PIL import Image

        values = np.asarray(image).astype(np.float64)
        if image.mode.startswith("I;16") or values.max(initial=0) > 255:
            values = values / 257
        return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    return image
