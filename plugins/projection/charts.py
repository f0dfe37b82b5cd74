# SPDX-License-Identifier: Apache-2.0
"""Charts of the result (Altair), for the page, reports and notebooks alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.projection.checks import FloatArray
from plugins.projection.measures import Quality
from plugins.projection.principal_components import PrincipalComponents

if TYPE_CHECKING:
    import pandas as pd

MARKS = 1500  # a chart carries its points with it; the map of all points is drawn elsewhere
CLASSES = 12  # most values of a column that still make distinguishable colours


def map_chart(coordinates: FloatArray, stress: FloatArray, columns: pd.DataFrame, seed: int) -> Any:
    """The map (its first two dimensions) of at most `MARKS` random points.

    Coloured by the first column of few values, else by stress.
    """
    import altair as alt
    import pandas as pd

    n = len(coordinates)
    shown = np.arange(n)
    if n > MARKS:
        shown = np.sort(np.random.default_rng(seed).choice(n, MARKS, replace=False))
    frame = pd.DataFrame({"x": coordinates[shown, 0], "y": coordinates[shown, 1], "stress": stress[shown] * n})
    title = f"{len(shown):,} of {n:,} points" if n > MARKS else f"{n:,} points"
    label = _label_column(columns)
    if label is None:
        colour = alt.Color("stress:Q", title="stress (1 = average)", scale=alt.Scale(scheme="viridis"))
    else:
        frame["label"] = columns[label].astype(str).to_numpy()[shown]
        colour = alt.Color(
            "label:N",
            title=label,
            scale=alt.Scale(scheme="tableau10" if frame["label"].nunique() <= 10 else "tableau20"),
        )
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    # one unit is as long across as up
    low, high = frame[["x", "y"]].min(), frame[["x", "y"]].max()
    half = 0.52 * max(float((high - low).max()), 1e-6)
    x_domain, y_domain = ([float(each - half), float(each + half)] for each in (low + high) / 2)
    return (
        alt.Chart(frame, title=title)
        .mark_circle(size=18, opacity=0.7)
        .encode(
            x=alt.X("x:Q", title=None, axis=axis, scale=alt.Scale(domain=x_domain)),
            y=alt.Y("y:Q", title=None, axis=axis, scale=alt.Scale(domain=y_domain)),
            color=colour,
            tooltip=[alt.Tooltip("stress:Q", format=".2f")] + ([] if label is None else ["label:N"]),
        )
        .properties(width=420, height=420)
    )


def _label_column(columns: pd.DataFrame) -> str | None:
    """The first column with two to `CLASSES` values."""
    for name in columns.columns:
        if 2 <= columns[name].nunique() <= CLASSES:
            return str(name)
    return None


def quality_chart(measured: Quality) -> Any:
    """Trustworthiness, continuity and neighbourhood preservation against k, with the intervals of estimates."""
    import altair as alt
    import pandas as pd

    names = {
        "trustworthiness": "trustworthiness",
        "continuity": "continuity",
        "neighbourhood_preservation_above_chance": "preservation above chance",
    }
    rows = [
        {
            "k": each.k,
            "measure": names[each.name],
            "value": each.value,
            "low": each.value if each.interval is None else each.interval[0],
            "high": each.value if each.interval is None else each.interval[1],
        }
        for each in measured.measures
        if each.name in names
    ]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("k:Q", title="neighbours k", scale=alt.Scale(type="log", nice=False)),
        color=alt.Color("measure:N", title=None, legend=alt.Legend(orient="bottom")),
    )
    band = base.mark_area(opacity=0.25).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    line = base.mark_line(point=True).encode(
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domainMax=1)),
        tooltip=["measure:N", "k:Q", alt.Tooltip("value:Q", format=".3f")],
    )
    return alt.layer(band, line).properties(width=420, height=220, title="What the map keeps")


def explained_variance_chart(components: PrincipalComponents, most: int = 20) -> Any:
    """Share of the variance along each of the first components, and their sum."""
    import altair as alt
    import pandas as pd

    share = components.explained_variance_ratio[:most]
    frame = pd.DataFrame({"component": np.arange(1, len(share) + 1), "share": share, "sum": np.cumsum(share)})
    base = alt.Chart(frame).encode(x=alt.X("component:O", title="principal component"))
    bars = base.mark_bar().encode(
        y=alt.Y("share:Q", title="share of variance", axis=alt.Axis(format="%")),
        tooltip=["component:O", alt.Tooltip("share:Q", format=".1%"), alt.Tooltip("sum:Q", format=".1%")],
    )
    line = base.mark_line(point=True, color="#888").encode(y="sum:Q")
    return alt.layer(bars, line).properties(width=420, height=220, title="Explained variance")
