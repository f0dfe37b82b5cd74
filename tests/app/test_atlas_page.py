# SPDX-License-Identifier: Apache-2.0
"""The page of a projection: what stands where, what its address keeps, and what it asks of other analyses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from registry.result import Result
from tests.app.conftest import Filled, Open, in_address, said
from workbench.app import engine
from workbench.app.parts import launching, pictures
from workbench.runs import draws_source
from workbench.runs.automatic import name_of
from workbench.runs.spec import RunSpec
from workbench.store import RunRecord, Store

SEED = 3


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("WORKBENCH_STORE", str(tmp_path / "store"))
    return engine.store()


def published(store: Store, of: str, **spec: Any) -> RunRecord:
    """A finished projection of ``z`` whose manifest says what its points are rows of."""
    asked = RunSpec("projection", params={"space": "z"}, seed=SEED, **spec)
    run, _ = store.submit(asked, of.ljust(64, "0")[:64], {})
    store.claim("test", run.id)
    result = Result(arrays={"rows": np.arange(4), "coordinates": np.zeros((4, 2), dtype=np.float32)})
    store.publish(run.id, result, {"seed": SEED, "samples": {"z": {"of": of}}})
    return store.run(run.id)


@pytest.mark.parametrize(
    ("of", "left"),
    [(draws_source("faces-dcgan", "z", SEED), None), ("orl-faces", "orl-faces")],
    ids=["draws", "rows"],
)
def test_a_run_asked_for_on_the_page_names_data_only_where_its_points_are_rows_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, of: str, left: str | None
) -> None:
    record = published(store, of, model="faces-dcgan", data="orl-faces")
    asked: list[RunSpec] = []

    def submit(_: Store, spec: RunSpec) -> RunRecord:
        asked.append(spec)
        return record

    monkeypatch.setattr("workbench.runs.submit", submit)
    launching.submit(record, "contrast", {"selection": "some"})
    assert asked == [RunSpec("contrast", "faces-dcgan", left, params={"selection": "some"}, seed=SEED)]
    assert pictures.source_of(record, engine.result_of(record)) == left


def order_of(test: AppTest, *told: str) -> list[int]:
    """Where each of these stands among the text of the page, from the top."""
    page = [str(getattr(one, "value", "")) for one in test.main]
    return [next(at for at, one in enumerate(page) if words in one) for words in told]


def test_what_is_asked_of_a_map_stands_between_it_and_how_far_it_can_be_trusted(
    open_page: Open, filled: Filled
) -> None:
    test = open_page("projection", run=filled.projection)
    by_the_map, asked, trust = order_of(
        test, "neighbours (1 is best, 0.5 is chance)", "From the map back to the model", "Colour the map by the stress"
    )
    assert by_the_map < asked < trust


@pytest.mark.parametrize(
    ("panel", "shown"),
    [("distinction", "What distinguishes them"), ("groups", "Two groups, A and B"), ("place", "A place on the map")],
)
def test_the_panel_of_the_address_is_shown_though_a_place_is_in_it_too(
    open_page: Open, filled: Filled, panel: str, shown: str
) -> None:
    test = open_page("projection", run=filled.projection, panel=panel, place="1,2")
    (box,) = [one for one in test.get("button_group") if one.key == f"view.{filled.projection}.panel"]
    assert box.value == shown
    assert (in_address(test, "panel"), in_address(test, "place")) == (panel, "1,2")


@pytest.mark.parametrize(("panel", "label"), [("distinction", "Test them"), ("groups", "Direction from")])
def test_a_question_that_cannot_be_asked_yet_has_a_button_that_cannot_be_pressed(
    open_page: Open, filled: Filled, panel: str, label: str
) -> None:
    test = open_page("projection", run=filled.projection, panel=panel, selected="1.2.3")
    (button,) = [one for one in test.button if one.label.startswith(label)]
    assert button.disabled
    more = open_page("projection", run=filled.projection, panel=panel, selected="1.2.3.4.5.6", a=_kept(filled))
    (button,) = [one for one in more.button if one.label.startswith(label)]
    assert not button.disabled


def _kept(filled: Filled) -> str:
    with Store.open(filled.location) as store:
        return store.keep_selection(120, np.arange(10))


def test_an_answer_to_an_earlier_question_says_that_it_is_one(open_page: Open, filled: Filled) -> None:
    with Store.open(filled.location) as store:
        rows = np.asarray(store.result(filled.projection).array("rows"))
        now = name_of("orl-faces", rows[:6], "selection")
        asked = RunSpec("contrast", model="eigenfaces", params={"selection": now, "against": None})
        run, _ = store.submit(asked, "c" * 64, {})
        store.claim("test", run.id)
        store.fail(run.id, "failed", "out of memory")
    told = "This is the answer for an earlier selection, not the one above."
    same = open_page("projection", run=filled.projection, panel="distinction", selected="0.1.2.3.4.5", contrast=run.id)
    assert told not in said(same)
    assert "Out of memory" in said(same)
    other = open_page("projection", run=filled.projection, panel="distinction", selected="7.8.9", contrast=run.id)
    assert told in said(other)


def test_slices_that_nobody_named_are_offered_neither_as_a_filter_nor_to_a_new_run(
    open_page: Open, filled: Filled
) -> None:
    with Store.open(filled.location) as store:
        store.save_slice(name_of("orl-faces", np.arange(9), "rest"), "orl-faces", range(9))
        store.save_slice("bearded", "orl-faces", range(5))
    test = open_page("projection", run=filled.projection)
    offered = {one.label: one.options for one in test.selectbox}
    assert offered["and in the slice"] == ["every point", "bearded"]
    assert offered["Rows"] == ["all", "bearded"]


def test_a_run_whose_model_is_gone_says_so_where_the_model_is_needed(open_page: Open, tmp_path: Path) -> None:
    location = str(tmp_path / "gone")
    with Store.open(location) as store:
        asked = RunSpec("projection", model="no-such-model", params={"space": "z", "method": "pca", "k": 3})
        run, _ = store.submit(asked, "d" * 64, {})
        store.claim("test", run.id)
        result = Result(
            metrics={"trustworthiness": 0.9},
            tables={"quality": pd.DataFrame({"measure": ["trustworthiness"], "k": [3], "value": [0.9]})},
            arrays={
                "rows": np.arange(9),
                "coordinates": np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32),
                "points": np.random.default_rng(1).normal(size=(9, 4)).astype(np.float32),
                "stress": np.full(9, 1 / 9, dtype=np.float32),
                "placed": np.zeros(9, dtype=bool),
            },
        )
        source = draws_source("no-such-model", "z", 0)
        store.publish(run.id, result, {"seed": 0, "samples": {"z": {"of": source}}})
    test = open_page("projection", store=location, run=run.id, panel="place", place="0,0")
    assert "There is no model" in said(test)
    assert "does not work" not in said(test)
    assert "How far this map can be trusted" in said(test)
