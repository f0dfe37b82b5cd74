# SPDX-License-Identifier: Apache-2.0
"""The page of a barcode, opened by its address: bars with their numbers, the samples of the chosen one, the classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.homology.view.complex_at_scale import triangles
from plugins.homology.view.complex_chart import Drawing, chart
from tests.app.conftest import ROOT, in_address, said
from tests.plugins.homology.jobs import circle, figure_eight
from workbench.runs.spec import RunSpec
from workbench.store import Store


@pytest.fixture(autouse=True)
def only_this(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS", "homology")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("view")


def made(folder: Path, case: str) -> str:
    """The run of a case: computed once for all tests of this file."""
    random = np.random.default_rng(0)
    if case == "eight":
        values, columns, params = figure_eight(400), None, {"draws": 8}
    elif case == "classes":
        ring, blob = circle(150, axes=4), random.standard_normal((150, 4)) * 0.3
        values, columns = np.r_[ring, blob], {"kind": ["ring"] * 150 + ["blob"] * 150}
        params = {"draws": 8, "by": "kind"}
    elif case == "many":
        values, columns = np.r_[circle(980, axes=4), 4 * random.standard_normal((20, 4))], None
        params = {"draws": 8, "landmarks": 120}
    else:
        values, columns, params = random.standard_normal((40, 3)), None, {"draws": 0, "max_dim": 0}
    name = f"{case}-points"
    with Store.open(folder / "store") as store:
        if name not in {one.name for one in store.datasets()}:
            if columns is None:
                np.save(folder / f"{case}.npy", values.astype(np.float32))
                store.add_dataset(name, folder / f"{case}.npy", {})
            else:
                frame = pd.DataFrame(values.astype(np.float32), columns=["a", "b", "c", "d"]).assign(**columns)
                frame.to_parquet(folder / f"{case}.parquet")
                store.add_dataset(name, folder / f"{case}.parquet", {"values": ["a", "b", "c", "d"]})
        wb.run("homology", data=name, space="points", store=store, inline=True, **params)
        return next(one.id for one in store.runs(analysis="homology") if one.data == name)


def opened(monkeypatch: pytest.MonkeyPatch, folder: Path, case: str, **query: str) -> AppTest:
    run = made(folder, case)
    monkeypatch.setenv("WORKBENCH_STORE", str(folder / "store"))
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    for name, one in {"run": run, **query}.items():
        test.query_params[name] = one
    test.run()
    whole(test)
    return test


def whole(test: AppTest) -> None:
    """The page came to its end: a view that fails is drawn part by part, under a warning."""
    assert not test.exception, test.exception
    assert not [one for one in test.warning if "does not work" in str(one.value)], [str(one.value) for one in test.code]


def bar_list(test: AppTest) -> Any:
    (found,) = [one for one in test.selectbox if one.label.startswith("The bar whose samples")]
    return found


def test_no_bar_stands_without_its_three_numbers(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location, "eight")
    assert all(" p " in one and "in draws" in one for one in bar_list(test).options)
    table = next(one.value for one in test.dataframe if "p, adjusted" in one.value)
    assert table["What"].iloc[:2].tolist() == ["H1, loop 1", "H1, loop 2"]
    assert table["p, adjusted"].iloc[0] == "< 0.001"
    assert table["Recurs (95 %)"].iloc[0].startswith("100 % (")
    assert table["Taken together"].iloc[:3].tolist() == ["more than noise", "more than noise", "not told from noise"]


def test_a_chosen_bar_shows_its_cycle_and_stands_in_the_address(
    monkeypatch: pytest.MonkeyPatch, location: Path
) -> None:
    test = opened(monkeypatch, location, "eight")
    first = bar_list(test).value
    samples = in_address(test, "selected"), in_address(test, "selection")
    assert any(samples)
    bar_list(test).set_value(first + 1).run()
    whole(test)
    assert in_address(test, "bar") == str(first + 1)
    assert "Loop 2, and the samples that form it" in said(test)
    assert (in_address(test, "selected"), in_address(test, "selection")) != samples
    cycle = next(one.value for one in test.dataframe if "place around" in one.value)
    rows = cycle["row"].to_numpy()
    assert cycle["place around"].tolist() == list(range(1, len(rows) + 1))
    assert len(set((rows % 2).tolist())) == 1 or min((rows % 2).mean(), 1 - (rows % 2).mean()) < 0.1


def test_the_address_brings_bar_selection_and_scale_back(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    first = bar_list(opened(monkeypatch, location, "eight")).value
    test = opened(monkeypatch, location, "eight", bar=str(first + 1), selected="1.2.3", scale="1.0")
    assert bar_list(test).value == first + 1
    assert in_address(test, "selected") == "1.2.3"
    assert "**3 selected points** in order around the loop" in said(test)
    assert "1 piece, 2 loops" in said(test)


@pytest.mark.parametrize("nonsense", ["x", "-1", "999999", "0"])
def test_nonsense_in_the_address_is_the_first_bar(
    monkeypatch: pytest.MonkeyPatch, location: Path, nonsense: str
) -> None:
    test = opened(monkeypatch, location, "eight", bar=nonsense, scale=nonsense, colour="<b>")
    assert "Loop 1, and the samples that form it" in said(test)


def test_the_complex_follows_the_slider(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location, "eight")
    test.slider[0].set_value(0.0).run()
    whole(test)
    assert "400 pieces" in said(test)
    assert "0 pairs of landmarks joined" in said(test)


def test_each_class_has_a_page_of_its_own(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location, "classes")
    assert "Class by class: kind" in said(test)
    table = next(one.value for one in test.dataframe if "Class" in one.value)
    assert dict(zip(table["Class"], table["Loops that are more than noise"], strict=True)) == {
        "kind blob": 0,
        "kind ring": 1,
    }
    (choice,) = [one for one in test.selectbox if one.label == "Barcode of"]
    choice.set_value("kind ring").run()
    whole(test)
    assert in_address(test, "class") == "kind ring"
    assert "Loop 1 of kind ring, and the samples that form it" in said(test)
    cycle = next(one.value for one in test.dataframe if "place around" in one.value)
    assert (cycle["kind"] == "ring").all()


def test_what_was_trimmed_is_shown(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location, "many")
    assert "Trimmed before landmarks were chosen" in said(test)
    assert "200 of 1,000 points lie in the sparsest places" in said(test)
    (button,) = [one for one in test.button if one.key.endswith(".trimmed")]
    button.click().run()
    whole(test)
    assert "**200 selected points**" in said(test)


def test_pieces_alone_are_a_page_as_well(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    test = opened(monkeypatch, location, "pieces")
    assert "Gap between pieces 1, and the samples that form it" in said(test)
    assert "nothing says what recurs" in said(test)


def complex_chart(test: AppTest) -> Any:
    """The specification of the complex at a scale."""
    for one in test.get("vega_lite_chart"):
        spec = json.loads(one.proto.spec)
        if spec.get("layer") and "principal component 1" in one.proto.spec:
            return one.proto
    raise AssertionError("there is no chart of the complex")


def test_the_complex_is_drawn_with_triangles_outliers_and_the_chosen_cycle(
    monkeypatch: pytest.MonkeyPatch, location: Path
) -> None:
    test = opened(monkeypatch, location, "many")
    told = said(test)
    assert " triangle" in told and "Crosses: 200 trimmed points" in told
    assert "At this scale the loop 1 is alive" in told
    spec = complex_chart(test).spec
    assert all(name in spec for name in ("cycle of the bar", "edge that makes it"))
    assert "simplex that ends it" not in spec
    test.slider[0].set_value(test.slider[0].max).run()
    whole(test)
    assert "At this scale the loop 1 is filled" in said(test)
    assert "simplex that ends it" in complex_chart(test).spec
    test.slider[0].set_value(0.0).run()
    assert "At this scale the loop 1 is not born yet" in said(test)
    assert "cycle of the bar" not in complex_chart(test).spec


def test_triangles_are_those_of_the_graph() -> None:
    random = np.random.default_rng(0)
    joined = np.triu(random.random((12, 12)) < 0.5, 1)
    both = joined | joined.T
    expected = [
        [a, b, c]
        for a in range(12)
        for b in range(a + 1, 12)
        for c in range(b + 1, 12)
        if both[a, b] and both[b, c] and both[a, c]
    ]
    assert sorted(triangles(*np.nonzero(joined)).tolist()) == expected
    assert triangles(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)).shape == (0, 3)


def test_the_complex_has_equal_axes_whatever_its_legend_takes() -> None:
    points = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 1.0]])
    nothing = np.empty((0, 2))
    spec = chart(Drawing(points, np.empty((0, 2, 2)), np.empty((0, 3, 2)), nothing, nothing, cycle=points))
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    below, above = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert (high - low) / spec["width"] == pytest.approx((above - below) / spec["height"])
    assert spec["autosize"] == {"type": "pad"}


def test_samples_of_a_loop_are_carried_to_a_projection(monkeypatch: pytest.MonkeyPatch, location: Path) -> None:
    run = made(location, "eight")
    with Store.open(location / "store") as store:
        rows = np.arange(400)
        projection = {}
        for name, data in (("same", "eight-points"), ("other", "many-points")):
            spec = RunSpec("projection", data=data, params={"space": "points", "method": "pca"})
            record, _ = store.submit(spec, name.ljust(64, "0"), {})
            if record.status != "done":
                store.claim("test", record.id)
                store.publish(record.id, wb.Result(arrays={"rows": rows}), {"seed": 0})
            projection[name] = record.id
    test = opened(monkeypatch, location, "eight")
    (button,) = [one for one in test.button if ".on." in str(one.key)]
    assert button.key.endswith(projection["same"]) and "PCA of points" in button.label
    selected = in_address(test, "selected")
    button.click().run()
    assert not test.exception
    with Store.open(location / "store") as store:
        (kept,) = [one for one in store.slices("eight-points") if one.name.startswith("loop")]
        assert kept.origin == f"run {run}"
        if selected is not None:
            assert kept.rows().tolist() == sorted(int(one) for one in selected.split("."))
