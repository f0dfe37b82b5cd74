# SPDX-License-Identifier: Apache-2.0
"""Folders for what is being made: gone afterwards, and cleared by the next maker when a process was killed."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = ".making-"


@contextlib.contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A folder in ``parent`` that is gone afterwards; what is to stay is renamed out of it.

    Folders of killed processes are cleared first: nobody holds their lock.
    """
    for left in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (left / "lock").open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / "lock").open("wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield folder
