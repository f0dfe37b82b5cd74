# SPDX-License-Identifier: Apache-2.0
"""What is asked of a vocabulary: as given, or chosen where nothing is, with the words that it does not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

import workbench as wb
from plugins.words.expressions import Term, expressions_of, groups_of, quoted, read, words_of
from plugins.words.odd import FEWEST
from plugins.words.vocabulary import Unknown, Vocabulary

WORDS: Final = ("king", "paris", "doctor", "guitar", "yellow", "running")
EXPRESSIONS: Final = (
    "king - man + woman",
    "doctor - man + woman",
    "paris - france + italy",
    "bigger - big + small",
    "walked - walking + swimming",
    "einstein - scientist + painter",
)
GROUPS: Final = (
    ("breakfast", "cereal", "dinner", "lunch"),
    ("france", "germany", "paris", "italy"),
    ("red", "green", "blue", "heavy"),
)
MOST: Final = 500  # words, groups or sums of one run


@dataclass(frozen=True)
class Sum:
    """A sum that the vocabulary knows: as written, its terms and their positions."""

    text: str
    terms: tuple[Term, ...]
    positions: tuple[int, ...]


@dataclass(frozen=True)
class Asked:
    """All that is asked, as far as the vocabulary knows it.

    Attributes
    ----------
    words : positions by the word as given
    sums, groups : what is left of them; a group of fewer than 3 known words and a sum with an unknown one are left out
    unknown : each unknown word once
    left_out : in words, which groups and sums were left out and why
    chosen : whether words, sums and groups were chosen here, because nothing was given
    """

    words: dict[str, int]
    sums: tuple[Sum, ...]
    groups: tuple[dict[str, int], ...]
    unknown: tuple[Unknown, ...]
    left_out: tuple[str, ...]
    chosen: bool


def asked_of(vocabulary: Vocabulary, words: str, expressions: str, odd: str) -> Asked:
    """Read what is asked for; where all three are empty, words, sums and groups are chosen.

    Raises
    ------
    ParameterError
        When the vocabulary has nothing of what was given, an expression cannot be read, or there are too many.
    """
    given = (words_of(words), expressions_of(expressions), groups_of(odd))
    for count, what in zip([len(one) for one in given], ("words", "expressions", "groups"), strict=True):
        if count > MOST:
            raise wb.ParameterError(f"{count:,} {what} were given: at most {MOST}")
    chosen = not any(given)
    if chosen:
        given = defaults(vocabulary)
    found, unknown = vocabulary.look_up(given[0])
    missing = {one.word: one for one in unknown}
    sums, groups, left_out = [], [], []
    for text in given[1]:
        terms = read(text, vocabulary.known)
        known, lacking = vocabulary.look_up([one.word for one in terms])
        missing |= {one.word: one for one in lacking}
        if lacking or not terms:
            left_out.append(f"'{text}' was left out: " + (_lacks(lacking) or "all its weights are zero"))
        else:
            sums.append(Sum(text, terms, tuple(known[one.word] for one in terms)))
    for group in given[2]:
        known, lacking = vocabulary.look_up(group)
        missing |= {one.word: one for one in lacking}
        known = {
            word: place for word, place in known.items() if list(known.values()).index(place) == list(known).index(word)
        }
        if len(known) < FEWEST:
            left_out.append(
                f"the group '{', '.join(group)}' was left out: of {len(group)} words {len(known)} are known and "
                f"different, and at least {FEWEST} are needed"
            )
        else:
            groups.append(known)
    if not (found or sums or groups):
        told = [str(one) for one in missing.values()][:3] or left_out[:3]
        raise wb.ParameterError("nothing of what was asked is in the vocabulary: " + "; ".join(told))
    return Asked(found, tuple(sums), tuple(groups), tuple(missing.values()), tuple(left_out), chosen)


def _lacks(lacking: list[Unknown]) -> str:
    return ", ".join(f"'{one.word[:40]}'" for one in lacking) + " is not known" if lacking else ""


def defaults(vocabulary: Vocabulary) -> tuple[list[str], list[str], list[list[str]]]:
    """Words, sums and groups that the vocabulary knows: English ones, else some of its own."""
    words = [one for one in WORDS if vocabulary.known(one)]
    sums = [one for one in EXPRESSIONS if all(vocabulary.known(term.word) for term in read(one))]
    groups = [list(one) for one in GROUPS if all(vocabulary.known(word) for word in one)]
    if words and sums and groups:
        return words, sums, groups
    own = _own(vocabulary)
    names = [quoted(vocabulary.names[one]) for one in own[:, 0]]
    mates = [quoted(vocabulary.names[one]) for one in own[:, 1]]
    return (
        words or [vocabulary.names[one] for one in own[:, 0]],
        sums or [f"{mates[0]} - {names[0]} + {names[one]}" for one in range(1, len(names))],
        groups or _mixed(vocabulary, own),
    )


def _own(vocabulary: Vocabulary) -> np.ndarray:
    """Up to 5 words from all over the vocabulary, each with its two nearest: int64 ``[k, 3]``."""
    usable = np.flatnonzero(vocabulary.table.answers)
    places = usable[np.unique(np.geomspace(1, len(usable), min(5, len(usable)) + 2).astype(int)[1:-1] - 1)]
    near, _ = vocabulary.table.nearest(vocabulary.rows(places), 2, suppress=[[one] for one in places.tolist()])
    found = np.concatenate([places[:, None], near], axis=1)
    return np.asarray(found[(found >= 0).all(axis=1)]) if found.shape[1] == 3 else np.empty((0, 3), dtype=np.int64)


def _mixed(vocabulary: Vocabulary, own: np.ndarray) -> list[list[str]]:
    """A word and its two nearest with one from elsewhere."""
    if len(own) < 2:
        return []
    places = [*own[0].tolist(), int(own[-1, 0])]
    return [[vocabulary.names[one] for one in dict.fromkeys(places)]]
