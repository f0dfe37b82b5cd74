# SPDX-License-Identifier: Apache-2.0
"""Data that changes on disk after a run: nothing of the new rows is put beside the old result, and the page says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from registry.result import Metric, Result
from tests.app.conftest import Open, said
from workbench.data import open_path
from workbench.runs.spec import RunSpec
from workbench.store import Store

CHANGED = r"The data \'given\' has changed since this run"


def write(folder: Path, label: str, n: int = 40) -> None:
    np.save(folder / "points.npy", np.random.default_rng(len(label)).normal(size=(n, 3)).astype(np.float32))
    pd.DataFrame({"label": [f"{label}-{row % 2}" for row in range(n)]}).to_csv(folder / "points.csv", index=False)


@pytest.fixture
def mapped(tmp_path: Path) -> tuple[Path, str, str]:
    """A folder with data, the store it was added to, and a finished projection of it."""
    write(tmp_path, "first")
    location = tmp_path / "store"
    with Store.open(location) as store:
        store.add_dataset("given", tmp_path / "points.npy", {})
        run, _ = store.submit(
            RunSpec("projection", data="given", params={"space": "points", "method": "pca", "k": 5}), "k".ljust(64), {}
        )
        store.claim("test", run.id)
        n = 40
        rows = np.arange(n)
        result = Result(
            metrics={"trustworthiness": Metric(1.0, n=n)},
            tables={"quality": pd.DataFrame({"measure": ["trustworthiness"], "k": [5], "value": [1.0]})},
            arrays={
                "coordinates": np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32),
                "rows": rows,
                "stress": np.full(n, 1 / n, dtype=np.float32),
                "placed": np.zeros(n, dtype=bool),
            },
        )
        fingerprint = open_path(tmp_path / "points.npy").fingerprint()
        preimage = {"data": {"name": "given", "fingerprint": fingerprint}, "points": None, "model": None}
        samples = {"points": {"route": "data points", "rows": n, "slice": None, "of": "given"}}
        store.publish(run.id, result, {"preimage": preimage, "samples": samples})
        return tmp_path, str(location), run.id


def test_labels_are_shown_as_long_as_the_data_is_the_same(mapped: tuple[Path, str, str], open_page: Open) -> None:
    _, store, run = mapped
    page = open_page("projection", store=store, run=run, selected="1.2.3")
    assert not page.error, [one.value for one in [*page.error, *page.code]]
    assert "has changed" not in said(page)
    assert "label" in page.dataframe[0].value.columns


@pytest.mark.parametrize(
    "change",
    [lambda folder: write(folder, "second"), lambda folder: write(folder, "second", 20)],
    ids=["other rows", "fewer rows"],
)
def test_changed_data_is_said_and_not_shown(
    mapped: tuple[Path, str, str], open_page: Open, change: Callable[[Path], None]
) -> None:
    folder, store, run = mapped
    assert "has changed" not in said(open_page("projection", store=store, run=run))  # kept open by the app
    change(folder)
    page = open_page("projection", store=store, run=run, selected="1.2.3")
    assert not page.error, [one.value for one in [*page.error, *page.code]]
    assert CHANGED in said(page)
    assert not [button for button in page.button if "slice" in str(button.key)]
    assert not any("second" in str(table.value.to_dict()) for table in page.dataframe)


def test_data_that_is_gone_ends_in_a_sentence(mapped: tuple[Path, str, str], open_page: Open) -> None:
    folder, store, run = mapped
    (folder / "points.npy").unlink()
    page = open_page("projection", store=store, run=run, selected="1.2.3")
    assert any("There is no file or folder" in one.value for one in page.error)
    assert page.dataframe  # the result itself is there
