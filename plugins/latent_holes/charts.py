# SPDX-License-Identifier: Apache-2.0
"""Shares beside their controls, longest bars of codes beside those of the prior, and the map (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH, ROW = 400, 24
COLOURS = [CHART_COLOURS[0], CHART_COLOURS[3], CHART_COLOURS[2], CHART_COLOURS[7]]
SHAPES = ["circle", "diamond", "square", "triangle-up"]
MOST_MARKS = 3000


def shares_chart(table: pd.DataFrame) -> Any:
    """Every share with its interval; what codes give and what the prior gives against itself in two colours."""
    import altair as alt

    order = list(table["words"])
    base = alt.Chart(table[["words", "kind", "value", "low", "high"]]).encode(
        y=alt.Y("words:N", title=None, sort=order, axis=alt.Axis(labelLimit=300)),
        color=alt.Color(
            "kind:N",
            title=None,
            sort=None,
            scale=alt.Scale(domain=["codes", "control"], range=COLOURS[:2]),
            legend=alt.Legend(orient="bottom"),
        ),
    )
    bars = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", title="share (95 % interval)", scale=alt.Scale(zero=True)), x2="high:Q"
    )
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=["codes", "control"], range=SHAPES[:2])),
        tooltip=["words:N", *(alt.Tooltip(f"{one}:Q", format=".3f") for one in ("value", "low", "high"))],
    )
    return alt.layer(bars, marks).properties(width=WIDTH, height=ROW * len(table) + ROW)


def voids_chart(table: pd.DataFrame) -> Any:
    """The longest bar in each subset, of codes and of draws from the prior."""
    import altair as alt

    domain = ["codes", "prior"]
    return (
        alt.Chart(table)
        .mark_tick(thickness=2, size=26)
        .encode(
            x=alt.X("longest:Q", title="longest bar (median distances of the prior)", scale=alt.Scale(zero=True)),
            y=alt.Y("what:N", title=None, sort=None),
            yOffset=alt.YOffset("points:N", sort=domain),
            color=alt.Color(
                "points:N",
                title=None,
                scale=alt.Scale(domain=domain, range=COLOURS[:2]),
                legend=alt.Legend(orient="bottom"),
            ),
            tooltip=["points:N", "what:N", alt.Tooltip("longest:Q", format=".3f"), "standing_out:Q"],
        )
        .properties(width=WIDTH, height=3 * ROW * table["what"].nunique())
    )


def map_chart(table: pd.DataFrame, names: list[str]) -> Any:
    """Codes, draws and holes on the two principal components of the codes; of many, 3,000."""
    import altair as alt

    shown = table if len(table) <= MOST_MARKS else table.iloc[-MOST_MARKS:]
    return (
        alt.Chart(shown)
        .mark_point(filled=True, size=14, opacity=0.6)
        .encode(
            x=alt.X("x:Q", title="first component of the codes", scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", title="second component of the codes", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "point:N",
                title=None,
                scale=alt.Scale(domain=names, range=COLOURS[: len(names)]),
                legend=alt.Legend(orient="bottom", columns=2),
            ),
            shape=alt.Shape("point:N", title=None, scale=alt.Scale(domain=names, range=SHAPES[: len(names)])),
        )
        .properties(width=WIDTH, height=WIDTH)
    )
