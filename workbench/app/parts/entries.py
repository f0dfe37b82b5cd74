# SPDX-License-Identifier: Apache-2.0
"""Entries of the compendium on a page: grades by label and shade, hits with why they matched. All text is data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import streamlit as st

from workbench.app.parts import links, text

if TYPE_CHECKING:
    from workbench.compendium.entry import Entry, Source
    from workbench.compendium.search import Highlight, Hit

#: What the labels of grades look like; the text of a remedy has the shade of its grade by the rules of ``style.css``.
GRADE_COLOURS: Final = {"established": "green", "weak evidence": "gray", "speculation": "gray"}
FIELDS: Final = {
    "errors": "Error", "symptoms": "Symptom", "phrasings": "As people put it", "cause": "Cause", "title": "Title",
    "whole": "In all",
}  # fmt: skip
_MARKUP: Final = re.compile(r"(\\*)([<>]|!(?=\[)|:(?=[a-z-]+(?:\[|/)))")

_HEADING: Final = re.compile(r"^#{1,2} ", re.MULTILINE)  # below the headings of the page


def shade(grade: str, name: str) -> str:
    """Key of a container whose text has the shade of a grade."""
    return f"grade-{grade.partition(' ')[0]}-{name}"


def label(grade: str) -> str:
    """A grade as a badge: a word, and a colour beside it."""
    return f":{GRADE_COLOURS.get(grade, 'gray')}-badge[{text.plain(grade)}]"


def marked(highlight: Highlight) -> str:
    """A statement with the words that matched in bold."""
    parts, end = [], 0
    for start, stop in highlight.spans:
        if start < end or stop > len(highlight.text):
            continue
        word = text.plain(highlight.text[start:stop], 400)
        parts += [text.plain(f"|{highlight.text[end:start]}|", 400)[2:-2], f"**{word}**" if word.strip() else word]
        end = stop
    rest = text.plain(f"|{highlight.text[end:]}|", 400)
    return "".join(parts) + rest[2:-2]


def hit(one: Hit, query: str, place: int) -> None:
    """A hit: its title as a link, its area and grade, why it matched, and where."""
    from workbench.compendium.entry import AREAS

    with st.container(border=True, gap="xsmall", key=f"hit-{place}"):
        links.link("compendium", f"**{text.plain(one.title)}**", entry=one.id, q=query)
        st.markdown(f"{label(one.grade)} {text.plain(AREAS.get(one.area, one.area))} · {text.plain(one.reason, 300)}")
        for highlight in one.highlights[:2]:
            st.caption(f"{FIELDS.get(highlight.field, highlight.field)}: {marked(highlight)}")


def sources(entry: Entry, keys: Iterable[str]) -> str:
    """Sources of a statement, numbered as they stand in the entry, as links where they have an address."""
    numbers = {key: place for place, key in enumerate(entry.sources, start=1)}
    told = []
    for key in keys:
        address = entry.sources[key].link
        shown = f"\\[{numbers[key]}\\]"
        told.append(f"[{shown}]({written(address)})" if address else shown)
    return " ".join(told)


def source(one: Source, number: int) -> str:
    """A source on a line of its own."""
    address = one.link
    told = f"\\[{number}\\] {text.plain(one.text, 500)}"
    return f"{told} [{text.plain(one.address, 200)}]({written(address)})" if address else told


def written(address: str | None) -> str:
    """An address such that it ends no link of Markdown."""
    return quote(address or "", safe=":/?&=#%@+,;~$-._")


def prose(given: str, limit: int = 20_000) -> str:
    """The body of an entry: Markdown stays, but no HTML, no picture and no directive of the page is left in it."""
    smaller = _HEADING.sub("### ", given[:limit])
    return _MARKUP.sub(_escaped, smaller)


def _escaped(found: re.Match[str]) -> str:
    """A mark with a backslash before it, where the backslashes that stand there do not escape it already."""
    before, mark = found.groups()
    return f"{before}{mark}" if len(before) % 2 else f"{before}\\{mark}"
