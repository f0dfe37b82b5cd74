# SPDX-License-Identifier: Apache-2.0
"""Data sets over arrays in files: which space an array is of, checked once and read lazily."""

from __future__ import annotations

import tokenize
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.data import ArrayDataset
from registry.errors import DataError
from registry.spaces import Space, images, vectors
from workbench.data.digests import files_digest, stamp

if TYPE_CHECKING:
    import pandas as pd

CHANNELS = (1, 3, 4)
KINDS = ("images", "vectors")
LAYOUTS = ("channels-first", "channels-last")
SCAN_BYTES = 32 * 2**20
# What numpy raises on a damaged header, which it reads as a Python literal.
DAMAGED = (ValueError, OSError, EOFError, OverflowError, MemoryError, SyntaxError, TypeError, tokenize.TokenError)


class FileDataset(ArrayDataset):
    """An array from a file, with the fingerprint of the files it is made of and of the options it is read with."""

    def __init__(
        self,
        values: Array,
        space: Space,
        columns: pd.DataFrame | None,
        *,
        scale: float = 1.0,
        offset: float = 0.0,
        files: tuple[Path, ...],
        options: Mapping[str, Any],
    ) -> None:
        super().__init__(values, space, columns, scale=scale, offset=offset)
        self.files, self.options = files, dict(options)

    def fingerprint(self) -> str:
        """SHA-256 of the files' bytes and the options."""
        return files_digest([(one.suffix.lower(), one) for one in self.files], self.options)


@dataclass(frozen=True)
class Reading:
    """How an array is to be read: the options that all array files share."""

    kind: str | None = None
    layout: str | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in (None, *KINDS):
            raise DataError(f"kind = {self.kind!r} is not known: use {' or '.join(KINDS)}")
        if self.layout not in (None, *LAYOUTS):
            raise DataError(f"layout = {self.layout!r} is not known: use {' or '.join(LAYOUTS)}")
        if (self.low is None) != (self.high is None) or (self.low is not None and not self.low < (self.high or 0)):
            raise DataError("the range of images needs both low and high, with low < high")


def array_dataset(
    values: Array, what: str, columns: pd.DataFrame | None, reading: Reading, files: tuple[Path, ...], options: Any
) -> FileDataset:
    """The data set over an array: vectors ``[n, d]``, or images ``[n, h, w]``, ``[n, c, h, w]`` or ``[n, h, w, c]``.

    Raises :class:`DataError` for arrays of another shape or kind, without rows, or with NaN, infinity or numbers
    beyond float32.
    """
    shape = list(values.shape)
    if values.dtype.kind not in "fiub":
        hint = (
            "Python objects, which are not read" if values.dtype.kind == "O" else f"{values.dtype}, not plain numbers"
        )
        raise DataError(f"{what} holds {hint}: save it as an array of float32")
    if values.ndim < 2:
        raise DataError(f"{what} has shape {shape}: points need at least two dimensions, [rows, numbers of a row]")
    if 0 in shape:
        raise DataError(f"{what} has shape {shape}: there are no points in it")
    low, high = _scan(values, what, files[0])
    as_images = values.ndim in (3, 4) if reading.kind is None else reading.kind == "images"
    if not as_images:
        if values.ndim > 2 and reading.kind is None:
            raise DataError(f"{what} has shape {shape}: give kind=vectors to read each row flattened")
        flat = values.reshape(len(values), -1)
        return FileDataset(flat, vectors(flat.shape[1]), columns, files=files, options=options)
    pictures = _channels_first(values, what, reading)
    bottom, top, scale, offset = _range(values.dtype, low, high, what, reading)
    space = images(*pictures.shape[1:], low=bottom, high=top)
    return FileDataset(pictures, space, columns, scale=scale, offset=offset, files=files, options=options)


def read_npy(path: Path) -> Array:
    """The array of a ``.npy`` file as a read-only memory map; never unpickles."""
    try:
        if not _begins_as_npy(path):
            raise ValueError("it does not begin as one")
        return np.asanyarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except DAMAGED as error:
        if "Object arrays" in str(error) or "Python objects" in str(error):
            raise DataError(f"'{path.name}' holds Python objects, which are not read: save float32 numbers") from None
        raise DataError(f"'{path.name}' cannot be read as an .npy file: {error}") from None


def _begins_as_npy(path: Path) -> bool:
    """Whether numpy will take a file for what its name says: it goes by the first bytes, and opens zip archives too."""
    with open(path, "rb") as file:
        return file.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX


def read_npz(path: Path) -> dict[str, Array]:
    """The named arrays of an ``.npz`` file; those of Python objects are refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_memory(path, sum(one.file_size for one in archive.infolist()))
        with np.load(path, allow_pickle=False) as archive_of:
            found: dict[str, Array] = {}
            for name in archive_of.files:
                try:
                    found[name] = archive_of[name]
                except DAMAGED as error:
                    raise DataError(
                        f"array '{name}' of '{path.name}' holds Python objects, or is damaged, and is not read: {error}"
                    ) from None
            return found
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, KeyError, NotImplementedError) as error:
        raise DataError(f"'{path.name}' cannot be read as an .npz file: {error}") from None


def read_safetensors(path: Path) -> dict[str, Array]:
    """The named arrays of a ``.safetensors`` file as memory maps (bfloat16 is read whole, as float32)."""
    import json

    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as opened:
            names = list(opened.keys())
    except (SafetensorError, OSError) as error:
        raise DataError(f"'{path.name}' cannot be read as a .safetensors file: {error}") from None
    with open(path, "rb") as file:  # the header was checked above; it says where each array lies
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    types = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1"}
    types |= {"U8": "u1", "U16": "<u2", "U32": "<u4", "U64": "<u8", "BOOL": "?", "BF16": "<u2"}
    found: dict[str, Array] = {}
    for name in names:
        one = header[name]
        if one["dtype"] not in types or 0 in one["shape"]:
            continue
        start = 8 + length + one["data_offsets"][0]
        mapped: Array = np.memmap(path, types[one["dtype"]], "r", start, tuple(one["shape"]) or (1,))
        if one["dtype"] == "BF16":
            mapped = (mapped.astype(np.uint32) << 16).view(np.float32)
        found[name] = mapped
    return found


def choose(arrays: dict[str, Array], path: Path, values: str | None) -> tuple[str, dict[str, Array]]:
    """The name of the array of points, and the one-dimensional arrays beside it as columns."""
    points = [name for name, one in arrays.items() if one.ndim >= 2]
    if values is None and len(points) != 1:
        there = ", ".join(f"{name} {list(one.shape)}" for name, one in arrays.items()) or "nothing"
        raise DataError(
            f"'{path.name}' holds {there}: say which array is the points with values=NAME "
            f"(in a shell: workbench datasets add {path.name} --set values=NAME)"
        )
    chosen = points[0] if values is None else values
    if chosen not in arrays:
        raise DataError(f"'{path.name}' has no array '{chosen}': it has {', '.join(arrays)}")
    rows = len(arrays[chosen]) if arrays[chosen].ndim else 0
    return chosen, {name: one for name, one in arrays.items() if name != chosen and one.shape == (rows,)}


def check_memory(path: Path, size: int, way_out: str = "save the points as .npy, which is read piece by piece") -> None:
    """Raise :class:`DataError` when ``size`` bytes, to be read whole, are more than half of the free memory."""
    import psutil

    free = psutil.virtual_memory().available
    if size > free // 2:
        raise DataError(
            f"'{path.name}' takes {size / 2**30:.1f} GiB in memory, {free / 2**30:.1f} GiB are free: {way_out}"
        )


_SCANNED: dict[Any, tuple[float, float]] = {}


def _scan(values: Array, what: str, path: Path) -> tuple[float, float]:
    """Smallest and largest number; raises for NaN, infinity, or what float32 cannot hold. Read once for a file."""
    if values.dtype.kind != "f":
        return (0.0, 255.0) if values.dtype == np.uint8 else (float(values.min()), float(values.max()))
    key = (*stamp(path), what, values.shape)
    if key in _SCANNED:
        return _SCANNED[key]
    low, high = np.inf, -np.inf
    step = max(1, SCAN_BYTES // max(1, values.nbytes // len(values)))
    limit = float(np.finfo(np.float32).max)
    for start in range(0, len(values), step):
        block = np.asarray(values[start : start + step])
        bottom, top = float(block.min()), float(block.max())
        if not (bottom >= -limit and top <= limit):  # NaN fails both
            bad = ~(np.abs(block.reshape(len(block), -1)) <= limit).all(axis=1)
            raise DataError(
                f"{what} holds NaN, infinity or numbers beyond float32 (first: row {start + int(np.argmax(bad))}): "
                f"leave those rows out or fill them"
            )
        low, high = min(low, bottom), max(high, top)
    _SCANNED[key] = (low, high)
    return low, high


def _channels_first(values: Array, what: str, reading: Reading) -> Array:
    """Images as ``[n, c, h, w]``, a view where possible."""
    if values.ndim == 3:
        return values[:, None]
    if values.ndim != 4:
        raise DataError(f"{what} has shape {list(values.shape)}: images are [n, h, w], [n, c, h, w] or [n, h, w, c]")
    first, last = values.shape[1] in CHANNELS, values.shape[3] in CHANNELS
    layout = reading.layout
    if layout is None and first != last:
        layout = LAYOUTS[0] if first else LAYOUTS[1]
    if layout is None:
        raise DataError(f"{what} has shape {list(values.shape)}: say layout={LAYOUTS[0]} or layout={LAYOUTS[1]}")
    return values if layout == LAYOUTS[0] else values.transpose(0, 3, 1, 2)


def _range(dtype: Any, low: float, high: float, what: str, reading: Reading) -> tuple[float, float, float, float]:
    """Range of the space of images, with scale and offset from the stored numbers."""
    if reading.low is not None and reading.high is not None:
        if low < reading.low or high > reading.high:
            if dtype == np.uint8:
                width = (reading.high - reading.low) / 255
                return reading.low, reading.high, width, reading.low
            raise DataError(f"{what} runs from {low:g} to {high:g}, outside of {reading.low:g} to {reading.high:g}")
        return reading.low, reading.high, 1.0, 0.0
    if dtype == np.uint8 or (high > 1 and low >= 0 and high <= 255):
        return 0.0, 1.0, 1 / 255, 0.0
    for bottom in (0.0, -1.0):
        if low >= bottom and high <= 1:
            return bottom, 1.0, 1.0, 0.0
    raise DataError(f"{what} runs from {low:g} to {high:g}: give the range of the images, low= and high=")
