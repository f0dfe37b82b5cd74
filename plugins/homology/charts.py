# SPDX-License-Identifier: Apache-2.0
"""Barcode, diagram and Betti curves (Altair), linked by a selection on the bar.

A table of bars has the columns ``bar`` (its id; the index if there is none), ``dimension``, ``birth``, ``death``
(infinite, or missing, of essential bars) and, where they are known, ``p_value``, ``recurrence`` (0 to 1) with
``recurrence_low`` and ``recurrence_high``, ``in_covering_radii``, and ``rank`` (1 for the longest of its dimension; 0
for the piece that always stays; counted here if there is none). A table of Betti curves has ``dimension``,
``scale``, ``median``, ``low``, ``high`` and, where known, ``count`` (of the barcode itself).

Charts of one page share the selection named ``bar``: a click gives ``{"bar": id}``, and what is ``selected`` is marked.
Dimensions differ by colour and by row or marker, never by colour alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

SELECTION: Final = "bar"
COLOURS: Final = CHART_COLOURS[:4]  # of H0, H1, H2, H3: blue, orange, green and vermilion
SHAPES: Final = ("circle", "square", "triangle-up", "diamond")
WORDS: Final = {0: "pieces", 1: "loops", 2: "voids", 3: "voids in 4 dimensions"}
GREY: Final = "#8A8A8A"  # reads on white and on the dark ground
WIDTH, SIDE, ROW = 460, 340, 130
MOST: Final = 20  # bars of a dimension in a barcode
MOST_MARKS: Final = 2000  # of a diagram; the rest lies on the diagonal
TICKS: Final = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def barcode_chart(
    bars: pd.DataFrame,
    *,
    unit: str = "distance",
    most: int = MOST,
    selected: Sequence[int] = (),
    every: bool = True,
) -> Any:
    """The longest ``most`` bars of each dimension, one a row, with adjusted p and recurrence beside each.

    Parameters
    ----------
    bars : as this module says
    unit : what the scale is measured in, such as "Euclidean distance"
    selected : ids of bars that are marked from the start
    every : whether ``bars`` are all bars of the barcode; where they are not, they are not counted
    """
    import altair as alt

    frame = _prepared(bars)
    shown = frame[frame["rank"] <= most]
    link = _selection(selected)
    rows = alt.Y(
        "row:N",
        sort=list(shown["row"]),
        title="bar | adjusted p | recurrence",
        axis=alt.Axis(labelLimit=260, labelOverlap=False, ticks=False),
    )
    base = alt.Chart(shown).encode(
        y=rows, color=_colour(shown), opacity=alt.condition(link, alt.value(1.0), alt.value(0.4)), tooltip=_tips(unit)
    )
    scale = alt.Scale(domain=[0, _last(frame)], nice=False)
    lines = base.mark_bar(height={"band": 0.7}, cursor="pointer").encode(
        x=alt.X("birth:Q", title=f"scale ({unit})", scale=scale), x2="end:Q"
    )
    arrows = (
        base.transform_filter("datum.essential")
        .mark_point(shape="triangle-right", filled=True, size=200)
        .encode(x="end:Q")
    )
    counts = ", ".join(_counted(frame, dimension) for dimension in _dimensions(frame))
    said = [counts] if every else [f"the longest of each dimension, {most} at most"]
    if every and len(shown) < len(frame):
        said = [f"the longest {most} of each dimension; in all {counts}"]
    if frame["essential"].any():
        said.append("an arrow marks a bar that does not end at the scales looked at")
    title = _title("Barcode", said)
    return alt.layer(lines.add_params(link), arrows).properties(
        width=WIDTH, height=max(60, 18 * len(shown)), title=title
    )


def diagram_chart(
    bars: pd.DataFrame,
    *,
    unit: str = "distance",
    band: float | None = None,
    selected: Sequence[int] = (),
) -> Any:
    """Death over birth of every bar; bars that do not end lie on the upper line. ``band``: length to be exceeded."""
    import altair as alt
    import pandas as pd

    every = _prepared(bars)
    frame = every.nlargest(MOST_MARKS, "span")
    link = _selection(selected)
    last = _last(frame)
    scale = alt.Scale(domain=[0, 1.04 * last], nice=False)
    essential = bool(frame["essential"].any())
    above = f"death ({unit}); upper line: does not end" if essential else f"death ({unit})"
    x, y = alt.X("birth:Q", title=f"birth ({unit})", scale=scale), alt.Y("end:Q", title=above, scale=scale)
    dimensions = _dimensions(frame)
    marks = (
        alt.Chart(frame)
        .mark_point(filled=True, size=70, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=_colour(frame, legend=True),
            shape=alt.Shape(
                "kind:N",
                title=None,
                scale=alt.Scale(
                    domain=[_kind(one) for one in dimensions], range=[SHAPES[one % 4] for one in dimensions]
                ),
            ),
            opacity=alt.condition(link, alt.value(0.9), alt.value(0.4)),
            tooltip=_tips(unit),
        )
        .add_params(link)
    )
    lines = [{"birth": 0.0, "end": 0.0, "birth2": last, "end2": last, "line": "diagonal"}]
    if essential:
        lines.append({"birth": 0.0, "end": last, "birth2": last, "end2": last, "line": "does not end"})
    if band is not None and band < last:
        lines.append({"birth": 0.0, "end": band, "birth2": last - band, "end2": last, "line": "confidence band"})
    dash = alt.StrokeDash(
        "line:N",
        title=None,
        scale=alt.Scale(domain=["diagonal", "confidence band", "does not end"], range=[[1, 0], [6, 4], [2, 3]]),
        legend=None,
    )
    rules = (
        alt.Chart(pd.DataFrame(lines))
        .mark_rule(color=GREY)
        .encode(x=x, y=y, x2="birth2:Q", y2="end2:Q", strokeDash=dash)
    )
    subtitle = [] if band is None else [f"dashed: lengths above the band, {_short(band)}"]
    if len(frame) < len(every):
        subtitle.append(f"the longest {len(frame):,} of {len(every):,}")
    return alt.layer(rules, marks).properties(width=SIDE, height=SIDE, title=_title("Diagram", subtitle, 44))


def betti_chart(
    betti: pd.DataFrame,
    *,
    unit: str = "distance",
    draws: int | None = None,
    bars: pd.DataFrame | None = None,
    selected: Sequence[int] = (),
    linked: bool = False,
) -> Any:
    """Bars alive at each scale, one row a dimension: median and 5 % to 95 % over draws of landmarks.

    Always rows (``vconcat``), also of one dimension: a page has to give them their width, they do not stretch.

    Scales at which a selected bar is alive are shaded; for that give the ``bars`` too. ``linked``: which are selected
    says the chart that this one is a part of.
    """
    import altair as alt

    dimensions = sorted(int(one) for one in set(betti["dimension"]))
    lives = None if bars is None else _prepared(bars)
    if lives is not None and not linked:
        lives = lives[lives["bar"].isin(list(selected))]
    last = float(betti["scale"].max())
    across = alt.X("scale:Q", title=f"scale ({unit})", scale=alt.Scale(domain=[0, last], nice=False))
    parts = []
    for dimension in dimensions:
        rows = _up_to(betti[betti["dimension"] == dimension], last).assign(kind=_kind(dimension))
        most = max(1.0, *(float(rows[one].max()) for one in ("median", "high", "count") if one in rows))
        scale = alt.Scale(type="symlog", domain=[0, most], nice=False)
        axis = alt.Axis(values=[one for one in TICKS if one <= most], format="d", labelOverlap="greedy")
        up = alt.Y("median:Q", title=_kind(dimension), scale=scale, axis=axis)
        base = alt.Chart(rows).encode(x=across, color=_colour(rows))
        tips = ["kind:N", alt.Tooltip("scale:Q", format=".4~g", title=f"scale ({unit})")]
        tips += [alt.Tooltip(f"{one}:Q", format=".4~g") for one in ("median", "low", "high")]
        layers = [
            base.mark_area(interpolate="step-after", opacity=0.25).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q"),
            base.mark_line(interpolate="step-after", strokeWidth=2).encode(y=up, tooltip=tips),
        ]
        if "count" in rows and draws != 0:
            layers.append(
                base.mark_line(interpolate="step-after", strokeWidth=1, strokeDash=[3, 3]).encode(
                    y=alt.Y("count:Q", scale=scale)
                )
            )
        if lives is not None:
            shade = alt.Chart(lives[lives["dimension"] == dimension])
            shade = shade.transform_filter({"param": SELECTION, "empty": False}) if linked else shade
            layers.insert(0, shade.mark_rect(color=GREY, opacity=0.3, clip=True).encode(x="birth:Q", x2="end:Q"))
        parts.append(alt.layer(*layers).properties(width=WIDTH, height=ROW))
    said = f"median and 5 % to 95 % of {'the' if draws is None else draws} draws of landmarks"
    said += "; dashes: the barcode itself" if "count" in betti else ""
    if draws == 0:
        said = "of the barcode itself: there are no draws that say how far to trust them"
    said += "; grey: the selected bar" if lives is not None else ""
    subtitle = [f"{said}; counts on a logarithmic axis"]
    title = _title("Betti curves", subtitle)
    return alt.vconcat(*parts, spacing=14).resolve_scale(color="independent").properties(title=title)


def linked_chart(
    bars: pd.DataFrame, betti: pd.DataFrame | None = None, *, unit: str = "distance", draws: int | None = None
) -> dict[str, Any]:
    """Barcode, diagram and Betti curves as one Vega-Lite chart: a click on a bar in one marks it in the others."""
    chart = _joined("hconcat", [barcode_chart(bars, unit=unit).to_dict(), diagram_chart(bars, unit=unit).to_dict()])
    if betti is None or betti.empty:
        return chart
    curves = betti_chart(betti, unit=unit, draws=draws, bars=bars, linked=True).to_dict()
    return _joined("vconcat", [chart, curves])


def _joined(how: str, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Charts beside or below each other that share the selection; by hand, as Altair warns of one in several parts."""
    params = [one for part in parts for one in part.get("params", [])]
    views = [name for one in params for name in one["views"]]
    top = ("$schema", "config", "datasets", "params")
    return {
        "$schema": parts[0]["$schema"],
        "config": parts[0]["config"],
        "datasets": {name: rows for part in parts for name, rows in part["datasets"].items()},
        "params": [{**params[0], "views": views}],
        how: [{name: one for name, one in part.items() if name not in top} for part in parts],
        "resolve": {"scale": {"color": "independent", "shape": "independent"}},
    }


def _selection(selected: Sequence[int] = ()) -> Any:
    """The selection that links charts: bars by id; with none selected all are drawn in full."""
    import altair as alt

    given: dict[str, Any] = {"value": [{SELECTION: int(one)} for one in selected]} if len(selected) else {}
    return alt.selection_point(name=SELECTION, fields=[SELECTION], empty=True, **given)


def _prepared(bars: pd.DataFrame) -> pd.DataFrame:
    """Sorted by dimension, then the longest first; with what is drawn and said of each bar."""
    frame = bars.copy()
    if SELECTION not in frame:
        frame[SELECTION] = np.arange(len(frame))
    frame["dimension"] = frame["dimension"].astype(int)
    frame["essential"] = ~np.isfinite(frame["death"].astype(float))
    frame["span"] = (frame["death"] - frame["birth"]).astype(float).where(~frame["essential"], np.inf)
    order = [True, False, True]
    frame = frame.sort_values(["dimension", "span", "birth"], ascending=order, kind="stable").reset_index(drop=True)
    if "rank" not in frame:
        pieces = frame["dimension"].to_numpy() == 0
        stays = bool((frame["essential"].to_numpy() & pieces).any())
        frame["rank"] = frame.groupby("dimension").cumcount().to_numpy() + np.where(pieces & stays, 0, 1)
    frame["end"] = frame["death"].astype(float).where(~frame["essential"], _last(frame))
    frame["kind"] = [_kind(one) for one in frame["dimension"]]
    for name in ("p_value", "recurrence", "recurrence_low", "recurrence_high", "in_covering_radii"):
        frame[name] = frame[name].astype(float) if name in frame else np.nan
    frame["p"] = [_p(one) for one in frame["p_value"]]
    shares = frame[["recurrence", "recurrence_low", "recurrence_high"]].to_numpy()
    frame["recurs"] = [_share(*one) for one in shares]
    frame["radii"] = [
        _number(one, essential) for one, essential in zip(frame["in_covering_radii"], frame["essential"], strict=True)
    ]
    frame["dies"] = [_number(one, essential) for one, essential in zip(frame["death"], frame["essential"], strict=True)]
    frame["lasts"] = [_number(one, essential) for one, essential in zip(frame["span"], frame["essential"], strict=True)]
    columns = zip(frame["dimension"], frame["rank"], frame["p"], frame["recurrence"], strict=True)
    frame["row"] = [_row(*one) for one in columns]
    keep = [SELECTION, "dimension", "birth", "end", "span", "essential", "rank", "kind", "row"]
    return frame[[*keep, "p", "recurs", "radii", "dies", "lasts"]]


def _last(frame: pd.DataFrame) -> float:
    """Where the scale ends: at the last finite value, with room for arrows where bars do not end."""
    name = "end" if "end" in frame else "death"
    values = frame[name].astype(float).to_numpy()
    finite = float(values[np.isfinite(values)].max(initial=0.0))
    finite = max(finite, float(frame["birth"].max()) if len(frame) else 0.0)
    if name == "end":
        return finite or 1.0
    return (finite * (1.06 if not np.isfinite(values).all() else 1.0)) or 1.0


def _up_to(rows: pd.DataFrame, last: float) -> pd.DataFrame:
    """Curves drawn on to the last scale of all dimensions: past the last death of their own they stay as they are."""
    import pandas as pd

    rows = rows.sort_values("scale")
    return rows if rows["scale"].iloc[-1] >= last else pd.concat([rows, rows.tail(1).assign(scale=last)])


def _row(dimension: int, rank: int, p: str, recurrence: float) -> str:
    """The name of a bar with two of its three numbers; no bar stands on the page without them."""
    share = "–" if recurrence != recurrence else f"{100 * recurrence:.0f} %"
    shown = "–" if p == NOT_DEFINED else p
    return f"H{dimension} · {rank or 'stays'}  |  {shown}  |  {share}"


NOT_DEFINED: Final = "not defined"


def _p(value: float) -> str:
    if value != value:
        return NOT_DEFINED
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _share(value: float, low: float, high: float) -> str:
    if value != value:
        return "no draws"
    between = "" if low != low or high != high else f" ({100 * low:.0f} to {100 * high:.0f})"
    return f"{100 * value:.0f} %{between}"


def _number(value: float, essential: bool) -> str:
    return "does not end" if essential else "not known" if value != value else _short(value)


def _short(value: float) -> str:
    return f"{value:.4g}"


def _kind(dimension: int) -> str:
    return f"H{dimension}, {WORDS.get(dimension, 'higher')}"


def _counted(frame: pd.DataFrame, dimension: int) -> str:
    n = int((frame["dimension"] == dimension).sum())
    return f"{n:,} in H{dimension} ({WORDS.get(dimension, 'higher')})"


def _dimensions(frame: pd.DataFrame) -> list[int]:
    return sorted(int(one) for one in set(frame["dimension"]))


def _title(text: str, said: Sequence[str], letters: int = 68) -> dict[str, Any]:
    """A title of some lines; all are title, as themes give that its colour on dark ground, and subtitles none."""
    lines = [text, *(line for one in said for line in textwrap.wrap(one, letters))]
    return {"text": lines, "anchor": "start", "fontSize": 13, "fontWeight": "normal"}


def _colour(frame: pd.DataFrame, *, legend: bool = False) -> Any:
    import altair as alt

    dimensions = _dimensions(frame)
    key = alt.Legend(orient="bottom-right") if legend else None  # below the diagonal there is nothing else
    scale = alt.Scale(domain=[_kind(one) for one in dimensions], range=[COLOURS[one % 4] for one in dimensions])
    return alt.Color("kind:N", title=None, scale=scale, legend=key)


def _tips(unit: str) -> list[Any]:
    import altair as alt

    return [
        alt.Tooltip("kind:N", title="dimension"),
        alt.Tooltip("rank:Q", title="rank by length"),
        alt.Tooltip("birth:Q", format=".4~g", title=f"birth ({unit})"),
        alt.Tooltip("dies:N", title=f"death ({unit})"),
        alt.Tooltip("lasts:N", title=f"length ({unit})"),
        alt.Tooltip("p:N", title="adjusted p, universal null"),
        alt.Tooltip("recurs:N", title="recurs in draws (95 % interval)"),
        alt.Tooltip("radii:N", title="length in covering radii"),
    ]
