# SPDX-License-Identifier: Apache-2.0
"""The three measures along the way, with their intervals (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugins.layers.classes import Labels
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 420, 220
BLUE, ORANGE, GREEN, GREY = CHART_COLOURS[0], CHART_COLOURS[1], CHART_COLOURS[2], "#8A8A8A"
NAMES = {"accuracy": "labels as they are", "control": "labels shuffled"}


def charts(table: pd.DataFrame, labels: Labels | None) -> dict[str, Any]:
    """`accuracy`, `dimension` and `silhouette` by depth; those that are nowhere defined are left out."""
    found = {}
    if labels is not None and table["accuracy"].notna().any():
        found["accuracy"] = accuracy_chart(table, labels)
    if table["dimension"].notna().any():
        found["dimension"] = _curve(
            table, "dimension", "intrinsic dimension", "Intrinsic dimension (TwoNN)", ORANGE, ".1f"
        )
    if table["silhouette"].notna().any():
        found["silhouette"] = _curve(
            table, "silhouette", "mean silhouette", "How apart the classes lie (silhouette)", GREEN, ".3f", rule=0.0
        )
    return found


def accuracy_chart(table: pd.DataFrame, labels: Labels) -> Any:
    """Accuracy of the probe and of its control; the dashed line is the majority rate."""
    import altair as alt
    import pandas as pd

    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "depth": table["depth"],
                    "layer": table["layer"],
                    "value": table[name],
                    "low": table[f"{name}_low"],
                    "high": table[f"{name}_high"],
                    "probe": words,
                }
            )
            for name, words in NAMES.items()
        ]
    ).dropna()
    colour = alt.Color(
        "probe:N",
        title=None,
        scale=alt.Scale(domain=list(NAMES.values()), range=[BLUE, CHART_COLOURS[3]]),
        legend=alt.Legend(orient="bottom"),
    )
    across = _depth(table)
    up = alt.Scale(domain=[0, 1])
    base = alt.Chart(rows).encode(x=across, color=colour)
    band = base.mark_area(opacity=0.25).encode(y=alt.Y("low:Q", scale=up, title=None), y2="high:Q")
    line = base.mark_line(point=True).encode(
        y=alt.Y("value:Q", title="share told", axis=alt.Axis(format="%")),
        tooltip=[
            "depth:O",
            "layer:N",
            "probe:N",
            alt.Tooltip("value:Q", format=".1%"),
            alt.Tooltip("low:Q", format=".1%"),
            alt.Tooltip("high:Q", format=".1%"),
        ],
    )
    rule = (
        alt.Chart(pd.DataFrame({"majority": [labels.majority]}))
        .mark_rule(strokeDash=[4, 4], color=GREY, strokeWidth=1.5)
        .encode(y="majority:Q")
    )
    title = f"Linear probe of {labels.column} (dashed: majority rate)"
    return alt.layer(band, rule, line).properties(width=WIDTH, height=HEIGHT, title=title)


def _curve(
    table: pd.DataFrame, name: str, axis: str, title: str, colour: str, form: str, rule: float | None = None
) -> Any:
    import altair as alt
    import pandas as pd

    rows = pd.DataFrame(
        {
            "depth": table["depth"],
            "layer": table["layer"],
            "value": table[name],
            "low": table[f"{name}_low"],
            "high": table[f"{name}_high"],
        }
    ).dropna()
    base = alt.Chart(rows).encode(x=_depth(table))
    band = base.mark_area(opacity=0.25, color=colour).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    line = base.mark_line(point={"color": colour}, color=colour).encode(
        y=alt.Y("value:Q", title=axis),
        tooltip=[
            "depth:O",
            "layer:N",
            alt.Tooltip("value:Q", format=form),
            alt.Tooltip("low:Q", format=form),
            alt.Tooltip("high:Q", format=form),
        ],
    )
    parts = [band, line]
    if rule is not None:
        level = alt.Chart(pd.DataFrame({"at": [rule]})).mark_rule(strokeDash=[4, 4], color=GREY).encode(y="at:Q")
        parts.insert(1, level)
    return alt.layer(*parts).properties(width=WIDTH, height=HEIGHT, title=title)


def _depth(table: pd.DataFrame) -> Any:
    import altair as alt

    last = int(table["depth"].max())
    step = max(1, -(-last // 12))
    values = list(range(0, last + 1, step))
    scale = alt.Scale(domain=[0, max(last, 1)], nice=False)
    return alt.X("depth:Q", title="step (0 is the input)", scale=scale, axis=alt.Axis(values=values, format="d"))
