# SPDX-License-Identifier: Apache-2.0
"""Arithmetic of words as it is written: ``king - man + woman``, ``2 * good - bad``, ``"new york" - 'rome' + italy``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import workbench as wb

LONGEST: Final = 20_000  # letters of one text
MOST_TERMS: Final = 24
SIGNS: Final = {"+": 1, "-": -1, "−": -1, "–": -1}
QUOTES: Final = {'"': '"', "“": "”", "„": "“", "«": "»", "'": "'"}
WEIGHT: Final = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*[*×·]\s*")
BETWEEN: Final = re.compile(r"([+\-−–])")


@dataclass(frozen=True)
class Term:
    """A word and what it is multiplied with."""

    weight: float
    word: str


@dataclass(frozen=True)
class Piece:
    """A part of a text between white space or separators; what stood in quotes is one word whatever it holds."""

    text: str
    quoted: bool


def pieces(text: str, separators: str) -> Iterator[list[Piece]]:
    """The pieces between separators, which do not count in quotes; empty groups are left out.

    Quotes open only where a word begins and close only where one ends: ``don't`` and ``'s`` are words.

    >>> [[one.text for one in group] for group in pieces('new york, "a, b" c;', ",;")]
    [['new', 'york'], ['a, b', 'c']]
    """
    if len(text) > LONGEST:
        raise wb.ParameterError(f"{len(text):,} letters were given as words: at most {LONGEST:,}")
    group: list[Piece] = []
    at = 0
    while at < len(text):
        letter = text[at]
        if letter in separators:
            if group:
                yield group
            group, at = [], at + 1
        elif letter.isspace():
            at += 1
        elif (closed := _closing(text, at, separators)) > 0:
            group.append(Piece(text[at + 1 : closed], True))
            at = closed + 1
        else:
            end = at
            while end < len(text) and not text[end].isspace() and text[end] not in separators:
                if end > at and _closing(text, end, separators) > 0 and text[at:end][-1] in "+-−–*×·":
                    break
                end += 1
            group.append(Piece(text[at:end], False))
            at = end
    if group:
        yield group


def _closing(text: str, at: int, separators: str) -> int:
    """Where the quote that opens here closes; 0 where none opens."""
    closing = QUOTES.get(text[at])
    place = text.find(closing, at + 1) if closing else -1
    while (
        place > 0
        and place + 1 < len(text)
        and not (text[place + 1].isspace() or text[place + 1] in separators + "+-−–")
    ):
        place = text.find(closing or "", place + 1)
    return max(place, 0) if place > at + 1 else 0


def words_of(text: str) -> list[str]:
    """Words with commas, semicolons or lines between them.

    >>> words_of("king, new york, 'a, b',, don't")
    ['king', 'new york', 'a, b', "don't"]
    """
    return [" ".join(one.text for one in group) for group in pieces(text, ",;\n")]


def groups_of(text: str) -> list[list[str]]:
    """Groups of words: semicolons or lines between groups, commas or spaces between the words of one.

    >>> groups_of("breakfast cereal lunch; 'new york', paris")
    [['breakfast', 'cereal', 'lunch'], ['new york', 'paris']]
    """
    found = []
    for group in pieces(text, ";\n"):
        held = " ".join(quoted(one.text) if one.quoted else one.text for one in group)
        found.append([one.text for part in pieces(held, ",") for one in part])
    return [one for one in found if one]


def expressions_of(text: str) -> list[str]:
    """Expressions with commas, semicolons or lines between them.

    >>> expressions_of("king - man + woman, paris-france+italy")
    ['king - man + woman', 'paris-france+italy']
    """
    return [" ".join(quoted(one.text) if one.quoted else one.text for one in group) for group in pieces(text, ",;\n")]


def quoted(word: str) -> str:
    """A word as :func:`read` takes it back: in quotes where it holds what has a meaning there.

    >>> quoted("king"), quoted("new york"), quoted("-"), quoted("mother-in-law")
    ('king', '"new york"', '"-"', '"mother-in-law"')
    """
    plain = word and not re.search(r"[\s,;+\-−–*×·\"“”„«»']", word)
    return word if plain else f'"{word}"'


def read(text: str, known: Callable[[str], bool] = lambda word: False) -> tuple[Term, ...]:
    """The terms of an expression.

    ``known`` tells whether a word is one of the vocabulary: ``twenty-one`` stays a word where it is, and ``king-man`` a
    difference where it is not.

    Raises
    ------
    ParameterError
        When a word is missing after a sign, there is no sign between two words, or there is nothing at all.

    >>> [(one.weight, one.word) for one in read("king - 0.5*man + 'new york'")]
    [(1.0, 'king'), (-0.5, 'man'), (1.0, 'new york')]
    """
    terms: list[Term] = []
    sign, weight, open_sign = 1.0, 1.0, True  # an expression may begin without a sign
    for kind, part in _tokens(text, known):
        if kind == "sign":
            if open_sign and terms:
                raise wb.ParameterError(f"'{text}' has two signs and no word between them")
            sign, weight, open_sign = SIGNS[part] * (sign if open_sign and not terms else 1.0), 1.0, True
        elif kind == "weight":
            weight = float(part)
        elif not open_sign:
            raise wb.ParameterError(
                f"'{text}' has no + or - between '{terms[-1].word}' and '{part}': put words with spaces in quotes"
            )
        else:
            terms.append(Term(sign * weight, part))
            sign, weight, open_sign = 1.0, 1.0, False
    if open_sign:
        raise wb.ParameterError(f"'{text}' ends without a word" if terms else "there is no word in the expression")
    if len(terms) > MOST_TERMS:
        raise wb.ParameterError(f"an expression has {len(terms)} words: at most {MOST_TERMS}")
    return tuple(one for one in terms if one.weight != 0)


def _tokens(text: str, known: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    for group in pieces(text, ""):
        yield from _runs(group, known)


def _runs(group: list[Piece], known: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Signs, weights and words; words next to each other are one where the vocabulary knows it with the space."""
    at = 0
    while at < len(group):
        one = group[at]
        if one.quoted:
            yield "word", one.text
            at += 1
            continue
        joined = next(
            (end for end in range(min(len(group), at + 5), at + 1, -1) if _together(group[at:end], known)), None
        )
        if joined is not None:
            yield "word", " ".join(piece.text for piece in group[at:joined])
            at = joined
            continue
        following = group[at + 1].text if at + 1 < len(group) and not group[at + 1].quoted else ""
        if re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", one.text) and following[:1] in tuple("*×·"):
            group[at + 1] = Piece(following[1:], False)
            yield "weight", one.text
        elif one.text:
            yield from _split(one.text, known)
        at += 1


def _together(group: list[Piece], known: Callable[[str], bool]) -> bool:
    plain = all(not one.quoted and one.text not in SIGNS for one in group)
    return plain and known(" ".join(one.text for one in group))


def _split(text: str, known: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Signs, weights and words within a piece without white space."""
    if text in SIGNS:
        yield "sign", text
        return
    if known(text):
        yield "word", text
        return
    if text[0] in SIGNS:
        yield "sign", text[0]
        yield from _split(text[1:], known)
        return
    weighed = WEIGHT.match(text)
    if weighed:
        yield "weight", weighed.group(1)
        if text[weighed.end() :]:
            yield from _split(text[weighed.end() :], known)
        return
    parts = [one for one in BETWEEN.split(text) if one]
    inner = [one for one in parts if one not in SIGNS]
    if len(parts) > 1 and all(known(WEIGHT.sub("", one)) for one in inner):
        for one in parts:
            yield from _split(one, known) if one not in SIGNS else iter([("sign", one)])
        return
    yield "word", text
