# SPDX-License-Identifier: Apache-2.0
"""The page of a Mapper graph, opened by its address: the list of nodes, the samples of the chosen one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from tests.app.conftest import ROOT, in_address, said
from workbench.store import Store


@pytest.fixture(autouse=True)
def only_this(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS", "mapper")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mapper-view")


def opened(monkeypatch: pytest.MonkeyPatch, folder: Path, **query: str) -> AppTest:
    random = np.random.default_rng(0)
    values = random.standard_normal((400, 2)) + np.repeat([[0, 0], [9, 0]], [150, 250], axis=0)
    with Store.open(folder / "store") as store:
        if not store.datasets():
            frame = pd.DataFrame(values.astype(np.float32), columns=["a", "b"]).assign(
                kind=["few"] * 150 + ["many"] * 250
            )
            frame.to_parquet(folder / "two.parquet")
            store.add_dataset("two", folder / "two.parquet", {"values": ["a", "b"]})
        wb.run("mapper", data="two", space="points", draws=5, store=store, inline=True)
        (run,) = store.runs(analysis="mapper")
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


def test_each_node_leads_to_its_samples(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location)
    (choice,) = [one for one in test.selectbox if one.label.startswith("The node whose samples")]
    other = next(one for one in choice.options if not one.startswith(f"Node {choice.value} "))
    node, size = int(other.split()[1]), other.split(" · ")[1]
    choice.set_value(node).run()
    whole(test)
    assert in_address(test, "node") == str(node)
    assert f"The {size} of node {node}" in said(test)
    table = next(one.value for one in test.dataframe if "lens" in one.value and "row" in one.value)
    assert (np.diff(table["lens"]) >= 0).all() and len(table) == int(size.split()[0])
    assert "What stays, and what is a choice" in said(test)


def test_both_colours_are_drawn(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location, colour="mean of the lens", tint="kind")
    (colour,) = [one for one in test.selectbox if one.label == "Colour of the nodes"]
    assert colour.value == "mean of the lens"
    colour.set_value("most frequent class").run()
    whole(test)


@pytest.mark.parametrize("nonsense", ["x", "-1", "99999"])
def test_nonsense_in_the_address_is_the_largest_node(
    monkeypatch: pytest.MonkeyPatch, location: Path, nonsense: str
) -> None:
    assert " of node " in said(opened(monkeypatch, location, node=nonsense, colour="<b>"))
