# SPDX-License-Identifier: Apache-2.0
"""Both clouds on one map with lines between pairs, recall while the gap closes, and the halves (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

COLOURS = [CHART_COLOURS[0], CHART_COLOURS[3]]
GREY = "#8A8A8A"
HEIGHT = 280


def map_chart(table: pd.DataFrame, names: tuple[str, str], shares: Any) -> Any:
    """Points of both sides; a line joins the two points of a pair."""
    import altair as alt
    import pandas as pd

    domain = [names[0], names[1]]
    axes = [f"component {at + 1} ({100 * float(shares[at]):.0f} % of the spread)" for at in range(2)]
    x, y = (alt.X("x:Q", title=axes[0]), alt.Y("y:Q", title=axes[1]))
    lines = alt.Chart(table).mark_rule(color=GREY, opacity=0.3, strokeWidth=0.7)
    lines = lines.encode(x=x, y=y, x2="x_second:Q", y2="y_second:Q")
    second = table[["row", "what"]].assign(x=table["x_second"], y=table["y_second"], side=names[1])
    points = pd.concat([table[["row", "what", "x", "y"]].assign(side=names[0]), second])
    marks = (
        alt.Chart(points)
        .mark_point(filled=True, size=26, opacity=0.85)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "side:N",
                title=None,
                scale=alt.Scale(domain=domain, range=COLOURS),
                legend=alt.Legend(orient="top", columns=2, labelLimit=300),
            ),
            shape=alt.Shape("side:N", title=None, scale=alt.Scale(domain=domain, range=["circle", "triangle-up"])),
            tooltip=[
                alt.Tooltip("side:N", title="side"),
                alt.Tooltip("what:N", title="pair"),
                alt.Tooltip("row:Q", title="row"),
            ],
        )
    )
    return alt.layer(lines, marks).properties(height=420)


def along_chart(table: pd.DataFrame, names: tuple[str, str]) -> Any:
    """How many points of each side lie where along the gap."""
    import altair as alt
    import pandas as pd

    rows = pd.concat(
        [
            pd.DataFrame({"side": name, "along": table[column]})
            for name, column in ((names[0], "along"), (names[1], "along_second"))
        ]
    )
    return (
        alt.Chart(rows)
        .mark_tick(thickness=1.5, size=26, opacity=0.6)
        .encode(
            x=alt.X("along:Q", title="place along the gap of other pairs (0: half way)"),
            y=alt.Y("side:N", title=None, sort=list(names), axis=alt.Axis(labelLimit=220)),
            color=alt.Color("side:N", legend=None, scale=alt.Scale(domain=list(names), range=COLOURS)),
            tooltip=["side:N", alt.Tooltip("along:Q", format=".3f")],
        )
        .properties(height=80)
    )


def curve_chart(table: pd.DataFrame, k: int) -> Any:
    """Recall at ``k`` against the share of the gap that is closed, both ways, with intervals."""
    import altair as alt

    rows = table[table["k"] == k].copy()
    for name in ("recall", "low", "high"):
        rows[name] = 100 * rows[name]
    rows["closed"] = 100 * rows["closed"]
    ways = list(dict.fromkeys(rows["way"]))
    base = alt.Chart(rows).encode(
        x=alt.X("closed:Q", title="share of the gap that is closed (%)"),
        color=alt.Color(
            "way:N",
            title=None,
            scale=alt.Scale(domain=ways, range=COLOURS),
            legend=alt.Legend(orient="top", columns=1, labelLimit=400),
        ),
    )
    band = base.mark_area(opacity=0.18).encode(
        y=alt.Y("low:Q", title=f"recall at {k} (% of queries)", scale=alt.Scale(zero=False)), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2).encode(y="recall:Q")
    marks = base.mark_point(filled=True, size=45).encode(
        y="recall:Q",
        shape=alt.Shape("way:N", title=None, scale=alt.Scale(domain=ways, range=["circle", "triangle-up"])),
        tooltip=[
            alt.Tooltip("way:N", title="way"),
            alt.Tooltip("closed:Q", title="closed (%)", format=".0f"),
            alt.Tooltip("gap:Q", title="distance left", format=".3f"),
            alt.Tooltip("recall:Q", title="recall (%)", format=".1f"),
            alt.Tooltip("low:Q", title="low (%)", format=".1f"),
            alt.Tooltip("high:Q", title="high (%)", format=".1f"),
        ],
    )
    return alt.layer(band, line, marks).properties(height=HEIGHT)


def halves_chart(table: pd.DataFrame, names: tuple[str, str]) -> Any:
    """Distances of the means of disjoint halves: of the two sides, and of each side by itself."""
    import altair as alt

    words = {
        "across": f"half of {names[0]}, other half of {names[1]}",
        "first": f"two halves of {names[0]}",
        "second": f"two halves of {names[1]}",
    }
    rows = table.assign(of=[words[one] for one in table["halves"]])
    base = alt.Chart(rows).encode(
        y=alt.Y("of:N", title=None, sort=list(words.values()), axis=alt.Axis(labelLimit=300)),
        color=alt.Color(
            "of:N",
            legend=None,
            scale=alt.Scale(domain=list(words.values()), range=[CHART_COLOURS[4], *COLOURS]),
        ),
    )
    bars = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", title="distance of the means (95 % of the splits)", scale=alt.Scale(zero=True)), x2="high:Q"
    )
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="gap:Q", tooltip=["of:N", alt.Tooltip("gap:Q", format=".3f")]
    )
    return alt.layer(bars, marks).properties(height=90)
