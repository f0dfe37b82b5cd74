# SPDX-License-Identifier: Apache-2.0
"""Whatever stands in an address: a page with its title, text as text, and nothing written to the store."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.app.conftest import EVIL, Filled, Open, said
from workbench.store import Store

PARAMETERS = {
    "projection": (
        "colour", "size", "where", "within", "look", "selected", "selection", "slice", "place", "panel", "a", "b",
        "order", "k", "contrast", "difference-direction", "model", "data", "space", "seed",
    ),
    "plugin-compare": ("left", "right", "k", "colour", "look", "selected", "selection", "slice", "most", "order"),
    "slices": ("slice", "of", "list", "a", "b"),
    "directions": ("direction", "model", "space", "list"),
    "runs": ("run", "list", "analysis", "model", "status", "data"),
    "analysis": ("analysis", "run", "model", "data", "slice", "selection", "toward", "layer", "selected", "colour"),
}  # fmt: skip
VALUES = some.one_of(
    some.sampled_from(
        [
            EVIL,
            "</script><script>alert(1)</script>",
            "../../../../etc/passwd",
            "..%2f..%2fetc",
            "a" * 5000,
            "\x00",
            "-1",
            "1e309",
            "nan",
            "inf",
            "1e37,-1e37",
            "1e308,1e308",
            "nan,1",
            "0,0",
            "0.1,0.2",
            "1.2.3",
            "9" * 40,
            "place",
            "groups",
            "distinction",
            "label:1,2",
            "label~0,3",
            "label~nan,1",
            "~,",
            "%00",
            "\u202egnp.exe",
            "javascript:alert(1)",
            "data:text/html,x",
            "f" * 16,
            "outliers first",
            "ffff",
            "contrast",
            "projection",
        ]
    ),  # fmt: skip
    some.integers(-(2**70), 2**70).map(str),
    some.text(max_size=40),
)
MARKUP = re.compile(r"(?<!\\)<img|\]\(javascript|(?<!\\)\*\*b|(?<!\\):red\[")


def written(location: str) -> list[tuple[str, int]]:
    """Everything in a store but its database file, and what the database lists."""
    files = [
        (str(one), one.stat().st_size)
        for one in sorted(Path(location).rglob("*"))
        if one.is_file() and not one.name.startswith("store.sqlite")
    ]
    with Store.open(location) as store:
        return [
            *files,
            ("runs", len(store.runs(limit=1000))),
            ("slices", len(store.slices())),
            ("data sets", len(store.datasets())),
            ("directions", len(store.directions())),
        ]


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_any_address_ends_in_a_page(data: Any, open_page: Open, filled: Filled) -> None:
    page = data.draw(some.sampled_from(sorted(PARAMETERS)), "page")
    names = data.draw(some.sets(some.sampled_from(PARAMETERS[page]), min_size=1, max_size=5), "names")
    query = {name: data.draw(VALUES, name) for name in sorted(names)}
    known = {
        "projection": {"run": filled.projection},
        "plugin-compare": {"left": filled.projection, "right": filled.other},
    }.get(page, {})
    if data.draw(some.booleans(), "of a run"):
        query = {**known, **query}
    before = written(filled.location)
    test = open_page(page, **query)
    assert test.title
    assert not [one.value for one in test.error]
    shown = "\n".join(line for line in said(test).splitlines() if "query_string" not in line)
    assert not MARKUP.search(shown), shown
    assert written(filled.location) == before


def test_the_filter_of_an_address_is_text_on_its_button(open_page: Open, filled: Filled) -> None:
    told = "![x](https://example.org/x.png) **b**"
    name = (
        open_page("projection", run=filled.projection).selectbox(f"view.{filled.projection}.filter.column").options[1]
    )
    test = open_page("projection", run=filled.projection, where=f"{quote(name)}:{quote(told)}")
    (label,) = [one.proto.popover.label for one in test.get("popover") if "is" in one.proto.popover.label]
    assert r"\!\[x\]\(https" in label and "**b" not in label


@pytest.mark.parametrize("place", ["1e308,1e308", "-1e200,3", "1e37,1e37", "nan,1", "inf,2", "1,2,3", "x", ","])
def test_any_place_on_the_map_ends_in_words(place: str, open_page: Open, filled: Filled) -> None:
    test = open_page("projection", run=filled.projection, panel="place", place=place)
    assert not [one.value for one in test.error]
