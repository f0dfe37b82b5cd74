# SPDX-License-Identifier: Apache-2.0
"""Links from page to page that keep the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

_PLACE = "_workbench_pages"


def remember(pages: Mapping[str, Sequence[Any]]) -> None:
    """Keep the pages of this session by the address that each has."""
    st.session_state[_PLACE] = {page.url_path or "overview": page for group in pages.values() for page in group}


def page_of(name: str) -> Any:
    """The page with this address."""
    return st.session_state[_PLACE][name]


def link(page: str, label: str, icon: str | None = None, help: str | None = None, **query: Any) -> None:
    """A link to a page with this query; parameters without a value are left out."""
    st.page_link(
        page_of(page),
        label=label,
        icon=icon,
        help=help,
        query_params={name: str(one) for name, one in query.items() if one not in (None, "")},
    )


def go(page: str, **query: Any) -> None:
    """Go to a page."""
    st.switch_page(page_of(page), query_params={name: str(one) for name, one in query.items() if one not in (None, "")})
