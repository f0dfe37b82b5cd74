# SPDX-License-Identifier: Apache-2.0
"""Why a hit matched: in a few words, and which words of which of its statements."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from workbench.compendium.search.answers import Highlight
from workbench.compendium.search.error_strings import errors_of, quotes
from workbench.compendium.search.words import STOPWORDS

if TYPE_CHECKING:
    from workbench.compendium.entry import Entry
    from workbench.compendium.search.statements import Statement

_WORD: Final = re.compile(r"\w+")
_MOST: Final = 3
_LONGEST: Final = 300
_ENDS: Final = (
    "ations",
    "ation",
    "ions",
    "ion",
    "ings",
    "ing",
    "ers",
    "ies",
    "ied",
    "ed",
    "es",
    "er",
    "ly",
    "e",
    "s",
    "y",
)


@lru_cache(maxsize=16384)
def stem_of(word: str) -> str:
    """A word without its ending: enough to see that two words are of one family.

    >>> stem_of("collapsed"), stem_of("collapse"), stem_of("reconstructions"), stem_of("is")
    ('collaps', 'collaps', 'reconstruct', 'is')
    """
    for end in _ENDS:
        if word.endswith(end) and len(word) - len(end) >= 4:
            return word[: -len(end)]
    return word


def stems_of(words: Collection[str]) -> frozenset[str]:
    """The families of these words, without those that say nothing."""
    return frozenset(stem_of(one.lower()) for one in words if one.lower() not in STOPWORDS)


def spans_of(text: str, stems: Collection[str]) -> tuple[tuple[int, int], ...]:
    """Where words of these families stand in a text."""
    return tuple(found.span() for found in _WORD.finditer(text) if stem_of(found.group().lower()) in stems)


def highlights_of(
    entry: Entry, words: Collection[str], nearest: Statement | None, problem: str
) -> tuple[Highlight, ...]:
    """At most three statements of an entry: the quoted message, the nearest in meaning, and those with most words."""
    shown: dict[str, Highlight] = {}
    stems = stems_of(words)
    if problem:
        _, message = quotes(problem, errors_of(entry.errors, entry.phrasings))
        if message:
            shown[message] = Highlight("errors", message[:_LONGEST], ((0, min(len(message), _LONGEST)),))
    if nearest is not None and nearest.field not in ("title", "whole"):
        shown.setdefault(nearest.text, _marked(nearest.field, nearest.text, stems))
    rest = [("symptoms", one) for one in entry.symptoms] + [("phrasings", one) for one in entry.phrasings]
    marked = [_marked(field, text, stems) for field, text in [*rest, ("cause", entry.cause)]]
    for one in sorted((one for one in marked if one.spans), key=lambda one: -len(one.spans)):
        shown.setdefault(one.text, one)
    return tuple(shown.values())[:_MOST]


def reason_of(entry: Entry, parts: Mapping[str, float], words: Collection[str], nearest: Statement | None) -> str:
    """Why an entry matched, in a few words."""
    if "name" in parts:
        return "named by the query"
    if "error" in parts:
        return "matched error string"
    if "phrasing" in parts:
        return "put just so"
    own = " ".join((entry.title, *entry.symptoms, *entry.errors, *entry.phrasings, *entry.tags, entry.cause)).lower()
    stems = {stem_of(one) for one in _WORD.findall(own)}
    common = [one for one in dict.fromkeys(words) if stem_of(one) in stems and one not in STOPWORDS][:4]
    reasons = []
    if common and "words" in parts:
        reasons.append("words: " + ", ".join(sorted(common)))
    if nearest is not None and parts.get("meaning", 0.0) > 1.2:
        reasons.append("similar meaning")
    if "synonyms" in parts and not common:
        reasons.append("another word for it")
    return "; ".join(reasons) or ("similar meaning" if "meaning" in parts else "nearest there is")


def _marked(field: str, text: str, stems: Collection[str]) -> Highlight:
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return Highlight(field, shown, spans_of(shown, stems))
