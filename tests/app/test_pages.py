# SPDX-License-Identifier: Apache-2.0
"""Every page, with nothing in the store, with much in it, and with addresses that lead nowhere."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from tests.app.conftest import EVIL, ROOT, Filled, Open, in_address, said
from workbench.runs import wait
from workbench.runs.spec import RunSpec
from workbench.store import Store

PAGES = ("", "models", "projection", "runs", "plugins", "analysis")


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_store_says_what_to_do_next(page: str, open_page: Open, empty: str) -> None:
    test = open_page(page, store=empty)
    assert len(test.title) == 1
    assert not test.error
    told = said(test)
    if page == "":
        assert "Nothing has been run yet" in told and "workbench demo" in told
    if page == "projection":
        assert "Nothing has been run yet" in told
    if page == "runs":
        assert "No run here" in told


@pytest.mark.parametrize("page", PAGES)
def test_a_filled_store_is_shown_without_errors(page: str, open_page: Open) -> None:
    test = open_page(page)
    assert len(test.title) == 1
    assert not test.error


def test_overview_names_runs_and_what_needs_a_look(open_page: Open, filled: Filled) -> None:
    told = said(open_page(""))
    assert "Needs a look" in told and "Latest runs" in told and filled.projection in told


def test_models_lists_the_cards_with_licence(open_page: Open) -> None:
    told = said(open_page("models"))
    assert "Eigenfaces" in told and "AT&T" in told.replace("\\", "")


def test_a_projection_is_shown_with_its_measures(open_page: Open, filled: Filled) -> None:
    test = open_page("projection", run=filled.projection)
    assert not test.error, test.error[0].value
    told = said(test)
    assert filled.projection in told
    tables = "\n".join(str(one.value) for one in test.table)
    for measure in ("Trustworthiness", "Continuity", "Neighbourhood preservation", "Correlation of distances"):
        assert measure in tables.replace("\\", "")
    assert "k = 5" in told and "seed 0" in told and "directions of largest variance" in told
    assert "Under other seeds" in told


def test_selected_points_of_the_address_are_shown(open_page: Open, filled: Filled) -> None:
    test = open_page("projection", run=filled.projection, selected="3.1.4")
    told = said(test)
    assert "3 selected" in told
    assert (
        list(test.dataframe[0].value["row"]) == sorted(test.dataframe[0].value["row"])
        and len(test.dataframe[0].value) == 3
    )
    assert in_address(test, "selected") == "1.3.4"


def test_a_slice_is_saved_and_the_address_reopens_it(open_page: Open, filled: Filled) -> None:
    test = open_page("projection", run=filled.projection, selected="5.6.7")
    key = f"view.{filled.projection}.slice"
    test.text_input(key=f"{key}.name").set_value("a-few")
    next(one for one in test.button if one.label == "Save").click()
    test.run()
    assert not test.exception and in_address(test, "slice") == "a-few"
    with Store.open(filled.location) as store:
        rows = store.slice("a-few").rows().tolist()
        assert store.slice("a-few").data == "orl-faces" and len(rows) == 3
        again = open_page("projection", run=filled.projection, slice="a-few")
        assert "3 selected" in said(again) and again.dataframe[0].value["row"].tolist() == rows
        assert in_address(again, "slice") == "a-few"
        store.delete_slice("a-few")


def test_the_form_runs_on_a_slice(open_page: Open, filled: Filled) -> None:
    with Store.open(filled.location) as store:
        store.save_slice("forty", "orl-faces", np.arange(40))
        test = open_page("projection", run=filled.projection)
        until = time.monotonic() + 30
        while not any(one.label == "Rows" for one in test.selectbox):  # the model is being described
            assert time.monotonic() < until and not test.exception
            test.run()
        next(one for one in test.selectbox if one.label == "Rows").select("forty").run()
        next(one for one in test.button if one.label == "Run").click().run()
        assert not test.exception
        newest = store.runs(analysis="projection")[0]
        assert newest.slice == "forty" and in_address(test, "run") == newest.id
        assert wait(store, newest.id, timeout=60).status == "done"
        assert len(store.result(newest.id).array("coordinates")) == 40
        store.delete_run(newest.id)
        store.delete_slice("forty")


def test_the_colour_is_part_of_the_address(open_page: Open, filled: Filled) -> None:
    test = open_page("projection", run=filled.projection, colour="person")
    box = test.selectbox(key=f"view.{filled.projection}.colour")
    assert box.value == "person"
    box.set_value("nothing")
    test.run()
    assert not test.exception and in_address(test, "colour") == "nothing"
    wrong = open_page("projection", run=filled.projection, colour="<script>")
    assert (
        wrong.selectbox(key=f"view.{filled.projection}.colour").value
        in wrong.selectbox(key=f"view.{filled.projection}.colour").options
    )
    assert in_address(wrong, "colour") is None


@pytest.mark.parametrize("page", ["runs", "projection"])
@pytest.mark.parametrize(
    "run", ["ffffffffffff", "deleted", "../../x", "<script>alert(1)</script>", "'; drop table run"]
)
def test_an_address_that_leads_nowhere_says_so(page: str, run: str, open_page: Open, filled: Filled) -> None:
    test = open_page(page, run=filled.deleted if run == "deleted" else run)
    assert not test.error
    if re.fullmatch("[0-9a-f]+", run) or run == "deleted":
        assert "may have been deleted" in said(test)


def test_a_run_whose_files_are_gone_is_an_error_in_one_sentence(open_page: Open, filled: Filled) -> None:
    test = open_page("runs", run=filled.broken_files)
    assert len(test.error) == 1 and "missing" in test.error[0].value


def test_a_failed_run_shows_its_error_and_traceback(open_page: Open, filled: Filled) -> None:
    test = open_page("runs", run=filled.failed)
    assert "ran out of memory" in test.error[0].value
    assert any("MemoryError" in one.value for one in test.code)


def test_a_queued_run_can_be_cancelled(open_page: Open, empty: str) -> None:
    with Store.open(empty) as store:
        run = store.submit(RunSpec("projection", data="orl-faces"), "e" * 64, {})[0].id
        test = open_page("runs", store=empty, run=run)
        next(one for one in test.button if one.label == "Cancel").click()
        test.run()
        assert not test.exception
        assert store.run(run).status == "cancelled"
    assert "cancelled before it was done" in said(open_page("runs", store=empty, run=run))


def test_two_runs_are_compared(open_page: Open, filled: Filled) -> None:
    test = open_page("runs", run=filled.projection, **{"with": filled.other})
    differing, numbers = test.table[0].value, test.table[1].value
    assert differing.iloc[:, 0].tolist() == ["Seed"]
    assert differing.iloc[0, 1:].tolist() == ["0", "1"]
    assert "Trustworthiness" in numbers.iloc[:, 0].tolist()


def test_runs_are_filtered_by_the_address(open_page: Open, filled: Filled) -> None:
    told = said(open_page("runs", status="failed"))
    assert filled.failed in told and filled.projection not in told


def test_text_of_results_is_only_text(open_page: Open, filled: Filled) -> None:
    for page, query in (("runs", {"run": filled.evil}), ("runs", {"run": filled.failed}), ("", {}), ("runs", {})):
        test = open_page(page, **query)
        told = [
            str(one.value)
            for kind in ("markdown", "caption", "error", "warning", "info")
            for one in getattr(test, kind)
        ]
        told += [one.label for one in test.metric]
        told += [str(cell) for one in test.table for cell in one.value.to_numpy().ravel()]
        for one in told:
            assert "<img" not in one.replace("\\<", ""), one
            assert "[x](" not in one and ":red[z]" not in one and "**b**" not in one, one
    assert any("onerror" in one.value for one in open_page("runs", run=filled.evil).markdown), (
        "the text itself is shown"
    )
    assert EVIL.startswith("<img")


def test_no_page_element_allows_raw_html(open_page: Open, filled: Filled) -> None:
    for page, query in ((one, {}) for one in PAGES):
        test = open_page(page, **query)
        for one in test.markdown:
            assert not one.allow_html


def test_a_broken_plugin_is_listed_with_its_traceback(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_one.py").write_text(f"raise RuntimeError({EVIL!r})\n")
    (tmp_path / "paged.py").write_text(
        textwrap.dedent(
            """
            import workbench as wb
            import streamlit as st

            def draw():
                st.write("drawn by a plugin")

            def fails():
                raise ZeroDivisionError("by a plugin")

            @wb.hookimpl
            def workbench_pages():
                return [
                    wb.Page("fine", "Fine page", __name__ + ":draw", icon="no such icon"),
                    wb.Page("bad", "Bad page", __name__ + ":fails"),
                ]
            """
        )
    )
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(tmp_path))
    test = open_page("plugins")
    told = said(test)
    assert "broken\\_one" in told and any("RuntimeError" in one.value for one in test.code)
    assert "could not be loaded" in said(open_page(""))
    assert any("drawn by a plugin" in one.value for one in open_page("plugin-fine").markdown)
    bad = open_page("plugin-bad")
    assert "ZeroDivisionError" in bad.error[0].value and any("ZeroDivisionError" in one.value for one in bad.code)


def test_an_analysis_without_a_page_has_the_general_one(open_page: Open, filled: Filled) -> None:
    test = open_page("analysis", analysis="projection", run=filled.projection)
    assert not test.error and filled.projection in said(test)
    assert "no analysis" in said(open_page("analysis", analysis="<b>")).lower()


def test_the_app_never_imports_torch(filled: Filled) -> None:
    script = textwrap.dedent(
        """
        import os, sys
        from streamlit.testing.v1 import AppTest
        from streamlit.util import calc_hash
        os.environ["WORKBENCH_STORE"], run = sys.argv[1:3]
        pages = [("", {}), ("models", {}), ("projection", {}), ("runs", {}), ("runs", {"run": run}), ("plugins", {})]
        for page, query in [*pages, ("projection", {"run": run, "selected": "1.2"})]:
            test = AppTest.from_file("streamlit_app.py", default_timeout=60)
            test._page_hash = calc_hash(page)
            for name, one in query.items():
                test.query_params[name] = one
            test.run()
            assert not test.exception, test.exception
            heavy = {"torch", "sklearn", "openTSNE", "umap"} & set(sys.modules)
            assert not heavy, (page, query, heavy)
        """
    )
    command = [sys.executable, "-c", script, filled.location, filled.projection]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
