# SPDX-License-Identifier: Apache-2.0
"""SHA-256 of files, streamed, and remembered while a file keeps its size and time of change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_KNOWN: dict[tuple[str, int, int], str] = {}


def stamp(path: Path) -> tuple[str, int, int]:
    """Path, size and time of change in nanoseconds: what a remembered fact about a file stands on."""
    state = path.stat()
    return str(path), state.st_size, state.st_mtime_ns


def file_digest(path: Path) -> str:
    """SHA-256 (hexadecimal) of a file's bytes."""
    key = stamp(path)
    if key not in _KNOWN:
        with open(path, "rb") as file:
            _KNOWN[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _KNOWN[key]


def files_digest(files: Iterable[tuple[str, Path]], options: Mapping[str, Any]) -> str:
    """SHA-256 of named files and of the options they are read with; where the files lie does not count."""
    digest = hashlib.sha256(json.dumps(dict(options), sort_keys=True).encode())
    for name, path in files:
        digest.update(f"\0{name}\0{file_digest(path)}".encode())
    return digest.hexdigest()
