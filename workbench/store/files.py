# SPDX-License-Identifier: Apache-2.0
"""Files that are there after a crash: written, synced, and hashed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import StoreError


def sync(path: Path) -> None:
    """Have the content of a file, or the entries of a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def seal(path: Path) -> tuple[str, int]:
    """Make a file read-only and have it on the disk; returns its SHA-256 (hexadecimal) and its size in bytes."""
    path.chmod(0o444)
    sync(path)
    return sha256_of(path), path.stat().st_size


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(path: Path) -> int:
    """Bytes in a file, or in all files below a folder."""
    if not path.is_dir():
        return path.lstat().st_size if path.exists() else 0
    return sum(one.lstat().st_size for one in path.rglob("*") if not one.is_dir())


def remove(path: Path) -> None:
    """Remove a file or folder; what is gone already is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):  # a read-only disk refuses even to remove what is not there
        path.unlink(missing_ok=True)


@contextmanager
def told(what: str) -> Iterator[None]:
    """An :class:`OSError` inside becomes a :class:`StoreError`: ``what``, the cause, and the way out."""
    try:
        yield
    except OSError as error:
        cause = error.strerror or str(error)
        where = f" ({error.filename})" if error.filename else ""
        raise StoreError(
            f"{what}{where}: {cause}; see that the disk has space and the folder can be written, then try again"
        ) from error
