# SPDX-License-Identifier: Apache-2.0
"""Parameters, picks and results: what is offered, what is refused, and what can be stored."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

import workbench as wb
from registry.maps import MapDescription
from registry.parameters import Subject, check_picks, kind_in_words, missing_for, offers
from registry.result import in_words
from registry.spaces import Layer


class Many(wb.Params):
    """One pick of each kind."""

    space: wb.Pick[wb.Vectors]
    drawn: wb.Pick[wb.Vectors | wb.Images]
    decode: wb.Pick[wb.Map[wb.Vectors, wb.Images]]
    label: wb.Pick[wb.Column] | None = None
    part: wb.Pick[wb.Slice] | None = None
    k: int = Field(5, ge=1)


SUBJECT = Subject(
    spaces={
        "pixels": wb.images(1, 2, 2).named("pixels"),
        "z": wb.vectors(2).named("z"),
        "net.0": Layer(3).named("net.0"),
        "words": wb.items(["a"]).named("words"),
    },
    maps={
        "encode": MapDescription("encode", "pixels", "z"),
        "decode": MapDescription("decode", "z", "pixels"),
        "embed": MapDescription("embed", "words", "z"),
    },
    columns=("digit",),
    slices=("odd",),
    has_model=True,
)
PICKED = {"space": "z", "drawn": "pixels", "decode": "decode"}


def test_offers_by_kind() -> None:
    options = {name: offer.options for name, offer in offers(Many, SUBJECT).items()}
    assert options == {
        "space": ("z", "net.0"),  # a layer is a space of vectors
        "drawn": ("pixels", "z", "net.0"),
        "decode": ("decode",),
        "label": ("digit",),
        "part": ("odd",),
    }
    assert {name for name, offer in offers(Many, SUBJECT).items() if offer.required} == {"space", "drawn", "decode"}


def test_good_picks_pass() -> None:
    check_picks(Many.read(PICKED), SUBJECT)
    check_picks(Many.read({**PICKED, "label": "digit", "part": "odd"}), SUBJECT)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"space": "pixels"}, r"'space' = 'pixels' is not a space of vectors here: choose from z, net.0"),
        ({"decode": "encode"}, "is not a map from a space of vectors to a space of images here: choose from decode"),
        ({"label": "name"}, "is not a column of labels or attributes of the data here: choose from digit"),
    ],
)
def test_wrong_picks_are_answered_with_the_options(change: dict[str, Any], words: str) -> None:
    with pytest.raises(wb.ParameterError, match=words):
        check_picks(Many.read({**PICKED, **change}), SUBJECT)


def test_what_is_missing_is_named() -> None:
    bare = Subject(spaces={"z": wb.vectors(2)})
    assert missing_for(Many, bare) == ["'decode' needs a map from a space of vectors to a space of images"]
    with pytest.raises(wb.DoesNotApply, match="does not apply here: 'decode' needs a map"):
        check_picks(Many.read(PICKED), bare)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "'space' is needed; 'drawn' is needed; 'decode' is needed"),
        ({**PICKED, "kk": 3}, r"'kk' is no parameter \(there are: space, drawn, decode, label, part, k\)"),
        ({**PICKED, "k": 0}, "'k' = 0: Input should be greater than or equal to 1"),
        ({**PICKED, "k": "many"}, "'k' = 'many'"),
        ({**PICKED, "space": ""}, "'space' = ''"),
    ],
)
def test_wrong_values_are_one_clause_each(values: dict[str, Any], words: str) -> None:
    with pytest.raises(wb.ParameterError, match=words):
        Many.read(values)


def test_a_long_value_is_not_said_whole() -> None:
    for long in ("a" * 1_000_000, ["a" * 100] * 1000):
        with pytest.raises(wb.ParameterError, match=r"'k' = .*…: Input should be") as told:
            Many.read({**PICKED, "k": long})
        assert len(str(told.value)) < 250


def test_what_a_validator_says_is_told_without_the_words_of_pydantic() -> None:
    class Even(wb.Params):
        k: int

        @pydantic.field_validator("k")
        @classmethod
        def _even(cls, value: int) -> int:
            if value % 2:
                raise ValueError("choose an even number")
            return value

    with pytest.raises(wb.ParameterError, match="^'k' = 3: choose an even number$"):
        Even.read({"k": 3})


def test_kinds_in_words() -> None:
    assert kind_in_words(wb.Map) == "a map"
    assert kind_in_words(wb.Space) == "a space"
    assert kind_in_words(wb.Vectors | wb.Images) == "a space of vectors or a space of images"
    assert kind_in_words(wb.Slice) == "a saved slice of the data"


def test_analysis_says_what_it_lacks() -> None:
    class One(wb.Analysis):
        """What it is for."""

        name = "one"
        needs_model = True

        class Params(wb.Params):
            space: wb.Pick[wb.Texts]

        def run(self, job: wb.Job, params: Any) -> wb.Result:
            return wb.Result()

    assert One.missing(Subject()) == ["it needs a model", "'space' needs a space of texts"]
    assert One.description() == "What it is for."
    assert One.view() is None


# -- results


def test_metrics_become_metrics() -> None:
    result = wb.Result(metrics={"a": 1, "b": np.float32(0.5), "c": wb.Metric(2.0, n=3)})
    assert result.numbers() == {"a": 1.0, "b": 0.5, "c": 2.0}
    assert all(isinstance(one, wb.Metric) for one in result.metrics.values())
    assert math.isnan(wb.Result(metrics={"a": math.nan}).numbers()["a"])


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"metrics": {"a": "high"}}, "metric 'a' is a str, expected a number"),
    ({"metrics": {"a": math.inf}}, "metric 'a' is infinite"),
    ({"tables": {"t": [1]}}, "table 't' is a list, expected a pandas DataFrame"),
    ({"arrays": {"x": np.array([{}], dtype=object)}}, "array 'x' holds Python objects"),
    ({"images": {"i": np.zeros((2, 2))}}, r"image 'i' is float64 of shape \[2, 2\], expected uint8"),
    ({"images": {"i": np.zeros((2, 2, 2), np.uint8)}}, "expected uint8"),
    ({"images": {"i": np.zeros((0, 2), np.uint8)}}, "expected uint8"),
    ({"charts": {"c": {"no": "mark"}}}, "chart 'c' is a dict, expected an Altair chart"),
    ({"findings": ["low"]}, "a finding is a str"),
    ({"metrics": {"Bad Name": 1}}, "'Bad Name' cannot name a part of a result"),
    ({"arrays": {"../up": np.zeros(1)}}, "cannot name a part of a result"),
]


@pytest.mark.parametrize(("parts", "words"), REFUSED)
def test_what_cannot_be_stored_is_refused(parts: dict[str, Any], words: str) -> None:
    with pytest.raises(wb.ResultError, match=words):
        wb.Result(**parts)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": "loud"}, "must look like 'analysis.what'"),
        ({"statement": ""}, "needs a statement"),
        ({"severity": "bad"}, "severity 'bad': info, warning or serious"),
    ],
)
def test_findings_are_checked(change: dict[str, Any], words: str) -> None:
    with pytest.raises(wb.ResultError, match=words):
        wb.Finding(**{"code": "a.b", "statement": "It is.", "value": 1.0, **change})


def test_notebook_view_escapes_every_text() -> None:
    finding = wb.Finding("a.b", "<script>alert(1)</script>", 1.0)
    shown = wb.Result(metrics={"a": 1.5}, findings=[finding], tables={"t": pd.DataFrame()})._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "1.5" in shown
    assert "holds: t" in shown


@given(
    st.floats(-1e9, 1e9),
    st.one_of(st.none(), st.integers(0, 10**9)),
    st.one_of(st.none(), st.floats(-1e9, 1e9)),
)
def test_every_metric_can_be_said(value: float, n: int | None, low: float | None) -> None:
    text = in_words(wb.Metric(value, low=low, high=low, n=n, unit="nats"))
    assert text.startswith(f"{value:.4g} nats")
    assert ("n = " in text) == (n is not None)
    assert ("95 %" in text) == (low is not None)
