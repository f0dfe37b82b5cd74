# SPDX-License-Identifier: Apache-2.0
"""Hashes of large files, remembered between processes while a file keeps its place, size and times of change."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from pathlib import Path

from workbench.assets.asset import cache_folder

LARGE = 64 * 2**20
Key = tuple[str, int, int, int]  # path, bytes, time of change of content and of anything, in nanoseconds


def remembered(key: Key) -> str | None:
    """What :func:`remember` was told of this very state of the file, else ``None``."""
    if key[1] < LARGE:
        return None
    try:
        told = json.loads(_place(key).read_text())
        digest = str(told["sha256"])
        return digest if told["of"] == list(key) and re.fullmatch(r"[0-9a-f]{64}", digest) else None
    except (OSError, ValueError, KeyError, TypeError):  # none, or a torn one: the file is hashed
        return None


def remember(key: Key, digest: str) -> None:
    """Keep the SHA-256 of a file; where the cache cannot be written, the file is hashed again by the next process."""
    place = _place(key)
    passing = place.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        passing.write_text(json.dumps({"of": key, "sha256": digest}))
        os.replace(passing, place)


def _place(key: Key) -> Path:
    """One file for each path: a newer state of a file takes the place of an older one."""
    return cache_folder() / "hashes" / f"{hashlib.sha256(key[0].encode()).hexdigest()[:32]}.json"
