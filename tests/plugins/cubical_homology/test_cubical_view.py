# SPDX-License-Identifier: Apache-2.0
"""The page of blobs and rings, opened by its address: the images with the most, and the mean images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from tests.app.conftest import ROOT, said
from workbench.store import Store


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Pictures of a ring and of a blob, in turn, with a little noise."""
    monkeypatch.setenv("WORKBENCH_PLUGINS", "cubical-homology")
    monkeypatch.setenv("WORKBENCH_STORE", str(tmp_path / "store"))
    ring = np.pad(np.ones((7, 7)), 3)
    blob = ring.copy()
    ring[5:8, 5:8] = 0
    images = np.stack([ring, blob] * 15) + 0.02 * np.random.default_rng(0).uniform(size=(30, 13, 13))
    np.save(tmp_path / "drawn.npy", np.clip(images, 0, 1)[:, None].astype(np.float32))
    pd.DataFrame({"kind": ["ring", "blob"] * 15}).to_csv(tmp_path / "drawn.csv", index=False)
    with Store.open(tmp_path / "store") as store:
        store.add_dataset("drawn", tmp_path / "drawn.npy", {"layout": "channels-first"})
        wb.run("cubical-homology", data="drawn", by="kind", store=store, inline=True)
        (run,) = store.runs(analysis="cubical-homology")
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = run.id
    test.run()
    return test


def test_the_page_shows_the_images_behind_the_counts(opened: AppTest) -> None:
    assert not opened.exception
    assert not [one for one in opened.warning if "does not work" in str(one.value)], [one.value for one in opened.code]
    told = said(opened)
    assert "Most rings" in told and "Fewest rings" in told
    assert "Mean image of all, and of each class" in told
    assert "explain 100% of the spread of the number of rings" in told


def test_blobs_can_be_counted_in_place_of_rings(opened: AppTest) -> None:
    (choice,) = [one for one in opened.selectbox if one.label == "Counted"]
    choice.select("Blobs").run()
    assert "Most blobs" in said(opened)
