# SPDX-License-Identifier: Apache-2.0
"""What a result refuses, before anything is stored: each in a sentence that names the part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair
import numpy as np
import pandas as pd
import pytest
import torch

from registry.errors import ResultError
from registry.result import Finding, Metric, Result, fetches

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "infinite metric with an interval": (lambda: Result(metrics={"a": Metric(float("inf"), low=0)}), "'a' is infinite"),
    "metric of text": (lambda: Result(metrics={"a": Metric("x")}), "'a' is a str"),  # type: ignore[arg-type]
    "metric of nothing": (lambda: Result(metrics={"a": Metric(None)}), "'a' is a NoneType"),  # type: ignore[arg-type]
    "finding of nothing": (lambda: Finding("a.b", "s", None), "'a.b' is a NoneType"),  # type: ignore[arg-type]
    "statement that is a number": (lambda: Finding("a.b", 5, 1.0), "needs a statement"),  # type: ignore[arg-type]
    "notes of one text": (lambda: Result(notes="told"), "notes of a result are a str"),  # type: ignore[arg-type]
    "no list of findings": (lambda: Result(findings=None), "findings of a result are a NoneType"),  # type: ignore[arg-type]
    "masked array": (lambda: Result(arrays={"a": np.ma.masked_array([1.0, 2.0], [0, 1])}), "'a' is masked"),
    "ragged array": (lambda: Result(arrays={"a": [[1], [1, 2]]}), "'a' cannot be stored"),  # type: ignore[dict-item]
    "chart of too many rows": (
        lambda: Result(charts={"a": altair.Chart(pd.DataFrame({"x": range(5001)})).mark_point().encode(x="x")}),
        "'a' cannot be written as a specification: The number of rows",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_kept_as_it_is_is_refused(case: str) -> None:
    make, told = REFUSED[case]
    with pytest.raises(ResultError, match=told):
        make()


def test_a_tensor_with_a_gradient_is_kept_as_numbers() -> None:
    kept = Result(arrays={"a": torch.ones(2, requires_grad=True)}).arrays["a"]  # type: ignore[dict-item]
    np.testing.assert_array_equal(kept, [1.0, 1.0])


ROWS = {"values": [{"url": "http://a.example", "href": "x", "x": 1}]}
REACHING: list[dict[str, Any]] = [
    {"data": {"url": "http://a.example/rows.csv"}},
    {"encoding": {"url": {"field": "url"}}},
    {"encoding": {"href": {"field": "url"}}},
    {"encoding": {"url": {"value": "http://a.example/x.png"}}},
    {"mark": {"type": "image", "url": {"expr": "'http:' + '//a.example/x.png'"}}},
    {"config": {"mark": {"href": "http://a.example"}}},
    {"transform": [{"lookup": "x", "from": {"data": {"url": "b.json"}, "key": "x"}}]},
    {"layer": [{"mark": "bar"}, {"data": {"url": "b.json"}, "mark": "bar"}]},
]


@pytest.mark.parametrize("part", REACHING, ids=str)
def test_charts_that_reach_outside_are_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ResultError, match="the chart 'a' names an address"):
        Result(charts={"a": {"mark": "image", "data": ROWS, **part}})


def test_rows_may_have_any_columns_and_a_chart_says_nothing_about_its_embedding() -> None:
    chart = {"mark": "bar", "data": ROWS, "usermeta": {"embedOptions": {"config": "http://a.example/c.json"}}}
    assert not fetches(chart) and not fetches({"mark": "bar", "datasets": {"a": ROWS["values"]}})
    assert Result(charts={"a": chart}).charts["a"] == {"mark": "bar", "data": ROWS}
