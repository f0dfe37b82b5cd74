# SPDX-License-Identifier: Apache-2.0
"""The analysis on real models: two digits of the autoencoder, two groups of faces; and its page, up to a kept name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.difference_direction.keeping import how_found
from sample_models import assets
from sample_models.datasets import open_mnist
from sample_models.faces_dcgan import ASSET
from workbench.runs import draws_source

ROOT = Path(__file__).resolve().parents[3]
faces = pytest.mark.skipif(assets.missing(ASSET) is not None, reason=str(assets.missing(ASSET)))


@dataclass(frozen=True)
class Digits:
    """A store with the slices ``ones`` and ``zeros`` and the run between them."""

    location: str
    run: str
    result: wb.Result


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Digits]:
    location = tmp_path_factory.mktemp("directions") / "store"
    with wb.Store.open(location) as store:
        digit = open_mnist().columns["digit"].astype(str).to_numpy()
        for name, one in (("ones", "1"), ("zeros", "0")):
            store.save_slice(name, "mnist", np.flatnonzero(digit == one)[:400])
        result = wb.run(
            "difference-direction",
            model="mnist-vae", space="z", toward="ones", away="zeros", limit=300, examples=2, steps=5, reach=1,
            store=store, inline=True,
        )  # fmt: skip
        yield Digits(str(location), store.runs()[0].id, result)


def test_from_zeros_to_ones(digits: Digits) -> None:
    result: Any = digits.result
    assert result.metrics["auc"].low > 0.95
    assert result.metrics["p_permutation"].value == pytest.approx(1 / 201)
    assert result.metrics["distance"].n == 600
    assert result.metrics["settled"].value > 0.99
    direction = np.asarray(result.arrays["direction"])
    assert direction.shape == (16,)
    pictures = np.asarray(result.arrays["traversal"]).astype(float)
    assert pictures.shape == (3, 5, 28, 28, 1)
    middle = pictures[0].mean(axis=(1, 2, 3))
    assert middle[1] > 1.5 * middle[3]  # a zero has more ink than a one


def test_exchanged_slices_and_the_rest(digits: Digits) -> None:
    with wb.Store.open(digits.location) as store:
        asked = {"model": "mnist-vae", "space": "z", "limit": 300, "examples": 0, "store": store, "inline": True}
        back = wb.run("difference-direction", toward="zeros", away="ones", **asked)
        there = np.asarray(digits.result.arrays["direction"])
        # 300 of 400 points a side are drawn anew, and the two draws share most of them
        assert np.asarray(back.arrays["direction"]) @ there < -0.99
        rest: Any = wb.run("difference-direction", toward="zeros", **asked)
        assert rest.metrics["distance"].n == 600
        assert "of the rest" in rest.notes[0]
        assert rest.metrics["auc"].low > 0.9


def test_layer_of_the_encoder_has_a_direction_and_no_traversal(digits: Digits) -> None:
    with wb.Store.open(digits.location) as store:
        layers = [name for name in wb.describe(store, "mnist-vae").layers if "encoder" in name]
        result = wb.run(
            "difference-direction",
            model="mnist-vae", space=layers[-1], toward="ones", away="zeros", limit=60, store=store, inline=True,
        )  # fmt: skip
    assert "traversal" not in result.arrays
    assert result.numbers()["auc"] > 0.95
    assert any("No map of the model leads from" in one for one in result.notes)


@faces
def test_draws_of_a_generator(tmp_path: Path) -> None:
    with wb.Store.open(tmp_path / "store") as store:
        first = wb.run("projection", model="faces-dcgan", space="z", limit=400, seeds=2, store=store, inline=True)
        along = np.asarray(first.arrays["coordinates"])[:, 0]
        of = draws_source("faces-dcgan", "z", 0)
        store.save_slice("high", of, np.flatnonzero(along > np.quantile(along, 0.7)))
        store.save_slice("low", of, np.flatnonzero(along < np.quantile(along, 0.3)))
        result: Any = wb.run(
            "difference-direction",
            model="faces-dcgan", space="z", toward="high", away="low", examples=2, seed=5, store=store, inline=True,
        )  # fmt: skip
        run = store.runs(analysis="difference-direction")[0]
        assert run.seed == 5
        how = how_found(run, store.result(run.id).manifest, "")
    assert np.asarray(result.arrays["traversal"]).shape == (3, 7, 64, 64, 3)
    assert result.metrics["distance"].n == 240
    assert list(result.tables["starts"]["start"])[1].startswith("draw ")
    assert result.metrics["outside_shell"].n == 240
    assert (how["toward"]["slice"], how["toward"]["of"]) == ("high", "prior:faces-dcgan/z@0")
    assert len(how["away"]["rows_sha256"]) == 64


# -- the page


@pytest.fixture
def page(digits: Digits, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("WORKBENCH_STORE", digits.location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = digits.run
    test.run()
    assert not test.exception, test.exception
    return test


def said(test: AppTest) -> str:
    kinds = ("subheader", "markdown", "caption", "error", "info", "success")
    return "\n".join(str(one.value) for kind in kinds for one in getattr(test, kind))


def test_page_says_what_a_step_is_and_what_three_examples_give(page: AppTest, digits: Digits) -> None:
    words = said(page)
    assert "From zeros to ones" in words
    assert "One step is the distance between the two means" in words
    assert "An average of three examples a side" in words
    assert not page.info  # the slices were not selected on a map


def test_direction_is_kept_under_a_name(page: AppTest, digits: Digits) -> None:
    assert _name(page).value == "ones-against-zeros"
    _name(page).set_value("Not A Name")
    _press(page)
    assert "cannot name a direction" in said(page).replace("\\", "")
    _name(page).set_value("slimness")
    _press(page)
    assert "workbench directions show slimness" in said(page)
    with wb.Store.open(digits.location) as store:
        kept = store.direction("slimness")
        assert kept.vector() == pytest.approx(np.asarray(digits.result.arrays["difference"]))
        assert (kept.model, kept.space) == ("mnist-vae", "z")
        assert kept.fingerprint == wb.describe(store, "mnist-vae").fingerprint
        assert (kept.how["analysis"], kept.how["run"]) == ("difference-direction", digits.run)
        assert (kept.how["toward"]["slice"], kept.how["toward"]["of"]) == ("ones", "mnist")
        assert len(kept.how["toward"]["rows_sha256"]) == len(kept.how["away"]["rows_sha256"]) == 64
        auc: Any = digits.result.metrics["auc"]
        assert kept.card["auc"] == {"value": auc.value, "low": auc.low, "high": auc.high, "n": auc.n}
    _press(page)
    assert "a direction 'slimness' already" in said(page).replace("\\", "")


def _name(page: AppTest) -> Any:
    (found,) = [one for one in page.text_input if one.label == "Name"]
    return found


def _press(page: AppTest) -> None:
    (button,) = [one for one in page.button if one.label == "Keep"]
    button.click()
    page.run()
    assert not page.exception, page.exception


def test_groups_from_a_map_of_this_space_are_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = os.environ["WORKBENCH_STORE"]
    with wb.Store.open(location) as store:
        asked = {"model": "mnist-vae", "space": "z", "store": store, "inline": True}
        wb.run("projection", limit=200, seeds=2, **asked)
        (mapped,) = store.runs()
        store.save_slice("left", "mnist", range(40), origin=f"run {mapped.id}")
        store.save_slice("right", "mnist", range(50, 90), origin=f"run {mapped.id}")
        wb.run("difference-direction", toward="left", away="right", examples=0, **asked)
        run = store.runs(analysis="difference-direction")[0].id
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = run
    test.run()
    assert not test.exception, test.exception
    assert "Selected on a map of this very space: left and right" in said(test)
    _press(test)
    with wb.Store.open(location) as store:
        assert store.direction("left-against-right").how["selected_on_a_map_of_the_space"] == ["left", "right"]
