# SPDX-License-Identifier: Apache-2.0
"""Collects what a reader gives, without the cache."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from plugins.adapters.sink import Sink


def collected(read: Callable[[Path, str, Sink], None], content: bytes) -> tuple[list[str], Any]:
    """Words and vectors of a file with this content."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "file"
        file.write_bytes(content)
        with Sink(Path(name), file, limit=None, say=lambda _: None) as sink:
            read(file, "auto", sink)
        told = sink.told()
        return sink.words.kept, np.fromfile(Path(name) / "vectors.f32", "<f4").reshape(told["shape"])
