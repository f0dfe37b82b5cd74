# SPDX-License-Identifier: Apache-2.0
"""Data whose points are no images shows the pictures that it draws; one that fails costs the page nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from registry.errors import DataError
from registry.result import Result
from tests.app.conftest import Open
from workbench.app.parts import pictures
from workbench.app.parts.view_context import ViewContext
from workbench.runs.spec import RunSpec
from workbench.store import Store

PLUGIN = """
import numpy as np
import pandas as pd
import workbench as wb


class Drawn(wb.ArrayDataset):
    def __init__(self):
        points = np.arange(12, dtype=np.float32)[:, None]
        super().__init__(points, wb.vectors(1), pd.DataFrame({"name": [f"n{i}" for i in range(12)]}))

    def pictures(self, rows):
        return np.full((len(rows), 2, 3, 3), self.batch(rows)[:, :, None, None] * 10, dtype=np.uint8)


class Fails(Drawn):
    def pictures(self, rows):
        raise KeyError("no sketch")


@wb.hookimpl
def workbench_datasets():
    made = {"drawn-points": Drawn, "failing-points": Fails}
    return [wb.DatasetCard(name, make, title=name) for name, make in made.items()]
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with a slice and a run of each data set of a plugin in a folder."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "sketches.py").write_text(PLUGIN)
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
    location = tmp_path / "store"
    with Store.open(location) as store:
        for data in ("drawn-points", "failing-points"):
            store.save_slice(f"slice-of-{data}", data, np.array([1, 5, 7]))
    return str(location)


def opened(open_page: Open, place: str, data: str) -> AppTest:
    """The page of a slice, when the pictures have been made or have failed."""
    test = open_page("slices", store=place, slice=f"slice-of-{data}")
    until = time.monotonic() + 30
    while any("Getting the pictures" in one.value for one in test.caption):
        assert time.monotonic() < until and not test.exception
        test.run()
    return test


def test_a_slice_of_drawn_points_shows_their_pictures(open_page: Open, place: str) -> None:
    test = opened(open_page, place, "drawn-points")
    assert "The first 3 pictures" in " ".join(str(one.proto) for one in test.get("image"))
    assert not test.error


def test_a_failing_one_is_named_and_the_rest_of_the_page_is_there(open_page: Open, place: str) -> None:
    test = opened(open_page, place, "failing-points")
    assert not test.exception
    told = test.error[0].value.replace("\\", "")
    assert "data set 'failing-points' could not draw its rows" in told and "KeyError: 'no sketch'" in told
    assert test.dataframe[0].value["name"].tolist() == ["n1", "n5", "n7"]
    assert "Use it" in [one.value for one in test.subheader]


def test_pictures_and_hover_cards_of_a_run(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("WORKBENCH_STORE", place)
    with Store.open(place) as store:
        views = {}
        for data in ("drawn-points", "failing-points"):
            run, _ = store.submit(RunSpec("projection", data=data, params={"space": "points"}), data.ljust(64, "0"), {})
            store.claim("test", run.id)
            done = store.publish(run.id, Result(arrays={"rows": np.arange(12)}), {"seed": 0})
            views[data] = ViewContext(done, store.result(run.id), store, None)  # type: ignore[arg-type]
        drawn, fails = views["drawn-points"], views["failing-points"]
        assert [one[0, 0, 0] for one in drawn.images_of(np.array([3, 4]))] == [30, 40]
        assert drawn.images_of(np.array([3]))[0].shape == (2, 3, 3)
        card = drawn.cards(np.arange(12), drawn.columns(np.arange(12)))(5)
        assert card.picture is not None and card.picture[0, 0, 0] == 50
        pictures.check(fails.run, fails.result)  # it has some: that they fail is known when they are drawn
        with pytest.raises(DataError, match="'failing-points' could not draw its rows"):
            fails.images_of(np.array([3]))
        card = fails.cards(np.arange(12), fails.columns(np.arange(12)))(5)
        assert card.picture is None and card.lines[0] == "name: n5" and "could not draw" in card.lines[1]
