# SPDX-License-Identifier: Apache-2.0
"""Mean number of blobs or rings of each class with its interval, and of the same pixels in random order (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH, ROW = 420, 24
MADE, MIXED = "these images", "pixels in random order"


def counts_chart(classes: pd.DataFrame, count: str) -> Any:
    """One row a class; ``count`` is "blobs" or "rings"."""
    import altair as alt
    import pandas as pd

    rows = classes[classes["count"] == count].assign(group=lambda frame: frame["group"].replace("", "all images"))
    long = pd.concat(
        [rows.assign(of=MADE, value=rows["mean"]), rows.assign(of=MIXED, value=rows["shuffled"])], ignore_index=True
    )
    order = list(rows["group"])
    up = alt.Y("group:N", sort=order, title=None, axis=alt.Axis(labelLimit=220))
    title = f"{count} of an image (mean, 95 % interval)"
    across = alt.X("value:Q", title=title, scale=alt.Scale(zero=True))
    rules = (
        alt.Chart(rows.dropna(subset=["low"]))
        .mark_rule(strokeWidth=3, color=CHART_COLOURS[0])
        .encode(y=up, x=alt.X("low:Q", title=title), x2="high:Q")
    )
    domain = [MADE, MIXED]
    marks = (
        alt.Chart(long)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            y=up,
            x=across,
            color=alt.Color("of:N", title=None, scale=alt.Scale(domain=domain, range=[CHART_COLOURS[0], "#8A8A8A"])),
            shape=alt.Shape("of:N", title=None, scale=alt.Scale(domain=domain, range=["circle", "diamond"])),
            tooltip=["group:N", "of:N", alt.Tooltip("value:Q", format=".3f"), alt.Tooltip("images:Q")],
        )
    )
    return alt.layer(rules, marks).properties(width=WIDTH, height=ROW * max(2, len(rows)), title=count.capitalize())
