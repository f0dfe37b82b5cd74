# SPDX-License-Identifier: Apache-2.0
"""Mistyped words: the nearest words of the index by Damerau-Levenshtein distance, with the thresholds of Meilisearch.

No edit below five letters, one up to eight, two from nine; a different first letter counts double.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from workbench.compendium.search.words import STOPWORDS, english_words, is_identifier, written_words

_FEWEST, _TWO = 5, 9
_LONGEST: Final = 24
_MOST: Final = 12
_ENDS: Final = ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "ness", "able", "ment", "ments", "ion", "ions")


class Speller:
    """Puts words right that the index does not have. ``known`` gives, by word, the number of entries that have it."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._by_length: dict[int, list[str]] = {}
        for word in known:
            if word.isalpha() and len(word) >= _FEWEST - 2:
                self._by_length.setdefault(len(word), []).append(word)
        self.right = lru_cache(maxsize=4096)(self._right)

    def repairs(self, query: str) -> dict[str, str]:
        """Mistyped words of a query, in lower case, and what they were meant to be; names from code are left alone."""
        found: dict[str, str] = {}
        for word in written_words(query):
            if is_identifier(word) and not word.isupper():
                continue
            lower = word.lower()
            if lower not in found and (meant := self.right(lower)) is not None:
                found[lower] = meant
            if len(found) >= _MOST:
                break
        return found

    def begins(self, letters: str) -> bool:
        """Whether a word of the index begins so."""
        return any(one.startswith(letters) for one in self._known)

    def _right(self, word: str) -> str | None:
        if not _FEWEST <= len(word) <= _LONGEST or not (word.isascii() and word.isalpha()):
            return None
        if word in self._known or word in STOPWORDS or is_english(word):
            return None
        for cut in range(3, len(word) - 2):  # two words of the index written as one
            if self._known.get(word[:cut], 0) and self._known.get(word[cut:], 0) and min(cut, len(word) - cut) >= 4:
                return f"{word[:cut]} {word[cut:]}"
        from rapidfuzz import process
        from rapidfuzz.distance import DamerauLevenshtein

        allowed = 2 if len(word) >= _TWO else 1
        near = [one for step in range(-allowed, allowed + 1) for one in self._by_length.get(len(word) + step, ())]
        close = process.extract(word, near, scorer=DamerauLevenshtein.distance, score_cutoff=allowed, limit=None)
        ranked = [
            (distance + (one[0] != word[0]), len(one) < len(word), -self._known[one], one)
            for one, distance, _ in close
            if distance + (one[0] != word[0]) <= allowed
        ]
        return min(ranked)[3] if ranked else None


def is_english(word: str) -> bool:
    """Whether a lower-case word, or what is left of it without a common ending, is a common English one.

    >>> is_english("reconstruction"), is_english("traversing"), is_english("collaspe")
    (True, True, False)
    """
    listed = english_words()
    if word in listed:
        return True
    for end in _ENDS:
        stem = word.removesuffix(end)
        if stem != word and len(stem) >= 4 and (stem in listed or f"{stem}e" in listed or f"{stem[:-1]}y" in listed):
            return True
    return False
