# SPDX-License-Identifier: Apache-2.0
"""Selections without a name: kept by what they hold, so that a short id in an address brings them back."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from registry.arrays import Array
from registry.errors import StoreError
from workbench.store.base import Base
from workbench.store.files import remove, seal, sync, told

SELECTION = re.compile(r"[0-9a-f]{16}")
DAY = 86_400.0
UNUSED_DAYS = 90  # after so many days without use gc takes a selection
MOST = 2**30  # rows: a bit for each, 128 MiB before it is compressed
_HEAD = 8  # bytes: the number of rows, little-endian; then the compressed bits


class Selections(Base):
    """Selections by content: a file for each, no row in the database."""

    def keep_selection(self, length: int, positions: Any) -> str:
        """Keep which of ``length`` rows are selected; returns an id of 16 hexadecimal characters.

        The same selection has the same id. What nobody looks at for 90 days is taken by ``gc``.

        Parameters
        ----------
        positions : whole numbers from 0 to ``length - 1`` in any order; none at all is a selection too

        Raises
        ------
        StoreError
            When they are no such positions, or the file cannot be written.
        """
        length, bits = _packed(length, positions)
        selection = _id_of(length, bits)
        path = self._selections / selection
        if self.kept_selection(selection) is not None and _age(path) < DAY:  # it was touched just now
            return selection
        with told("the selection could not be kept"), self._database.write():  # gc cannot take it meanwhile
            self._write_selection(path, length.to_bytes(_HEAD, "little") + zlib.compress(bits, 6))
        return selection

    def kept_selection(self, selection: str, length: int | None = None) -> Array | None:
        """The positions of a kept selection, int64 in ascending order.

        ``None`` when there is none of this id, its file is damaged, or it is not of ``length`` rows where given.
        """
        if not isinstance(selection, str) or not SELECTION.fullmatch(selection):
            return None
        path = self._selections / selection
        try:
            found = _unpacked(path.read_bytes(), selection)
        except OSError:  # it is not there, or cannot be read
            return None
        if found is None or (length is not None and found[0] != length):
            return None
        with suppress(OSError):  # a store that cannot be written is still read
            os.utime(path)
        return np.flatnonzero(np.unpackbits(np.frombuffer(found[1], np.uint8), count=found[0]))

    def _write_selection(self, path: Path, content: bytes) -> None:
        fresh = self._selections / f".{secrets.token_hex(8)}"
        try:
            fresh.write_bytes(content)
            seal(fresh)
            os.rename(fresh, path)
        finally:
            remove(fresh)  # after the rename there is none
        sync(self._selections)


def unused(path: Path, present: float | None = None) -> bool:
    """Whether ``gc`` may take a file of the folder: unused for long, or left half written a day ago."""
    days = 1 if path.name.startswith(".") else UNUSED_DAYS
    return _age(path, present) > days * DAY


def whole(path: Path) -> bool:
    """Whether the file of a selection holds what its name says."""
    try:
        return _unpacked(path.read_bytes(), path.name) is not None
    except OSError:
        return False


def _age(path: Path, present: float | None = None) -> float:
    """Seconds since a file was last used."""
    try:
        return (time.time() if present is None else present) - path.lstat().st_mtime
    except OSError:  # gone meanwhile
        return 0.0


def _packed(length: Any, positions: Any) -> tuple[int, bytes]:
    """The number of rows, and a bit for each, checked."""
    if isinstance(length, bool) or not isinstance(length, int | np.integer) or not 0 <= length <= MOST:
        raise StoreError(f"a selection is of 0 to {MOST:,} rows, got {length!r}")
    given = np.asarray(positions)
    if given.size == 0:
        given = np.empty(0, dtype=np.int64)
    if given.ndim != 1 or not np.issubdtype(given.dtype, np.integer):
        raise StoreError("a selection must be one list of positions (whole numbers from 0)")
    if given.size and (given.min() < 0 or given.max() >= length):
        raise StoreError(f"a selection has positions from {given.min()} to {given.max()}, and there are {length} rows")
    chosen = np.zeros(int(length), dtype=bool)
    chosen[given] = True
    return int(length), np.packbits(chosen).tobytes()


def _id_of(length: int, bits: bytes) -> str:
    digest = hashlib.sha256(length.to_bytes(_HEAD, "little"))
    digest.update(bits)
    return digest.hexdigest()[:16]


def _unpacked(content: bytes, selection: str) -> tuple[int, bytes] | None:
    """Number of rows and their bits, when they are what the id says."""
    length = int.from_bytes(content[:_HEAD], "little")
    if len(content) <= _HEAD or length > MOST:
        return None
    size = (length + 7) // 8
    try:
        bits = zlib.decompressobj().decompress(content[_HEAD:], size + 1)  # never more than is said, whatever it holds
    except zlib.error:
        return None
    return (length, bits) if len(bits) == size and _id_of(length, bits) == selection else None
