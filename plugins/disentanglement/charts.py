# SPDX-License-Identifier: Apache-2.0
"""Heat maps with their numbers, and every score beside its controls (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

ROWS = 24  # axes of a heat map: those that hold most
CELL = 30
TITLES = {
    "information_share": "Information: share of the factor's entropy",
    "importance": "Importance for predicting the factor",
}


def heat_map(pairs: pd.DataFrame, column: str, factors: list[str]) -> Any:
    """Axes downwards, factors across, the number in each cell; of many axes those that hold most."""
    import altair as alt

    strongest = pairs.groupby("dimension")[column].max().nlargest(ROWS).index
    rows = pairs[pairs["dimension"].isin(strongest)].assign(
        axis=lambda one: "axis " + one["dimension"].astype(str), number=lambda one: one[column].map("{:.2f}".format)
    )
    order = [f"axis {one}" for one in sorted(strongest)]
    base = alt.Chart(rows).encode(
        x=alt.X("factor:N", sort=factors, title=None, axis=alt.Axis(orient="top", labelAngle=0, labelLimit=110)),
        y=alt.Y("axis:N", sort=order, title=None),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(f"{column}:Q", scale=alt.Scale(scheme="viridis", domain=[0, 1]), legend=None),
        tooltip=[
            "axis:N",
            "factor:N",
            alt.Tooltip("information:Q", title="information (nats)", format=".3f"),
            alt.Tooltip("information_share:Q", title="share of the entropy", format=".3f"),
            alt.Tooltip("importance:Q", format=".3f"),
        ],
    )
    words = base.mark_text(fontSize=12).encode(
        text="number:N",
        color=alt.condition(f"datum['{column}'] > 0.42", alt.value("#101010"), alt.value("#FFFFFF")),
    )
    return alt.layer(cells, words).properties(width=420, height=CELL * len(order), title=TITLES[column])


def scores_chart(table: pd.DataFrame, labels: dict[str, str]) -> Any:
    """A row for each score: itself with its interval, the range under rotations, and that with permuted factors."""
    import altair as alt
    import pandas as pd

    kinds = ["these codes (95 % interval)", "rotated at random (range)", "factors of other points (range)"]
    columns = (("value", "low", "high"), *((one, f"{one}_low", f"{one}_high") for one in ("rotated", "permuted")))
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "score": table["score"].map(labels),
                    "of": kind,
                    "value": table[names[0]],
                    "low": table[names[1]],
                    "high": table[names[2]],
                }
            )
            for kind, names in zip(kinds, columns, strict=True)
        ]
    )
    rows = rows[np.isfinite(rows["value"])]
    base = alt.Chart(rows).encode(
        y=alt.Y("score:N", title=None, sort=list(labels.values()), axis=alt.Axis(labelLimit=230)),
        yOffset=alt.YOffset("of:N", sort=kinds),
        color=alt.Color(
            "of:N",
            title=None,
            scale=alt.Scale(domain=kinds, range=[CHART_COLOURS[0], CHART_COLOURS[1], "#8A8A8A"]),
            legend=alt.Legend(orient="bottom", columns=1),
        ),
    )
    bars = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", title="score", scale=alt.Scale(domain=[-0.02, 1.02], nice=False), axis=alt.Axis(tickCount=6)),
        x2="high:Q",
    )
    marks = base.mark_point(filled=True, size=60, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape("of:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "diamond", "triangle-up"])),
        tooltip=["score:N", "of:N", *(alt.Tooltip(f"{one}:Q", format=".3f") for one in ("value", "low", "high"))],
    )
    return alt.layer(bars, marks).properties(width=420, height=36 * table["score"].nunique())
