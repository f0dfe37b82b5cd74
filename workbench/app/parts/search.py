# SPDX-License-Identifier: Apache-2.0
"""The search box on a page: where it leads, and which analysis the page is about."""

from __future__ import annotations

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.components.search_box import search_box
from workbench.app.parts import links, permalink


def draw(page: str) -> None:
    """Draw the box, and go where its last choice leads."""
    context = about(page)
    wanted = search_box(context, engine.title_of(context) if context else "")
    if wanted is None:
        return
    if wanted.entry is not None:
        links.go("compendium", entry=wanted.entry)
    else:
        links.go("compendium", q=wanted.text, context=wanted.context)


def about(page: str) -> str | None:
    """The analysis that a page is about: the one in its address, or that of its run."""
    if page == "projection":
        return "projection"
    named = permalink.choice("analysis", engine.catalogue().analyses)
    run = permalink.run_id()
    if named is None and run is not None and page == "runs":
        try:
            return engine.store().run(run).analysis
        except WorkbenchError:  # the page itself says that there is no such run
            return None
    return named if page == "analysis" else None


def shown_context() -> str | None:
    """The context that the address of the compendium's page names."""
    return permalink.get("context") if "context" in st.query_params else None
