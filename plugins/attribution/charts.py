# SPDX-License-Identifier: Apache-2.0
"""Charts of the checks, and of values over latent units: Vega-Lite, a few thousand marks at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.attribution.checks.deletion import INPUT, RANDOM
from plugins.attribution.checks.means import mean_of
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.attribution.checks import Checked
    from plugins.attribution.methods.method import Attributed

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
GREY: Final = "#8A8A8A"
WIDTH, HEIGHT, ROW = 420, 240, 20
DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
CONTROLS: Final = (RANDOM, INPUT)
MOST_UNITS: Final = 32  # half of them with the largest values, half with the smallest


def charts_of(checked: Checked, attributed: Mapping[str, Attributed], *, latent: bool = False) -> dict[str, Any]:
    """Charts of what was checked, by name; with ``latent`` the values of each method over units as well."""
    tables = checked.tables()
    titles = dict(checked.titles)
    found: dict[str, Any] = {}
    if "curves" in tables:
        found |= {kind: curves(tables["curves"], kind, titles) for kind in ("deletion", "insertion")}
    if "randomisation" in tables and tables["randomisation"]["value"].notna().any():
        table = tables["randomisation"]
        found["randomisation"] = cascade(table[table["cascade"]], titles)
        if not table["cascade"].all():
            found["randomisation-alone"] = cascade(table[~table["cascade"]], titles)
    if "agreement" in tables and tables["agreement"]["value"].notna().any():
        found["agreement"] = agreement(tables["agreement"], titles)
    if "baselines" in tables and tables["baselines"]["value"].notna().any():
        found["baselines"] = baselines(tables["baselines"], titles)
    if "border" in tables:
        found["border"] = border(tables["border"], titles)
    if checked.completeness:
        found["completeness"] = completeness(checked.tables()["checks"])
    if latent:
        for name, one in attributed.items():
            if np.ndim(one.values) == 2:
                found[f"units.{name}"] = units(one.values, signed=method_signed(name))
    return found


def method_signed(name: str) -> bool:
    """Whether the values of a method have a sign."""
    from plugins.attribution.methods import METHODS

    return METHODS[name].signed if name in METHODS else True


def _series(names: Sequence[str], titles: Mapping[str, str]) -> tuple[list[str], dict[str, Any], dict[str, Any]]:
    """Names as shown, methods first; colour and dash of each: controls are grey."""
    methods = [one for one in names if one not in CONTROLS]
    ordered = [*methods, *(one for one in CONTROLS if one in names)]
    shown = [titles.get(one, one) for one in ordered]
    colours = [CHART_COLOURS[at % 7] for at in range(len(methods))] + [GREY] * (len(ordered) - len(methods))
    dashes = [DASHES[at // 7 % len(DASHES)] for at in range(len(methods))]
    dashes += [{RANDOM: [2, 2], INPUT: [7, 3]}[one] for one in ordered[len(methods) :]]
    legend = {"orient": "bottom", "columns": 2, "labelLimit": 240}
    colour = {"scale": {"domain": shown, "range": colours}, "legend": legend, "title": None}
    dash = {"scale": {"domain": shown, "range": dashes}, "legend": legend, "title": None}
    return shown, colour, dash


def _tips(*fields: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"field": name, "title": title, "type": "quantitative", "format": ".3f"}
        if name not in ("series", "layer", "pair")
        else {"field": name, "title": title, "type": "nominal"}
        for name, title in fields
    ]


def _rows(table: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {str(key): (round(float(one), 5) if np.isfinite(one) else None) if isinstance(one, float) else one
         for key, one in row.items()}
        for row in table[list(names)].to_dict("records")
    ]  # fmt: skip


def curves(table: pd.DataFrame, kind: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """Mean answers with bands along deletion or insertion, one line for each order."""
    chosen = table[table["kind"] == kind].assign(series=lambda one: [titles.get(x, x) for x in one["order"]])
    _, colour, dash = _series(list(dict.fromkeys(chosen["order"])), titles)
    colour, dash = ({**one, "legend": {**one["legend"], "symbolType": "stroke"}} for one in (colour, dash))
    verb = "deleted" if kind == "deletion" else "inserted"
    x = {"field": "share", "type": "quantitative", "title": f"share {verb}", "axis": {"format": "%"}}
    y = {"type": "quantitative", "title": "answer (0 at the baseline, 1 at the input)"}
    series = {"field": "series", "type": "nominal"}
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": HEIGHT + 80,  # the legend below is of it
        "data": {"values": _rows(chosen, ["share", "series", "value", "low", "high", "n"])},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.07},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    "color": {**series, **colour},
                },
            },
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "value"},
                    "color": {**series, **colour},
                    "strokeDash": {**series, **dash},
                    "tooltip": _tips(
                        ("series", "order"), ("share", "share"), ("value", "answer"), ("low", "from"), ("high", "to")
                    ),
                },
            },
        ],
    }


def cascade(table: pd.DataFrame, titles: Mapping[str, str]) -> dict[str, Any]:
    """Rank correlation of each method's maps with those of networks whose layers were drawn anew."""
    chosen = table.assign(series=lambda one: [titles.get(x, x) for x in one["method"]])
    shown, colour, dash = _series(list(dict.fromkeys(chosen["method"])), titles)
    order = list(dict.fromkeys(chosen["layer"]))
    shape = {"scale": {"domain": shown, "range": [SHAPES[at % len(SHAPES)] for at in range(len(shown))]}}
    cascading = bool(chosen["cascade"].all())
    title = "drawn anew from the top down to" if cascading else "drawn anew alone"
    x = {"field": "layer", "type": "nominal", "sort": order, "title": title,
         "axis": {"labelAngle": -40, "labelLimit": 110, "labelOverlap": False}}  # fmt: skip
    y = {"type": "quantitative", "title": "rank correlation", "scale": {"domainMax": 1}}
    series = {"field": "series", "type": "nominal"}
    rule = {"type": "rule", "opacity": 0.6}
    line = [{"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"strokeDash": {**series, **dash}}}]
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": HEIGHT + 60,
        "data": {"values": _rows(chosen, ["layer", "series", "value", "low", "high", "sizes", "ssim_value", "n"])},
        "encoding": {"x": x, "color": {**series, **colour}, "y": {**y, "field": "value"}},
        "layer": [
            *(line if cascading else []),
            {"mark": rule, "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}}},
            {
                "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1},
                "encoding": {
                    "shape": {**series, **shape, "title": None, "legend": colour["legend"]},
                    "tooltip": _tips(
                        ("series", "method"), ("layer", "layer"), ("value", "rank correlation"), ("low", "from"),
                        ("high", "to"), ("sizes", "of sizes"), ("ssim_value", "structural similarity"),
                    ),
                },
            },
        ],
    }  # fmt: skip


def agreement(table: pd.DataFrame, titles: Mapping[str, str]) -> dict[str, Any]:
    """Rank correlations of all pairs of methods as a coloured table."""
    rows = []
    for one in table.to_dict("records"):
        words = [titles.get(one[name], one[name]) for name in ("first", "second")]
        numbers = {key: round(float(one[key]), 3) if np.isfinite(one[key]) else None
                   for key in ("value", "low", "high", "signs_value")}  # fmt: skip
        rows += [{"one": words[0], "other": words[1], **numbers}, {"one": words[1], "other": words[0], **numbers}]
    names = list(dict.fromkeys([*table["first"], *table["second"]]))
    shown = [titles.get(one, one) for one in names]
    axis = {"labelLimit": 120, "labelAngle": -40, "labelOverlap": False}
    return {
        "$schema": SCHEMA,
        "width": max(180, 56 * len(shown)),
        "height": 34 * len(shown) + 130,  # the names below and the legend are of it
        "data": {"values": rows},
        "encoding": {
            "x": {"field": "one", "type": "nominal", "sort": shown, "title": None, "axis": axis},
            "y": {"field": "other", "type": "nominal", "sort": shown, "title": None, "axis": {"labelLimit": 160}},
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": GREY, "strokeWidth": 0.5},
                "encoding": {
                    "color": {
                        "field": "value",
                        "type": "quantitative",
                        "title": "rank correlation",
                        "scale": {"domain": [-1, 0, 1], "range": ["#3182BD", "#F2F2F2", "#D9691E"]},
                        "legend": {"orient": "bottom", "gradientLength": 180},
                    },
                    "tooltip": [
                        {"field": "one", "type": "nominal", "title": "method"},
                        {"field": "other", "type": "nominal", "title": "and"},
                        *_tips(
                            ("value", "rank correlation"),
                            ("low", "from"),
                            ("high", "to"),
                            ("signs_value", "one sign, share of the mass"),
                        ),
                    ],
                },
            },  # fmt: skip
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {
                    "text": {"field": "value", "type": "quantitative", "format": ".2f"},
                    "color": {
                        "condition": {"test": "abs(datum.value) > 0.75", "value": "#000000"},
                        "value": "#1A1A1A",
                    },
                },
            },
        ],
    }


def baselines(table: pd.DataFrame, titles: Mapping[str, str]) -> dict[str, Any]:
    """Rank correlation of maps from pairs of baselines, a row for each pair, the least alike on top."""
    several = table["method"].nunique() > 1
    chosen = table.assign(
        pair=[f"{one['first']} / {one['second']}" for one in table.to_dict("records")],
        series=[titles.get(one, one) for one in table["method"]],
    ).sort_values("value", kind="stable")
    return _dots(chosen, "pair", "rank correlation of the maps of two baselines", titles, several)


def border(table: pd.DataFrame, titles: Mapping[str, str]) -> dict[str, Any]:
    """Share of each method's mass in the frame, beside that of the input; the line is the area of the frame."""
    rows = [
        {"place": place, "series": titles.get(one["method"], one["method"]), "n": one["n"],
         **{key: round(float(one[stem + tail]), 5) if np.isfinite(one[stem + tail]) else None
            for key, tail in (("value", ""), ("low", "_low"), ("high", "_high"))},
         "area": round(float(one[area]), 5),
         "input": round(float(one[control]), 5) if np.isfinite(one[control]) else None}
        for one in table.to_dict("records")
        for place, stem, area, control in (
            (f"outer {one['width']} px", "share", "area", "input"),
            (f"corner {one['corner']}", "corner_share", "corner_area", "corner_input"),
        )
    ]  # fmt: skip
    y = {"field": "series", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 180}}
    x = {"type": "quantitative", "title": "share of the map", "axis": {"format": "%"}}
    offset = {"yOffset": {"field": "place", "type": "nominal"}}
    places = list(dict.fromkeys(one["place"] for one in rows))
    shapes = [SHAPES[at % len(SHAPES)] for at in range(len(places))]
    colour = {"field": "place", "type": "nominal", "title": None, "legend": {"orient": "bottom", "columns": 2},
              "scale": {"domain": places, "range": [CHART_COLOURS[at % 7] for at in range(len(places))]}}  # fmt: skip
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": 44 * table["method"].nunique(),
        "data": {"values": rows},
        "encoding": {"y": y, **offset},
        "layer": [
            {
                "mark": {"type": "tick", "color": GREY, "thickness": 3, "size": 16},
                "encoding": {"x": {**x, "field": "area"}, "tooltip": _tips(("area", "its share of the picture"))},
            },
            {"mark": {"type": "rule", "strokeWidth": 2},
             "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour}},
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {
                    "x": {**x, "field": "value"},
                    "color": colour,
                    "shape": {**colour, "scale": {"domain": places, "range": shapes}},
                    "tooltip": _tips(("series", "method"), ("value", "share"), ("low", "from"), ("high", "to"),
                                     ("input", "of the input's distance"), ("area", "share of the picture")),
                },
            },
        ],
    }  # fmt: skip


def completeness(table: pd.DataFrame) -> dict[str, Any]:
    """What is missing from each method's sum, as a share of the change of the answer; the line is what may be."""
    chosen = table[(table["check"] == "completeness") & table["value"].notna()].assign(series=lambda one: one["title"])
    drawn = _dots(chosen, "series", "missing share of the change", {}, False)
    limit = float(chosen["threshold"].iloc[0]) if len(chosen) else 0.05
    threshold = {
        "mark": {"type": "rule", "strokeDash": [4, 3], "color": GREY},
        "encoding": {"x": {"datum": limit}, "y": {"value": 0}, "y2": {"value": "height"}},
    }
    return {**drawn, "layer": [*drawn["layer"], threshold]}


def _dots(table: pd.DataFrame, by: str, title: str, titles: Mapping[str, str], coloured: bool) -> dict[str, Any]:
    y = {"field": by, "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 220}}
    x = {"type": "quantitative", "title": title}
    names = list(dict.fromkeys(table["series"]))
    colour: dict[str, Any] = {"value": CHART_COLOURS[0]}
    shape: dict[str, Any] = {"value": "circle"}
    more: dict[str, Any] = {}
    if coloured:
        legend = {"orient": "bottom", "columns": 2, "labelLimit": 240}
        base = {"field": "series", "type": "nominal", "title": None, "legend": legend}
        colour = {**base, "scale": {"domain": names, "range": [CHART_COLOURS[at % 7] for at in range(len(names))]}}
        shape = {**base, "scale": {"domain": names, "range": [SHAPES[at % 6] for at in range(len(names))]}}
        more = {"yOffset": {"field": "series", "type": "nominal"}}
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": max(60, ROW * (len(table) if coloured else table[by].nunique())),
        "data": {"values": _rows(table, list(dict.fromkeys([by, "series", "value", "low", "high", "n"])))},
        "encoding": {"y": y, **more},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {
                    "x": {**x, "field": "value"},
                    "color": colour,
                    "shape": shape,
                    "tooltip": _tips(("series", "method"), ("value", "value"), ("low", "from"), ("high", "to")),
                },
            },
        ],
    }


def units_drawn(means: Any) -> Any:
    """Positions of the units of a chart, from the largest to the smallest mean; the outermost of many."""
    order = np.argsort(-np.asarray(means), kind="stable")
    half = MOST_UNITS // 2
    return order if len(order) <= MOST_UNITS else np.concatenate([order[:half], order[-half:]])


def units(
    values: Any, names: Sequence[str] | None = None, sample: int | None = None, *, signed: bool = True
) -> dict[str, Any]:
    """Mean value of each latent unit over samples ``[n, d]`` with its interval; one sample's own values as ticks."""
    given = np.asarray(values, dtype=np.float64)
    within = (-np.inf if signed else 0.0, np.inf)
    means = [mean_of(given[:, at], within=within) for at in range(given.shape[1])]
    chosen = units_drawn([one.value for one in means])
    words = [str(at) if names is None else names[at] for at in range(given.shape[1])]
    rows = [
        {"unit": words[at], "value": _plain(means[at].value), "low": _plain(means[at].low),
         "high": _plain(means[at].high), "n": means[at].n,
         **({} if sample is None else {"sample": _plain(given[sample, at])})}
        for at in chosen
    ]  # fmt: skip
    y = {"field": "unit", "type": "nominal", "title": "latent unit", "sort": None, "axis": {"labelOverlap": False}}
    x = {"type": "quantitative", "title": "value (mean over samples, with its 95 % interval)"}
    fill = {"condition": {"test": "datum.value < 0", "value": "#3182BD"}, "value": "#D9691E" if signed else "#7B62BE"}
    tick = {
        "mark": {"type": "point", "shape": "diamond", "filled": False, "size": 45, "color": GREY, "strokeWidth": 2},
        "encoding": {"x": {**x, "field": "sample"}, "tooltip": _tips(("sample", "of this sample"))},
    }
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": 17 * len(rows),
        "data": {"values": rows},
        "encoding": {"y": y},
        "layer": [
            {
                "mark": {"type": "bar", "opacity": 0.85},
                "encoding": {
                    "x": {**x, "field": "value"},
                    "color": fill,
                    "tooltip": _tips(("value", "mean"), ("low", "from"), ("high", "to")),
                },
            },
            {
                "mark": {"type": "rule", "color": GREY},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
            },
            *([tick] if sample is not None else []),
        ],
    }


def _plain(number: float) -> float | None:
    return float(f"{number:.6g}") if np.isfinite(number) else None
