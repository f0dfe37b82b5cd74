# SPDX-License-Identifier: Apache-2.0
"""The choice of a model with a vocabulary at the top of a page, and what is drawn once its vectors are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from plugins.words import loading
from plugins.words.vocabulary import Vocabulary
from workbench.app import engine, subjects
from workbench.app.parts import background, links, permalink, text

if TYPE_CHECKING:
    from workbench.points import Description

Draw = Callable[[str, str, "Description", Vocabulary], None]


def choose(key: str, draw: Draw, most: int | None = None) -> None:
    """Ask for a model and map, then ``draw(model, embed, description, vocabulary)`` of the first ``most`` names."""
    names = loading.models()
    if not names:
        with st.container(border=True):
            st.markdown("**There is no model with a vocabulary.** None is loaded, or what they need is not there.")
            links.link("models", "Models and what they need", icon=":material/deployed_code:")
        return
    asked = permalink.get("model")
    if asked is not None and asked not in names:
        st.warning(
            f"The model {text.plain(asked, 80)} has no vocabulary here. Choose another.", icon=":material/search_off:"
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        model = str(
            st.selectbox(
                "Model", names, index=names.index(asked) if asked in names else 0, key=f"{key}.model", width=300,
                format_func=lambda name: text.one_line(engine.catalogue().models[name].title or name, 60),
            )
        )  # fmt: skip
        place = st.container()
    permalink.put(model=model if model != names[0] else None)
    stamp = subjects.stamp(model)
    background.wait_for(
        ("words", engine.store().location, model, stamp),
        lambda: subjects.describe(model),
        lambda description: _mapped(key, model, stamp, description, most, draw, place),
        saying="Looking at the spaces and maps of the model; the first time takes seconds",
    )


def _mapped(
    key: str, model: str, stamp: str, description: Description, most: int | None, draw: Draw, place: object
) -> None:
    maps = loading.maps_of(description)
    if not maps:
        st.info("No map of this model leads from a finite space to vectors.", icon=":material/search_off:")
        links.link("models", "Its spaces and maps", icon=":material/deployed_code:", model=model)
        return
    embed = permalink.choice("embed", maps, maps[0]) or maps[0]
    if len(maps) > 1:
        with place:  # type: ignore[attr-defined]
            embed = str(st.selectbox("Map", maps, index=maps.index(embed), key=f"{key}.embed.{model}", width=180))
    permalink.put(embed=embed if embed != maps[0] else None)
    background.wait_for(
        ("words", engine.store().location, model, stamp, embed, most),
        lambda: loading.of_model(model, stamp, description, embed, most),
        lambda vocabulary: draw(model, embed, description, vocabulary),
        saying="Reading the vectors; the first time takes seconds",
    )
