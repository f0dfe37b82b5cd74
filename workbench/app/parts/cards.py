# SPDX-License-Identifier: Apache-2.0
"""Words and badges of a model's or data set's card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from registry.cards import DatasetCard, ModelCard


def tags(card: ModelCard | DatasetCard) -> None:
    """Licence and tags."""
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(text.plain(card.licence or "no licence stated", 60), icon=":material/license:", color="gray")
        for tag in card.tags[:6]:
            st.badge(text.plain(tag, 30), color="blue")


def first_paragraph(description: str) -> str:
    """The first paragraph of a description on one line.

    >>> first_paragraph("One\\n  thing.\\n\\nAnother.")
    'One thing.'
    """
    return " ".join(description.strip().split("\n\n")[0].split())
