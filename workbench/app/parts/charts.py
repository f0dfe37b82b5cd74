# SPDX-License-Identifier: Apache-2.0
"""Charts of results: Vega-Lite in the colours of the app, with nothing fetched."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.app.parts import errors, text, words

#: Pixels of title, axis and legend that Streamlit counts into the height of a chart, and Vega-Lite does not.
_AROUND = 110


def draw(specification: dict[str, Any], name: str) -> None:
    """A Vega-Lite chart; one that would fetch something is refused."""
    if fetches(specification):
        errors.show(f"The chart {name} asks for a file from an address; charts must bring their data with them.")
        return
    given = specification.get("height")
    height = int(given) + _AROUND if isinstance(given, (int, float)) else None
    alt = text.one_line(words.label(name))
    if height is None:
        st.vega_lite_chart(None, specification, width="stretch", alt=alt)
    else:
        st.vega_lite_chart(None, specification, width="stretch", height=height, alt=alt)


def fetches(part: Any) -> bool:
    """Whether a specification names an address anywhere (data, picture or link).

    >>> fetches({"data": {"url": "http://example.org"}}), fetches({"data": {"values": [{"url": 1}]}})
    (True, False)
    """
    if isinstance(part, dict):
        return any((key in ("url", "href") and isinstance(one, str)) or fetches(one) for key, one in part.items())
    return isinstance(part, list) and any(fetches(one) for one in part)
