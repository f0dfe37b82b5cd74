# SPDX-License-Identifier: Apache-2.0
"""Permalinks: what a view shows, read from and written to the query of its address; every value is checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

import streamlit as st

RUN: Final = re.compile(r"[0-9a-f]{4,12}")
_LONGEST: Final = 400
MOST_ROWS: Final = 60


def get(name: str) -> str | None:
    """The value of one query parameter; nothing when it is absent, empty, or longer than a link ever is."""
    given = st.query_params.get(name)
    return given if given and len(given) <= _LONGEST else None


def run_id(name: str = "run") -> str | None:
    """A run id, or the first characters of one; nothing for anything else."""
    given = get(name)
    return given if given and RUN.fullmatch(given) else None


def choice(name: str, options: Iterable[str], default: str | None = None) -> str | None:
    """The parameter when it is one of ``options``, else the default."""
    given = get(name)
    return given if given is not None and given in set(options) else default


def whole(name: str, low: int, high: int, default: int) -> int:
    """A whole number from ``low`` to ``high``, else the default."""
    given = get(name) or ""
    if not re.fullmatch(r"-?[0-9]{1,18}", given):
        return default
    number = int(given)
    return number if low <= number <= high else default


def rows(name: str, count: int) -> list[int]:
    """Row positions below ``count``, rising; what is no position is left out."""
    given = (get(name) or "").split(".")
    found = {int(one) for one in given if re.fullmatch(r"[0-9]{1,12}", one)}
    return sorted(one for one in found if one < count)[:MOST_ROWS]


def rows_text(chosen: Sequence[int]) -> str | None:
    """Row positions as :func:`rows` reads them; nothing when there are none or too many for a short link.

    >>> rows_text([3, 14, 15]), rows_text(range(100))
    ('3.14.15', None)
    """
    return ".".join(str(int(one)) for one in chosen) if 0 < len(chosen) <= MOST_ROWS else None


def put(**values: Any) -> None:
    """Write parameters to the address; ``None`` and the empty text take one away. Others are left as they are."""
    for name, given in values.items():
        if given is None or given == "":
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get(name) != str(given):
            st.query_params[name] = str(given)


def address(page: str, values: Mapping[str, Any]) -> str:
    """The address of a view, relative to the app.

    >>> address("projection", {"run": "ab12cd34ef56", "colour": "hair colour", "slice": None})
    'projection?run=ab12cd34ef56&colour=hair%20colour'
    """
    query = urlencode({name: one for name, one in values.items() if one not in (None, "")}, quote_via=quote)
    return f"{page}?{query}" if query else page
