# SPDX-License-Identifier: Apache-2.0
"""Real models through the public door, eigenfaces exactly; the page up to a result; slices in terms and the run key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.latent_arithmetic import stories
from workbench.runs import RunSpec, draws_source
from workbench.runs.preparation import prepare

ROOT = Path(__file__).resolve().parents[3]
SLANTED = ("+class:digit=7&high:slant", "-class:digit=7&low:slant", "+class:digit=1")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = tmp_path_factory.mktemp("arithmetic") / "store"
    with wb.Store.open(place) as store:
        wb.run(
            "latent-arithmetic", model="mnist-vae", space="z", terms=SLANTED, k=20, candidates=200, attribute="slant",
            store=store, inline=True,
        )  # fmt: skip
    yield str(place)


def test_ones_lean_as_sevens_do(location: str) -> None:
    with wb.Store.open(location) as store:
        result = store.result(store.runs()[0].id)
        assert result.metrics["change"].value > 5
        assert result.metrics["p_random"].value <= 0.02
        row = result.table("scores").set_index("scorer").loc["slant"]
        assert row["wanted"] > 20


def test_eigenfaces_add_up_as_pictures_do() -> None:
    """The decoder is affine: the sum of codes and the sum of pictures are one picture, up to rounding of float32."""
    result: Any = wb.run(
        "latent-arithmetic", model="eigenfaces", space="z", terms=("+rows:0.1.2", "-rows:10.11.12", "+rows:20.21.22"),
        inline=True, limit=200, random=19, scorers=("brightness",),
    )  # fmt: skip
    assert result.metrics["pixel_gap"].value < 1e-3
    sums = [np.asarray(result.arrays[name]).astype(int) for name in ("sum_picture", "pixel_sum_picture")]
    assert np.abs(sums[0] - sums[1]).max() <= 1


def test_a_slice_in_a_term_is_part_of_the_key(tmp_path: Path) -> None:
    with wb.Store.open(tmp_path / "store") as store:
        store.save_slice("some", "mnist", range(30))
        spec = RunSpec("latent-arithmetic", "mnist-vae", params={"space": "z", "terms": ["+some", "-class:digit=3"]})
        first, _ = prepare(store, spec)
        store.save_slice("some", "mnist", range(31), replace=True)
        second, _ = prepare(store, spec)
        store.save_slice("some", "mnist", range(30), replace=True)
        assert first != second
        assert prepare(store, spec)[0] == first
        store.save_slice("drawn", draws_source("mnist-vae", "z", 4), range(30))
        with pytest.raises(wb.ParameterError, match="take slices of the same"):
            prepare(
                store, RunSpec("latent-arithmetic", "mnist-vae", params={"space": "z", "terms": ["+some", "-drawn"]})
            )


def test_terms_on_slices_of_draws(tmp_path: Path) -> None:
    with wb.Store.open(tmp_path / "store") as store:
        for name, rows in (("left", range(30)), ("right", range(40, 70))):
            store.save_slice(name, draws_source("mnist-vae", "z", 4), rows)
        result: Any = wb.run(
            "latent-arithmetic", model="mnist-vae", space="z", terms=("+left", "-right", "+rows:100"), k=5, random=19,
            scorers=("brightness",), limit=100, store=store, inline=True,
        )  # fmt: skip
        assert result.tables["terms"]["exemplars"].iloc[2] == "draw 100"
        there = wb.run(
            "latent-arithmetic", model="mnist-vae", space="z", terms=("+right", "-left", "+rows:100"), k=5, random=19,
            scorers=("brightness",), limit=100, store=store, inline=True, seed=9,
        )  # fmt: skip
        # draw 100 is that of the slices' seed, whatever the seed of the run
        assert (np.asarray(there.arrays["means"])[2] == np.asarray(result.arrays["means"])[2]).all()


# -- labelled draws


def test_labelled_draws_are_saved_once_under_names_of_their_own(tmp_path: Path) -> None:
    labels = stories.read_labels(
        {"space": "z", "seed": 3, "labelled": "by eye", "attributes": {"smile": {"rows": "ynuyn"}}}
    )
    with wb.Store.open(tmp_path / "store") as store:
        assert stories.save(store, "faces-dcgan", labels) == ["with-smile", "without-smile"]
        assert store.slice("with-smile").rows().tolist() == [0, 3]
        assert store.slice("with-smile").data == "prior:faces-dcgan/z@3"
        store.delete_slice("with-smile")
        store.save_slice("smiling", "prior:faces-dcgan/z@3", [0, 3])
        assert stories.save(store, "faces-dcgan", labels) == ["smiling", "without-smile"]


def test_labels_that_cannot_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "labels.json").write_text('{"attributes": 3}', encoding="utf-8")
    monkeypatch.setattr(stories, "_folder", lambda card: tmp_path)
    with pytest.raises(wb.DataError, match=r"labels\.json' cannot be read"):
        stories.labels_of(wb.catalogue().models["mnist-vae"])


# -- the page


def opened(location: str, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90)
    test._page_hash = calc_hash("plugin-latent-arithmetic")
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    for _ in range(40):
        if any(one.label == "Compute" for one in test.button):
            break
        test.run()
    assert not test.exception, test.exception
    return test


def said(test: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "error", "info", "warning")
    return "\n".join(str(one.value) for kind in kinds for one in getattr(test, kind))


def button(test: AppTest, label: str) -> Any:
    return next(one for one in test.button if one.label == label)


def test_page_begins_open_and_asks_for_groups(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(location, monkeypatch, model="mnist-vae")
    assert button(test, "Compute").disabled
    assert "Choose a group" in said(test)
    button(test, "Slanted 7 − upright 7 + 1").click()
    test.run()
    assert not test.exception, test.exception
    assert not button(test, "Compute").disabled
    assert "-class:digit=7&low:slant" in test.query_params["t2"]
    button(test, "Add a term").click()
    test.run()
    assert button(test, "Compute").disabled
    button(test, "Take the last away").click()
    test.run()
    assert not button(test, "Compute").disabled


def test_page_shows_the_sum_that_its_address_names(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with wb.Store.open(location) as store:
        run = store.runs()[0].id
    terms = {f"t{place + 1}": one for place, one in enumerate(SLANTED)}
    test = opened(location, monkeypatch, model="mnist-vae", k="20", score="slant", sum=run, **terms)
    words = said(test)
    assert "What is nearest to the sum" in words
    assert "Does it settle" in words
    assert "1,127 rows of" in words.replace("\\", "")
    assert "Below is another sum" not in words
    button(test, "Thick 0 − thin 0 + 4").click()
    test.run()
    assert not test.exception, test.exception
    assert "What is nearest to the sum" not in said(test)


def test_page_says_when_the_result_is_of_another_sum(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with wb.Store.open(location) as store:
        run = store.runs()[0].id
    test = opened(location, monkeypatch, model="mnist-vae", sum=run, t1="+class:digit=2", t2="-class:digit=3")
    assert "Below is another sum or setting than above" in said(test)


def test_page_takes_no_nonsense_from_the_address(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(location, monkeypatch, model="gone", space="gone", t1="<b>", t2="+colour:x", k="9999", sum="zz")
    assert not test.exception
    test = opened(location, monkeypatch, model="mnist-vae", t1="+rows:99999999", t2="-class:colour=red", t3="+gone")
    assert not test.exception
