# SPDX-License-Identifier: Apache-2.0
"""The measures along the walk (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 420, 220
BLUE, ORANGE, GREEN, VERMILION = CHART_COLOURS[:4]
MOST_BARS = 40
SPREAD = "mean ± standard deviation"


def charts(table: pd.DataFrame) -> dict[str, Any]:
    """`spread`, `zeros`, `rank` and `units` by depth; those that are nowhere defined are left out."""
    found = {}
    if table["mean"].notna().any():
        found["spread"] = spread_chart(table)
        found["zeros"] = _line(table, "zeros", "share of numbers that are 0", "Zeros (sparsity)", GREEN, ".1%", True)
    if table["effective_rank"].notna().any():
        found["rank"] = rank_chart(table)
    if table["dead_share"].notna().any() or table["saturated_share"].notna().any():
        found["units"] = units_chart(table)
    return found


def spread_chart(table: pd.DataFrame) -> Any:
    """Mean of all numbers with one standard deviation to both sides."""
    import altair as alt

    rows = table.assign(below=table["mean"] - table["sd"], above=table["mean"] + table["sd"])
    rows = rows[["step", "layer", "mean", "mean_low", "mean_high", "sd", "below", "above"]].dropna(subset=["mean"])
    base = alt.Chart(rows).encode(x=_depth(table))
    band = base.mark_area(opacity=0.25, color=BLUE).encode(y=alt.Y("below:Q", title=SPREAD), y2="above:Q")
    line = base.mark_line(point={"color": BLUE}, color=BLUE).encode(
        y=alt.Y("mean:Q", title=SPREAD),
        tooltip=["step:O", "layer:N", *(alt.Tooltip(f"{one}:Q", format=".3g") for one in _SPREAD)],
    )
    return alt.layer(band, line).properties(width=WIDTH, height=HEIGHT, title="What the numbers are like")


_SPREAD = ("mean", "mean_low", "mean_high", "sd")


def rank_chart(table: pd.DataFrame) -> Any:
    """Effective rank of all points, and of half of them: where they differ, more points would give more."""
    import altair as alt
    import pandas as pd

    names = {"effective_rank": "all points", "effective_rank_half": "half of the points"}
    rows = pd.concat(
        [
            pd.DataFrame({"step": table["step"], "layer": table["layer"], "value": table[key], "of": words})
            for key, words in names.items()
        ]
    ).dropna()
    colour = alt.Color(
        "of:N",
        title=None,
        scale=alt.Scale(domain=list(names.values()), range=[BLUE, ORANGE]),
        legend=alt.Legend(orient="bottom"),
    )
    dashes = alt.Scale(domain=list(names.values()), range=[[1, 0], [5, 3]])
    chart = alt.Chart(rows).mark_line(point=True).encode(
        x=_depth(table),
        y=alt.Y("value:Q", title="effective rank"),
        color=colour,
        strokeDash=alt.StrokeDash("of:N", legend=None, scale=dashes),
        tooltip=["step:O", "layer:N", "of:N", alt.Tooltip("value:Q", format=".1f")],
    )  # fmt: skip
    return chart.properties(width=WIDTH, height=HEIGHT, title="How many directions the points fill")


def units_chart(table: pd.DataFrame) -> Any:
    """Share of dead and of saturated units in the layers that have most of them."""
    import altair as alt
    import pandas as pd

    names = ("dead", "saturated")
    parts = [
        pd.DataFrame(
            {
                "layer": table["step"].astype(str) + " · " + table["layer"].str.split(".").str[-2:].str.join("."),
                "share": table[f"{one}_share"],
                "units": table[one],
                "what": one,
                "step": table["step"],
            }
        )
        for one in names
    ]
    rows = pd.concat(parts).dropna().sort_values("share", ascending=False, kind="stable").head(MOST_BARS)
    cut = len(rows) == MOST_BARS
    rows = rows.sort_values(["step", "what"])
    rows["layer"] += ": " + rows["what"]
    colour = alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=list(names), range=[VERMILION, BLUE]),
        legend=alt.Legend(orient="bottom"),
    )
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="share of the layer's units", axis=alt.Axis(format="%"), stack=None),
            y=alt.Y("layer:N", title=None, sort=list(rows["layer"]), axis=alt.Axis(labelLimit=240)),
            color=colour,
            tooltip=["layer:N", "units:Q", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    title = "Dead and saturated units" + (f" (the {MOST_BARS} highest)" if cut else "")
    return chart.properties(width=WIDTH, height=80 + 22 * len(rows), title=title)


def _line(table: pd.DataFrame, name: str, axis: str, title: str, colour: str, form: str, share: bool) -> Any:
    import altair as alt

    rows = table[["step", "layer", name, f"{name}_low", f"{name}_high"]].dropna(subset=[name])
    base = alt.Chart(rows).encode(x=_depth(table))
    scale = alt.Scale(domain=[0, 1]) if share else alt.Scale()
    band = base.mark_area(opacity=0.25, color=colour).encode(
        y=alt.Y(f"{name}_low:Q", title=axis, scale=scale), y2=f"{name}_high:Q"
    )
    line = base.mark_line(point={"color": colour}, color=colour).encode(
        y=alt.Y(f"{name}:Q", title=axis, axis=alt.Axis(format="%") if share else alt.Axis()),
        tooltip=["step:O", "layer:N", alt.Tooltip(f"{name}:Q", format=form)],
    )
    return alt.layer(band, line).properties(width=WIDTH, height=HEIGHT, title=title)


def _depth(table: pd.DataFrame) -> Any:
    import altair as alt

    last = int(table["step"].max())
    step = max(1, -(-last // 12))
    scale = alt.Scale(domain=[1, max(last, 2)], nice=False)
    return alt.X("step:Q", title="step", scale=scale, axis=alt.Axis(values=list(range(1, last + 1, step)), format="d"))
