# SPDX-License-Identifier: Apache-2.0
"""RTD beside that of points in random order, and the distances of diagrams beside those of two halves (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH, ROW = 400, 22
SERIES = {
    "same_points": "the same points in both spaces",
    "other_points": "one half here, the other there",
    "halves_of_first": "two halves of the first space",
    "halves_of_second": "two halves of the second space",
}
SHAPES = ["circle", "square", "diamond", "triangle-up"]
COLOURS = [CHART_COLOURS[0], CHART_COLOURS[3], CHART_COLOURS[1], CHART_COLOURS[2]]


def divergence_chart(table: pd.DataFrame) -> Any:
    """Two points with their intervals."""
    import altair as alt

    rows = table.assign(order=["points as they are", "points in random order"])
    base = alt.Chart(rows).encode(
        y=alt.Y("order:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
        color=alt.Color("order:N", legend=None, scale=alt.Scale(range=[COLOURS[0], COLOURS[2]])),
    )
    bars = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("rtd_low:Q", title="RTD (95 % interval)", scale=alt.Scale(zero=True)), x2="rtd_high:Q"
    )
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="rtd:Q",
        shape=alt.Shape("order:N", legend=None, scale=alt.Scale(range=["circle", "diamond"])),
        tooltip=[
            "order:N",
            alt.Tooltip("rtd:Q", title="RTD", format=".3f"),
            alt.Tooltip("rtd_low:Q", title="low", format=".3f"),
            alt.Tooltip("rtd_high:Q", title="high", format=".3f"),
        ],
    )
    return alt.layer(bars, marks).properties(width=WIDTH, height=4 * ROW)


def distances_chart(table: pd.DataFrame, kind: str) -> Any:
    """One kind of distance in each dimension, with its controls."""
    import altair as alt
    import pandas as pd

    of_kind = table[table["measure"] == kind]
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "what": of_kind["what"],
                    "of": words,
                    "value": of_kind[name],
                    "low": of_kind[f"{name}_low"].clip(lower=0),
                    "high": of_kind[f"{name}_high"],
                }
            )
            for name, words in SERIES.items()
        ]
    )
    domain = list(SERIES.values())
    base = alt.Chart(rows).encode(
        y=alt.Y("what:N", title=None, sort=None),
        yOffset=alt.YOffset("of:N", sort=domain),
        color=alt.Color(
            "of:N",
            title=None,
            scale=alt.Scale(domain=domain, range=COLOURS),
            legend=alt.Legend(orient="bottom", columns=1, labelLimit=320),
        ),
    )
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="median distances (95 % interval)", scale=alt.Scale(zero=True)), x2="high:Q"
    )
    marks = base.mark_point(filled=True, size=55, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape("of:N", title=None, scale=alt.Scale(domain=domain, range=SHAPES)),
        tooltip=[
            alt.Tooltip("what:N", title="what"),
            alt.Tooltip("of:N", title="of"),
            alt.Tooltip("value:Q", format=".3f"),
            alt.Tooltip("low:Q", format=".3f"),
            alt.Tooltip("high:Q", format=".3f"),
        ],
    )
    height = 4 * ROW * len(of_kind)
    return alt.layer(bars, marks).properties(width=WIDTH, height=height, title=f"{kind.capitalize()} distance")
