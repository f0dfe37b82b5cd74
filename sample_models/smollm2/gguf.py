# SPDX-License-Identifier: Apache-2.0
"""Reading GGUF: the settings and tensors of a language model in one file, every length in it held to the file's size.

The format is that of llama.cpp (``docs/gguf.md`` of its tensor library, version 3). A file is read by
memory map; nothing in it is run, and no length, count or offset is believed before it is compared with what is there.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import workbench as wb

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
DEEPEST: Final = 4  # arrays of arrays; real files have none
MOST_TENSORS: Final = 100_000
MOST_SETTINGS: Final = 100_000
STRING, ARRAY, BOOL = 8, 9, 7
SCALARS: Final = {0: "B", 1: "b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "?", 10: "<Q", 11: "<q", 12: "<d"}
BLOCKS: Final = {0: (1, 4), 1: (1, 2), 3: (32, 20), 8: (32, 34)}  # type: numbers and bytes of a block
KINDS: Final = {0: "F32", 1: "F16", 3: "Q4_1", 8: "Q8_0"}

Array = np.ndarray[Any, Any]


class BadFile(wb.ModelError):
    """A file is no GGUF, is cut off, or says something of itself that cannot be."""


@dataclass(frozen=True)
class Stored:
    """One tensor as it lies in the file: its shape (rows first), its type, and its bytes."""

    name: str
    shape: tuple[int, ...]
    kind: int
    raw: Array

    def values(self) -> Array:
        """The numbers, float32 in :attr:`shape`.

        Q8_0 holds 32 whole numbers in -128..127 and one scale; Q4_1 holds 32 in 0..15, a scale and a minimum (of the
        16 bytes, the lower halves are the first 16 numbers, the upper halves the others).
        """
        if KINDS[self.kind] in ("F32", "F16"):
            plain = self.raw.view("<f4" if KINDS[self.kind] == "F32" else "<f2")
            return plain.astype(np.float32).reshape(self.shape)
        count, size = BLOCKS[self.kind]
        blocks = self.raw.reshape(-1, size)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        found = np.empty((len(blocks), count), dtype=np.float32)
        if KINDS[self.kind] == "Q8_0":
            np.multiply(blocks[:, 2:].view(np.int8), scale, out=found)
            return found.reshape(self.shape)
        low = blocks[:, 2:4].copy().view("<f2").astype(np.float32)
        np.multiply(blocks[:, 4:] & 15, scale, out=found[:, :16])
        np.multiply(blocks[:, 4:] >> 4, scale, out=found[:, 16:])
        found += low
        return found.reshape(self.shape)


@dataclass(frozen=True)
class File:
    """What a GGUF file holds: settings by name, and tensors that are read when asked for."""

    settings: dict[str, Any]
    tensors: dict[str, Stored]


def read(path: Path) -> File:
    """The settings and tensors of a file; tensors stay on disk until :meth:`Stored.values`.

    Raises
    ------
    BadFile
        When it is no GGUF, is cut off, or a length, count, offset or type in it cannot be.
    """
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise BadFile(f"'{path.name}' cannot be read: {error}") from None
    try:
        return _Reader(data).file()
    except BadFile as error:
        raise BadFile(f"'{path.name}' cannot be read as a language model: {error}; fetch it anew") from None


class _Reader:
    """A position in the bytes; every step forward is checked first."""

    def __init__(self, data: Array) -> None:
        self.data = data
        self.at = 0

    def file(self) -> File:
        if self.take(4) != MAGIC:
            raise BadFile("it does not begin as a GGUF file does")
        version = self.scalar(4)
        if version not in VERSIONS:
            raise BadFile(f"it is of version {version}, and versions 2 and 3 are known")
        tensors, settings = self.count(10, MOST_TENSORS, "tensors"), self.count(10, MOST_SETTINGS, "settings")
        said: dict[str, Any] = {}
        for _ in range(settings):
            name = self.text()
            said[name] = self.value(self.scalar(4))
        listed = [self._listed() for _ in range(tensors)]
        step = said.get("general.alignment", 32)
        if not isinstance(step, int) or not 0 < step <= 1 << 16 or step & (step - 1):
            raise BadFile(f"its tensors are said to be aligned to {step!r} bytes")
        start = -(-self.at // step) * step
        found = {name: self._tensor(name, shape, kind, start + offset) for name, shape, kind, offset in listed}
        if len(found) < len(listed):
            raise BadFile("two of its tensors have one name")
        return File(said, found)

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise BadFile(f"{count} bytes are said to follow byte {self.at}, and {len(self.data) - self.at} do")
        found = self.data[self.at : self.at + count].tobytes()
        self.at += count
        return found

    def scalar(self, kind: int) -> Any:
        form = SCALARS[kind]
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def count(self, kind: int, most: int, what: str) -> int:
        found = int(self.scalar(kind))
        if found > most:
            raise BadFile(f"it says that it holds {found} {what}")
        return found

    def text(self) -> str:
        return self.take(self.scalar(10)).decode("utf-8", errors="replace")

    def value(self, kind: int, depth: int = 0) -> Any:
        if kind in SCALARS:
            return self.scalar(kind)
        if kind == STRING:
            return self.text()
        if kind != ARRAY or depth >= DEEPEST:
            raise BadFile(f"a setting is of the unknown type {kind}")
        inner, length = self.scalar(4), self.scalar(10)
        if inner in SCALARS:
            form = SCALARS[inner].lstrip("<")
            return list(struct.unpack(f"<{length}{form}", self._array(length, struct.calcsize(form))))
        self._room(length, 8)  # a text or array takes 8 bytes at least
        return [self.value(inner, depth + 1) for _ in range(length)]

    def _array(self, length: int, size: int) -> bytes:
        self._room(length, size)
        return self.take(length * size)

    def _room(self, length: int, size: int) -> None:
        if length * size > len(self.data) - self.at:
            raise BadFile(f"a list is said to hold {length} values, and {len(self.data) - self.at} bytes are left")

    def _listed(self) -> tuple[str, tuple[int, ...], int, int]:
        name, axes = self.text(), self.scalar(4)
        if not 1 <= axes <= 4:
            raise BadFile(f"the tensor '{name[:80]}' is said to have {axes} axes")
        shape = tuple(int(self.scalar(10)) for _ in range(axes))[::-1]
        return name, shape, self.scalar(4), self.scalar(10)

    def _tensor(self, name: str, shape: tuple[int, ...], kind: int, start: int) -> Stored:
        if kind not in BLOCKS:
            raise BadFile(f"the tensor '{name[:80]}' is stored as type {kind}; known are {', '.join(KINDS.values())}")
        count, size = BLOCKS[kind]
        if 0 in shape or shape[-1] % count:
            raise BadFile(f"the tensor '{name[:80]}' has the shape {list(shape)}, which {KINDS[kind]} cannot hold")
        end = start + math.prod(shape) // count * size
        if end > len(self.data):
            raise BadFile(f"the tensor '{name[:80]}' ends at byte {end} of {len(self.data)}")
        return Stored(name, shape, kind, self.data[start:end])
