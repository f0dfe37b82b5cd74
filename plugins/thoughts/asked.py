# SPDX-License-Identifier: Apache-2.0
"""What is asked of a space of thoughts: sentences, sums of them, and pairs to go between; read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import workbench as wb
from plugins.words.expressions import Term, read

SENTENCES: Final = (
    "A man is riding a horse.",
    "The committee voted to raise taxes.",
    "She was in love, and could not say so.",
)
SUMS: Final = (
    '"A dog is running on the beach." - "A dog." + "A horse."',
    '"She kissed him." - "She loved him." + "She hated him."',
)
PATHS: Final = ("The committee voted to raise taxes. -> She was in love, and could not say so.",)
ARROWS: Final = ("->", "→")
MOST: Final = 100
LONGEST: Final = 20_000


@dataclass(frozen=True)
class Sum:
    """A sum as written, and its terms."""

    text: str
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Asked:
    """Sentences, sums and pairs; ``chosen`` says that nothing was asked and these are examples."""

    sentences: tuple[str, ...]
    sums: tuple[Sum, ...]
    paths: tuple[tuple[str, str], ...]
    chosen: bool

    @property
    def texts(self) -> list[str]:
        """Every text once, in the order in which it is needed."""
        parts = [*self.sentences, *(term.word for one in self.sums for term in one.terms)]
        return list(dict.fromkeys([*parts, *(end for pair in self.paths for end in pair)]))


def asked_of(sentences: str, expressions: str, paths: str) -> Asked:
    """Read what is asked, one on each line; examples where all three are empty.

    Raises
    ------
    ParameterError
        When a text is empty, a sum or a pair cannot be read, or there are too many.
    """
    given = [lines(one) for one in (sentences, expressions, paths)]
    for held, what in zip(given, ("sentences", "sums", "paths"), strict=True):
        if len(held) > MOST:
            raise wb.ParameterError(f"{len(held)} {what} were given: at most {MOST}")
    chosen = not any(given)
    if chosen:
        given = [list(SENTENCES), list(SUMS), list(PATHS)]
    return Asked(
        tuple(checked(one) for one in given[0]),
        tuple(read_sum(one) for one in given[1]),
        tuple(read_path(one) for one in given[2]),
        chosen,
    )


def lines(text: str) -> list[str]:
    """Lines that are not blank."""
    return [one.strip() for one in text.splitlines() if one.strip()]


def checked(text: str) -> str:
    """``text`` without white space around it.

    Raises
    ------
    ParameterError
        When nothing is left that could be read, or it is too long.
    """
    if not any(one.isprintable() and not one.isspace() for one in text):
        raise wb.ParameterError("the text is empty: write a sentence")
    if len(text) > LONGEST:
        raise wb.ParameterError(f"the text has {len(text):,} letters: at most {LONGEST:,}")
    return text.strip()


def read_sum(text: str) -> Sum:
    """A sum of sentences in quotes.

    >>> [(one.weight, one.word) for one in read_sum('"A dog runs." - "A dog." + 0.5*"A cat."').terms]
    [(1.0, 'A dog runs.'), (-1.0, 'A dog.'), (0.5, 'A cat.')]
    """
    terms = read(text, lambda word: False)
    for one in terms:
        checked(one.word)
    if not terms:
        raise wb.ParameterError(f"'{text[:60]}' has only weights of zero: nothing is left to look for")
    return Sum(text, terms)


def read_path(text: str) -> tuple[str, str]:
    """The two ends of a path, with an arrow between them.

    >>> read_path("A dog. -> A cat.")
    ('A dog.', 'A cat.')
    """
    for arrow in ARROWS:
        first, found, second = text.partition(arrow)
        if found:
            return checked(first), checked(second)
    raise wb.ParameterError(f"'{text[:60]}' is no path: write two sentences with -> between them")
