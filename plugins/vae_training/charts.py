# SPDX-License-Identifier: Apache-2.0
"""Charts: what each axis carries, and how it came about in training (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 420
STATES = {True: "active", False: "inactive"}


def axes_chart(table: pd.DataFrame) -> Any:
    """A bar for each axis with its interval, the most divergence first; inactive axes in another colour and mark."""
    import altair as alt

    rows = table.assign(state=table["active"].map(STATES))
    domain = list(STATES.values())
    base = alt.Chart(rows).encode(
        y=alt.Y("axis:N", sort=[str(one) for one in table["axis"]], title="latent axis"),
        color=alt.Color(
            "state:N",
            title=None,
            scale=alt.Scale(domain=domain, range=[CHART_COLOURS[0], CHART_COLOURS[1]]),
            legend=alt.Legend(orient="bottom"),
        ),
        tooltip=[
            alt.Tooltip("axis:N"),
            alt.Tooltip("state:N"),
            alt.Tooltip("divergence:Q", format=".3f", title="divergence (nats)"),
            alt.Tooltip("variance:Q", format=".3f", title="variance of the means"),
            alt.Tooltip("n:Q", format=","),
        ],
    )
    rules = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", title="divergence from the prior in nats (95 % interval)", axis=alt.Axis(tickCount=6)),
        x2="high:Q",
    )
    marks = base.mark_point(filled=True, size=80, opacity=1).encode(
        x="divergence:Q",
        shape=alt.Shape("state:N", title=None, scale=alt.Scale(domain=domain, range=["circle", "diamond"])),
    )
    return alt.layer(rules, marks).properties(width=WIDTH, height=22 * max(3, len(table)))


def curve_chart(table: pd.DataFrame, axes: int) -> Any:
    """Divergence and active axes over the steps, each with its own scale, one below the other."""
    import altair as alt

    base = alt.Chart(table).encode(x=alt.X("step:Q", title="step of the training", axis=alt.Axis(tickCount=8)))
    shown = (
        ("divergence", "divergence (nats)", None),
        ("reconstruction", "reconstruction (nats)", None),
        ("active", f"active axes of {axes}", (0, axes)),
    )
    charts = [
        base.mark_line(color=CHART_COLOURS[place], point={"size": 18, "color": CHART_COLOURS[place]})
        .encode(
            y=alt.Y(
                f"{name}:Q", title=title, scale=alt.Scale(zero=False) if domain is None else alt.Scale(domain=domain)
            ),
            tooltip=[alt.Tooltip("step:Q", format=","), alt.Tooltip(f"{name}:Q", format=".4g", title=title)],
        )
        .properties(width=WIDTH, height=110)
        for place, (name, title, domain) in enumerate(shown)
    ]
    return alt.vconcat(*charts)
