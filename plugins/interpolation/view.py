# SPDX-License-Identifier: Apache-2.0
"""The page of paths: their pictures first, then lengths and distances, then the certificate of each geodesic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.interpolation.pictures import strips
from plugins.interpolation.results import WORDS
from workbench.app.parts import contact_sheet, style

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "pair": "Pair",
    "first": "From row",
    "second": "To row",
    "path": "Path",
    "length": "Decoded length",
    "energy": "Energy",
    "change": "Mean squared speed",
    "speed_ratio": "Speed ratio",
    "innermost": "Innermost distance",
    "outermost": "Outermost distance",
    "innermost_percentile": "Innermost, percentile of draws",
    "outermost_percentile": "Outermost, percentile of draws",
    "ratio": "Geodesic over straight",
    "energy_excess": "Energy / length squared - 1",
    "refinement_error": "Refinement error",
    "iterations": "Iterations",
    "start": "Started from",
}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    _strips(view)
    left, right = view.beside(1, 1)
    with left:
        view.chart("length")
        st.caption("A straight line in this chart is an even speed of the output.")
        view.chart("distance")
        st.caption("Grey: where 98 % of the draws of the prior lie, or of the codes where it is not normal.")
    with right:
        st.markdown("**Every number**")
        view.measures()
    st.subheader("Whether the geodesics are at their minimum")
    _table(view.result.table("certificates"), "Certificates")
    st.caption(
        "A geodesic has an even speed (ratio 1), an energy of its length squared, and a length that refining the path "
        f"does not change. Seed {view.run.seed}."
    )
    view.notes()
    with st.expander("Every path as a table", icon=":material/table:"):
        _table(view.result.table("paths").replace({"path": WORDS}), "Every path")


def _strips(view: ViewContext) -> None:
    rows = np.asarray(view.result.array("rows"))
    names = [name for name in WORDS if f"pictures_{name}" in view.result.arrays]
    if not names:
        return
    labels = [f"{number}: row {first} to row {second}" for number, (first, second) in enumerate(rows.tolist())]
    chosen = labels.index(view.choice("pair", labels, "Pair")) if len(labels) > 1 else 0
    kept = view.result.table("paths")
    of_pair: list[str] = kept[kept["pair"] == chosen]["path"].tolist()
    shown: dict[str, Any] = {}
    for name in names:
        if name in of_pair:
            before = kept[(kept["path"] == name) & (kept["pair"] < chosen)]
            shown[WORDS[name]] = np.asarray(view.result.array(f"pictures_{name}")[len(before)])
    st.subheader(f"From row {rows[chosen][0]} to row {rows[chosen][1]}")
    with st.container(key=f"smooth-{view.run.id}"):
        st.image(
            contact_sheet.png(strips(shown, dark=style.dark(), ground=None)),
            width="content",
            alt="A strip of pictures for each path",
        )
    st.caption("Nine places at even times, the first sample left. Circle and random walk lead elsewhere.")


def _table(table: Any, alt: str) -> None:
    words = {name: COLUMNS.get(name, str(name)) for name in table.columns}
    numbers = {
        label: st.column_config.NumberColumn(format="%.4g")
        for name, label in words.items()
        if str(table[name].dtype).startswith("float")
    }
    st.dataframe(table.rename(columns=words), hide_index=True, column_config=numbers, alt=alt)
