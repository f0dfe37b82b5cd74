# SPDX-License-Identifier: Apache-2.0
"""The page of class by class, opened by its address: matrices, a chosen pair with its loop, the classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from tests.app.conftest import ROOT, in_address, said
from tests.plugins.class_homology.jobs import half_circles
from workbench.store import Store


@pytest.fixture(autouse=True)
def only_this(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS", "class-homology")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("view")


def opened(monkeypatch: pytest.MonkeyPatch, folder: Path, **query: str) -> AppTest:
    """The page of one run, which is computed once for all tests of this file."""
    with Store.open(folder / "store") as store:
        if not store.runs(analysis="class-homology"):
            values, kinds = half_circles(110)
            axes = [f"x{at}" for at in range(values.shape[1])]
            pd.DataFrame(values, columns=axes).assign(kind=kinds).to_parquet(folder / "halves.parquet")
            store.add_dataset("halves", folder / "halves.parquet", {"values": axes})
            given: dict[str, Any] = {"space": "points", "by": "kind", "per_class": 40, "draws": 8}
            wb.run("class-homology", data="halves", store=store, inline=True, **given)
        (run,) = store.runs(analysis="class-homology")
    monkeypatch.setenv("WORKBENCH_STORE", str(folder / "store"))
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    for name, one in {"run": run.id, **query}.items():
        test.query_params[name] = one
    test.run()
    whole(test)
    return test


def whole(test: AppTest) -> None:
    """The page came to its end: a view that fails is drawn part by part, under a warning."""
    assert not test.exception, test.exception
    assert not [one for one in test.warning if "does not work" in str(one.value)], [str(one.value) for one in test.code]


def pair_list(test: AppTest) -> Any:
    (found,) = [one for one in test.selectbox if one.label == "Pair of kind"]
    return found


def test_the_pair_that_a_loop_joins_is_chosen_first(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location)
    assert pair_list(test).value == "lower and upper"
    assert "lower and upper are joined by this loop" in said(test)
    cycle = next(one.value for one in test.dataframe if "place around" in one.value)
    assert set(cycle["kind"]) == {"lower", "upper"}
    changed = cycle["kind"] != cycle["kind"].shift(1, fill_value=cycle["kind"].iloc[-1])
    assert 2 <= changed.sum() <= 4


def test_another_pair_stands_in_the_address_and_is_no_loop(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location)
    pair_list(test).set_value("heap and upper").run()
    whole(test)
    assert in_address(test, "pair") == "heap and upper"
    told = said(test)
    assert "No loop joins heap and upper" in told or "no more than noise" in told


@pytest.mark.parametrize("nonsense", ["x", "<b>", "upper and lower"])
def test_nonsense_in_the_address_is_the_first_pair(
    monkeypatch: pytest.MonkeyPatch, location: Path, nonsense: str
) -> None:
    assert pair_list(opened(monkeypatch, location, pair=nonsense, colour=nonsense)).value == "lower and upper"


def test_the_place_around_the_loop_is_a_colour(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location)
    (colour,) = [one for one in test.selectbox if one.label == "Colour"]
    colour.set_value("place around the loop").run()
    whole(test)
    assert in_address(test, "colour") == "place around the loop"
