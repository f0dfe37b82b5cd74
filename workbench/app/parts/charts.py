# SPDX-License-Identifier: Apache-2.0
"""Charts of results: Vega-Lite in the colours of the app, with nothing fetched."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from registry.pictures import styled
from registry.result import fetches
from workbench.app.parts import errors, text, words

#: Pixels of title, axis and legend that Streamlit counts into the height of a chart, and Vega-Lite does not.
_AROUND = 110
_LINE = 22  # and of each further line of a legend above or below


def draw(specification: dict[str, Any], name: str) -> None:
    """A Vega-Lite chart; one that would fetch something, stored by an earlier version, is refused."""
    if fetches(specification):
        errors.show(f"The chart {name} asks for a file from an address; charts must bring their data with them.")
        return
    specification = {key: one for key, one in specification.items() if key != "usermeta"}  # not for a chart to say
    specification = styled(specification)
    given = specification.get("height")
    height = (
        int(given) + _AROUND + _LINE * (_legend_lines(specification) - 1) if isinstance(given, (int, float)) else None
    )
    alt = text.one_line(words.label(name))
    if height is None:
        st.vega_lite_chart(None, specification, width="stretch", alt=alt)
    else:
        st.vega_lite_chart(None, specification, width="stretch", height=height, alt=alt)


def _legend_lines(part: Any) -> int:
    """Lines of the tallest legend above or below a chart, as far as its columns and its names are given; at least 1.

    >>> legend = {"legend": {"orient": "bottom", "columns": 1}, "scale": {"domain": ["a", "b", "c"]}}
    >>> _legend_lines({"layer": [{"encoding": {"color": legend}}]}), _legend_lines({"mark": "bar"})
    (3, 1)
    """
    if isinstance(part, list):
        return max((_legend_lines(one) for one in part), default=1)
    if not isinstance(part, dict):
        return 1
    legend, scale = part.get("legend"), part.get("scale")
    if isinstance(legend, dict) and isinstance(scale, dict) and legend.get("orient") in ("bottom", "top"):
        domain, columns = scale.get("domain"), legend.get("columns")
        if isinstance(domain, list) and isinstance(columns, int) and columns > 0:
            return max(math.ceil(len(domain) / columns), 1)
    return max((_legend_lines(one) for name, one in part.items() if name not in ("data", "datasets")), default=1)
