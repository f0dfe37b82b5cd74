# SPDX-License-Identifier: Apache-2.0
"""Models: the list of all as cards, and one of them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from workbench.app import engine, model_details
from workbench.app.parts import cards, links, permalink, text

if TYPE_CHECKING:
    from registry.cards import ModelCard


def page() -> None:
    """Draw the page: one model when the address names one, else all."""
    models = engine.catalogue().models
    chosen = permalink.choice("model", models)
    if chosen is not None:
        model_details.draw(models[chosen])
        return
    st.title("Models")
    if permalink.get("model"):
        name = text.plain(permalink.get("model"), 80)
        st.warning(f"There is no model {name} here; its plugin may be missing or broken.", icon=":material/search_off:")
        links.link("plugins", "See the plugins", icon=":material/extension:")
    if not models:
        with st.container(border=True):
            st.markdown(
                "**No model is plugged in.** Install a plugin that brings one, or write one in about fifteen lines:"
            )
            st.code("workbench new-plugin my-model", language="bash")
        return
    listed = list(models.values())
    tags = sorted({tag for one in listed for tag in one.tags})
    if len(listed) > 6 and tags:
        wanted = st.pills("Tags", tags, selection_mode="multi", format_func=text.plain, key="models.tags")
        listed = [one for one in listed if set(wanted or ()) <= set(one.tags)]
    for first in range(0, len(listed), 3):
        for column, card in zip(st.columns(3), listed[first : first + 3], strict=False):
            with column, st.container(border=True, gap="xsmall", height="stretch"):
                _card(card)


def _card(card: ModelCard) -> None:
    links.link("models", f"**{text.plain(card.title or card.name, 60)}**", model=card.name)
    st.markdown(text.plain(cards.first_paragraph(card.description) or "No description.", 260))
    cards.tags(card)
    st.caption(text.plain(card.provenance, 200) or "No provenance stated")
    lacking = card.missing()
    if lacking:
        st.caption(f":material/download: {text.plain(lacking, 300)}")
