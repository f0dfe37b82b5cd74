# SPDX-License-Identifier: Apache-2.0
"""Pairs of words with the similarity that people gave them: published sets once fetched, and files of one's own."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb

LOCK: Final = wb.assets.Lock(Path(__file__).parent / "assets.toml")
PUBLISHED: Final = {"simlex999": "SimLex-999", "wordsim353": "WordSim-353"}
LARGEST: Final = 20_000_000  # bytes of a file of pairs
SEPARATORS: Final = ("\t", ";", ",")


@dataclass(frozen=True)
class Pairs:
    """Pairs of words with ratings.

    Attributes
    ----------
    name, title : as parts of results and as pages call the set
    words : the two words of each pair
    ratings : float64 ``[m]``, the larger the more alike
    """

    name: str
    title: str
    words: tuple[tuple[str, str], ...]
    ratings: NDArray[np.float64]


def available() -> tuple[Literal["simlex999", "wordsim353"], ...]:
    """The published sets that were fetched."""
    names: tuple[Literal["simlex999", "wordsim353"], ...] = ("simlex999", "wordsim353")
    return tuple(name for name in names if LOCK.missing(name) is None)


def published(name: str) -> Pairs:
    """A published set; raises :class:`workbench.DataError` that says how to fetch it where it is not here."""
    if name not in PUBLISHED:
        raise wb.DataError(f"there is no similarity set '{name}': there are {', '.join(PUBLISHED)}")
    missing = LOCK.missing(name)
    if missing is not None:
        raise wb.DataError(missing)
    return read(LOCK.asset(name).path.read_bytes(), name, PUBLISHED[name])


def own(path: str, sha256: str) -> Pairs:
    """The pairs of a file of the user; raises :class:`workbench.DataError` when it is not what was asked for."""
    content = content_of(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise wb.DataError(f"the file '{path}' has changed since this run was asked for: ask again")
    return read(content, "own", Path(path).name)


def content_of(path: str) -> bytes:
    """The bytes of a file of pairs; raises :class:`workbench.DataError` when it cannot be read or is too large."""
    try:
        if Path(path).exists() and not (Path(path).is_file() or Path(path).is_dir()):
            raise wb.DataError(f"'{path}' is no ordinary file: save the pairs of words in one")  # a device has no end
        if Path(path).stat().st_size > LARGEST:
            raise wb.DataError(f"the file '{path}' is larger than {LARGEST // 1_000_000} MB: give pairs of words")
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or error
        raise wb.DataError(f"the file of pairs {path!r} cannot be read: {why}") from None


def read(content: bytes, name: str, title: str) -> Pairs:
    """Pairs from text of three columns: two words and a number, parted by tabs, semicolons or commas.

    Lines that start with ``#``, empty ones, and a first line without a number are passed over.

    >>> found = read(b"one,two,score\\ntiger,cat,7.35\\ncar,train,6\\n", "own", "x")
    >>> found.words, found.ratings.tolist()
    ((('tiger', 'cat'), ('car', 'train')), [7.35, 6.0])

    Raises
    ------
    DataError
        Naming the line that has no two words and a finite number.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise wb.DataError(f"the pairs of '{title}' are not text in UTF-8: save the file as UTF-8") from None
    words: list[tuple[str, str]] = []
    ratings: list[float] = []
    headed = False
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = _cells(line)
        rating = _number(cells[2]) if len(cells) >= 3 else None
        if rating is None or not cells[0] or not cells[1]:
            if not words and not headed and len(cells) >= 3:
                headed = True  # names of columns
                continue
            raise wb.DataError(
                f"line {number} of '{title}' is '{line[:60]}': expected two words and a number, parted by tabs, "
                "semicolons or commas"
            )
        words.append((cells[0], cells[1]))
        ratings.append(rating)
    if len(words) < 2:
        raise wb.DataError(f"'{title}' holds {len(words)} pairs of words: at least 2 are needed")
    return Pairs(name, title, tuple(words), np.array(ratings))


def _cells(line: str) -> Sequence[str]:
    separator = next((one for one in SEPARATORS if one in line), None)
    cells = next(csv.reader([line], delimiter=separator)) if separator else line.split()
    return [one.strip() for one in cells]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
