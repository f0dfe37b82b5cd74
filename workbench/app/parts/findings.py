# SPDX-License-Identifier: Apache-2.0
"""Findings on a page: the statement, what was measured against what, and what would make it wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal

import streamlit as st

from workbench.app import engine
from workbench.app.parts import links, text, words

if TYPE_CHECKING:
    from registry.result import Finding
    from workbench.compendium.collection import Compendium
    from workbench.compendium.entry import Entry

_LOOK: Final[dict[str, tuple[str, Literal["red", "orange", "blue"]]]] = {
    "serious": (":material/priority_high:", "red"),
    "warning": (":material/flag:", "orange"),
    "info": (":material/info:", "blue"),
}


def draw(found: Iterable[Finding]) -> None:
    """Findings one below the other, the gravest first, each with the entry that says what to do."""
    order = list(_LOOK)
    listed = sorted(found, key=lambda finding: order.index(finding.severity))
    compendium = known_entries() if listed else None
    for one in listed:
        with st.container(border=True, gap="xsmall"):
            body(one)
            if compendium is not None:
                way_on(one, compendium)


def known_entries() -> Compendium:
    """The compendium as it is now."""
    from workbench.compendium.current import current

    return current(engine.store())


def entry_of(one: Finding, compendium: Compendium) -> Entry | None:
    """The entry that a finding leads to: the one that it names, else the one that lists its code."""
    named = compendium.id_of(one.entry) if one.entry else None
    return compendium.held[named].entry if named is not None else compendium.of_code(one.code)


def way_on(one: Finding, compendium: Compendium, *, most: int = 64, **query: str) -> None:
    """A link to the entry of a finding, where it has one; its title in ``most`` characters, as links do not break."""
    entry = entry_of(one, compendium)
    if entry is not None:
        label = f"What to do: {text.plain(entry.title, most)}"
        links.link("compendium", label, icon=":material/menu_book:", entry=entry.id, **query)


def body(one: Finding, *, short: bool = False) -> None:
    """One finding; the short form leaves out what would make it wrong."""
    icon, colour = _LOOK[one.severity]
    st.markdown(f":{colour}-badge[{icon} {one.severity}] {text.plain(one.statement, 600)}")
    wrong = f"  \nWrong if {text.plain(one.wrong_if, 400)}" if one.wrong_if and not short else ""
    st.caption(text.plain(measured(one), 300) + wrong)


def measured(one: Finding) -> str:
    """The number of a finding with interval, threshold and sample, on one line."""
    parts = [f"measured {words.number(one.value)}"]
    if one.low is not None and one.high is not None:
        parts.append(f"interval {words.number(one.low)} to {words.number(one.high)}")
    if one.threshold is not None:
        parts.append(f"threshold {words.number(one.threshold)}")
    if one.n is not None:
        parts.append(f"n = {one.n:,}")
    return ", ".join(parts)


def notes(sentences: Iterable[str]) -> None:
    """What must be read with the result."""
    listed = "  \n".join(text.plain(one, 800) for one in sentences)
    if listed:
        st.caption(listed)
