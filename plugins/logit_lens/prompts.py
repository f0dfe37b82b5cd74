# SPDX-License-Identifier: Apache-2.0
"""Prompts and their answers: from columns of the data, or each text cut before one of its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

import workbench as wb

ANSWER: Final = "answer"
FEWEST: Final = 8
LONGEST: Final = 600  # characters of a prompt that is cut from a text: what stands before is left out


@dataclass(frozen=True)
class Prompts:
    """Texts to go on from, the number of the answer's first token, the data's rows, and where the answers are from."""

    texts: list[str]
    answers: Any
    words: list[str]
    rows: Any
    whence: str
    left: int = 0

    def __len__(self) -> int:
        return len(self.texts)


def cut(text: str, rng: np.random.Generator) -> tuple[str, str] | None:
    """A text before one of its words drawn at random, and that word with its space; ``None`` for fewer than 4 words.

    >>> cut("a b c d", np.random.default_rng(0)) in (("a b", " c"), ("a b c", " d"))
    True
    """
    spaces = [one.start() for one in re.finditer(r"\s+(?=\w)", text)]
    if len(spaces) < 3:
        return None
    at = int(rng.choice(spaces[1:]))
    word = re.match(r"\s+\w+", text[at:])
    assert word is not None
    return text[max(0, at - LONGEST) : at], " " + word[0].strip()


def number_of(
    tokens: Callable[[str], Sequence[str]] | None, numbers: Mapping[str, int]
) -> Callable[[str, str], int | None]:
    """A function that gives the number of the token that an answer begins with, or ``None`` where there is none.

    With ``tokens`` (a text's tokens by name) it is the first token after those of the prompt; without, the longest
    name that the answer begins with.
    """
    longest = max((len(one) for one in numbers), default=0)

    def first(prompt: str, answer: str) -> int | None:
        if tokens is not None:
            before, whole = tokens(prompt), tokens(prompt + answer)
            name = whole[len(before)] if len(whole) > len(before) and whole[: len(before)] == before else None
            return numbers.get(name) if name is not None else None
        for length in range(min(len(answer), longest), 0, -1):
            if answer[:length] in numbers:
                return numbers[answer[:length]]
        return None

    return first


def prompts_of(
    data: wb.Dataset,
    rows: Any,
    column: str | None,
    limit: int,
    first: Callable[[str, str], int | None],
    rng: np.random.Generator,
) -> Prompts:
    """At most ``limit`` prompts of these rows whose answer is a token of the model.

    Raises
    ------
    workbench.DataError
        When fewer than 8 are left.
    """
    columns = data.columns
    name = column or (ANSWER if ANSWER in columns.columns else None)
    order = rng.permutation(np.asarray(rows))
    kept: list[tuple[int, str, int, str]] = []
    left = 0
    for row in order:
        if len(kept) == limit:
            break
        (text,) = data.batch(np.array([row]))
        if name is not None:
            answer = str(columns[name].iloc[int(row)])
            pair = (text.rstrip(), answer if answer[:1].isspace() else f" {answer}") if answer.strip() else None
        else:
            pair = cut(text, rng)
        number = first(*pair) if pair is not None else None
        if pair is None or number is None:
            left += 1
            continue
        kept.append((int(row), pair[0], number, pair[1]))
    if len(kept) < FEWEST:
        raise wb.DataError(
            f"{len(kept)} of {len(order):,} texts have an answer that begins with a token of the model, and at least "
            f"{FEWEST} are needed: give texts of four words and more, or a column of answers"
        )
    kept.sort()
    whence = f"the column '{name}'" if name is not None else "the next word of the text, which is cut there at random"
    return Prompts(
        [one[1] for one in kept],
        np.array([one[2] for one in kept]),
        [one[3] for one in kept],
        np.array([one[0] for one in kept]),
        whence,
        left,
    )


def others(answers: Any, rng: np.random.Generator) -> Any:
    """The answers of other prompts: shuffled so that each is another token than its own wherever that can be.

    >>> others(np.array([1, 2, 1, 2]), np.random.default_rng(0)).tolist()
    [2, 1, 2, 1]
    """
    order = np.argsort(answers, kind="stable")
    blocks = np.bincount(np.unique(answers, return_inverse=True)[1])
    shift = int(blocks.max())  # past the largest block of equal answers: none meets its own unless it is over half
    found = np.empty_like(answers)
    extra = int(rng.integers(0, max(len(answers) - 2 * shift, 0) + 1))
    found[order] = answers[np.roll(order, shift + extra)]
    return found
