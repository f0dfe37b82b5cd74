# SPDX-License-Identifier: Apache-2.0
"""Locks between processes: ``flock`` on a file that may be removed by whoever holds it alone."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def lock(path: Path, *, exclusive: bool, wait: bool) -> int | None:
    """Lock ``path`` (made if missing); gives the open file, whose closing frees the lock.

    ``None`` when another holder is in the way and ``wait`` is not set. The kernel frees the lock of a process that
    ends, however it ends. A file that was removed between opening and locking is given up for the new one.
    """
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, kind | (0 if wait else fcntl.LOCK_NB))
            if _is_still(handle, path):
                return handle
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def share(handle: int) -> None:
    """Turn a lock that is held alone into a shared one."""
    fcntl.flock(handle, fcntl.LOCK_SH)


def _is_still(handle: int, path: Path) -> bool:
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    mine = os.fstat(handle)
    return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
