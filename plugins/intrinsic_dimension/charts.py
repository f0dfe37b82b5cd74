# SPDX-License-Identifier: Apache-2.0
"""The four estimates with their intervals beside those of a Gaussian (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH, ROW = 420, 26
SIDES = {"these points": "", "Gaussian of the same covariance": "control"}


def estimates_chart(table: pd.DataFrame) -> Any:
    """A point with a bar for each method and side; methods that are not defined are left out."""
    import altair as alt
    import pandas as pd

    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "method": table["label"],
                    "points": side,
                    "dimension": table[name or "dimension"],
                    "low": table[f"{name}_low".lstrip("_")],
                    "high": table[f"{name}_high".lstrip("_")],
                }
            )
            for side, name in SIDES.items()
        ]
    ).dropna(subset=["dimension"])
    colour = alt.Color(
        "points:N",
        title=None,
        scale=alt.Scale(domain=list(SIDES), range=[CHART_COLOURS[0], CHART_COLOURS[1]]),
        legend=alt.Legend(orient="bottom"),
    )
    shape = alt.Shape("points:N", title=None, scale=alt.Scale(domain=list(SIDES), range=["circle", "diamond"]))
    base = alt.Chart(rows).encode(
        y=alt.Y("method:N", title=None, sort=list(table["label"]), axis=alt.Axis(labelLimit=220)),
        yOffset=alt.YOffset("points:N", sort=list(SIDES)),
        color=colour,
    )
    bars = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", title="intrinsic dimension (95 % interval)", scale=alt.Scale(zero=True)), x2="high:Q"
    )
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="dimension:Q",
        shape=shape,
        tooltip=[
            alt.Tooltip("method:N", title="method"),
            alt.Tooltip("points:N", title="points"),
            alt.Tooltip("dimension:Q", format=".2f"),
            alt.Tooltip("low:Q", format=".2f"),
            alt.Tooltip("high:Q", format=".2f"),
        ],
    )
    return alt.layer(bars, marks).properties(width=WIDTH, height=2 * ROW * len(table))
