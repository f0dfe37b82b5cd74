# SPDX-License-Identifier: Apache-2.0
"""Sums of words are read as they are written, and what cannot be read is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench as wb
from plugins.words.expressions import expressions_of, groups_of, quoted, read, words_of

KNOWN = {"twenty-one", "new york", "c++", "king", "man", "woman", "'s", "-"}


def terms(text: str) -> list[tuple[float, str]]:
    return [(one.weight, one.word) for one in read(text, KNOWN.__contains__)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("king", [(1, "king")]),
        ("king-man+woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("- king −man", [(-1, "king"), (-1, "man")]),
        ("2*king - 0.5 * 'new york'", [(2, "king"), (-0.5, "new york")]),
        ("twenty-one + new york", [(1, "twenty-one"), (1, "new york")]),
        ("c++ - king", [(1, "c++"), (-1, "king")]),
        ("mother-in-law", [(1, "mother-in-law")]),
        ("king + 's - don't", [(1, "king"), (1, "'s"), (-1, "don't")]),
        ('"-" + "a, b"', [(1, "-"), (1, "a, b")]),
        ("0*king + man", [(1, "man")]),
        ("КОРОЛЬ - 女", [(1, "КОРОЛЬ"), (-1, "女")]),
    ],
)
def test_as_it_is_written(text: str, expected: list[tuple[float, str]]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no word"),
        ("king -", "ends without a word"),
        ("king + - man", "two signs"),
        ("king man", "no \\+ or - between"),
        ("+".join(["king"] * 30), "at most 24"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, why: str) -> None:
    with pytest.raises(wb.ParameterError, match=why):
        terms(text)


def test_lists() -> None:
    assert words_of("") == words_of(" ,;\n") == []
    assert expressions_of('a - b; "c, d" + e,\nf') == ["a - b", '"c, d" + e', "f"]
    assert groups_of("a b, c; ; 'd e' f") == [["a", "b", "c"], ["d e", "f"]]
    with pytest.raises(wb.ParameterError, match="at most"):
        words_of("x" * 30_000)


@given(st.text(st.characters(exclude_characters="\"“”„«»'\n", exclude_categories=["C", "Z"]), min_size=1, max_size=12))
def test_a_quoted_word_is_read_back(word: str) -> None:
    assert [one.word for one in read(quoted(word))] == [word]
    assert words_of(f"a, {quoted(word)}") == ["a", word]
