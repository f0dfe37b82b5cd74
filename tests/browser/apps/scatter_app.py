# SPDX-License-Identifier: Apache-2.0
"""Draws known points and writes what Python got; the case is named in the address."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import streamlit as st

from workbench.app.components.scatter import scatter

sys.path.insert(0, str(Path(__file__).parent))
from scatter_cases import CASES

st.set_page_config(layout="wide")
case = CASES[st.query_params.get("case", "plane")]
st.button("again")
if st.checkbox("shown", value=True):
    selection = scatter(case.coordinates, key="map", colour_label="kind", **case.options)
    record = {
        "points": selection.points.tolist(),
        "clicked": selection.clicked,
        "polygon": None if selection.polygon is None else selection.polygon.tolist(),
        "view": None if selection.view is None else selection.view.tolist(),
        "mode": selection.mode,
    }
    st.text(json.dumps(record))
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.text(f"run {st.session_state['runs']}")
