# SPDX-License-Identifier: Apache-2.0
"""The prominence diagram with its threshold, and the classes of each mode (Altair)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

SELECTION: Final = "mode"
WIDTH, HEIGHT = 460, 380
GREY: Final = "#8A8A8A"
MOST = 400  # ripples of a kind that are drawn, the most prominent
KINDS: Final = {"mode": "mode", "ripple": "ripple, merged", "normal": "normal points, same covariance"}
SHAPES: Final = ("diamond", "circle", "cross")
NONE: Final = "no higher peak"
LINE_ROOM = 1.25  # of the largest prominence


def diagram_chart(peaks: pd.DataFrame, threshold: float, *, selected: int | None = None) -> Any:
    """Each peak with its height and prominence; those of normal points beside them; the threshold as a line.

    A peak to which no higher one is joined has no prominence that is a number: it stands in the strip at the top.

    Parameters
    ----------
    peaks : ``height``, ``prominence``, ``kind`` ("mode", "ripple", "normal"), ``mode`` (from 1; 0: none)
    threshold : prominence up to which peaks were merged; NaN where a number of modes was asked for
    selected : a mode that is marked from the start
    """
    import altair as alt
    import pandas as pd

    finite = peaks[peaks["prominence"].map(math.isfinite)]
    reach = max(
        [float(finite["prominence"].max()) if len(finite) else 0.0, 0.0 if math.isnan(threshold) else threshold]
    )
    top = LINE_ROOM * reach if reach > 0 else 1.0
    shown = pd.concat([one.nlargest(MOST, "prominence") for _, one in peaks.groupby("kind", sort=False)])
    endless = ~shown["prominence"].map(math.isfinite)
    shown = shown.assign(
        words=shown["kind"].map(KINDS),
        placed=shown["prominence"].where(~endless, top),
        told=[NONE if one else f"{value:.3g}" for one, value in zip(endless, shown["prominence"], strict=True)],
        name=[str(one) if one else "" for one in shown["mode"]],
    )
    marked = [] if selected is None else [{"mode": selected}]
    pick = alt.selection_point(name=SELECTION, fields=["mode"], on="click", toggle=False, value=marked)
    x = alt.X("height:Q", title="log density of the peak (up to a constant)", scale=alt.Scale(zero=False))
    y = alt.Y(
        "placed:Q",
        title="prominence (log density); top: no higher peak",
        scale=alt.Scale(domain=[0, top * 1.06], nice=False),
    )
    words = list(KINDS.values())
    legend = alt.Legend(orient="bottom", columns=3)
    points = (
        alt.Chart(shown)
        .mark_point(filled=True, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "words:N",
                title=None,
                legend=legend,
                scale=alt.Scale(domain=words, range=[CHART_COLOURS[0], CHART_COLOURS[1], GREY]),
            ),
            shape=alt.Shape("words:N", title=None, legend=legend, scale=alt.Scale(domain=words, range=list(SHAPES))),
            size=alt.condition(pick, alt.value(260), alt.value(90), empty=False),
            opacity=alt.condition("datum.kind == 'normal'", alt.value(0.55), alt.value(0.95)),
            tooltip=[
                alt.Tooltip("words:N", title="peak"),
                alt.Tooltip("name:N", title="mode"),
                alt.Tooltip("height:Q", title="log density", format=".3g"),
                alt.Tooltip("told:N", title="prominence"),
            ],
        )
        .add_params(pick)
    )
    numbers = (
        alt.Chart(shown[(shown["mode"] > 0) & (shown["mode"] <= 30)])
        .mark_text(dx=12, dy=-6, align="left", fontSize=12, color=GREY)
        .encode(x=x, y=y, text="name:N")
    )
    layers = [points, numbers]
    if not math.isnan(threshold):
        line = pd.DataFrame({"placed": [threshold], "words": [f"threshold {threshold:.3g}"]})
        rule = alt.Chart(line).mark_rule(strokeDash=[6, 4], color=CHART_COLOURS[3], strokeWidth=2)
        note = alt.Chart(line).mark_text(align="right", dx=-4, dy=-7, color=CHART_COLOURS[3], fontSize=12)
        layers = [
            rule.encode(y="placed:Q"),
            note.encode(y="placed:Q", x=alt.value("width"), text="words:N"),
            *layers,
        ]
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def composition_chart(classes: pd.DataFrame, column: str) -> Any:
    """Which share of each class is in each mode, as a table of shades with the shares written in."""
    import altair as alt

    names = sorted(set(classes["class"]), key=_number)
    base = alt.Chart(classes).encode(
        x=alt.X("class:N", title=column, sort=names, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("mode:O", title="mode"),
        tooltip=[
            alt.Tooltip("class:N", title=column),
            alt.Tooltip("mode:O", title="mode"),
            alt.Tooltip("samples:Q", format=","),
            alt.Tooltip("share_of_class:Q", title="share of the class", format=".0%"),
            alt.Tooltip("share_of_mode:Q", title="share of the mode", format=".0%"),
        ],
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "share_of_class:Q",
            title="share of the class",
            scale=alt.Scale(scheme="viridis", domain=[0, 1]),
            legend=alt.Legend(format=".0%"),
        )
    )
    dark = alt.condition("datum.share_of_class > 0.6", alt.value("#111111"), alt.value("#FFFFFF"))
    texts = base.mark_text(fontSize=11).encode(text=alt.Text("share_of_class:Q", format=".0%"), color=dark)
    wide = max(24, min(56, 900 // max(len(names), 1)))
    return alt.layer(cells, texts).properties(width=alt.Step(wide), height=alt.Step(24))


def _number(name: str) -> tuple[float, str]:
    """Numbers by size, words by the alphabet."""
    try:
        return float(name), ""
    except ValueError:
        return float("inf"), name
