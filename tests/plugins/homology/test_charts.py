# SPDX-License-Identifier: Apache-2.0
"""Charts of bars: they can be drawn, hold every bar, and say what is not drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plugins.homology.charts import barcode_chart, betti_chart, diagram_chart, linked_chart
from registry.pictures import CHART_COLOURS, drawn
from registry.result import fetches

UNIT = "Euclidean distance"


@pytest.fixture
def bars() -> pd.DataFrame:
    """Two pieces, one of which stays, three loops of which one does not end, and a void; in no order."""
    return pd.DataFrame(
        {
            "bar": [10, 11, 12, 13, 14, 15],
            "dimension": [1, 0, 2, 1, 0, 1],
            "birth": [0.2, 0.0, 0.9, 0.3, 0.0, 0.25],
            "death": [1.6, 0.4, 1.2, 0.35, np.inf, np.inf],
            "p_value": [0.00001, np.nan, np.nan, 1.0, np.nan, np.nan],
            "recurrence": [1.0, 0.25, 0.5, 0.0, np.nan, 0.75],
            "recurrence_low": [0.84, 0.1, 0.3, 0.0, np.nan, 0.5],
            "recurrence_high": [1.0, 0.5, 0.7, 0.16, np.nan, 0.9],
            "in_covering_radii": [14.0, 4.0, 3.0, 0.5, np.inf, np.inf],
        }
    )


@pytest.fixture
def betti() -> pd.DataFrame:
    """Curves of H0, which end early, and of H1."""
    first = {"dimension": 0, "scale": [0.0, 0.2, 0.4], "median": [9.0, 2.0, 1.0], "low": [9.0, 1.0, 1.0]}
    second = {"dimension": 1, "scale": [0.0, 0.8, 1.6], "median": [0.0, 1.0, 0.0], "low": [0.0, 1.0, 0.0]}
    parts = [pd.DataFrame({**one, "high": np.array(one["median"]) + 1, "count": one["low"]}) for one in (first, second)]
    return pd.concat(parts, ignore_index=True)


def specification(chart: Any) -> dict[str, Any]:
    found: dict[str, Any] = chart if isinstance(chart, dict) else chart.to_dict()
    address, fault = drawn(found)
    assert fault == "" and address.startswith("data:image/svg+xml")
    assert not fetches(found)
    json.dumps(found, allow_nan=False)  # infinity and NaN are no JSON
    return found


def values(specification: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The one set of rows that has a column."""
    (found,) = [rows for rows in specification["datasets"].values() if name in rows[0]]
    return list(found)


def texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, one in part.items():
            if name != "datasets":
                yield from texts(one)
    elif isinstance(part, list):
        for one in part:
            yield from texts(one)
    elif isinstance(part, str):
        yield part


def test_a_barcode_has_a_row_for_each_bar_the_longest_of_each_dimension_first(bars: pd.DataFrame) -> None:
    rows = values(specification(barcode_chart(bars, unit=UNIT)), "row")
    assert [one["bar"] for one in rows] == [14, 11, 15, 10, 13, 12]
    assert [one["row"].split()[2] for one in rows] == ["stays", "1", "1", "2", "3", "1"]
    assert [one["essential"] for one in rows] == [True, False, True, False, False, False]


def test_no_bar_stands_without_what_says_whether_it_can_be_trusted(bars: pd.DataFrame) -> None:
    rows = {one["bar"]: one for one in values(specification(barcode_chart(bars)), "row")}
    assert rows[10]["row"].endswith("< 0.001  |  100 %")
    assert (rows[10]["p"], rows[10]["recurs"], rows[10]["radii"]) == ("< 0.001", "100 % (84 to 100)", "14")
    assert rows[12]["row"].endswith("–  |  50 %")
    assert (rows[12]["p"], rows[14]["recurs"], rows[14]["dies"]) == ("not defined", "no draws", "does not end")


def test_what_is_left_out_of_a_barcode_is_said(bars: pd.DataFrame) -> None:
    chart = specification(barcode_chart(bars, most=1))
    assert [one["bar"] for one in values(chart, "row")] == [14, 11, 15, 12]
    told = " ".join(chart["title"]["text"])
    assert "the longest 1 of each dimension; in all 2 in H0 (pieces), 3 in H1 (loops), 1 in H2 (voids)" in told
    assert "does not end" in told
    finite = bars[np.isfinite(bars["death"])]
    assert "does not end" not in " ".join(texts(specification(barcode_chart(finite))))


def test_ranks_of_the_table_are_the_names_of_the_rows(bars: pd.DataFrame) -> None:
    rows = values(specification(barcode_chart(bars.assign(rank=[5, 1, 7, 6, 0, 4]))), "row")
    assert [one["row"].split("  |")[0] for one in rows] == [
        "H0 · stays",
        "H0 · 1",
        "H1 · 4",
        "H1 · 5",
        "H1 · 6",
        "H2 · 7",
    ]


@pytest.mark.parametrize("chart", [barcode_chart, diagram_chart])
def test_a_selection_is_by_the_id_of_the_bar(chart: Any, bars: pd.DataFrame) -> None:
    (chosen,) = specification(chart(bars, selected=[12]))["params"]
    assert (chosen["name"], chosen["select"], chosen["value"]) == (
        "bar",
        {"type": "point", "fields": ["bar"]},
        [{"bar": 12}],
    )
    (chosen,) = specification(chart(bars))["params"]
    assert "value" not in chosen


@pytest.mark.parametrize("chart", [barcode_chart, diagram_chart])
def test_axes_have_units_and_colours_those_of_all_charts(chart: Any, bars: pd.DataFrame) -> None:
    said = list(texts(specification(chart(bars, unit=UNIT))))
    assert any(UNIT in one for one in said)
    assert set(CHART_COLOURS[:3]) <= set(said)


def test_a_diagram_tells_dimensions_by_marker_too_and_bars_that_do_not_end_by_a_line(bars: pd.DataFrame) -> None:
    chart = specification(diagram_chart(bars, unit=UNIT, band=0.5))
    said = list(texts(chart))
    assert {"circle", "square", "triangle-up"} <= set(said)
    assert f"death ({UNIT}); upper line: does not end" in said
    lines = {one["line"]: one for one in values(chart, "line")}
    top = lines["does not end"]["end"]
    marks = {one["bar"]: one for one in values(chart, "kind")}
    assert marks[14]["end"] == marks[15]["end"] == top > 1.6
    assert lines["confidence band"]["end"] - lines["confidence band"]["birth"] == 0.5
    assert set(marks) == set(bars["bar"])


def test_betti_curves_have_a_row_for_each_dimension_over_the_same_scales(betti: pd.DataFrame) -> None:
    chart = specification(betti_chart(betti, unit=UNIT, draws=20))
    assert len(chart["vconcat"]) == 2
    ends = [max(row["scale"] for row in rows) for rows in chart["datasets"].values()]
    assert ends == [1.6, 1.6]
    assert "5 % to 95 % of 20 draws" in " ".join(texts(chart))
    single = specification(betti_chart(betti[betti["dimension"] == 1]))
    assert len(single["vconcat"]) == 1
    untold = " ".join(texts(specification(betti_chart(betti, draws=0))))
    assert "there are no draws that say how far to trust them" in untold


def test_a_selected_bar_is_shaded_in_the_curve_of_its_dimension(bars: pd.DataFrame, betti: pd.DataFrame) -> None:
    chart = betti_chart(betti, bars=bars, selected=[10]).to_dict()
    shades = [
        rows
        for part in chart["vconcat"]
        for layer in part["layer"]
        if layer["mark"]["type"] == "rect"
        for rows in [chart["datasets"][layer["data"]["name"]]]
    ]
    assert [[(one["birth"], one["end"]) for one in rows] for rows in shades] == [[], [(0.2, 1.6)]]


def test_linked_charts_share_one_selection(bars: pd.DataFrame, betti: pd.DataFrame) -> None:
    chart = specification(linked_chart(bars, betti, unit=UNIT, draws=20))
    (chosen,) = chart["params"]
    names = [layer.get("name") for part in chart["vconcat"][0]["hconcat"] for layer in part["layer"]]
    assert len(chosen["views"]) == 2 and set(chosen["views"]) <= set(names)
    filters = [one for part in chart["vconcat"][1]["vconcat"] for one in part["layer"][0]["transform"]]
    assert filters == [{"filter": {"param": "bar", "empty": False}}] * 2
    assert "vconcat" not in specification(linked_chart(bars))


def test_a_table_with_nothing_but_the_bars_is_enough() -> None:
    bars = pd.DataFrame({"dimension": [1, 1], "birth": [0.1, 0.2], "death": [1.0, 0.3]})
    rows = values(specification(barcode_chart(bars)), "row")
    assert [(one["bar"], one["p"], one["recurs"], one["radii"]) for one in rows] == [
        (0, "not defined", "no draws", "not known"),
        (1, "not defined", "no draws", "not known"),
    ]
    specification(diagram_chart(bars))
    specification(linked_chart(bars))


def test_many_bars_can_be_drawn() -> None:
    generator = np.random.default_rng(0)
    birth = generator.uniform(size=6000)
    bars = pd.DataFrame({"dimension": 1, "birth": birth, "death": birth + generator.exponential(size=6000)})
    assert len(values(specification(barcode_chart(bars)), "row")) == 20
    diagram = specification(diagram_chart(bars))
    assert len(values(diagram, "kind")) == 2000
    assert "the longest 2,000 of 6,000" in diagram["title"]["text"]
