# SPDX-License-Identifier: Apache-2.0
"""The page of slices: the list, one of them, combining, deleting, and the ways on to a form."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from tests.app.conftest import EVIL, Open, in_address, said
from workbench.runs import slice_source, wait
from workbench.store import Store


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A store with slices of faces, of draws, and of a data set that is gone."""
    with Store.open(tmp_path / "store") as store:
        store.save_slice("first", "orl-faces", np.arange(20), note=EVIL, origin="run 0123456789ab")
        store.save_slice("even", "orl-faces", np.arange(0, 40, 2), origin="lasso")
        store.save_slice("far-out", "prior:eigenfaces/z@5", [1, 7, 2500])
        store.save_slice("lost", "gone-data", [1])
    return str(tmp_path / "store")


def test_without_slices_the_page_says_what_one_is_and_how_to_save_one(open_page: Open, empty: str) -> None:
    told = said(open_page("slices", store=empty))
    assert "No slice has been saved yet" in told and "workbench slices save" in told


def test_the_list_says_what_each_slice_is_of(open_page: Open, location: str) -> None:
    test = open_page("slices", store=location)
    told = said(test).replace("\\", "")
    for name in ("first", "even", "far-out", "lost"):
        assert name in told
    assert "20 rows of 'orl-faces'" in told and "from lasso" in told
    assert "3 draws from the prior of 'z' of 'eigenfaces' under seed 5" in told
    some = said(open_page("slices", store=location, of="gone-data")).replace("\\", "")
    assert "lost" in some and "far-out" not in some


def test_one_slice_shows_its_pictures_rows_and_uses(open_page: Open, location: str) -> None:
    test = open_page("slices", store=location, slice="even")
    told = said(test).replace("\\", "")
    assert test.title[0].value == "even" and "20 rows of 'orl-faces'" in told
    assert "On the data alone:" in told and "On eigenfaces:" in told
    assert test.dataframe[0].value["row"].tolist() == list(range(0, 40, 2))
    assert "person" in test.dataframe[0].value
    until = time.monotonic() + 30
    while "The first 20 pictures" not in " ".join(str(one.proto) for one in test.get("image")):
        assert time.monotonic() < until and not test.exception
        test.run()


def test_draws_of_a_prior_are_shown_and_their_model_named(open_page: Open, location: str) -> None:
    told = said(open_page("slices", store=location, slice="far-out")).replace("\\", "")
    assert "3 draws from the prior of 'z' of 'eigenfaces' under seed 5" in told
    assert "On eigenfaces:" in told and "On the data alone" not in told


def test_a_slice_of_what_is_gone_says_so(open_page: Open, location: str) -> None:
    test = open_page("slices", store=location, slice="lost")
    assert "gone-data" in test.warning[0].value.replace("\\", "")
    assert "No model or data set that it could be used with is here" in said(test)
    missing = open_page("slices", store=location, slice="<script>")
    assert "no slice" in missing.warning[0].value


def test_slices_are_combined_on_the_page(open_page: Open, location: str) -> None:
    test = open_page("slices", store=location, slice="even")
    key = "slice.even.combine.orl-faces"
    assert test.multiselect(key=f"{key}.names").value == ["even"]
    test.multiselect(key=f"{key}.names").set_value(["even", "first"]).run()
    test.selectbox(key=f"{key}.how").select("not").run()
    test.text_input(key=f"{key}.name").set_value("late-ones").run()
    test.button(key=f"{key}.combine").click().run()
    assert not test.exception
    with Store.open(location) as store:
        made = store.slice("late-ones")
        assert made.rows().tolist() == list(range(20, 40, 2)) and made.origin == "even and not first"


def test_a_combination_without_rows_or_with_a_bad_name_is_refused_in_words(open_page: Open, location: str) -> None:
    with Store.open(location) as store:
        store.save_slice("last", "orl-faces", [399])
    test = open_page("slices", store=location, of="orl-faces")
    key = "slices.combine.orl-faces"
    test.text_input(key=f"{key}.name").set_value("none").run()
    test.button(key=f"{key}.combine").click().run()
    assert "at least two slices" in test.error[0].value
    test.multiselect(key=f"{key}.names").set_value(["last", "first"]).run()
    for name, sentence in (("none", "would have no rows"), ("../x", "needs a name")):
        test.text_input(key=f"{key}.name").set_value(name).run()
        test.button(key=f"{key}.combine").click().run()
        assert len(test.error) == 1 and sentence in test.error[0].value
    test.selectbox(key=f"{key}.how").select("not").run()
    test.multiselect(key=f"{key}.names").set_value(["last"]).run()
    test.text_input(key=f"{key}.name").set_value("all-but-one").run()
    test.button(key=f"{key}.combine").click().run()
    assert not test.exception
    with Store.open(location) as store:
        assert store.slice("all-but-one").rows().tolist() == list(range(399))


def test_a_slice_is_deleted_after_a_second_click_only(open_page: Open, location: str) -> None:
    test = open_page("slices", store=location, slice="even")
    with Store.open(location) as store:
        assert "even" in {one.name for one in store.slices()}
        test.button(key="slice.even.delete").click().run()
        assert not test.exception
        assert {one.name for one in store.slices()} == {"first", "far-out", "lost"}


def test_text_of_slices_is_only_text(open_page: Open, location: str) -> None:
    for query in ({}, {"slice": "first"}):
        test = open_page("slices", store=location, **query)
        for kind in ("markdown", "caption"):
            for one in getattr(test, kind):
                assert "<img" not in one.value.replace("\\<", "") and "**b**" not in one.value
        assert "onerror" in said(test)


def test_the_form_offers_the_slices_that_fit(open_page: Open, location: str) -> None:
    alone = open_page("projection", store=location, data="orl-faces", slice="even")
    rows = next(one for one in alone.selectbox if one.label == "Rows")
    assert rows.options == ["all", "even", "first"] and rows.value == "even"
    assert "20 rows of 'orl-faces'" in said(alone).replace("\\", "")
    assert in_address(alone, "slice") == "even"


def test_the_form_of_a_model_offers_its_draws_and_runs_on_them(open_page: Open, location: str) -> None:
    with Store.open(location) as store:
        store.save_slice("dozen", "prior:eigenfaces/z@5", np.arange(0, 3600, 300))
        test = open_page("projection", store=location, model="eigenfaces", slice="dozen")
        until = time.monotonic() + 60
        while not any(one.label == "Rows" for one in test.selectbox):  # the model is being described
            assert time.monotonic() < until and not test.exception
            test.run()
        rows = next(one for one in test.selectbox if one.label == "Rows")
        assert rows.value == "dozen" and set(rows.options) == {"all", "dozen", "even", "far-out", "first"}
        next(one for one in test.selectbox if one.label == "Space").select("z").run()
        next(one for one in test.button if one.label == "Run").click().run()
        assert not test.exception and not test.error
        record = store.runs(analysis="projection")[0]
        assert (record.model, record.data, record.slice) == ("eigenfaces", None, "dozen")
        assert wait(store, record.id, timeout=60).status == "done"
        result = store.result(record.id)
        assert result.array("rows").tolist() == list(range(0, 3600, 300))
        assert slice_source(record, result) == "prior:eigenfaces/z@5"
