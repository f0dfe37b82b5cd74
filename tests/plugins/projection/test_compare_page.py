# SPDX-License-Identifier: Apache-2.0
"""The page that compares two maps, opened by its address on a store of real runs."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from plugins.projection import compare_page, compare_runs
from plugins.projection.comparing import common_points, movement, neighbour_overlap
from tests.app.conftest import EVIL, ROOT, in_address, said
from workbench.store import Store

MADE = """
import sys, workbench as wb
store, table, flat = sys.argv[1:]
def made(**given):
    return wb.run("projection", store=store, inline=True, seeds=0, k=5, iterations=50, **given)
made(model="eigenfaces", space="z", limit=400)
made(model="eigenfaces", space="z", method="tsne", limit=150, seed=1)
made(model="eigenfaces", space="pixels", dimensions=3, limit=200)
made(model="eigenfaces", space="z", slice="first", limit=400)
made(model="eigenfaces", space="z", slice="last", limit=400)
made(data=flat, space="points")
made(data=flat, space="points", seed=1)
made(data=table, space="points")
made(data=table, space="points", seed=1)
"""
WHICH = ("pca", "tsne", "space", "first", "last", "flat", "level", "table", "again")


@dataclass(frozen=True)
class Runs:
    """A store, and the ids of its runs by what they are of."""

    location: str
    ids: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.ids[name]

    def array(self, name: str, which: str) -> Any:
        with Store.open(self.location) as store:
            return np.array(store.result(self.ids[name]).array(which))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("compare")
    location, table = str(folder / "store"), folder / "table.csv"
    points = np.random.default_rng(0).standard_normal((60, 3))
    frame = pd.DataFrame(points, columns=["a", "b", "c"])
    frame[EVIL] = np.where(points[:, 0] > 0, EVIL, "plain")
    frame.to_csv(table, index=False)
    np.save(folder / "flat.npy", np.ones((20, 3), dtype=np.float32))
    with Store.open(location) as store:
        store.save_slice("first", "orl-faces", np.arange(40))
        store.save_slice("last", "orl-faces", np.arange(36, 80))
        # In a process of its own: the analysis imports torch, and this process is to stand for the app's.
        subprocess.run(
            [sys.executable, "-c", MADE, location, str(table), str(folder / "flat.npy")], check=True, cwd=ROOT
        )
        made = [one.id for one in reversed(store.runs(analysis="projection"))]
    return Runs(location, dict(zip(WHICH, made, strict=True)))


Open = Callable[..., AppTest]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> Open:
    def open_page(location: str | None = None, **query: str) -> AppTest:
        monkeypatch.setenv("WORKBENCH_STORE", location or runs.location)
        test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        test._page_hash = calc_hash(compare_page.PAGE)
        for name, one in query.items():
            test.query_params[name] = one
        return settled(test.run())

    return open_page


def settled(test: AppTest) -> AppTest:
    """Wait for what is done in the background."""
    until = time.monotonic() + 60
    while any("hourglass" in one.value for one in test.caption):
        assert time.monotonic() < until, "the page never was done"
        time.sleep(0.05)
        test.run()
    assert not test.exception, test.exception
    assert not test.error, test.error[0].value
    return test


def cells(test: AppTest) -> dict[str, str]:
    """The table of numbers without its Markdown: value by measure."""
    table = test.table[0].value
    plain = [[str(one).replace("\\", "").replace("*", "") for one in table[name]] for name in ("Measure", "Value")]
    return dict(zip(*plain, strict=True))


def test_with_fewer_than_two_maps_it_says_how_to_make_them(opened: Open, tmp_path: Path, runs: Runs) -> None:
    told = said(opened(str(tmp_path / "empty")))
    assert "nothing to compare yet" in told and "No projection is finished" in told and "Project a space" in told


def test_two_runs_of_the_address_are_compared_on_their_common_points(opened: Open, runs: Runs) -> None:
    test = opened(left=runs["pca"], right=runs["tsne"], k="7")
    told = said(test)
    assert "150 points in common, of 400 on the left and 150 on the right" in told
    assert "method (pca, tsne)" in told.replace("\\", "") and "seed (0, 1)" in told.replace("\\", "")
    here, there = common_points(runs.array("pca", "rows"), runs.array("tsne", "rows"))
    places, others = runs.array("pca", "coordinates")[here], runs.array("tsne", "coordinates")[there]
    expected = neighbour_overlap(places, others, 7)
    assert f"{100 * expected.mean:.1f}\N{NO-BREAK SPACE}%" in told and "k = 7" in told.replace("\\", "")
    assert cells(test)["Disparity"] == f"{movement(places, others).disparity:.4g}"
    assert cells(test)["The same for unrelated maps"] == f"{7 / 149:.4g}"
    caution = test.info[0].value.replace("\\", "")
    assert "t-SNE" in caution and "trust the share of neighbours kept" in caution
    worst = test.dataframe[-1].value
    assert len(worst) == 50 and worst["neighbours kept"].is_monotonic_increasing
    row = int(worst["row"].iloc[0])
    at = int(np.flatnonzero(runs.array("pca", "rows")[here] == row)[0])
    assert worst["neighbours kept"].iloc[0] == expected.values[at] == expected.values.min()
    assert worst["displacement"].iloc[0] == pytest.approx(movement(places, others).displacement[at])


def number(told: str) -> float:
    """What a cell says, powers of ten included."""
    plain = told.replace("\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10", "e").translate(
        str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
    )
    return float(plain)


def test_without_an_address_it_starts_with_two_runs_that_can_be_compared(opened: Open, runs: Runs) -> None:
    test = opened()
    assert {in_address(test, "left"), in_address(test, "right")} == {runs["table"], runs["again"]}
    assert "100.0\N{NO-BREAK SPACE}%" in said(test), "the same points under another seed: PCA is the same"
    assert number(cells(test)["Disparity"]) < 1e-9


def test_only_runs_with_enough_points_in_common_are_offered(opened: Open, runs: Runs) -> None:
    test = opened(left=runs["first"])
    offered = test.selectbox(key=f"compare.right.{runs['first']}").options
    assert any("400 points" in one and "40 in common" in one for one in offered)
    assert not any(runs[name][:6] in one for one in offered for name in ("last", "table", "again", "first"))


@pytest.mark.parametrize(("right", "why"), [("last", "4 of their points are the same"), ("table", "are not the same")])
def test_a_pair_without_common_points_is_refused_with_the_way_out(
    right: str, why: str, opened: Open, runs: Runs
) -> None:
    test = opened(left=runs["first"], right=runs[right])
    assert why in test.warning[0].value and "10 are needed" in test.warning[0].value
    assert "run the projection again with the same data" in test.warning[0].value
    assert not test.subheader
    box = test.selectbox(key=f"compare.right.{runs['first']}")
    assert box.value is None
    box.set_value(runs["pca"])
    assert "How alike the two maps are" in said(settled(test.run()))
    assert in_address(test, "right") == runs["pca"]


def test_a_run_that_shares_points_with_no_other_says_so(
    opened: Open, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_runs, "FEWEST", 1000)
    test = opened(left=runs["pca"])
    assert "No other finished projection" in said(test) and "Change it and run again" in said(test)


@pytest.mark.parametrize("given", ["ffffffffffff", "../../x", "<script>alert(1)</script>", "'; drop table run"])
def test_an_address_that_names_no_map_says_so_and_shows_another(given: str, opened: Open, runs: Runs) -> None:
    test = opened(left=given, right=runs["tsne"])
    told = test.warning[0].value
    assert "names no map for the left" in told and "<script" not in told.replace("\\<", "")
    assert in_address(test, "right") == runs["tsne"]
    assert "How alike the two maps are" in said(test)


def test_left_and_right_are_exchanged(opened: Open, runs: Runs) -> None:
    test = opened(left=runs["pca"], right=runs["tsne"], selected="1.2.3")
    before = test.dataframe[0].value
    test.button(key="compare.exchange").click()
    settled(test.run())
    assert (in_address(test, "left"), in_address(test, "right")) == (runs["tsne"], runs["pca"])
    after = test.dataframe[0].value
    assert after["row"].tolist() == before["row"].tolist()
    assert after["neighbours kept"].tolist() == before["neighbours kept"].tolist()


def test_another_left_brings_a_right_that_fits(opened: Open, runs: Runs) -> None:
    test = opened(left=runs["pca"], right=runs["tsne"])
    test.selectbox(key="compare.left").set_value(runs["table"])
    settled(test.run())
    assert (in_address(test, "left"), in_address(test, "right")) == (runs["table"], runs["again"])
    assert not test.warning


def test_the_selection_of_the_address_is_shown_and_saved(opened: Open, runs: Runs) -> None:
    test = opened(left=runs["pca"], right=runs["tsne"], selected="9.4.2")
    rows = np.sort(runs.array("tsne", "rows"))[[2, 4, 9]].tolist()
    assert "3 selected" in said(test) and test.dataframe[0].value["row"].tolist() == rows
    assert {"person", "neighbours kept", "displacement"} <= set(test.dataframe[0].value.columns)
    next(one for one in test.text_input if one.label == "Name").set_value("moved-ones")
    next(one for one in test.button if one.label == "Save").click()
    settled(test.run())
    with Store.open(runs.location) as store:
        assert store.slice("moved-ones").data == "orl-faces" and store.slice("moved-ones").rows().tolist() == rows
        store.delete_slice("moved-ones")


def test_colour_layout_and_k_are_in_the_address(opened: Open, runs: Runs) -> None:
    test = opened(
        left=runs["pca"], right=runs["tsne"], colour="displacement", layout="morph", most="moved", place="own"
    )
    names = {one.label: one.value for one in test.selectbox}
    assert names["Colour"] == "displacement"
    assert any("From PCA of z to t" in one.value for one in test.markdown)
    assert test.dataframe[-1].value["displacement"].is_monotonic_decreasing
    next(one for one in test.selectbox if one.label == "Colour").set_value("neighbours kept")
    test.number_input[0].set_value(9)
    settled(test.run())
    assert (in_address(test, "colour"), in_address(test, "k")) == ("neighbours kept", "9")
    wrong = opened(left=runs["pca"], right=runs["tsne"], colour="<b>", k="-3", layout="x")
    assert wrong.number_input[0].value == 15 and in_address(wrong, "colour") is None


def test_maps_of_different_dimension_are_compared_by_their_neighbours_alone(opened: Open, runs: Runs) -> None:
    test = opened(left=runs["pca"], right=runs["space"])
    told = said(test)
    assert "200 points in common" in told and "How alike the two maps are" in told
    assert "Disparity" not in cells(test)
    assert "displacement" not in test.dataframe[-1].value.columns
    assert "displacement" not in next(one for one in test.selectbox if one.label == "Colour").options


def test_points_that_are_all_equal_are_not_measured(opened: Open, runs: Runs) -> None:
    test = opened(left=runs["flat"], right=runs["level"], k="3", selected="1.2")
    told = said(test)
    assert "Neighbours cannot be compared" in told and "2 selected" in told and "No point has a number" in told
    assert {cells(test)[name] for name in ("Neighbours kept, k = 3", "Disparity", "Median displacement")} == {
        "not defined"
    }


def test_neighbours_are_compared_in_the_spaces_too(opened: Open, runs: Runs) -> None:
    told = said(opened(left=runs["pca"], right=runs["space"]))
    assert "In the spaces themselves a point keeps" in told, "z and the pixels are two spaces"
    assert "maps of the same space" in said(opened(left=runs["pca"], right=runs["tsne"]))


def test_text_of_the_data_is_only_text(opened: Open, runs: Runs) -> None:
    test = opened(left=runs["table"], right=runs["again"], selected="1.2", colour=EVIL)
    assert EVIL in test.dataframe[0].value.columns
    for one in (*test.markdown, *test.caption, *test.info, *test.warning, *test.subheader):
        shown = str(one.value)
        assert "<img" not in shown.replace("\\<", "") and "[x](" not in shown and "**b**" not in shown, shown


def test_the_page_imports_no_heavy_library(runs: Runs) -> None:
    script = textwrap.dedent(
        """
        import os, sys, time
        from streamlit.testing.v1 import AppTest
        from streamlit.util import calc_hash
        os.environ["WORKBENCH_STORE"] = sys.argv[1]
        test = AppTest.from_file("streamlit_app.py", default_timeout=60)
        test._page_hash = calc_hash("plugin-compare")
        test.query_params["left"], test.query_params["right"] = sys.argv[2:]
        test.run()
        while any("hourglass" in one.value for one in test.caption):
            time.sleep(0.1)
            test.run()
        assert not test.exception and len(test.table), test.exception
        heavy = {"torch", "sklearn", "openTSNE", "umap"} & set(sys.modules)
        assert not heavy, heavy
        """
    )
    command = [sys.executable, "-c", script, runs.location, runs["pca"], runs["tsne"]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_points_are_the_same_where_rows_count_the_same() -> None:
    @dataclass(frozen=True)
    class Stored:
        manifest: dict[str, Any]

    @dataclass(frozen=True)
    class Record:
        model: str | None = "faces"
        data: str | None = None
        points: str | None = None
        slice: str | None = None
        seed: int = 0
        params: Any = None

    def origin(route: str, record: Any, data: Any = None, points: Any = None) -> tuple[str, str]:
        samples = {"w": {"route": route}}
        preimage = {"data": data, "points": points}
        given: Any = replace(record, params={"space": "w"})
        return compare_runs.origin_of(given, Stored({"samples": samples, "preimage": preimage}))  # type: ignore[arg-type]

    drawn = origin("prior -> z -> decode", Record())
    assert drawn == origin("prior -> z", Record()), "another layer of the same draws"
    assert drawn != origin("prior -> z", Record(seed=1)) and drawn != origin("prior -> z", Record(model="other"))
    faces, copied = {"name": "faces", "fingerprint": "ab"}, {"name": "copied", "fingerprint": "ab"}
    rows = origin("data -> pixels", Record(data="faces"), faces)
    assert rows == origin("data -> pixels -> encode", Record(model="other", data="copied"), copied)
    assert rows != origin("data -> pixels", Record(data="faces"), faces | {"fingerprint": "cd"})
    assert drawn == origin("prior -> z", Record(data="faces"), faces), "draws of a run that had data, too"
    bare = origin("data -> points", Record(model=None, points="/a/b.npy"), None, {"fingerprint": "ef"})
    assert bare == ("row", "ef")
    assert origin("items -> words -> embed", Record()) == ("item", "faces/words")


def test_the_address_of_a_comparison(runs: Runs) -> None:
    assert compare_page.address("ab12") == "plugin-compare?left=ab12"
    assert compare_page.address("ab12", "cd34") == "plugin-compare?left=ab12&right=cd34"
