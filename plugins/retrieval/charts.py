# SPDX-License-Identifier: Apache-2.0
"""Recall against k beside chance and shuffled pairs; how often each candidate is an answer (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.retrieval.measures import Way

HEIGHT = 260
COLOURS = [CHART_COLOURS[0], CHART_COLOURS[3]]
GREY = "#8A8A8A"


def curve_chart(table: pd.DataFrame) -> Any:
    """Recall at k both ways with intervals, chance as a broken line, and the band of shuffled pairs."""
    import altair as alt

    ways = list(dict.fromkeys(table["way"]))
    rows = table.copy()
    for name in ("recall", "low", "high", "chance", "shuffled_low", "shuffled_high"):
        rows[name] = 100 * rows[name]
    x = alt.X("k:Q", title="first k answers", scale=alt.Scale(type="log", nice=False), axis=alt.Axis(tickCount=6))
    colour = alt.Color(
        "way:N",
        title=None,
        scale=alt.Scale(domain=ways, range=COLOURS),
        legend=alt.Legend(orient="top", columns=1, labelLimit=400),
    )
    once = rows[rows["way"] == ways[0]]
    control = alt.Chart(once).mark_area(opacity=0.35, color=GREY)
    control = control.encode(x=x, y=alt.Y("shuffled_low:Q", title="recall (% of queries)"), y2="shuffled_high:Q")
    chance = alt.Chart(once).mark_line(strokeDash=[4, 3], color=GREY).encode(x=x, y="chance:Q")
    base = alt.Chart(rows).encode(x=x, color=colour)
    band = base.mark_area(opacity=0.2).encode(y="low:Q", y2="high:Q")
    line = base.mark_line(strokeWidth=2).encode(y="recall:Q")
    marks = base.mark_point(filled=True, size=36).encode(
        y="recall:Q",
        shape=alt.Shape("way:N", title=None, scale=alt.Scale(domain=ways, range=["circle", "square"])),
        tooltip=[
            alt.Tooltip("way:N", title="way"),
            alt.Tooltip("k:Q", title="k"),
            alt.Tooltip("recall:Q", title="recall (%)", format=".1f"),
            alt.Tooltip("low:Q", title="low (%)", format=".1f"),
            alt.Tooltip("high:Q", title="high (%)", format=".1f"),
            alt.Tooltip("chance:Q", title="chance (%)", format=".1f"),
        ],
    )
    return alt.layer(control, chance, band, line, marks).properties(height=HEIGHT)


def hubs_chart(ways: tuple[Way, Way], words: tuple[str, str]) -> Any:
    """How many candidates are so often the first answer."""
    import altair as alt
    import pandas as pd

    parts = []
    for name, way in zip(words, ways, strict=True):
        times, count = np.unique(way.first, return_counts=True)
        parts.append(pd.DataFrame({"way": name, "times": times, "candidates": count}))
    rows = pd.concat(parts)
    return (
        alt.Chart(rows)
        .mark_point(filled=True, size=60, opacity=0.9)
        .encode(
            x=alt.X("times:Q", title="times the first answer", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("candidates:Q", title="candidates", scale=alt.Scale(type="symlog")),
            color=alt.Color(
                "way:N",
                title=None,
                scale=alt.Scale(domain=list(words), range=COLOURS),
                legend=alt.Legend(orient="top", columns=1, labelLimit=400),
            ),
            shape=alt.Shape("way:N", title=None, scale=alt.Scale(domain=list(words), range=["circle", "square"])),
            tooltip=["way:N", alt.Tooltip("times:Q"), alt.Tooltip("candidates:Q")],
        )
        .properties(height=HEIGHT)
    )
