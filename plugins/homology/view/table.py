# SPDX-License-Identifier: Apache-2.0
"""The longest bars with their three numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from plugins.homology.view.found import KINDS, Found, p_words, share_words, verdict

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

MOST = 10  # bars of each dimension at first
EVERY = 5000


def draw(view: ViewContext, found: Found, group: str) -> None:
    """The table of one group; every bar on request."""
    import pandas as pd

    bars = found.bars[found.bars["group"] == group]
    st.subheader("What each bar is worth")
    key = view.key("every")
    if key not in st.session_state:
        st.session_state[key] = view.remembered("bars") == "all"
    every = st.toggle(f"All {len(bars):,} bars", key=key)
    view.remember(bars="all" if every else None)
    shown = bars.head(EVERY) if every else bars[bars["rank"] <= MOST]
    if "late" not in shown:
        shown = shown.assign(late=False)
    ordered = shown.sort_values(["late", "dimension", "rank"], ascending=[True, False, True])
    records = ordered.to_dict("records")
    table = pd.DataFrame(
        {
            "What": [_name(row) for row in records],
            "Taken together": [verdict(row) for row in records],
            "Born": [row["birth"] for row in records],
            "Filled or joined": [None if row["essential"] else row["death"] for row in records],
            "Length": [None if row["essential"] and row["dimension"] == 0 else row["length"] for row in records],
            "p, adjusted": [p_words(row["p_value"]) for row in records],
            "Recurs (95 %)": [share_words(row) if row["rank"] else "–" for row in records],
            "In covering radii": [None if row["essential"] else row["in_covering_radii"] for row in records],
            "In median distances": [None if row["essential"] else row["relative_length"] for row in records],
        }
    )
    number = st.column_config.NumberColumn(format="%.4g")
    numbers = ("Born", "Filled or joined", "Length", "In covering radii", "In median distances")
    forms: dict[str, Any] = {"What": st.column_config.TextColumn(width=170), **dict.fromkeys(numbers, number)}
    st.dataframe(
        table, hide_index=True, column_config=forms, height=min(38 + 35 * len(table), 420), alt="The bars as a table"
    )
    st.caption(
        "Three numbers, none of which is enough alone. p says how rare a bar of this ratio of death to birth is in "
        "noise (random points; not defined for pieces, nor among fewer than six bars). Recurrence says whether another "
        "draw of the points shows as many. In covering radii: above 4 the bar is one of all the points that were not "
        "trimmed, not of the landmarks alone."
    )


def _name(row: Any) -> str:
    kind = KINDS[row["dimension"]]
    return f"H{row['dimension']}, {kind} {row['rank']}" if row["rank"] else f"H{row['dimension']}, the piece that stays"
