# SPDX-License-Identifier: Apache-2.0
"""Links from page to page that keep the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

_PAGES, _HERE = "_workbench_pages", "_workbench_page"


def remember(pages: Mapping[str, Sequence[Any]], current: Any) -> None:
    """Keep the pages of this session by the address that each has, and which one is drawn."""
    st.session_state[_PAGES] = {page.url_path or "overview": page for group in pages.values() for page in group}
    st.session_state[_HERE] = current.url_path or "overview"


def link(page: str, label: str, icon: str | None = None, help: str | None = None, **query: Any) -> None:
    """A link to a page with this query; parameters without a value are left out.

    To the page that is open it is a button: a page link to it would show the other view without writing its address,
    which is then lost at the next rerun.
    """
    wanted = _written(query)
    if page != st.session_state[_HERE]:
        st.page_link(st.session_state[_PAGES][page], label=label, icon=icon, help=help, query_params=wanted)
    elif st.button(label, icon=icon, help=help, type="tertiary", key=f"link.{page}.{label}.{sorted(wanted.items())}"):
        go(page, **query)


def go(page: str, **query: Any) -> None:
    """Go to a page."""
    st.switch_page(st.session_state[_PAGES][page], query_params=_written(query))


def _written(query: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(one) for name, one in query.items() if one not in (None, "")}
