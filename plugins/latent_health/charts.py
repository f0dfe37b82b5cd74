# SPDX-License-Identifier: Apache-2.0
"""Divergence and variance of each axis, norms against the chi density, shares beside controls, nearest distances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_health.norms import Norms

WIDTH, ROW = 400, 18
MOST_AXES = 48  # drawn, half of them the most and half the least active; the table has them all
COLOURS = [CHART_COLOURS[0], CHART_COLOURS[3], CHART_COLOURS[2], CHART_COLOURS[7]]
SHAPES = ["circle", "diamond", "square", "triangle-up"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2]]
IN_USE = ["active", "inactive"]


def axes_drawn(order: Any) -> list[int]:
    """The axes of a chart, of all from the most to the least active."""
    chosen = [int(one) for one in order]
    return chosen if len(chosen) <= MOST_AXES else chosen[: MOST_AXES // 2] + chosen[-MOST_AXES // 2 :]


def dimensions_chart(table: pd.DataFrame, order: Any, threshold: float) -> Any:
    """A row for each axis, the most active first: divergence as a bar, variance of the means on a log scale."""
    import altair as alt
    import pandas as pd

    chosen = axes_drawn(order)
    shown = table.iloc[chosen].assign(axis=lambda rows: rows["name"].astype(str))
    names = list(shown["axis"])
    shown["use"] = np.where(shown["active"], *IN_USE) if "active" in shown else IN_USE[0]
    colour = alt.Color(
        "use:N", title=None, scale=alt.Scale(domain=IN_USE, range=COLOURS[:2]), legend=alt.Legend(orient="bottom")
    )
    shape = alt.Shape("use:N", title=None, scale=alt.Scale(domain=IN_USE, range=SHAPES[:2]))
    y = alt.Y("axis:N", title="latent axis", sort=names, axis=alt.Axis(labelOverlap=False, labelFontSize=11))
    height = ROW * len(names)
    panels = []
    if "kl" in shown:
        panels.append(_bars(shown, y, "kl", "divergence (nats)", colour, height))
    if "mean_variance" in shown:
        floor = threshold / 1000
        logged = shown.assign(
            shown_variance=shown["mean_variance"].clip(lower=floor),
            shown_low=shown["mean_variance_low"].clip(lower=floor),
            shown_high=shown["mean_variance_high"].clip(lower=floor),
        )
        base = alt.Chart(logged).encode(y=y, color=colour)
        powers = [10.0**one for one in range(-12, 13)]
        x = alt.X(
            "shown_low:Q",
            title="variance of the means",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=powers, format="~g"),
        )
        line = alt.Chart(pd.DataFrame({"at": [threshold]})).mark_rule(strokeDash=[4, 3], color="#888").encode(x="at:Q")
        marks = base.mark_point(filled=True, size=60, opacity=1).encode(
            x="shown_variance:Q", shape=shape, tooltip=["axis:N", alt.Tooltip("mean_variance:Q", format=".3~g")]
        )
        rules = base.mark_rule(strokeWidth=2).encode(x=x, x2="shown_high:Q")
        panels.append(alt.layer(line, rules, marks).properties(width=WIDTH // 2, height=height))
    if not panels:
        panels.append(_bars(shown, y, "effect", "change of the output by one deviation", colour, height))
    return panels[0] if len(panels) == 1 else alt.hconcat(*panels)


def _bars(shown: pd.DataFrame, y: Any, name: str, title: str, colour: Any, height: int) -> Any:
    import altair as alt

    base = alt.Chart(shown).encode(y=y)
    told = {"color": colour} if "active" in shown else {}
    bars = base.mark_bar().encode(
        x=alt.X(f"{name}:Q", title=title),
        **told,
        tooltip=["axis:N", *(alt.Tooltip(f"{one}:Q", format=".3~g") for one in (name, f"{name}_low", f"{name}_high"))],
    )
    rules = base.mark_rule(color="#888").encode(x=f"{name}_low:Q", x2=f"{name}_high:Q")
    return alt.layer(bars, rules).properties(width=WIDTH // 2 if name == "kl" else WIDTH, height=height)


def norms_chart(sets: tuple[Norms, ...], size: int) -> Any:
    """Distances from the centre of the prior as histograms, and the chi density that draws have."""
    import altair as alt
    import pandas as pd
    from scipy.stats import chi

    low = min(sets[0].inner, *(float(np.quantile(one.distance, 0.001)) for one in sets))
    high = max(sets[0].outer, *(float(np.quantile(one.distance, 0.999)) for one in sets))
    edges = np.linspace(max(low * 0.98, 0.0), high * 1.02, 51)
    frames = []
    for one in sets:
        counts, _ = np.histogram(one.distance, edges)
        density = counts / (len(one.distance) * np.diff(edges))
        frames.append(pd.DataFrame({"set": one.name, "distance": (edges[1:] + edges[:-1]) / 2, "density": density}))
    domain = [one.name for one in sets]
    base = alt.Chart(pd.concat(frames)).encode(
        x=alt.X("distance:Q", title="distance from the centre of the prior (deviations)", scale=alt.Scale(zero=False)),
        y=alt.Y("density:Q", title="density"),
    )
    steps = base.mark_line(interpolate="step", strokeWidth=2).encode(
        color=alt.Color(
            "set:N",
            title=None,
            scale=alt.Scale(domain=domain, range=COLOURS[: len(domain)]),
            legend=alt.Legend(orient="bottom", columns=2),
        ),
        strokeDash=alt.StrokeDash("set:N", title=None, scale=alt.Scale(domain=domain, range=DASHES[: len(domain)])),
    )
    grid = np.linspace(edges[0], edges[-1], 200)
    curve = pd.DataFrame({"distance": grid, "density": chi.pdf(grid, size)})
    area = alt.Chart(curve).mark_area(opacity=0.25, color="#888888").encode(x="distance:Q", y="density:Q")
    ends = alt.Chart(pd.DataFrame({"at": [sets[0].inner, sets[0].outer]}))
    return alt.layer(area, steps, ends.mark_rule(strokeDash=[4, 3], color="#888888").encode(x="at:Q")).properties(
        width=WIDTH, height=220
    )


def aggregate_chart(table: pd.DataFrame) -> Any:
    """Each measure of codes beside what the prior gives against itself."""
    import pandas as pd

    kinds = {"value": "codes", "control": "prior against itself"}
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "words": table["words"],
                    "of": words,
                    "value": table[name],
                    "low": table["low" if name == "value" else "control_low"].clip(lower=0),
                    "high": table["high" if name == "value" else "control_high"],
                }
            )
            for name, words in kinds.items()
        ]
    )
    return _intervals(rows, "words", list(kinds.values()), "value (95 % interval)")


def classes_chart(table: pd.DataFrame, column: str) -> Any:
    """Coverage of the twenty classes that are covered least, beside that by other real points."""
    import pandas as pd

    kinds = {"coverage": "draws", "control": "the other half of the data"}
    least = table.dropna(subset=["coverage"]).sort_values("coverage", kind="stable").head(20)
    rows = pd.concat(
        [
            pd.DataFrame(
                {"words": least["class"].astype(str), "of": words}
                | {to: least[of] for to, of in (("value", name), ("low", f"{name}_low"), ("high", f"{name}_high"))}
            )
            for name, words in kinds.items()
        ]
    )
    return _intervals(rows, "words", list(kinds.values()), "share covered (95 % interval)", column)


def _intervals(rows: pd.DataFrame, by: str, domain: list[str], title: str, side: str | None = None) -> Any:
    import altair as alt

    base = alt.Chart(rows).encode(
        y=alt.Y(f"{by}:N", title=side, sort=None, axis=alt.Axis(labelLimit=300)),
        yOffset=alt.YOffset("of:N", sort=domain),
        color=alt.Color(
            "of:N",
            title=None,
            scale=alt.Scale(domain=domain, range=COLOURS[:2]),
            legend=alt.Legend(orient="bottom", columns=1, labelLimit=400),
        ),
    )
    rules = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title, scale=alt.Scale(zero=True)), x2="high:Q")
    marks = base.mark_point(filled=True, size=55, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape("of:N", title=None, scale=alt.Scale(domain=domain, range=SHAPES[:2])),
        tooltip=[f"{by}:N", "of:N", *(alt.Tooltip(f"{one}:Q", format=".3~g") for one in ("value", "low", "high"))],
    )
    return alt.layer(rules, marks).properties(width=WIDTH, height=2 * ROW * rows[by].nunique())


def nearest_chart(table: pd.DataFrame, threshold: float) -> Any:
    """Share of each set that lies at most so near; the dashed line is the threshold for near duplicates."""
    import altair as alt
    import pandas as pd

    domain = list(dict.fromkeys(table["set"]))
    lines = (
        alt.Chart(table)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("distance:Q", title="nearest distance", scale=alt.Scale(zero=False)),
            y=alt.Y("share:Q", title="share at most so near"),
            order="share:Q",
            color=alt.Color(
                "set:N",
                title=None,
                scale=alt.Scale(domain=domain, range=COLOURS[: len(domain)]),
                legend=alt.Legend(orient="bottom", columns=1, labelLimit=400),
            ),
            strokeDash=alt.StrokeDash("set:N", title=None, scale=alt.Scale(domain=domain, range=DASHES[: len(domain)])),
            tooltip=["set:N", alt.Tooltip("distance:Q", format=".3~g"), alt.Tooltip("share:Q", format=".2f")],
        )
    )
    line = alt.Chart(pd.DataFrame({"at": [threshold]})).mark_rule(strokeDash=[4, 3], color="#888888")
    return alt.layer(lines, line.encode(x="at:Q")).properties(width=WIDTH, height=260)
