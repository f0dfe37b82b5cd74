# SPDX-License-Identifier: Apache-2.0
"""Charts of the changes along both kinds of path (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    from plugins.path_length.lengths import Float64

WIDTH, HEIGHT = 400, 230
COLOURS = [CHART_COLOURS[0], CHART_COLOURS[3]]


def changes(values: dict[str, Float64]) -> Any:
    """Shares of the steps by how much the output changes, on a log scale."""
    import altair as alt
    import pandas as pd

    logs = {kind: np.log10(np.maximum(one, 1e-300)) for kind, one in values.items()}
    both = np.concatenate([one[values[kind] > 0] for kind, one in logs.items()])
    low, high = (float(both.min()), float(both.max())) if len(both) else (0.0, 1.0)
    edges = np.linspace(low - 0.01, high + 0.01, 31)
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "change": 10 ** ((edges[:-1] + edges[1:]) / 2),
                    "share": np.histogram(one, bins=edges)[0] / len(one),
                    "path": kind,
                }
            )
            for kind, one in logs.items()
        ]
    )
    return (
        alt.Chart(rows)
        .mark_line(interpolate="monotone", strokeWidth=2.5)
        .encode(
            x=alt.X(
                "change:Q",
                title="squared change / epsilon squared",
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(tickCount=6, format="~g"),
            ),
            y=alt.Y("share:Q", title="share of the steps"),
            color=alt.Color("path:N", title=None, scale=alt.Scale(range=COLOURS), legend=alt.Legend(orient="bottom")),
            strokeDash=alt.StrokeDash("path:N", legend=None, scale=alt.Scale(range=[[1, 0], [6, 3]])),
        )
        .properties(width=WIDTH, height=HEIGHT, title="How much single steps change the output")
    )


def along(t: Float64, values: dict[str, Float64], where: str) -> Any:
    """Mean change in ten parts of the path, with 95 % intervals."""
    import altair as alt
    import pandas as pd

    parts = 1 if where == "end" else 10
    part = np.minimum((t * parts).astype(int), parts - 1)
    rows = []
    for number, (kind, one) in enumerate(values.items()):
        for at in range(parts):
            chosen = one[part == at]
            if len(chosen) < 2:
                continue
            reach = 1.96 * chosen.std(ddof=1) / np.sqrt(len(chosen))
            place = (at + 0.5) / parts + 0.008 * (2 * number - 1)  # side by side, so that both can be read
            rows.append(
                {"t": place, "mean": chosen.mean(), "low": max(chosen.mean() - reach, 0), "high": chosen.mean() + reach}
                | {"path": kind, "steps": len(chosen)}
            )
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("t:Q", title="place on the path", scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("path:N", title=None, scale=alt.Scale(range=COLOURS), legend=alt.Legend(orient="bottom")),
    )
    bars = base.mark_rule(strokeWidth=2).encode(
        y=alt.Y("low:Q", title="mean change (95 % interval)", scale=alt.Scale(zero=True)), y2="high:Q"
    )
    marks = base.mark_point(filled=True, size=60, opacity=1).encode(
        y="mean:Q",
        shape=alt.Shape("path:N", title=None, scale=alt.Scale(range=["circle", "diamond"])),
        tooltip=["path:N", alt.Tooltip("mean:Q", format=".4g"), "steps:Q"],
    )
    return alt.layer(bars, marks).properties(width=WIDTH, height=HEIGHT, title="Where on the path it changes")
