# SPDX-License-Identifier: Apache-2.0
"""Shape from step to step (Altair): Betti curves, counts, the fate of each loop, RTD, and which classes lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

UNIT: Final = "median distances of the step"
SMALL = (150, 84)  # pixels of one small chart
ROW, STEP = 30, 46  # pixels of a loop or pair, and of a step
GREY: Final = "#8A8A8A"
KINDS = {0: "pieces", 1: "loops", 2: "voids"}
STATES: Final = {
    "start": "there at the start",
    "kept": "kept",
    "wound": "kept, wound around",
    "new": "new",
    "back": "back again",
    "fades": "no more than noise",
    "removed": "removed",
    "absent": "not there",
    "not measured": "not measured",
}
MARKS: Final = ["circle", "circle", "triangle-up", "diamond", "triangle-right", "circle", "cross", "stroke", "stroke"]
COLOURS: Final = [CHART_COLOURS[one] for one in (0, 0, 4, 2, 2, 1, 3)] + [GREY, GREY]
MOST_PAIRS = 45


def labels_of(depth: Any, layer: Any, most: int = 22) -> list[str]:
    """What the axes call the steps: number and the end of the name, which says most.

    >>> labels_of([0, 1], ["x", "net.encoder.block.3.conv1"], 12)
    ['0 · x', '1 · …ock.3.conv1']
    """
    names = ["".join(one if one.isprintable() else " " for one in str(name)) for name in layer]
    cut = [one if len(one) <= most else "…" + one[1 - most :] for one in names]
    return [f"{at} · {one}" for at, one in zip(depth, cut, strict=True)]


def small_betti(rows: pd.DataFrame, dimension: int, across: float, up: float) -> Any:
    """The Betti curve of one step and dimension, with the band of the draws."""
    import altair as alt

    mine = rows[rows["dimension"] == dimension]
    colour = CHART_COLOURS[dimension]
    x = alt.X("scale:Q", title=None, scale=alt.Scale(domain=[0, across], nice=False), axis=alt.Axis(tickCount=3))
    scale = alt.Scale(type="symlog" if up > 10 else "linear", domain=[0, max(up, 1.0)])
    axis = alt.Axis(format="d", values=[0, 1, 10, 100]) if up > 10 else alt.Axis(format="d", tickCount=3)
    y = alt.Y("low:Q", title=None, scale=scale, axis=axis)
    base = alt.Chart(mine)
    band = base.mark_area(opacity=0.3, interpolate="step-after", color=colour).encode(x=x, y=y, y2="high:Q")
    tips = [alt.Tooltip(f"{name}:Q", format=".4~g") for name in ("scale", "median", "low", "high", "count")]
    line = base.mark_line(strokeWidth=2, interpolate="step-after", color=colour).encode(
        x=x, y=alt.Y("median:Q", title=None, scale=scale, axis=axis), tooltip=tips
    )
    return alt.layer(band, line)


def betti_chart(betti: pd.DataFrame, dimension: int) -> Any:
    """Small Betti curves of all points at each step, all on one scale."""
    import altair as alt

    rows = betti[(betti["group"] == "") & (betti["dimension"] == dimension)]
    across, up = reach_of(rows)
    parts = []
    for depth, mine in rows.groupby("depth", sort=True):
        (title,) = labels_of([depth], [mine["layer"].iloc[0]])
        chart = small_betti(mine, dimension, across, up)
        parts.append(chart.properties(width=SMALL[0], height=SMALL[1], title=alt.Title(title, fontSize=11)))
    title = f"{KINDS[dimension].capitalize()} alive at each scale ({UNIT}); median and 5 % to 95 % of the draws"
    return alt.concat(*parts, columns=5, spacing=10).properties(title=alt.Title(title, fontWeight="normal"))


def reach_of(rows: pd.DataFrame) -> tuple[float, float]:
    """The last scale at which more than the last piece is alive in any step, and the most that is alive at once."""
    dimension = int(rows["dimension"].iloc[0]) if len(rows) else 1
    alive = rows[rows["high"].fillna(rows["count"]) > (1 if dimension == 0 else 0)]
    across = float(alive["scale"].max()) * 1.1 if len(alive) else float(rows["scale"].max() or 1.0)
    return across or 1.0, float(np.nanmax([rows["high"].max(), rows["median"].max(), 1.0]))


def counts_chart(shapes: pd.DataFrame, kind: str) -> Any:
    """How many of one kind stand out at each step, of all points or of each class: median, 5 % and 95 % of the draws.

    ``kind`` is "pieces", "loops" or "voids".
    """
    import altair as alt

    frame = shapes.assign(step=labels_of(shapes["depth"], shapes["layer"]))
    order = list(dict.fromkeys(frame["step"]))
    classes = frame["group"].ne("").any() and kind == "pieces"
    rows = frame[frame["group"].ne("")] if classes else frame[frame["group"] == ""]
    x = alt.X("step:N", sort=order, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=160))
    tips = [
        alt.Tooltip("step:N", title="step"),
        alt.Tooltip("group:N", title="of"),
        *[alt.Tooltip(f"{kind}{end}:Q", format=".0f") for end in ("", "_low", "_high")],
    ]
    if classes:
        chart = (
            alt.Chart(rows)
            .mark_rect()
            .encode(
                x=x,
                y=alt.Y("group:N", title=None, sort=list(dict.fromkeys(rows["group"]))),
                color=alt.Color(
                    f"{kind}:Q", title=f"{kind}, median", scale=alt.Scale(scheme="viridis"), legend=whole()
                ),
                tooltip=tips,
            )
        )
        height: Any = alt.Step(20)
    else:
        y = alt.Y(f"{kind}_low:Q", title=f"{kind} that stand out", scale=alt.Scale(zero=True), axis=whole_axis())
        base = alt.Chart(rows).encode(x=x, tooltip=tips)
        colour = CHART_COLOURS[list(KINDS.values()).index(kind)]
        chart = alt.layer(
            base.mark_rule(strokeWidth=3, color=colour).encode(y=y, y2=f"{kind}_high:Q"),
            base.mark_point(filled=True, size=70, opacity=1, color=colour).encode(y=f"{kind}:Q"),
        )
        height = 150
    said = f"{kind.capitalize()} that stand out" + (" (median)" if classes else " (median, 5 % to 95 %)")
    return chart.properties(width=alt.Step(STEP), height=height, title=alt.Title(said, fontWeight="normal"))


def whole() -> Any:
    """A legend of whole numbers."""
    import altair as alt

    return alt.Legend(format="d", tickMinStep=1, orient="top", gradientLength=160)


def whole_axis() -> Any:
    """An axis of whole numbers."""
    import altair as alt

    return alt.Axis(format="d", tickMinStep=1)


def named(number: int, group: str) -> str:
    """What a loop is called.

    >>> named(2, "digit 0")
    'loop 2 (digit 0)'
    """
    return f"loop {number} ({group})" if group else f"loop {number}"


def loops_chart(loops: pd.DataFrame) -> Any:
    """The fate of each loop: one row each, one column for each step, the larger the more draws have it."""
    import altair as alt

    frame = loops.assign(
        step=labels_of(loops["depth"], loops["layer"]),
        name=[named(number, group) for number, group in zip(loops["loop"], loops["group"], strict=True)],
        what=loops["state"].map(STATES),
        drawn=loops["share"].fillna(0.0),
    )
    order = list(dict.fromkeys(frame.sort_values("depth")["step"]))
    present = [one for one in STATES if one in set(frame["state"])]
    places = [list(STATES).index(one) for one in present]
    domain = [STATES[one] for one in present]
    x = alt.X("step:N", sort=order, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=160, grid=True))
    y = alt.Y("name:N", sort=list(dict.fromkeys(frame["name"])), title=None)
    there = ["start", "kept", "wound", "new", "back"]
    base = alt.Chart(frame).encode(y=y)
    line = (
        base.transform_filter(alt.FieldOneOfPredicate(field="state", oneOf=there))
        .mark_line(strokeWidth=3, opacity=0.5, color=GREY)
        .encode(x=x, detail="name:N")
    )
    marks = base.mark_point(filled=True, opacity=1).encode(
        x=x,
        size=alt.Size(
            "drawn:Q",
            title="share of draws",
            scale=alt.Scale(domain=[0, 1], range=[70, 260]),
            legend=None,  # the page says it; two legends do not fit beside a chart of few loops
        ),
        shape=alt.Shape(
            "what:N",
            title=None,
            scale=alt.Scale(domain=domain, range=[MARKS[one] for one in places]),
            legend=alt.Legend(orient="top", columns=4),
        ),
        color=alt.Color("what:N", title=None, scale=alt.Scale(domain=domain, range=[COLOURS[one] for one in places])),
        tooltip=[
            alt.Tooltip("name:N", title="loop"),
            alt.Tooltip("step:N", title="step"),
            alt.Tooltip("what:N", title="state"),
            alt.Tooltip("share:Q", title="share of draws", format=".0%"),
            alt.Tooltip("correlation:Q", title="circular correlation", format=".2f"),
            alt.Tooltip("correlation_permuted:Q", title="of permuted samples (95 %)", format=".2f"),
            alt.Tooltip("length:Q", title="length", format=".3f"),
            alt.Tooltip("p_value:Q", title="adjusted p", format=".3~g"),
        ],
    )
    title = alt.Title("What becomes of each loop that is more than noise", fontWeight="normal")
    return alt.layer(line, marks).properties(width=alt.Step(STEP), height=alt.Step(ROW), title=title)


def order_chart(layers: pd.DataFrame) -> Any:
    """RTD of each step from the one before it, beside that of points in random order."""
    import altair as alt
    import pandas as pd

    mine = layers[layers["rtd"].notna()]
    steps = labels_of(mine["depth"], mine["layer"])
    ends = {"value": "", "low": "_low", "high": "_high"}
    parts = [
        pd.DataFrame({"step": steps, "points": words} | {end: mine[f"{name}{tail}"] for end, tail in ends.items()})
        for name, words in (("rtd", "the same points"), ("rtd_control", "points in random order"))
    ]
    rows = pd.concat(parts)
    domain, colours = ["the same points", "points in random order"], [CHART_COLOURS[0], CHART_COLOURS[1]]
    base = alt.Chart(rows).encode(
        x=alt.X("step:N", sort=steps, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=160)),
        xOffset=alt.XOffset("points:N", sort=domain),
        color=alt.Color(
            "points:N", title=None, scale=alt.Scale(domain=domain, range=colours), legend=alt.Legend(orient="top")
        ),
    )
    bars = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title="RTD from the step before"), y2="high:Q")
    marks = base.mark_point(filled=True, size=60, opacity=1).encode(
        y="value:Q",
        shape=alt.Shape("points:N", title=None, scale=alt.Scale(domain=domain, range=["circle", "diamond"])),
        tooltip=["step:N", "points:N", *[alt.Tooltip(f"{one}:Q", format=".3f") for one in ("value", "low", "high")]],
    )
    title = alt.Title(
        ["How much each step changes", "which points are connected first (95 % interval)"], fontWeight="normal"
    )
    return alt.layer(bars, marks).properties(width=alt.Step(STEP), height=160, title=title)


def pairs_chart(pairs: pd.DataFrame) -> Any:
    """Which classes lie apart at which step: above 1 each is one piece before the two join."""
    import altair as alt

    frame = pairs.assign(
        step=labels_of(pairs["depth"], pairs["layer"]),
        pair=[f"{a} / {b}" for a, b in zip(pairs["first"], pairs["second"], strict=True)],
        shown=np.log2(pairs["ratio"].clip(0.25, 4.0)),
    )
    change = frame.groupby("pair")["shown"].agg(lambda one: float(np.ptp(one)))
    kept = set(change.sort_values(ascending=False).index[:MOST_PAIRS])
    frame = frame[frame["pair"].isin(kept)]
    order = list(dict.fromkeys(frame.sort_values("depth")["step"]))
    base = alt.Chart(frame).encode(
        x=alt.X("step:N", sort=order, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=160)),
        y=alt.Y("pair:N", sort=list(dict.fromkeys(frame["pair"])), title=None, axis=alt.Axis(labelOverlap=False)),
    )
    shade = base.mark_rect().encode(
        color=alt.Color(
            "shown:Q",
            title="ratio",
            scale=alt.Scale(scheme="blueorange", domain=[-2.0, 2.0], domainMid=0.0, reverse=True),
            legend=alt.Legend(
                values=[-2, -1, 0, 1, 2], labelExpr="pow(2, datum.value)", orient="top", gradientLength=200
            ),
        ),
        tooltip=[
            alt.Tooltip("pair:N"),
            alt.Tooltip("step:N"),
            *[alt.Tooltip(f"{one}:Q", format=".3f") for one in ("ratio", "ratio_low", "ratio_high", "shuffled")],
            alt.Tooltip("apart:Q", title="apart in draws", format=".0%"),
            alt.Tooltip("state:N"),
        ],
    )
    words = base.mark_text(fontSize=9).encode(text=alt.Text("ratio:Q", format=".1f"), color=alt.value("#111111"))
    said = "Where two classes join, over where each is one piece: above 1 apart, below 1 merged"
    title = alt.Title(said, fontWeight="normal")
    return alt.layer(shade, words).properties(width=alt.Step(STEP), height=alt.Step(16), title=title)
