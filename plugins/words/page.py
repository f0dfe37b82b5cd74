# SPDX-License-Identifier: Apache-2.0
"""The page Words: a model's vocabulary, asked at once; no run is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from plugins.words import choosing, desk, loading, maps
from plugins.words.vocabulary import Vocabulary
from workbench.app.parts import links, permalink

if TYPE_CHECKING:
    from workbench.points import Description

NAME = "words"


def draw() -> None:
    """Draw the page."""
    st.title("Words")
    st.markdown(
        "Neighbours of a word, sums of words, and the odd one out. Every sum is answered twice: with its own words "
        "left out of the answers, as is the custom, and with none left out."
    )
    choosing.choose("words", _drawn)


def _drawn(model: str, embed: str, description: Description, vocabulary: Vocabulary) -> None:
    place = desk.Place(f"words.{model}.{embed}", permalink.get, permalink.put)
    desk.draw(vocabulary, place, loading.random_cosines(vocabulary))
    st.subheader("Further", anchor=False)
    maps.link(model, description.maps[embed].target)
    links.link(
        "plugin-word-analogies", "Man is to doctor as woman is to doctor: what such a sum can show",
        icon=":material/balance:", model=model,
    )  # fmt: skip
    links.link(
        "analysis", "Ask thousands of published questions (Analogies)", icon=":material/quiz:",
        analysis="analogies", model=model,
    )  # fmt: skip
    links.link(
        "analysis", "Keep words and sums as a run (Words)", icon=":material/play_arrow:", analysis=NAME, model=model
    )
