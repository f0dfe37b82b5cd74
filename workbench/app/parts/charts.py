# SPDX-License-Identifier: Apache-2.0
"""Charts of results: Vega-Lite in the colours of the app, with nothing fetched."""

from __future__ import annotations

from typing import Any

import streamlit as st

from registry.pictures import styled
from registry.result import fetches
from workbench.app.parts import errors, text, words

#: Pixels of title, axis and legend that Streamlit counts into the height of a chart, and Vega-Lite does not.
_AROUND = 110


def draw(specification: dict[str, Any], name: str) -> None:
    """A Vega-Lite chart; one that would fetch something, stored by an earlier version, is refused."""
    if fetches(specification):
        errors.show(f"The chart {name} asks for a file from an address; charts must bring their data with them.")
        return
    specification = {key: one for key, one in specification.items() if key != "usermeta"}  # not for a chart to say
    specification = styled(specification)
    given = specification.get("height")
    height = int(given) + _AROUND if isinstance(given, (int, float)) else None
    alt = text.one_line(words.label(name))
    if height is None:
        st.vega_lite_chart(None, specification, width="stretch", alt=alt)
    else:
        st.vega_lite_chart(None, specification, width="stretch", height=height, alt=alt)
