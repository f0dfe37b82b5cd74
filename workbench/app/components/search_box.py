# SPDX-License-Identifier: Apache-2.0
"""The search box of every page: opened by its button, by Ctrl+K or by a slash; entries appear while one types."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from workbench.app.served import grants, searching

_KEY: Final = "workbench-search"
_LONGEST: Final = 2000


@dataclass(frozen=True)
class Wanted:
    """Where the box leads: to an entry, or to the page of all hits for a text; and what stayed as context."""

    entry: str | None = None
    text: str | None = None
    context: str | None = None


def search_box(context: str | None = None, called: str = "") -> Wanted | None:
    """Draw the box; what was chosen in it since the last run, or nothing.

    Parameters
    ----------
    context : name of the analysis that the page is about: added to what is asked until the reader removes it
    called : what the page calls it
    """
    data = {
        "address": searching.address(),
        "token": grants.token(),
        "context": {"name": context, "called": called or context} if context else None,
    }
    told = _mount()(key=_KEY, data=data, on_wanted_change=_nothing)
    return read(told.get("wanted"))


def read(told: Any) -> Wanted | None:
    """What the browser told, when it is well formed."""
    if not isinstance(told, dict):
        return None
    entry, text, context = (_text(told.get(name)) for name in ("entry", "text", "context"))
    return Wanted(entry, text, context) if entry or text else None


def _text(given: Any) -> str | None:
    return given[:_LONGEST] if isinstance(given, str) and given.strip() else None


def _nothing() -> None:
    """Stand for the callback that makes a value of the component part of its result."""


@cache
def _mount() -> Any:
    from streamlit.components.v2 import component

    folder = resources.files("workbench.app.components") / "search_assets"
    script = (folder / "search.js").read_text(encoding="utf-8")
    style = (folder / "search.css").read_text(encoding="utf-8")
    return component("workbench_search", html="<div class='wb-search'></div>", css=style, js=script)
