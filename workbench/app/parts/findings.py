# SPDX-License-Identifier: Apache-2.0
"""Findings on a page: the statement, what was measured against what, and what would make it wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal

import streamlit as st

from workbench.app.parts import text, words

if TYPE_CHECKING:
    from registry.result import Finding

_LOOK: Final[dict[str, tuple[str, Literal["red", "orange", "blue"]]]] = {
    "serious": (":material/priority_high:", "red"),
    "warning": (":material/flag:", "orange"),
    "info": (":material/info:", "blue"),
}


def draw(found: Iterable[Finding]) -> None:
    """Findings one below the other, the gravest first."""
    order = list(_LOOK)
    for one in sorted(found, key=lambda finding: order.index(finding.severity)):
        with st.container(border=True, gap="xsmall"):
            body(one)


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
