# SPDX-License-Identifier: Apache-2.0
"""A vocabulary: names with their vectors, found however they are written, and what comes nearest in spelling."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.words.neighbours import Float, Int64, Table

ALIKE: Final = 65.0  # per cent of letters in common (twice the common ones, over all) from which a spelling is near
NAMED: Final = 5


@dataclass(frozen=True)
class Unknown:
    """A word that the vocabulary does not have.

    Attributes
    ----------
    word : as it was given
    why : in words: that it is not there, or has no vector
    near : words of the vocabulary that are spelled alike, the nearest first
    """

    word: str
    why: str
    near: tuple[str, ...]

    def __str__(self) -> str:
        alike = f"; spelled alike: {', '.join(self.near)}" if self.near else ""
        return f"'{shortened(self.word)}' {self.why}{alike}"


class Vocabulary:
    """Names ``[n]`` and their vectors ``[n, d]``; most files have the most frequent word first.

    Raises
    ------
    DataError
        When there are not as many names as vectors, or none of the vectors has a length.
    """

    def __init__(self, names: Sequence[str], vectors: Float) -> None:
        if len(names) != len(vectors):
            raise wb.DataError(f"there are {len(names):,} names and {len(vectors):,} vectors: as many are needed")
        self.names = tuple(names)
        self.table = Table(vectors)
        if not self.table.answers.any():
            raise wb.DataError(f"none of the {len(names):,} vectors has a length: all are zero or not finite")

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Position of each name, of equal ones the first."""
        return {name: at for at, name in reversed(list(enumerate(self.names)))}

    @cached_property
    def units(self) -> Float:
        """Vectors at length 1, float32 ``[n, d]``; rows without a length stay zero."""
        return np.concatenate([_unit(self.table, start) for start in range(0, len(self), 16_384)])

    def find(self, word: str) -> int | None:
        """Position of a word: as it is written, else in lower case, else with the spaces written otherwise.

        >>> vocabulary = Vocabulary(("paris", "new_york", "Ångström"), np.eye(3))
        >>> [vocabulary.find(one) for one in ("PARIS", "New York", "A\\u030angstro\\u0308m", "rome")]
        [0, 1, 2, None]
        """
        for written in self._ways(word):
            place = self.positions.get(written)
            if place is not None:
                return place
        return None

    def _ways(self, word: str) -> list[str]:
        composed = unicodedata.normalize("NFC", word.strip())
        cases = [word, composed, composed.lower(), composed.casefold(), composed.capitalize(), composed.upper()]
        return [
            *cases, *(joined for one in cases[1:] for joined in (one.replace(" ", "_"), one.replace(" ", "-")))
        ]  # fmt: skip

    def known(self, word: str) -> bool:
        """Whether a word, however written, has a vector."""
        place = self.find(word)
        return place is not None and bool(self.table.answers[place])

    def look_up(self, words: Sequence[str]) -> tuple[dict[str, int], list[Unknown]]:
        """Positions of those that have a vector, by the word as given, and the others; each word once."""
        found: dict[str, int] = {}
        missing = []
        for word in dict.fromkeys(words):
            place = self.find(word)
            if place is None:
                missing.append(Unknown(word, f"is not among the {len(self):,} words{_mixed(word)}", self.near(word)))
            elif not self.table.answers[place]:
                missing.append(Unknown(word, "has no vector: it is all zeros, or not finite", ()))
            else:
                found[word] = place
        return found, missing

    def near(self, word: str, count: int = NAMED) -> tuple[str, ...]:
        """Words spelled alike, by the share of letters in common in order; of equal ones the earlier.

        >>> Vocabulary(("paris", "part", "parish", "rome"), np.eye(4)).near("pariss", 2)
        ('paris', 'parish')
        """
        from rapidfuzz import fuzz, process

        asked = shortened(unicodedata.normalize("NFC", word.strip()), 100)
        best: dict[str, tuple[float, int]] = {}
        for written in dict.fromkeys((asked, asked.lower())):
            for name, score, place in process.extract(
                written, self.names, scorer=fuzz.ratio, limit=count, score_cutoff=ALIKE
            ):
                best[name] = max(best.get(name, (0.0, -place)), (score, -place))
        return tuple(sorted(best, key=lambda name: best[name], reverse=True)[:count])

    def rows(self, positions: Int64) -> NDArray[np.float64]:
        """Vectors at length 1, float64 ``[k, d]``."""
        held = np.asarray(self.table.vectors[positions], dtype=np.float64)
        return np.asarray(held / np.linalg.norm(held, axis=1, keepdims=True))


def shortened(word: str, most: int = 40) -> str:
    """A word at no more than so many letters.

    >>> shortened("a" * 50, 5)
    'aaaa…'
    """
    return word if len(word) <= most else f"{word[: most - 1]}…"


def _mixed(word: str) -> str:
    """Says so where the letters of a word are of several scripts: some look the same and are not."""
    scripts = {unicodedata.name(one, "?").split()[0].capitalize() for one in word if one.isalpha()}
    alphabets = sorted(scripts & {"Latin", "Cyrillic", "Greek", "Armenian", "Hebrew", "Arabic"})
    return f" (its letters are {' and '.join(alphabets)})" if len(alphabets) > 1 else ""


def _unit(table: Table, start: int) -> Float:
    block = np.asarray(table.vectors[start : start + 16_384], dtype=np.float64)
    usable = table.answers[start : start + 16_384]
    lengths = np.where(usable, table.lengths[start : start + 16_384], 1)
    return np.asarray(np.where(usable[:, None], block, 0) / lengths[:, None], dtype=np.float32)
