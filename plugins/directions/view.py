# SPDX-License-Identifier: Apache-2.0
"""The page of directions: the matrix of effects, then one direction with its card, pictures, and a name for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.directions import keeping
from plugins.directions.charts import curve
from workbench.app.parts import charts, contact_sheet, style, text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "direction": "Direction",
    "attribute_title": "Attribute",
    "effect": "Effect per step",
    "p_adjusted": "p, adjusted",
    "selectivity": "Selectivity",
    "leak_share": "Leakage / effect",
    "leaks_title": "Leaks into",
    "monotonicity": "Monotonicity",
    "identity": "Identity kept",
    "locality": "Locality",
    "unusual": "Unusual codes",
    "stability": "Stability",
    "recognised": "Recognised",
    "strength": "Method's own number",
}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    table = view.kept("directions", lambda: view.result.table("directions"))
    view.findings()
    st.subheader("What every direction changes")
    view.chart("matrix")
    st.caption(
        f"Standard deviations of the attribute per step of one standard deviation of the codes; {_n(table, view)} "
        "codes, seed "
        f"{view.run.seed}. Framed: what the direction is about. A row with one strong cell is pure."
    )
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**Its own attribute, against random directions**")
        view.chart("effects")
        st.caption("Grey: the typical effect of a random direction. Lines are 95 % intervals over codes.")
    with right:
        view.measures()
        if "layers" in view.result.tables:
            _layers(view)
        if "interaction" in view.result.tables:
            _interaction(view)
    _one(view, table)
    _whole(view, table)
    with st.expander("How the first directions run", icon=":material/show_chart:"):
        view.chart("curves")
    with st.expander("What measured the attributes", icon=":material/straighten:"):
        st.dataframe(view.result.table("attributes"), hide_index=True, alt="Attributes and what measured them")
    view.notes()


def _n(table: pd.DataFrame, view: ViewContext) -> int:
    return int(view.result.table("attributes")["n"].iloc[0])


def _layers(view: ViewContext) -> None:
    rows = view.result.table("layers")
    with st.expander("Layers for GANSpace: do their components follow the code?", icon=":material/layers:"):
        st.dataframe(
            rows.rename(
                columns={"layer": "Layer", "width": "Units", "first_share": "First component", "r2": "Follows the code"}
            ),
            hide_index=True,
            column_config={
                "First component": st.column_config.NumberColumn(
                    format="percent", help="share of the layer's variance"
                ),
                "Follows the code": st.column_config.NumberColumn(
                    format="%.2f", help="share of the components that is linear in the code, on points held out"
                ),
            },
            alt="Layers of the decoder",
        )


def _interaction(view: ViewContext) -> None:
    rows = view.result.table("interaction")
    told = [f"{row['penalty']:.2g} ± {row['standard_error']:.1g}" for row in rows.to_dict("records")]
    random = [
        f"{row['random']:.2g} ({row['random_low']:.2g} to {row['random_high']:.2g})" for row in rows.to_dict("records")
    ]
    with st.expander(
        "Do the directions of a method work into each other? (Hessian penalty)", icon=":material/grid_on:"
    ):
        st.table(
            {"Method": rows["method"].tolist(), "Penalty": told, "Random directions (3 sets)": random},
            hide_index=True,
            border="horizontal",
        )
        st.caption(
            f"Mean over outputs and {int(rows['codes'].iloc[0])} codes, with the standard error over codes; 0: what "
            "one "
            "direction changes does not depend on the others. Smaller than random is better."
        )


def _one(view: ViewContext, table: pd.DataFrame) -> None:
    names = table["direction"].tolist()
    st.subheader("One direction")
    chosen = view.choice("direction", names, "Direction", names[0])
    row = table[table["direction"] == chosen].iloc[0]
    left, right = view.beside(3, 2)
    with left:
        _traversal(view, row)
        _change(view, row)
    with right:
        _card(view, row)
        keeping.form(view, row)


def _traversal(view: ViewContext, row: Any) -> None:
    at = int(row["vector"])
    pictures = np.asarray(view.result.array("traversals")[at])
    steps = np.asarray(view.result.array("steps"))
    few, count = pictures.shape[:2]
    factor = max(1, round(112 / max(pictures.shape[2:4])))
    tiles = [_rgb(pictures[code, step]) for code in range(few) for step in range(count)]
    tiles = [one.repeat(factor, axis=0).repeat(factor, axis=1) for one in tiles]
    captions = [f"{step:+.3g}" if step else "unmoved" for step in steps] * few
    sheet = contact_sheet.sheet(tiles, captions, columns=count, dark=style.dark())
    st.markdown(f"**Along {text.plain(row['direction'])}**: {text.plain(row['attribute_title'])} rises to the right")
    st.image(contact_sheet.png(sheet), alt=f"Traversal of {row['direction']} from {few} codes")
    held_out = "" if row["method"] == "kept" else " that the direction was not found with"
    st.caption(f"{few} codes{held_out}, moved by the standard deviations that stand below.")


def _change(view: ViewContext, row: Any) -> None:
    curves = view.result.table("curves")
    mine = curves[curves["vector"] == row["vector"]]
    charts.draw({**curve(mine), "width": 420, "height": 140}, "change")


def _rgb(picture: Any) -> Any:
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture


def _card(view: ViewContext, row: Any) -> None:
    titles = _titles(view)
    leak = titles.get(row["leaks_into"], "nothing")
    lines = [
        ("Effect per step (95 %)", f"{row['effect']:.2f} ({row['effect_low']:.2f} to {row['effect_high']:.2f})"),
        ("A random direction", f"{row['random_effect']:.2f}"),
        (f"p, adjusted for {int(row['compared'])}", _p(row["p_adjusted"])),
        (
            "Selectivity (95 %)",
            f"{row['selectivity']:.2f} ({row['selectivity_low']:.2f} to {row['selectivity_high']:.2f})",
        ),
        ("Leaks most into", f"{leak}, {row['leak_share']:.0%} of its effect" if row["leaks_into"] else "nothing else"),
        ("Rises evenly (rank correlation)", _number(row["monotonicity"])),
        ("Linear (share explained)", _number(row["linearity"])),
        (
            f"Identity kept, at {row['matched_step']:+.2g} steps" + ("" if row["matched"] else " (effect not reached)"),
            f"{row['identity']:.2f} ({row['identity_low']:.2f} to {row['identity_high']:.2f})",
        ),
        ("Locality (1: few pixels)", _number(row["locality"])),
        ("Unusual at 2 steps (unmoved)", f"{row['unusual']:.0%} ({row['unusual_unmoved']:.0%})"),
        ("Stability on half the points", _number(row["stability"], "depends on no points")),
        ("Told from other directions", _number(row["recognised"], "not asked")),
        ("Length of a step", f"{row['step']:.3g}"),
    ]
    named = "named for what it changes most"
    group = row.get("found_for", "")
    told = f"found for {text.plain(group)}, {named}" if group else f"told nothing, {named}"
    found = "found for it" if row["told"] else told
    st.markdown(f"**{text.plain(row['attribute_title'])}**, {found}")
    st.table(
        {"Measure": [one for one, _ in lines], "": [one for _, one in lines]}, hide_index=True, border="horizontal"
    )


def _titles(view: ViewContext) -> dict[str, str]:
    table = view.result.table("attributes")
    return dict(zip(table["attribute"], table["title"], strict=True))


def _p(value: float) -> str:
    return "not defined" if value != value else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _number(value: float, nothing: str = "not defined") -> str:
    return nothing if value != value else f"{value:.2f}"


def _whole(view: ViewContext, table: pd.DataFrame) -> None:
    titles = _titles(view)
    shown = table.assign(leaks_title=table["leaks_into"].map(titles))[list(COLUMNS)].rename(columns=COLUMNS)
    numbers = [one for one in shown.columns if shown[one].dtype.kind == "f"]
    with st.expander("Every measure of every direction", icon=":material/table:"):
        st.dataframe(
            shown,
            hide_index=True,
            column_config={one: st.column_config.NumberColumn(format="%.3g") for one in numbers},
            alt="Every measure of every direction",
        )
