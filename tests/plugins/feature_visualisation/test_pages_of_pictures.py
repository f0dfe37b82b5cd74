# SPDX-License-Identifier: Apache-2.0
"""The pages of all three analyses that optimise pictures, and of a run that was cancelled with a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from registry.errors import StoreError
from tests.app.conftest import ROOT, said
from workbench.runs.spec import RunSpec
from workbench.store import Store

RUNS: dict[str, dict[str, Any]] = {
    "feature-visualisation": {"steps": 2, "seeds": 1, "diverse": 2, "samples": 20, "target": "3"},
    "deep-dream": {"steps": 2, "octaves": 1},
    "style-transfer": {"steps": 2, "others": 3},
}


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("pages") / "store")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_every_page_shows_its_pictures_and_what_stands_beside_them(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_STORE", location)
    monkeypatch.setenv("WORKBENCH_PLUGINS", ",".join([*RUNS, "mnist-vae", "sample-data"]))
    for name, params in RUNS.items():
        wb.run(name, model="mnist-vae", data="mnist", store=location, inline=True, through="encode", **params)
    with Store.open(location) as store:
        runs = {one.analysis: one.id for one in store.runs()}
        cancelled, _ = store.submit(RunSpec("deep-dream", data="mnist"), "c" * 64, {})
        store.claim("test", cancelled.id)
        store.save_picture(cancelled.id, np.zeros((8, 8), np.uint8), "step 3 of 20")
        store.fail(cancelled.id, "cancelled", "cancelled")
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    expected = {
        "feature-visualisation": ("Which picture excites **unit 3 of z** most?", "The strongest samples", "shuffled"),
        "deep-dream": ("Row 0", "The dream", "Step by step"),
        "style-transfer": ("row 0", "row 1", "Result", "Step by step"),
    }
    for name, words in expected.items():
        test.query_params["run"] = runs[name]
        test.run()
        assert not test.exception, test.exception
        shown = said(test)
        assert all(one in shown for one in words), (name, shown)
        assert "does not work" not in shown and len(test.get("vega_lite_chart")) == {"deep-dream": 1}.get(
            name, 2 if name == "feature-visualisation" else 4
        )
    test.query_params["run"] = cancelled.id
    test.run()
    assert "What it had shown last is below." in said(test) and "step 3 of 20" in said(test)
    assert Path(location, "pictures", f"{cancelled.id}.png").exists()


def test_a_full_disk_costs_the_pictures_of_the_way_and_not_the_run(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def full(store: Store, run: str, *_: Any) -> None:
        tries.append(run)
        raise StoreError("No space left on device")

    monkeypatch.setattr(Store, "save_picture", full)
    monkeypatch.setattr("workbench.runs.job.PICTURE_EVERY", 0.0)
    params = {"through": "encode", "steps": 3, "octaves": 1}
    result = wb.run("deep-dream", model="mnist-vae", data="mnist", store=location, inline=True, **params)
    assert "dream" in result.images and len(tries) == 1
    told = Path(location, "logs", f"{tries[0]}.log").read_text()
    assert "No space left on device; the run goes on, and shows no more pictures of its way" in told
