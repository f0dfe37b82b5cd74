# SPDX-License-Identifier: Apache-2.0
"""The pages and how one gets to them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import streamlit as st

from registry.cards import Page, resolve
from workbench.app import engine
from workbench.app.parts import errors, links, search, style, text

#: The mark: points, and the map that takes them to a line. Its colours read on light and on dark ground.
_MARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28" width="28" height="28">
<path d="M4 22 C 9 22, 12 6, 24 6" fill="none" stroke="#6F7A86" stroke-width="1.6" stroke-linecap="round"/>
<circle cx="4.5" cy="21.5" r="3" fill="#0072B2"/><circle cx="12" cy="14.8" r="3" fill="#009E73"/>
<circle cx="23" cy="6.2" r="3" fill="#D55E00"/><circle cx="19.5" cy="20.5" r="2" fill="#6F7A86"/>
<circle cx="7" cy="8" r="2" fill="#6F7A86"/></svg>"""


def main() -> None:
    """Draw the app: navigation, then the page that was asked for."""
    st.set_page_config(page_title="Latent workbench", page_icon=_MARK, layout="wide")
    style.apply()
    st.logo(_MARK, size="large")
    pages: dict[str, list[Any]] = {
        "": [
            st.Page(
                _of("overview"), title="Overview", url_path="overview", icon=":material/space_dashboard:", default=True
            ),
            st.Page(_of("models"), title="Models", url_path="models", icon=":material/deployed_code:"),
            st.Page(_of("projection"), title="Projection", url_path="projection", icon=":material/scatter_plot:"),
            st.Page(_of("runs"), title="Runs", url_path="runs", icon=":material/history:"),
            st.Page(_of("findings"), title="Findings", url_path="findings", icon=":material/flag:"),
            st.Page(_of("slices"), title="Slices", url_path="slices", icon=":material/bookmarks:"),
            st.Page(_of("directions"), title="Directions", url_path="directions", icon=":material/trending_up:"),
            st.Page(_of("compendium"), title="Compendium", url_path="compendium", icon=":material/menu_book:"),
            st.Page(_of("plugins"), title="Plugins", url_path="plugins", icon=":material/extension:"),
            st.Page(_of("analysis"), title="Analysis", url_path="analysis", visibility="hidden"),
        ]
    }
    added = [_plugin_page(one) for one in engine.catalogue().pages.values()]
    if added:
        pages["From plugins"] = added
    current = st.navigation(pages, position="top")
    links.remember(pages, current)
    search.draw(current.url_path)
    current.run()


def _of(module: str) -> Callable[[], None]:
    """The page of a module of this package, imported when it is opened."""

    def draw() -> None:
        with errors.shown("This page"):
            import_module(f"workbench.app.{module}").page()

    return draw


def _plugin_page(page: Page) -> Any:
    def draw() -> None:
        with errors.shown(f"The page '{page.title}'"):
            resolve(page.draw)()

    try:
        return st.Page(draw, title=text.one_line(page.title, 60), icon=page.icon, url_path=f"plugin-{page.name}")
    except Exception:  # noqa: BLE001  an icon that Streamlit does not know must not take the whole app with it
        return st.Page(draw, title=text.one_line(page.title, 60), url_path=f"plugin-{page.name}")
