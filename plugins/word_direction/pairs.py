# SPDX-License-Identifier: Apache-2.0
"""Pairs of words that differ in one thing: those of the analogy questions by section, and pairs of one's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.analogies.questions import shipped

#: Names of the directions by the section that their pairs come from; each leads from the first word to the second.
PRESETS: Final = {
    "tense": "gram7-past-tense",
    "number": "gram8-plural",
    "gender": "family",
    "comparative": "gram3-comparative",
    "superlative": "gram4-superlative",
    "participle": "gram5-present-participle",
    "third-person": "gram9-plural-verbs",
    "opposite": "gram2-opposite",
    "adverb": "gram1-adjective-to-adverb",
    "nationality": "gram6-nationality-adjective",
    "capital-country": "capital-common-countries",
    "capital-any-country": "capital-world",
    "city-state": "city-in-state",
    "currency": "currency",
}
#: What the ends are, in words: of the first words and of the second ones.
ENDS: Final = {
    "tense": ("-ing form", "past"),
    "number": ("singular", "plural"),
    "gender": ("male", "female"),
    "comparative": ("plain", "comparative"),
    "superlative": ("plain", "superlative"),
    "participle": ("plain form", "-ing form"),
    "third-person": ("plain form", "third person"),
    "opposite": ("plain", "opposite"),
    "adverb": ("adjective", "adverb"),
    "nationality": ("country", "adjective"),
    "capital-country": ("capital", "country"),
    "capital-any-country": ("capital", "country"),
    "city-state": ("city", "state"),
    "currency": ("country", "currency"),
}
OWN_ENDS: Final = ("first word", "second word")


@dataclass(frozen=True)
class Pairs:
    """Pairs that a vocabulary has.

    Attributes
    ----------
    rows : int64 ``[m, 2]``, positions of first and second word
    groups : int64 ``[m]``, pairs that share a word, directly or by others, have one number
    asked : pairs before those with unknown words were left out
    missing : the words that the vocabulary lacks
    """

    rows: NDArray[np.int64]
    groups: NDArray[np.int64]
    asked: int
    missing: tuple[str, ...]


@cache
def of_preset(name: str) -> tuple[tuple[str, str], ...]:
    """The different pairs of a section of the questions, in the order in which they first come."""
    section = ""
    found: dict[tuple[str, str], None] = {}
    for line in shipped().splitlines():
        if line.startswith(":"):
            section = line[1:].strip()
        elif section == PRESETS[name]:
            a, b, c, d = line.split()
            found[a, b] = found[c, d] = None
    return tuple(found)


def own(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs ``walk:walked, go:went``, parted by commas, semicolons or lines.

    >>> own("walk:walked, go : went")
    (('walk', 'walked'), ('go', 'went'))

    Raises
    ------
    ValueError
        Naming the part that is no pair.
    """
    found: dict[tuple[str, str], None] = {}
    for part in re.split(r"[,;\n]+", text):
        if not part.strip():
            continue
        words = [one.strip() for one in part.split(":")]
        if len(words) != 2 or not all(words) or words[0] == words[1]:
            raise ValueError(f"'{part.strip()}' is no pair: write 'walk:walked, go:went'")
        found[words[0], words[1]] = None
    return tuple(found)


def in_vocabulary(pairs: tuple[tuple[str, str], ...], position: dict[str, int]) -> Pairs:
    """The pairs with both words known (as written, else in lower case), grouped by shared words."""

    def place(word: str) -> int:
        return position.get(word, position.get(word.lower(), -1))

    rows = np.array([[place(a), place(b)] for a, b in pairs], dtype=np.int64).reshape(-1, 2)
    missing = tuple(dict.fromkeys(word for pair in pairs for word in pair if place(word) < 0))
    rows = rows[(rows >= 0).all(axis=1) & (rows[:, 0] != rows[:, 1])]
    return Pairs(rows, groups_of(rows), len(pairs), missing)


def groups_of(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers ``[m]`` of the connected parts of the graph whose edges are the pairs ``[m, 2]``.

    >>> groups_of(np.array([[0, 1], [2, 3], [1, 4]])).tolist()
    [0, 1, 0]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not len(rows):
        return np.empty(0, dtype=np.int64)
    names, edges = np.unique(rows, return_inverse=True)
    edges = edges.reshape(-1, 2)
    graph = coo_matrix((np.ones(len(rows)), (edges[:, 0], edges[:, 1])), shape=(len(names), len(names)))
    labels = connected_components(graph, directed=False)[1][edges[:, 0]]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def check(pairs: Pairs, fewest: int, what: str) -> None:
    """Raise :class:`workbench.DataError` where there are too few pairs, or all of them share words."""
    groups = len(np.unique(pairs.groups))
    lacking = f" (the vocabulary lacks {', '.join(pairs.missing[:6])})" if pairs.missing else ""
    if len(pairs.rows) < fewest:
        raise wb.DataError(
            f"{len(pairs.rows)} of {pairs.asked} pairs of '{what}' have both words in the vocabulary{lacking}: at "
            f"least {fewest} are needed"
        )
    if groups < 3:
        raise wb.DataError(
            f"the pairs of '{what}' share their words, so that none can be held out: {groups} independent sets of at "
            "least 3"
        )
