# SPDX-License-Identifier: Apache-2.0
"""Measures and classes beside their controls, distances of diagrams beside those of halves, Betti curves of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

WIDTH, ROW = 400, 18
MOST_CLASSES = 20  # drawn; the table has them all
COLOURS = [CHART_COLOURS[0], CHART_COLOURS[3], CHART_COLOURS[2]]
SHAPES = ["circle", "diamond", "square"]
MEASURES = {"value": "draws against data", "control": "two halves of the data"}
CLASSES = {"coverage": "draws", "control": "other real points"}
DISTANCES = {
    "real_generated": "data against draws",
    "halves_of_real": "two halves of the data",
    "halves_of_generated": "two halves of the draws",
}
SETS = {"real": "data", "generated": "draws"}
FEATURES = ("pieces", "loops", "voids")


def measures_chart(table: pd.DataFrame) -> Any:
    """Precision, recall and coverage, each with its control; density is no share, and stands in the table."""
    return _beside(table[table["measure"] != "density"], "measure", MEASURES, "share (95 % interval)")


def classes_chart(table: pd.DataFrame, column: str) -> Any:
    """Coverage of the twenty classes that are covered least."""
    rows = table.dropna(subset=["coverage"]).sort_values("coverage", kind="stable").head(MOST_CLASSES)
    return _beside(rows, "class", CLASSES, "coverage (95 % interval)", title=column)


def distances_chart(table: pd.DataFrame, kind: str) -> Any:
    """One kind of distance in each dimension, with both controls."""
    rows = table[table["measure"] == kind]
    found = _beside(rows, "what", DISTANCES, "median distances of the data (95 % interval)")
    return found.properties(title=f"{kind.capitalize()} distance of diagrams")


def _beside(table: pd.DataFrame, by: str, series: Mapping[str, str], across: str, title: str | None = None) -> Any:
    """A point with its interval for each row and series."""
    import altair as alt
    import pandas as pd

    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "what": table[by].astype(str),
                    "of": words,
                    "value": table[name],
                    "low": table[f"{name}_low"].clip(lower=0),
                    "high": table[f"{name}_high"],
                }
            )
            for name, words in series.items()
        ]
    )
    domain = list(series.values())
    colour = alt.Color(
        "of:N",
        title=None,
        scale=alt.Scale(domain=domain, range=COLOURS[: len(domain)]),
        legend=alt.Legend(orient="bottom", columns=2 if len(domain) < 3 else 1),
    )
    base = alt.Chart(rows).encode(
        y=alt.Y("what:N", title=title, sort=None, axis=alt.Axis(labelLimit=220)),
        yOffset=alt.YOffset("of:N", sort=domain),
        color=colour,
    )
    bars = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=across, scale=alt.Scale(zero=True)), x2="high:Q")
    marks = base.mark_point(filled=True, size=55, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape("of:N", title=None, scale=alt.Scale(domain=domain, range=SHAPES[: len(domain)])),
        tooltip=[
            alt.Tooltip("what:N", title=title or "what"),
            alt.Tooltip("of:N", title="of"),
            *(alt.Tooltip(f"{one}:Q", format=".3f") for one in ("value", "low", "high")),
        ],
    )
    return alt.layer(bars, marks).properties(width=WIDTH, height=len(series) * ROW * max(1, len(table)) + ROW)


def betti_charts(table: pd.DataFrame) -> dict[str, Any]:
    """Betti curves of data and draws, a chart for each dimension: median and 5 to 95 % of the trials."""
    import altair as alt

    rows = table.assign(set=table["points"].map(SETS))
    domain = list(SETS.values())
    charts = {}
    for dimension in sorted(int(one) for one in set(rows["dimension"])):
        up = f"{FEATURES[dimension]} alive"
        base = alt.Chart(rows[rows["dimension"] == dimension]).encode(
            x=alt.X("scale:Q", title="scale (median distances of the data)"),
            color=alt.Color(
                "set:N",
                title=None,
                scale=alt.Scale(domain=domain, range=[COLOURS[0], COLOURS[1]]),
                legend=alt.Legend(orient="top"),
            ),
        )
        band = base.mark_area(interpolate="step-after", opacity=0.25).encode(y=alt.Y("low:Q", title=up), y2="high:Q")
        line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
            y=alt.Y("median:Q", title=up),
            strokeDash=alt.StrokeDash("set:N", title=None, scale=alt.Scale(domain=domain, range=[[1, 0], [5, 3]])),
            tooltip=["set:N", *(alt.Tooltip(f"{one}:Q", format=".3~g") for one in ("scale", "median", "low", "high"))],
        )
        charts[f"betti_h{dimension}"] = alt.layer(band, line).properties(width=WIDTH, height=130)
    return charts
