# SPDX-License-Identifier: Apache-2.0
"""The page of modes, opened by its address: the list of modes, the samples of the chosen one, the slice."""

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
    monkeypatch.setenv("WORKBENCH_PLUGINS", "modes")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("modes-view")


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
        wb.run("modes", data="two", space="points", draws=5, store=store, inline=True)
        (run,) = store.runs(analysis="modes")
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


def test_each_mode_leads_to_its_samples(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location)
    (choice,) = [one for one in test.selectbox if one.label.startswith("The mode whose samples")]
    sizes = {one: option.split(" · ")[1] for one, option in enumerate(choice.options, 1)}
    assert sorted(sizes.values()) == ["150 samples", "250 samples"]
    choice.set_value(2).run()
    whole(test)
    assert in_address(test, "mode") == "2"
    assert f"The {sizes[2]} of mode 2, from the peak down" in said(test)
    table = next(one.value for one in test.dataframe if "log density" in one.value)
    assert (np.diff(table["log density"]) <= 0).all()
    assert len(set(table["kind"])) == 1 and len(table) == int(sizes[2].split()[0])


@pytest.mark.parametrize("nonsense", ["x", "-1", "99", "0"])
def test_nonsense_in_the_address_is_the_first_mode(
    monkeypatch: pytest.MonkeyPatch, location: Path, nonsense: str
) -> None:
    assert "of mode 1, from the peak down" in said(opened(monkeypatch, location, mode=nonsense, tint="<b>"))
