# SPDX-License-Identifier: Apache-2.0
"""Class by class: which barcode is shown, and all classes beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from plugins.homology.view.found import Found, p_words, share_words
from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

ALL = "all points"


def choose(view: ViewContext, found: Found) -> str:
    """The group whose barcode is shown; empty for all points."""
    names = [str(one) for one in found.groups["group"]]
    if len(names) < 2:
        return ""
    options = [one or ALL for one in names]
    chosen = view.choice("class", options, "Barcode of", default=ALL, width=260)
    return "" if chosen == ALL else chosen


def draw(view: ViewContext, found: Found) -> None:
    """Each class with its longest loop and its Betti curve."""
    import pandas as pd

    classes = found.groups[found.groups["group"] != ""]
    if classes.empty:
        return
    st.subheader(f"Class by class: {text.plain(view.run.params['by'], 80)}")
    rows = []
    for about in classes.to_dict("records"):
        mine = found.bars[found.bars["group"] == about["group"]]
        loops = mine[mine["dimension"] == 1]
        row = {
            "Class": about["group"],
            "Points": int(about["points"]),
            "Landmarks": int(about["landmarks"]),
            "Loops that are more than noise": int(loops["significant"].sum()),
        }
        if (mine["dimension"] == 2).any():
            row["Voids that are more than noise"] = int(mine[mine["dimension"] == 2]["significant"].sum())
        first = loops[loops["rank"] == 1]
        if len(first):
            one = first.iloc[0]
            row |= {
                "Longest loop, in median distances": float(one["relative_length"]),
                "p, adjusted": p_words(one["p_value"]),
                "Recurs (95 %)": share_words(one),
            }
        rows.append(row)
    number = {"Longest loop, in median distances": st.column_config.NumberColumn(format="%.3g")}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=number, alt="Each class with its longest loop")
    if "betti_by_class" in view.result.charts:
        view.chart("betti_by_class")
    st.caption(
        "Betti curves of loops, class by class: line and band are median and 5 % to 95 % of the random draws, dashes "
        "the barcode of the landmarks. Choose a class at the top to see its barcode and samples."
    )
