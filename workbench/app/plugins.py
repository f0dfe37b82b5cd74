# SPDX-License-Identifier: Apache-2.0
"""Plugins: every one that was found, where it came from, what it offers, and why it does not work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from workbench.app import engine
from workbench.app.parts import text

if TYPE_CHECKING:
    from registry.discovery import PluginRecord


def page() -> None:
    """Draw the page."""
    st.title("Plugins")
    found = engine.catalogue().plugins
    broken = [one for one in found if one.status == "broken"]
    with st.container(horizontal=True, vertical_alignment="center"):
        state = f"{len(broken)} broken, the others work" if broken else "all work"
        st.markdown(f"{text.counted(len(found), 'plugin')}: {state}." if found else "No plugin was found.")
        if st.button(
            "Look again", icon=":material/refresh:", help="Search for plugins again and open data sets afresh"
        ):
            engine.reload()
            st.rerun()
    for one in broken:
        _broken(one)
    _working([one for one in found if one.status != "broken"])
    st.subheader("Plug in your own")
    st.markdown(
        "A model needs about fifteen lines: spaces as attributes, maps as methods, one hook. Start from the template, "
        "then install it or point the workbench at its folder."
    )
    st.code("workbench new-plugin my-model\nworkbench serve --plugins-dir my-model", language="bash")


def _broken(one: PluginRecord) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{text.plain(one.name)}**", width="content")
            st.badge("broken", icon=":material/error:", color="red")
        st.markdown(text.sentence(one.error, 600) or "It says no more.")
        for note in one.notes:
            st.caption(text.plain(note, 300))
        st.caption(text.plain(f"{one.origin}, version {one.version or 'not stated'}, from {one.source}", 300))
        if one.traceback:
            with st.expander("Traceback"):
                st.code(one.traceback, language=None, wrap_lines=True)


def _working(found: list[PluginRecord]) -> None:
    if not found:
        return
    st.table(
        {
            "Plugin": [f"**{text.plain(one.name)}**" for one in found],
            "Offers": [offers(one) for one in found],
            "Version": [text.plain(one.version or "not stated") for one in found],
            "Origin": [text.plain(one.origin) for one in found],
            "Source": [text.plain(one.source, 300) for one in found],
        },
        hide_index=True,
        border="horizontal",
    )
    for one in found:
        for note in one.notes:
            st.caption(f"{text.plain(one.name)}: {text.plain(note, 300)}")


def offers(one: PluginRecord) -> str:
    """What a plugin brings, kind by kind; entries of the compendium by the names of their files."""
    told = []
    for kind, names in one.offers.items():
        plain = [text.plain(Path(str(name)).stem if kind == "entries" else name) for name in names]
        told += [f"{text.plain(kind)}: {', '.join(plain)}"] if plain else []
    return "; ".join(told) or "nothing"
