# SPDX-License-Identifier: Apache-2.0
"""Metrics on a page: the number, and with it what it stands on."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from registry.result import Metric
from workbench.app.parts import text, words


def draw(metrics: Mapping[str, Metric], seed: int | None = None, *, width: int = 236) -> None:
    """A row of numbers that wraps; each with its interval, level, n and seed below, and its note as help."""
    if not metrics:
        return
    with st.container(horizontal=True, gap="medium"):
        for name, one in metrics.items():
            with st.container(width=width, gap=None):
                unit = f" {text.plain(one.unit, 20)}" if one.unit else ""
                st.metric(
                    text.plain(one.label or words.label(name), 80),
                    f"{words.number(one.value)}{unit}",
                    help=text.plain(one.note, 600) or None,
                )
                st.caption(words.about(one, seed) or words.NO_INTERVAL)


def draw_table(metrics: Mapping[str, Metric]) -> None:
    """A compact table of numbers with their intervals; what each says is folded below."""
    if not metrics:
        return
    told = {text.plain(one.label or words.label(name), 80): one for name, one in metrics.items()}
    shown = [words.number(one.value) + (f" {one.unit}" if one.unit else "") for one in told.values()]
    table = {"Measure": list(told), "Value": [f"**{text.plain(one)}**" for one in shown]}
    intervals = [words.interval(one) for one in told.values()]
    if any(intervals):
        table["Interval"] = [text.plain(one or "–") for one in intervals]
    if any(one.n is not None for one in told.values()):
        table["n"] = ["–" if one.n is None else f"{one.n:,}" for one in told.values()]
    st.table(table, hide_index=True, border="horizontal")
    if any(one.note for one in told.values()):
        with st.expander("What these numbers say", icon=":material/help:"):
            st.markdown(
                "\n".join(f"- **{name}**: {text.plain(one.note, 600)}" for name, one in told.items() if one.note)
            )


def headline(metrics: Mapping[str, float]) -> str:
    """The first number of a run on one line, for lists."""
    for name, number in metrics.items():
        return f"{words.label(name)} {words.number(number)}"
    return ""
