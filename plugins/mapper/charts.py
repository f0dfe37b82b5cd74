# SPDX-License-Identifier: Apache-2.0
"""The graph (a click chooses a node), and how its numbers vary with what was chosen (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

SELECTION: Final = "node"
WIDTH, HEIGHT, MARGIN = 640, 440, 30
SMALLEST, LARGEST = 40, 900  # area of a node, square pixels
GREY: Final = "#8A8A8A"
SHAPES: Final = ("circle", "square", "triangle-up", "diamond")
WRITTEN = 40  # nodes that have their class written on them at most
MIDDLE: Final = "#DDDDDD"
KINDS: Final = {
    "settings": "other intervals and overlaps",
    "halves": "random halves of the samples",
    "Gaussian": "normal points, same covariance",
}


def graph_chart(
    nodes: pd.DataFrame, edges: pd.DataFrame, *, colour: str, title: str, selected: int | None = None
) -> Any:
    """Nodes of the size of their samples, coloured by the mean of the lens or by their most frequent class.

    Parameters
    ----------
    nodes : ``node``, ``x``, ``y``, ``size``, ``lens``, ``component``, and ``label`` with ``label_share`` where classes
        are known
    edges : ``a``, ``b``, ``shared``
    colour : "lens" or "label"
    title : of the legend
    selected : a node that is marked from the start
    """
    import altair as alt

    across, down = _scales(nodes)
    tips = [
        alt.Tooltip("node:Q", title="node"),
        alt.Tooltip("size:Q", title="samples", format=","),
        alt.Tooltip("lens:Q", title="mean of the lens", format=".3g"),
    ]
    if "label" in nodes.columns:
        tips += [alt.Tooltip("label:N", title="most are"), alt.Tooltip("label_share:Q", title="share", format=".0%")]
    pick = alt.selection_point(
        name=SELECTION,
        fields=["node"],
        on="click",
        toggle=False,
        value=[] if selected is None else [{"node": selected}],
    )
    base = alt.Chart(nodes).encode(x=alt.X("x:Q", scale=across, axis=None), y=alt.Y("y:Q", scale=down, axis=None))
    points = (
        base.mark_point(filled=True, opacity=1, cursor="pointer")
        .encode(
            size=alt.Size(
                "size:Q",
                title="samples",
                scale=alt.Scale(type="sqrt", range=[SMALLEST, LARGEST], domainMin=0),
                legend=None,
            ),
            tooltip=tips,
            stroke=alt.condition(pick, alt.value(CHART_COLOURS[3]), alt.value(GREY), empty=False),
            strokeWidth=alt.condition(pick, alt.value(4), alt.value(0.8), empty=False),
            **_coloured(nodes, colour, title),
        )
        .add_params(pick)
    )
    layers = [points]
    if len(edges):
        layers.insert(0, _edges(nodes, edges, across, down))
    if colour == "label":
        large = nodes.nlargest(WRITTEN, "size")
        layers.append(
            alt.Chart(large)
            .mark_text(dy=-16, fontSize=11, color=GREY)
            .encode(x=alt.X("x:Q", scale=across), y=alt.Y("y:Q", scale=down), text="label:N")
        )
    return alt.layer(*layers).resolve_scale(size="independent").properties(width=WIDTH, height=HEIGHT)


def stability_chart(trials: pd.DataFrame) -> Any:
    """Of each kind of graph, which share has so many components, and so many cycles."""
    import altair as alt
    import pandas as pd

    rows = []
    for kind, words in KINDS.items():
        mine = trials[trials["kind"] == kind]
        for what, name in (("pieces", "components"), ("cycles", "independent cycles")):
            counts = mine[what].value_counts()
            rows += [
                {"graphs": words, "what": name, "count": int(count), "share": float(hits / len(mine)), "of": len(mine)}
                for count, hits in zip(counts.index.tolist(), counts.tolist(), strict=True)
            ]
    frame = pd.DataFrame(rows)
    panels: list[Any] = []
    for name in ("components", "independent cycles"):
        mine = frame[frame["what"] == name]
        base = alt.Chart(mine).encode(
            x=alt.X("count:Q", title=name, axis=alt.Axis(tickMinStep=1, format="d"), scale=_counts(mine["count"])),
            y=alt.Y(
                "graphs:N",
                title=None,
                sort=list(KINDS.values()),
                axis=alt.Axis(labelLimit=220) if not panels else alt.Axis(labels=False, ticks=False),
            ),
            tooltip=[
                alt.Tooltip("graphs:N", title="graphs"),
                alt.Tooltip("count:Q", title=name),
                alt.Tooltip("share:Q", title="share", format=".0%"),
                alt.Tooltip("of:Q", title="of"),
            ],
        )
        marks = base.mark_point(filled=True, opacity=0.9).encode(
            size=alt.Size(
                "share:Q",
                title="share of the graphs",
                scale=alt.Scale(domain=[0, 1], range=[0, 600]),
                legend=alt.Legend(
                    orient="bottom",
                    format=".0%",
                    values=[0.05, 0.25, 0.5, 1],
                    symbolFillColor=GREY,
                    symbolStrokeColor=GREY,
                ),
            ),
            color=alt.Color(
                "graphs:N",
                legend=None,
                scale=alt.Scale(domain=list(KINDS.values()), range=[*CHART_COLOURS[:2], GREY]),
            ),
        )
        panels.append(marks.properties(width=260, height=130))
    return alt.hconcat(*panels)


def _counts(values: Any) -> Any:
    import altair as alt

    low, high = int(values.min()), int(values.max())
    return alt.Scale(domain=[max(low - 1, -0.5), high + 1], nice=False, zero=False)


def _coloured(nodes: pd.DataFrame, colour: str, title: str) -> dict[str, Any]:
    """Colour by the lens, or colour and shape by class: ten colours, then the next shape."""
    import altair as alt

    if colour == "lens":
        return {"color": alt.Color("lens:Q", title=title, scale=alt.Scale(scheme="viridis"))}
    names = sorted(set(nodes["label"]), key=_number)
    colours = [CHART_COLOURS[at % len(CHART_COLOURS)] for at in range(len(names))]
    shapes = [SHAPES[at // len(CHART_COLOURS) % len(SHAPES)] for at in range(len(names))]
    legend = alt.Legend(orient="right", symbolLimit=40, columns=2 if len(names) > 12 else 1)
    return {
        "color": alt.Color("label:N", title=title, scale=alt.Scale(domain=names, range=colours), legend=legend),
        "shape": alt.Shape("label:N", title=title, scale=alt.Scale(domain=names, range=shapes), legend=legend),
    }


def _number(name: str) -> tuple[float, str]:
    """Numbers by size, words by the alphabet."""
    try:
        return float(name), ""
    except ValueError:
        return float("inf"), name


def _edges(nodes: pd.DataFrame, edges: pd.DataFrame, across: Any, down: Any) -> Any:
    import altair as alt
    import pandas as pd

    places = nodes.set_index("node")[["x", "y"]]
    first, second = places.loc[edges["a"]].to_numpy(), places.loc[edges["b"]].to_numpy()
    frame = pd.DataFrame(
        {
            "x": first[:, 0],
            "y": first[:, 1],
            "x2": second[:, 0],
            "y2": second[:, 1],
            "shared": edges["shared"].to_numpy(),
        }
    )
    width = alt.Size("shared:Q", legend=None, scale=alt.Scale(type="sqrt", range=[1, 6], domainMin=0))
    return (
        alt.Chart(frame)
        .mark_rule(color=GREY, opacity=0.8)
        .encode(
            x=alt.X("x:Q", scale=across, axis=None),
            y=alt.Y("y:Q", scale=down, axis=None),
            x2="x2:Q",
            y2="y2:Q",
            size=width,
            tooltip=[alt.Tooltip("shared:Q", title="shared samples", format=",")],
        )
    )


def _scales(nodes: pd.DataFrame) -> tuple[Any, Any]:
    """One unit is as long across as down, and the drawing is in the middle."""
    import altair as alt

    places = nodes[["x", "y"]].to_numpy()
    low, high = places.min(axis=0), places.max(axis=0)
    room = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN])
    unit = max(float(((high - low) / room).max()), 1e-3)
    middle, half = (low + high) / 2, np.array([WIDTH, HEIGHT]) * unit / 2
    across, down = ([float(middle[at] - half[at]), float(middle[at] + half[at])] for at in (0, 1))
    return alt.Scale(domain=across, nice=False, zero=False), alt.Scale(domain=down, nice=False, zero=False)
