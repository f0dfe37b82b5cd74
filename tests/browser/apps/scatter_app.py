# SPDX-License-Identifier: Apache-2.0
"""Draws known points and writes what Python got; the case is named in the address. Its server has the routes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import streamlit as st

sys.path.insert(0, str(Path(__file__).parent))


def record_of(selection: Any) -> str:
    """What Python got, as JSON."""
    record = {
        "points": selection.points.tolist(),
        "clicked": selection.clicked,
        "polygon": None if selection.polygon is None else selection.polygon.tolist(),
        "view": None if selection.view is None else selection.view.tolist(),
        "mode": selection.mode,
        "look": selection.look,
        "probe": selection.probe,
    }
    return json.dumps(record)


def main() -> None:
    """Draw the page, once for every rerun."""
    from scatter_cases import CASES

    from workbench.app.components.scatter import scatter

    st.set_page_config(layout="wide")
    case = CASES[st.query_params.get("case", "plane")]
    options = dict(case.options)
    if "renderer" in st.query_params:
        options["renderer"] = st.query_params["renderer"]
    st.button("again")
    filtered = st.checkbox("filtered")
    if filtered:
        options["visible"] = case.coordinates[:, 0] > 0
    if st.checkbox("shown", value=True):
        options["look"] = st.query_params.get("look", "")
        for place, column in zip(["map", "twin"], st.columns(2) if case.linked else [st.container()], strict=False):
            with column:
                coordinates = case.coordinates if place == "map" else case.coordinates[:, ::-1]
                selection = scatter(coordinates, key=place, colour_label="kind", **options)
                st.text(record_of(selection))
                if selection.look and place == "map":
                    st.query_params["look"] = selection.look
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    st.text(f"run {st.session_state['runs']}")


if __name__ == "__main__":
    main()
else:
    from workbench.app.served import routes

    app = st.App(__file__, routes=routes.all())
