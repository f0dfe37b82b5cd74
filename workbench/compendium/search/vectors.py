# SPDX-License-Identifier: Apache-2.0
"""Vectors of sentences, kept: those that come with the workbench, and others in a file of SQLite as blobs.

A vector is found by the SHA-256 of the model and the sentence, so that a changed sentence or model never finds an old
one. Those that come with the workbench are rounded to int8 (one scale each): their cosines move by about 0.005.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Final

from workbench.compendium.search.meaning import SHA256, WIDTH

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

SHIPPED: Final = "vectors.npz"
_AT_ONCE: Final = 500


def key_of(sentence: str) -> bytes:
    """What the vector of a sentence is kept under, 32 bytes."""
    return hashlib.sha256(f"{SHA256}\0{sentence}".encode("utf-8", "surrogatepass")).digest()


class Vectors:
    """Vectors by sentence; ``path`` is the file that keeps them, ``None`` keeps them as long as this object."""

    def __init__(self, encode: Callable[[Sequence[str]], Matrix], path: Path | None = None) -> None:
        self._encode = encode
        self._lock = RLock()
        self._database = _opened(path)

    def of(self, sentences: Sequence[str]) -> Matrix:
        """Unit vectors ``[len(sentences), 384]``; what is not kept yet is computed, and kept."""
        import numpy as np

        if not sentences:
            return np.zeros((0, WIDTH), np.float32)
        keys = [key_of(one) for one in sentences]
        found = {key: one for key in keys if (one := shipped().get(key)) is not None}
        with self._lock:
            found |= self._kept(key for key in keys if key not in found)
            missing = {key: one for key, one in zip(keys, sentences, strict=True) if key not in found}
            if missing:
                made = dict(zip(missing, self._encode(list(missing.values())), strict=True))
                self._keep(made)
                found |= made
        return np.stack([found[key] for key in keys])

    def encoded(self, query: str) -> Matrix:
        """The unit vector ``[384]`` of a query, which is not kept."""
        made: Matrix = self._encode([query])[0]
        return made

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _kept(self, keys: Iterable[bytes]) -> dict[bytes, Matrix]:
        import numpy as np

        wanted, found = list(keys), dict[bytes, "Matrix"]()
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            places = ", ".join("?" * len(some))
            with suppress(sqlite3.Error):  # a file that cannot be read costs time, not answers
                rows = self._database.execute(
                    f"SELECT key, vector FROM vectors WHERE key IN ({places})",
                    some,
                ).fetchall()
                found |= {key: np.frombuffer(blob, np.float32) for key, blob in rows if len(blob) == 4 * WIDTH}
        return found

    def _keep(self, made: dict[bytes, Matrix]) -> None:
        with suppress(sqlite3.Error), self._database:  # a disk that is full or read-only costs time, not answers
            rows = [(key, one.tobytes()) for key, one in made.items()]
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


@lru_cache(maxsize=1)
def shipped() -> dict[bytes, Matrix]:
    """The vectors that come with the workbench, by key; none where they are of another model."""
    import numpy as np

    with as_file(files("workbench.compendium.search").joinpath(SHIPPED)) as path:
        if not path.is_file():
            return {}
        with np.load(path, allow_pickle=False) as stored:
            keys, rounded, scales = stored["keys"], stored["vectors"], stored["scales"]
    vectors = rounded.astype(np.float32) * scales[:, None]
    return {bytes(key): one for key, one in zip(keys, vectors, strict=True)}


def write_shipped(path: Path, sentences: Iterable[str], encode: Callable[[Sequence[str]], Matrix]) -> int:
    """Write the file of vectors that comes with the workbench; returns how many it holds."""
    import numpy as np

    listed = sorted(set(sentences))
    vectors = encode(listed)
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-12) / 127
    np.savez_compressed(
        path,
        keys=np.array([np.frombuffer(key_of(one), np.uint8) for one in listed]),
        vectors=np.round(vectors / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
    )
    return len(listed)


def _opened(path: Path | None) -> sqlite3.Connection:
    table = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
    if path is not None:
        with suppress(sqlite3.Error, OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(path, check_same_thread=False, timeout=2.0)
            database.execute(table)
            database.commit()
            return database
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute(table)
    return database
