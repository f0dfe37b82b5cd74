# SPDX-License-Identifier: Apache-2.0
"""Charts of the result (Altair), for the page, reports and notebooks alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from plugins.projection.measures import Quality
from plugins.projection.principal_components import PrincipalComponents


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
        color=alt.Color("measure:N", title=None, legend=alt.Legend(orient="bottom", symbolOpacity=1, columns=1)),
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
    line = base.mark_line(point=True, color="#E69F00").encode(y="sum:Q")
    return alt.layer(bars, line).properties(
        width=420, height=220, title="Explained variance: each component, and their sum"
    )
