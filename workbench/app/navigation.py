# SPDX-License-Identifier: Apache-2.0
"""The pages and how one gets to them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import streamlit as st

from registry.cards import Page, resolve
from workbench.app import engine
from workbench.app.parts import errors, links, style, text


def main() -> None:
    """Draw the app: navigation, then the page that was asked for."""
    st.set_page_config(page_title="Latent workbench", page_icon=":material/scatter_plot:", layout="wide")
    style.apply()
    pages: dict[str, list[Any]] = {
        "": [
            st.Page(
                _of("overview"), title="Overview", url_path="overview", icon=":material/space_dashboard:", default=True
            ),
            st.Page(_of("models"), title="Models", url_path="models", icon=":material/deployed_code:"),
            st.Page(_of("projection"), title="Projection", url_path="projection", icon=":material/scatter_plot:"),
            st.Page(_of("runs"), title="Runs", url_path="runs", icon=":material/history:"),
            st.Page(_of("plugins"), title="Plugins", url_path="plugins", icon=":material/extension:"),
            st.Page(_of("analysis"), title="Analysis", url_path="analysis", visibility="hidden"),
        ]
    }
    added = [_plugin_page(one) for one in engine.catalogue().pages.values()]
    if added:
        pages["From plugins"] = added
    links.remember(pages)
    st.navigation(pages, position="top").run()


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
