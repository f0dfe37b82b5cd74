# SPDX-License-Identifier: Apache-2.0
"""Where words and vectors go as they are read: to disk, with bounded memory, checked and each word once."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import workbench as wb

EXAMPLES = 3  # words that a note names
LONGEST_WORD = 4096  # bytes


class Words:
    """Words one after the other: which are kept, and what is to be said of the others. The first of equals wins."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.kept: list[str] = []
        self._seen: set[str] = set()
        self._left: dict[str, tuple[int, list[str]]] = {}

    @property
    def full(self) -> bool:
        return self.limit is not None and len(self.kept) >= self.limit

    def take(self, raw: bytes, vector_is_finite: bool, vector_is_zero: bool) -> bool:
        """Whether the next word is kept."""
        try:
            word = raw.decode("utf-8")
        except UnicodeDecodeError:
            word = raw.decode("utf-8", "backslashreplace")
            self._note("that are not UTF-8 have their odd bytes written out", word)
        word = word.replace("\n", " ").replace("\r", " ")
        if not word.strip():
            self._note("that are empty are left out", repr(word))
        elif not vector_is_finite:
            self._note("with NaN, infinity or a number beyond float32 are left out", word)
        elif word in self._seen:
            self._note("that come again are left out, the first of each is kept", word)
        else:
            if vector_is_zero:
                self._note("have a vector of zeros, which is near to nothing", word)
            self._seen.add(word)
            self.kept.append(word)
            return True
        return False

    def notes(self) -> list[str]:
        """What is to be said, in sentences."""
        return [
            f"{count:,} words {what}, such as {', '.join(repr(one) for one in some)}"
            for what, (count, some) in self._left.items()
        ]

    def _note(self, what: str, word: str) -> None:
        count, some = self._left.get(what, (0, []))
        self._left[what] = (count + 1, [*some, word] if len(some) < EXAMPLES else some)


class Sink:
    """Takes rows and writes ``vectors.f32`` and ``names.txt`` into a folder."""

    def __init__(self, folder: Path, source: Path, *, limit: int | None, say: Callable[[str], None]) -> None:
        self.folder, self.source, self.say = folder, source, say
        self.words = Words(limit)
        self.size = 0
        self.notes: list[str] = []
        self._hash = hashlib.sha256()
        self._told = 0.0

    def __enter__(self) -> Self:
        self._file = (self.folder / "vectors.f32").open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def expect(self, size: int, rows: int | None) -> None:
        """Say how many numbers a row has, and how many rows come where that is known; the disk must have room."""
        if not 1 <= size <= 65_536:
            raise wb.ModelError(f"'{self.source.name}' says that its vectors have {size:,} numbers: it is damaged")
        self.size = size
        limit = self.words.limit
        count = rows if limit is None else limit if rows is None else min(rows, limit)
        needed = 0 if count is None else count * size * 4
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise wb.ModelError(
                f"'{self.source.name}' needs {needed / 1e9:,.1f} GB of the cache, and the disk of "
                f"'{wb.assets.cache_folder()}' has {free / 1e9:,.1f} GB left: give a limit, or set WORKBENCH_CACHE"
            )

    @property
    def full(self) -> bool:
        return self.words.full

    def add(self, words: list[bytes], vectors: NDArray[np.float32], share: float) -> None:
        """Take rows: words as bytes and float32 ``[n, size]``; ``share`` of the file that has been read."""
        finite = np.asarray(np.isfinite(vectors).all(axis=1))
        zero = np.logical_not(vectors.any(axis=1))
        keep = np.zeros(len(words), dtype=bool)
        for row, word in enumerate(words):
            if self.full:
                break
            keep[row] = self.words.take(word, bool(finite[row]), bool(zero[row]))
        raw = np.ascontiguousarray(vectors[keep], dtype="<f4").tobytes()
        self._file.write(raw)
        self._hash.update(raw)
        if share >= self._told + 0.1:
            self._told = share
            self.say(f"{self.source.name}: {share:.0%}, {len(self.words.kept):,} words")

    def told(self) -> dict[str, Any]:
        """What is known of the table, as plain values; the words are written. Raises :class:`ModelError` if none."""
        kept = self.words.kept
        if not kept:
            raise wb.ModelError(f"'{self.source.name}' holds no word with a vector")
        write_words(self.folder, kept, self._hash)
        return {
            "mapped": False,
            "dtype": "<f4",
            "offset": 0,
            "shape": [len(kept), self.size],
            "order": "C",
            "words": len(kept),
            "digest": self._hash.hexdigest(),
            "notes": [*self.notes, *self.words.notes()],
        }


def write_words(folder: Path, words: list[str], digest: hashlib._Hash) -> None:
    """Write ``names.txt`` and take it into the hash."""
    raw = "\n".join(words).encode()
    (folder / "names.txt").write_bytes(raw)
    digest.update(raw)
