# SPDX-License-Identifier: Apache-2.0
"""Matrices of classes by classes (Altair): a colour and its number in each cell, controls in the same picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

CELL: Final = 40
LETTERS: Final = 60  # of a line of a title
PAIR, BLOB, HALVES = "the two classes", "normal clouds in their place", "two halves of the class"
LIGHT, DARK = "#FFFFFF", "#1A1C20"


def matrices(classes: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, Any]:
    """The charts of a result by name."""
    upper = "Below: measured. Above: normal clouds of the same means and covariances."
    return {
        "loops": matrix(
            cells(classes, pairs, "loop_share", "blob_share", "halves_loop"),
            "Joined by a loop",
            [f"Share of draws. {upper}", "On the diagonal: two random halves of the class."],
            ".0%",
            domain=[0, 1],
        ),
        "stretch": matrix(
            cells(classes, pairs, "stretch", "blob_stretch", "halves_stretch"),
            "Longest loop of both together",
            [f"Scale at which it is filled over that at which it closes. {upper}", "On the diagonal: two halves."],
            ".2f",
        ),
        "joins": matrix(
            cells(classes, pairs, "join", "blob_join", "halves_join"),
            "Where two classes become one piece",
            [f"Over the scale at which each is one; 1: they touch. {upper}", "On the diagonal: two halves."],
            ".2f",
        ),
        "distances": matrix(
            cells(classes, pairs, "bottleneck_h1", None, "halves_bottleneck_h1"),
            "How far the loops of two classes differ",
            ["Bottleneck distance of their diagrams, in median distances.", "On the diagonal: two halves of a class."],
            ".3f",
        ),
    }


def _title(title: str, subtitle: Sequence[str]) -> dict[str, Any]:
    """All lines are title, as themes give that its colour on dark ground, and subtitles none."""
    lines = [title, *(line for one in subtitle for line in textwrap.wrap(one, LETTERS))]
    return {"text": lines, "anchor": "start", "fontSize": 13, "fontWeight": "normal"}


def cells(classes: pd.DataFrame, pairs: pd.DataFrame, below: str, above: str | None, diagonal: str) -> pd.DataFrame:
    """Rows ``row``, ``column``, ``value``, ``low``, ``high``, ``what``: pairs below the diagonal, controls above."""
    import pandas as pd

    found = []
    for one in pairs.to_dict("records"):
        found.append(_cell(one["second"], one["first"], one, below, PAIR))
        if above is not None:
            found.append(_cell(one["first"], one["second"], one, above, BLOB))
    found += [_cell(one["class"], one["class"], one, diagonal, HALVES) for one in classes.to_dict("records")]
    return pd.DataFrame(found)


def _cell(row: Any, column: Any, of: dict[Any, Any], name: str, what: str) -> dict[str, Any]:
    return {
        "row": str(row),
        "column": str(column),
        "value": of[name],
        "low": of[f"{name}_low"],
        "high": of[f"{name}_high"],
        "what": what,
    }


def matrix(
    table: pd.DataFrame, title: str, subtitle: list[str], number: str, *, domain: list[float] | None = None
) -> Any:
    """One matrix; cells that are not measured are left out."""
    import altair as alt

    names = list(dict.fromkeys(table[table["what"] == HALVES]["row"]))  # in the order of the column
    low, high = domain or [float(table["value"].min()), float(table["value"].max())]
    side = CELL * len(names)
    axis = alt.Axis(labelAngle=0, labelLimit=CELL * 2, title=None, ticks=False, domain=False)
    base = alt.Chart(table).encode(
        x=alt.X("column:N", sort=names, axis=axis, scale=alt.Scale(domain=names)),
        y=alt.Y("row:N", sort=names, axis=axis, scale=alt.Scale(domain=names)),
        tooltip=[
            alt.Tooltip("row:N", title="class"),
            alt.Tooltip("column:N", title="and class"),
            alt.Tooltip("what:N", title="of"),
            alt.Tooltip("value:Q", title="value", format=".3f"),
            alt.Tooltip("low:Q", title="low", format=".3f"),
            alt.Tooltip("high:Q", title="high", format=".3f"),
        ],
    )
    middle = (low + high) / 2
    squares = base.mark_rect(stroke="#8A8A8A", strokeWidth=0.5).encode(
        color=alt.Color(
            "value:Q", title=None, scale=alt.Scale(scheme="cividis", domain=[low, max(high, low + 1e-9)]), legend=None
        )
    )
    numbers = base.mark_text(fontSize=11 if len(names) <= 10 else 9).encode(
        text=alt.Text("value:Q", format=number),
        color=alt.condition(f"datum.value > {middle!r}", alt.value(DARK), alt.value(LIGHT)),
    )
    return alt.layer(squares, numbers).properties(width=side, height=side, title=_title(title, subtitle))


def plane_chart(
    plane: Any,
    names: Sequence[str],
    order: Any,
    circular: Any = None,
    ramp: Sequence[str] = (),
) -> Any:
    """A sample in the plane in which a cycle lies best, the cycle drawn as a closed path.

    Parameters
    ----------
    plane : ``[s, 2]``
    names : the class of each point; two classes differ by colour and by shape
    order : int ``[c]``, the samples of the cycle, positions among the points
    circular : ``[s]`` in 0 to 1: colour says the place around the loop in place of the class
    ramp : its colours, the last the same as the first
    """
    import altair as alt
    import pandas as pd

    points = pd.DataFrame({"x": plane[:, 0], "y": plane[:, 1], "class": list(names)}).astype({"x": float, "y": float})
    classes = list(dict.fromkeys(names))
    side = 380
    low, high = np.asarray(plane).min(axis=0), np.asarray(plane).max(axis=0)
    middle, reach = (low + high) / 2, 0.53 * float((high - low).max())
    domain = [[float(one - reach), float(one + reach)] for one in middle]
    across = alt.X("x:Q", title=None, scale=alt.Scale(domain=domain[0], nice=False), axis=alt.Axis(grid=False))
    up = alt.Y("y:Q", title=None, scale=alt.Scale(domain=domain[1], nice=False), axis=alt.Axis(grid=False))
    if circular is None:
        colour = alt.Color("class:N", title=None, scale=alt.Scale(domain=classes, range=list(CHART_COLOURS[:2])))
    else:
        points["turn"] = np.asarray(circular, dtype=float)
        scale = alt.Scale(domain=np.linspace(0, 1, len(ramp)).tolist(), range=list(ramp))
        colour = alt.Color("turn:Q", title="share of a turn", scale=scale)
    marks = (
        alt.Chart(points)
        .mark_point(filled=True, size=34, opacity=0.75)
        .encode(
            x=across,
            y=up,
            color=colour,
            shape=alt.Shape("class:N", title=None, scale=alt.Scale(domain=classes, range=["circle", "diamond"])),
            tooltip=["class:N", *(["turn:Q"] if circular is not None else [])],
        )
    )
    closed = points.iloc[[*order, order[0]]].assign(step=range(len(order) + 1))
    path = (
        alt.Chart(closed)
        .mark_line(color="#8A8A8A", strokeWidth=2, point={"color": "#8A8A8A", "size": 46, "filled": False})
        .encode(x=across, y=up, order="step:Q")
    )
    return alt.layer(marks, path).properties(width=side, height=side)
