# SPDX-License-Identifier: Apache-2.0
"""The page of a comparison: what it says, its filter, and what a deleted slice leaves of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A store with a comparison of vectors whose selection was made on a run, and the comparison's id."""
    folder = tmp_path_factory.mktemp("view")
    random = np.random.default_rng(0)
    values = random.standard_normal((300, 4)).astype(np.float32)
    values[:100, 1] += 2
    np.save(folder / "points.npy", values)
    with wb.Store.open(folder / "store") as store:
        store.add_dataset("cloud", folder / "points.npy", {})
        wb.run("projection", data="cloud", space="points", limit=100, seeds=0, k=5, store=store, inline=True)
        (run,) = store.runs()
        store.save_slice("first", "cloud", np.arange(100), origin=f"run {run.id}")
        wb.run("contrast", data="cloud", selection="first", store=store, inline=True)
        return str(folder / "store"), store.runs(analysis="contrast")[0].id


def opened(monkeypatch: pytest.MonkeyPatch, made: tuple[str, str], **query: str) -> AppTest:
    monkeypatch.setenv("WORKBENCH_STORE", made[0])
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    for name, one in {"run": made[1], **query}.items():
        test.query_params[name] = one
    test.run()
    assert not test.exception, test.exception
    return test


def captions(test: AppTest) -> str:
    return "\n".join(str(one.value) for one in test.caption)


def test_the_page_ranks_draws_and_lists(monkeypatch: pytest.MonkeyPatch, made: tuple[str, str]) -> None:
    test = opened(monkeypatch, made)
    headings = [str(one.value) for one in test.subheader]
    assert headings == ["What sets them apart", "One by one", "Every feature"]
    assert "100 points inside than among the 200 outside" in captions(test)
    assert "of the space points: p and q of anything but labels and attributes are circular" in captions(test)
    table: Any = test.dataframe[0].value
    assert len(table) == 4
    assert table["Feature"].iloc[0] == "points: dimension 1"
    assert table["Effect"].iloc[0] > 0.85
    assert len(test.get("vega_lite_chart")) + len(test.get("arrow_vega_lite_chart")) == 5


def test_a_deleted_slice_costs_the_remark_alone(monkeypatch: pytest.MonkeyPatch, made: tuple[str, str]) -> None:
    with wb.Store.open(made[0]) as store:
        kept = store.slice("first")
        store.delete_slice("first")
        try:
            test = opened(monkeypatch, made)
        finally:
            store.save_slice(kept.name, kept.data, np.arange(100), origin=kept.origin)
    assert "The selection was made on run" not in captions(test)
    assert "are circular" in captions(test)  # the note of the result
