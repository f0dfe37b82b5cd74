# SPDX-License-Identifier: Apache-2.0
"""Activation store: arrays that are appended to row by row, kept under a key, and read back as memory maps."""

from __future__ import annotations

import logging
import os
import re
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import numpy as np

from registry.arrays import Array
from registry.errors import DataError
from workbench.points.activation_file import Header, as_rows, check_blocks, read_header, write_header
from workbench.points.locks import lock, share, sync_folder

KEY = re.compile(r"[0-9a-f]{64}(-[a-z]{1,16})?")
FLUSH_BYTES = 64 * 2**20

Rows: TypeAlias = "slice | Array | Sequence[int] | None"

log = logging.getLogger(__name__)


class ActivationStore:
    """Arrays in a folder, each under a key: a SHA-256 in hexadecimal, with a short word after a dash if need be.

    Several processes may use one folder. An array is written by one of them; the others wait for it. Above
    ``cap_bytes`` the arrays that were used longest ago are removed, never one that is open or being written.
    """

    def __init__(self, folder: Path | str, cap_bytes: int) -> None:
        self.folder = Path(folder)
        self.cap_bytes = cap_bytes
        self.folder.mkdir(parents=True, exist_ok=True)

    def writer(
        self, key: str, shape: Sequence[int], dtype: Any, *, resume: bool = False, wait: bool = True
    ) -> ActivationWriter:
        """Begin an array with rows of ``shape``; ``resume`` goes on after the rows that a killed process committed.

        While another process writes this key the call waits for it (or raises, without ``wait``). When that one
        finished the array, the writer given is already ``complete`` and drops what is appended: it is there.

        Raises
        ------
        DataError
            For a key that is none, a type that is no plain number, or a key that is in use when ``wait`` is not set.
        """
        wanted = Header(_plain_type(dtype), tuple(int(one) for one in shape))
        handle = lock(self._path(key, "lock"), exclusive=True, wait=wait)
        if handle is None:
            raise DataError(f"the array {key[:12]} is in use by another process: try again later")
        try:
            return ActivationWriter(self, key, wanted, handle, resume)
        except BaseException:
            os.close(handle)
            raise

    def open(self, key: str) -> Array | None:
        """The array as a read-only memory map ``[rows, ...]``; ``None`` unless it is complete.

        While the map or a view of it lives the array is not removed by any process.
        """
        if not self._path(key, "json").exists():
            return None
        handle = lock(self._path(key, "lock"), exclusive=False, wait=False)
        if handle is None:  # being written
            return None
        try:
            return self._map(key, handle)
        except BaseException:
            os.close(handle)
            raise

    def slice(self, key: str, rows: Rows = None, columns: Rows = None) -> Array | None:
        """Rows and columns of an array (rows flattened), copied: ``[m, k]``; ``None`` unless it is complete."""
        whole = self.open(key)
        if whole is None:
            return None
        flat = whole.reshape(len(whole), -1)
        if rows is None:
            rows = slice(None)
        if columns is None:
            return np.array(flat[rows])
        if isinstance(rows, slice) or isinstance(columns, slice):
            return np.array(flat[rows, columns])
        return np.array(flat[np.ix_(np.asarray(rows), np.asarray(columns))])

    def verify(self, key: str) -> list[str]:
        """Read the whole array against its checksums: what is wrong, in words; empty when all is well."""
        handle = lock(self._path(key, "lock"), exclusive=False, wait=True) if self._path(key, "bin").exists() else None
        if handle is None:
            return [f"there is no array {key[:12]}"]
        try:
            header = read_header(self._path(key, "json"))
            if header is None:
                return [f"there is no array {key[:12]}"]
            problems = [] if header.complete else ["it is not complete"]
            return [f"array {key[:12]}: {one}" for one in problems + check_blocks(self._path(key, "bin"), header)]
        finally:
            os.close(handle)

    def keys(self) -> list[str]:
        """Keys of the arrays that are there or being written, the one used longest ago first."""
        used: dict[str, float] = {}
        for path in self.folder.glob("*.bin"):
            if KEY.fullmatch(path.stem):
                used[path.stem] = max(_modified(path), _modified(path.with_suffix(".json")))
        return sorted(used, key=lambda one: used[one])

    def size(self) -> int:
        """Bytes that the arrays take on disk."""
        return sum(_size(path) for path in self.folder.glob("*.bin"))

    def remove(self, key: str) -> bool:
        """Remove an array; ``False`` when it is in use or not there."""
        if not self._path(key, "bin").exists():
            return False
        handle = lock(self._path(key, "lock"), exclusive=True, wait=False)
        if handle is None:
            return False
        try:
            self._unlink(key)
        finally:
            os.close(handle)
        return True

    def evict(self) -> list[str]:
        """Remove the arrays used longest ago until the rest fits under the cap; gives the keys removed."""
        removed: list[str] = []
        size = self.size()
        for key in self.keys():
            if size <= self.cap_bytes:
                break
            freed = _size(self._path(key, "bin"))
            if self.remove(key):
                removed.append(key)
                size -= freed
        return removed

    def _path(self, key: str, suffix: str) -> Path:
        if not KEY.fullmatch(key):
            raise DataError(f"{key[:80]!r} is no key: 64 hexadecimal digits, and a short word after a dash if need be")
        return self.folder / f"{key}.{suffix}"

    def _unlink(self, key: str) -> None:
        """Remove an array whose lock is held alone: the header first, so that no half of it ever looks complete."""
        for suffix in ("json", "new", "bin", "lock"):
            self._path(key, suffix).unlink(missing_ok=True)

    def _map(self, key: str, handle: int) -> Array | None:
        """The memory map of an array; the locked file is closed when the last view of it is gone."""
        header, path = read_header(self._path(key, "json")), self._path(key, "bin")
        if header is None or not header.complete:
            os.close(handle)
            return None
        if _size(path) < header.size:
            log.warning("array %s is shorter than its header says: it is made anew", key[:12])
            os.close(handle)
            return None
        os.utime(self._path(key, "json"))
        if header.size == 0:
            os.close(handle)
            return np.empty((header.rows, *header.shape), dtype=header.dtype)
        mapped = np.memmap(path, dtype=header.dtype, mode="r", shape=(header.rows, *header.shape))
        weakref.finalize(mapped._mmap, os.close, handle)  # type: ignore[attr-defined]
        return mapped


class ActivationWriter:
    """Appends rows to one array. As a context manager it commits on success and aborts on an error.

    Attributes
    ----------
    rows : how many rows were appended so far (after a resumed start: those that were committed before)
    complete : whether the array was finished by another process; what is appended is then dropped
    """

    def __init__(self, store: ActivationStore, key: str, wanted: Header, handle: int, resume: bool) -> None:
        self._file = self._lock = -1
        self._store, self._key = store, key
        self._data, self._header_path = store._path(key, "bin"), store._path(key, "json")
        found = read_header(self._header_path)
        if found is not None and _size(self._data) < found.size:
            found = None
        same = found is not None and (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        self.complete = found is not None and same and found.complete
        self._header = found if found is not None and same and (found.complete or resume) else wanted
        self._unflushed = 0
        self.rows = self._header.rows
        if not self.complete:
            if self._header.rows == 0:
                self._header_path.unlink(missing_ok=True)
            self._file = os.open(self._data, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            os.ftruncate(self._file, self._header.size)  # an uncommitted tail is cut
            os.lseek(self._file, 0, os.SEEK_END)
            sync_folder(store.folder)
        self._lock = handle

    def append(self, values: Any) -> None:
        """Append rows ``[m, ...]``; they are on disk after the next :meth:`flush` (at the latest after 64 MiB)."""
        rows = as_rows(values, self._header)
        if self.complete:
            return
        if self._file < 0:
            raise DataError(f"the writer of array {self._key[:12]} is closed: begin a new one")
        data: memoryview = rows.reshape(-1).view(np.uint8).data if rows.nbytes else memoryview(b"")
        written = 0
        while written < len(data):
            written += os.write(self._file, data[written:])
        self._header.add(data, self._header.size)
        self._header.rows += len(rows)
        self.rows = self._header.rows
        self._unflushed += len(data)
        if self._unflushed >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Make the rows appended so far survive a crash: data to disk, then the header that counts them."""
        if self.complete or self._file < 0:
            return
        os.fsync(self._file)
        write_header(self._header_path, self._header)
        self._unflushed = 0

    def commit(self) -> None:
        """Finish the array: from now on :meth:`ActivationStore.open` gives it. Makes room under the cap."""
        if self._file >= 0:
            self._header.complete = True
            try:
                self.flush()
            except BaseException:
                self._header.complete = False
                raise
        self._close(share_first=True)

    def abort(self) -> None:
        """Throw away what was appended; nothing is left of the array. Nothing happens after a commit."""
        if self._file >= 0:
            self._store._unlink(self._key)
        self._close()

    def pause(self) -> None:
        """Stop, keeping what was appended for a writer that resumes."""
        self.flush()
        self._close()

    def _close(self, share_first: bool = False) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._lock >= 0:
            if share_first:  # held while others make room, so that the fresh array is not the one to go
                share(self._lock)
                self._store.evict()
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.abort()

    def __del__(self) -> None:
        self._close()


def _plain_type(dtype: Any) -> str:
    kind = np.dtype(dtype)
    if kind.kind not in "fiub":
        raise DataError(f"arrays of type {kind} are not kept: use plain numbers")
    return str(kind.newbyteorder("=").str)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
