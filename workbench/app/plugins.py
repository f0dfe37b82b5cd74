# SPDX-License-Identifier: Apache-2.0
"""Plugins: every one that was found, where it came from, what it offers, and why it does not work."""

from __future__ import annotations

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
    for one in [*broken, *(two for two in found if two.status != "broken")]:
        _plugin(one)
    st.subheader("Plug in your own")
    st.markdown(
        "A model needs about fifteen lines: spaces as attributes, maps as methods, one hook. Start from the template, "
        "then install it or point the workbench at its folder."
    )
    st.code("workbench new-plugin my-model\nworkbench serve --plugins-dir my-model", language="bash")


def _plugin(one: PluginRecord) -> None:
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{text.plain(one.name)}**", width="content")
            if one.status == "broken":
                st.badge("broken", icon=":material/error:", color="red")
            st.badge(text.plain(one.origin), color="gray")
            st.caption(text.plain(f"version {one.version}" if one.version else "no version"), width="content")
        offers = {kind: list(names) for kind, names in one.offers.items() if names}
        for kind, names in offers.items():
            st.markdown(f"{text.plain(kind).capitalize()}: {', '.join(text.plain(name) for name in names)}")
        if not offers and one.status != "broken":
            st.caption("It offers nothing.")
        st.caption(text.plain(one.source, 300))
        if one.error:
            lines = [line for line in str(one.error).strip().splitlines() if line.strip()]
            st.error(text.plain(lines[-1], 400), icon=":material/error:")
            with st.expander("Traceback"):
                st.code(str(one.error), language=None, wrap_lines=True)
