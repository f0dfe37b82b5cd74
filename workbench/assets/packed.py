# SPDX-License-Identifier: Apache-2.0
"""Packed assets: many files in one zip file that is not compressed, so that arrays in it can be memory-mapped."""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from workbench.assets.asset import AssetUnavailable

if TYPE_CHECKING:
    import numpy as np

ALIGNED = 64  # bytes: where the content of each file starts, so that numbers in it can be used where they lie
PADDING = 0xD935  # the header of an extra field that Android's zipalign uses for the same purpose


def listing_hash(files: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of what ``sha256sum`` would list: ``<sha256>  <name>`` and a line end for each file, by name.

    >>> listing_hash([("b", "11"), ("a", "22")]) == hashlib.sha256(b"22  a\\n11  b\\n").hexdigest()
    True
    """
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def entry(name: str, at: int) -> zipfile.ZipInfo:
    """The header of a file that is written at offset ``at``, padded so that its content starts at a whole multiple."""
    made = zipfile.ZipInfo(name)  # of 1980: the same files give the same bytes
    start = at + 30 + len(name.encode()) + 4 + 20  # local header, name, this extra field, that of ZIP64
    made.extra = struct.pack("<HH", PADDING, -start % ALIGNED) + bytes(-start % ALIGNED)
    return made


def hash_of(file: Path) -> str:
    """The listing hash of the files in a zip file, each read once; raises :class:`zipfile.BadZipFile`."""
    with zipfile.ZipFile(file) as held:
        listed = []
        for one in held.infolist():
            with held.open(one) as source:
                listed.append((one.filename, hashlib.file_digest(source, "sha256").hexdigest()))  # type: ignore[arg-type]
    return listing_hash(listed)


def names(file: Path) -> list[str]:
    """Names of the files in a zip file, in order."""
    with zipfile.ZipFile(file) as held:
        return sorted(held.namelist())


def opened(file: Path, name: str) -> IO[bytes]:
    """One file of a zip file, to be read."""
    with zipfile.ZipFile(file) as held:
        _in(held, name)
        return held.open(name)


def mapped(file: Path, name: str) -> np.ndarray[Any, Any]:
    """A ``.npy`` file in a zip file that is not compressed, as a memory map that is only read."""
    import numpy as np

    with zipfile.ZipFile(file) as held:
        at = _in(held, name).header_offset
    with file.open("rb") as raw:
        raw.seek(at + 26)
        raw.seek(at + 30 + sum(struct.unpack("<HH", raw.read(4))))
        version = np.lib.format.read_magic(raw)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_column, kind = read(raw)
        if kind.hasobject:
            raise AssetUnavailable(f"'{name}' holds Python objects, which are never unpickled")
        return np.memmap(file, kind, "r", raw.tell(), shape, "F" if by_column else "C")


def _in(held: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        return held.getinfo(name)
    except KeyError:
        there = ", ".join(sorted(held.namelist())[:8])
        raise AssetUnavailable(f"the asset has no file '{name}': it has {there}") from None
