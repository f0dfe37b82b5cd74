# SPDX-License-Identifier: Apache-2.0
"""The editor, opened by its address on real models: sliders, undo, holding, caps, what is refused, what is kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from plugins.editor import address, keeping
from plugins.editor.editing import Edit
from tests.app.conftest import ROOT, in_address, said
from workbench.points import Description
from workbench.runs import draws_source
from workbench.store import Store

MODEL, KEY = "mnist-vae", "editor.mnist-vae.z"
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with directions of every kind, slices and a description of the model."""
    from workbench.runs import describe

    location = str(tmp_path_factory.mktemp("editor") / "store")
    with Store.open(location) as store:
        description: Description = describe(store, MODEL)
        print_ = description.fingerprint
        for name, vector in (("slant", np.eye(16)[0]), ("width", np.eye(16)[0] + np.eye(16)[1])):
            store.save_direction(name, model=MODEL, fingerprint=print_, space="z", vector=vector, how={"method": "svm"})
        store.save_direction("wide", model=MODEL, fingerprint=print_, space="z", vector=np.ones(17))
        store.save_direction("stale", model=MODEL, fingerprint="0" * 64, space="z", vector=np.ones(16))
        store.save_direction("foreign", model="eigenfaces", fingerprint="x", space="z", vector=np.ones(16))
        store.save_direction("bare", model=None, fingerprint="", space="z", vector=np.ones(16))
        store.save_slice("sevens", "mnist", np.array([3, 17, 40]))
        store.save_slice("drawn", draws_source(MODEL, "z", 5), np.array([2, 9]))
        store.save_slice("elsewhere", draws_source("faces-dcgan", "z", 5), np.array([2, 9]))
    return location


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, location: str) -> Open:
    def open_page(store: str | None = None, **query: str) -> AppTest:
        monkeypatch.setenv("WORKBENCH_STORE", store or location)
        test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        test._page_hash = calc_hash(address.PAGE)
        for name, one in {"model": MODEL, **query}.items():
            test.query_params[name] = one
        return settled(test.run())

    return open_page


def settled(test: AppTest) -> AppTest:
    """The page once nothing is waited for any more."""
    for _ in range(240):
        assert not test.exception, test.exception
        if "hourglass" not in said(test):
            return test
        time.sleep(0.5)
        test.run()
    raise AssertionError(said(test))


def edit_of(test: AppTest) -> Edit:
    return test.session_state[f"{KEY}.history"].present


def test_an_address_opens_the_code_and_the_edit_that_it_names(opened: Open) -> None:
    query = {"from": "data", "row": "12", "edit": "slant:1.5,@3:-0.5,!7:1", "cap": "2"}
    test = opened(**query)
    assert test.slider(key=f"{KEY}.named.slant").value == 1.5
    assert test.slider(key=f"{KEY}.axis.3").value == -0.5
    assert test.slider(key=f"{KEY}.random").value == 1.0
    assert test.number_input(key=f"{KEY}.seed").value == 7
    told = said(test)
    assert "Row 12 of mnist, encoded" in told.replace("\\", "")
    assert "The cap shortens the edit to" in told
    assert "What changed" in told and "Root mean squared change" in told
    for name, value in query.items():
        assert in_address(test, name) == value


def test_a_slider_moves_the_code_and_undo_and_redo_bring_it_back(opened: Open) -> None:
    test = opened()
    assert "Nothing changed" in said(test) and test.button(key=f"{KEY}.undo").disabled
    test.slider(key=f"{KEY}.named.slant").set_value(2.0).run()
    assert edit_of(test) == Edit((("slant", 2.0),)) and in_address(test, "edit") == "slant:2"
    assert "Nothing changed" not in said(test)
    test.slider(key=f"{KEY}.axis.5").set_value(-1.0).run()
    assert in_address(test, "edit") == "slant:2,@5:-1"
    test.button(key=f"{KEY}.undo").click().run()
    assert test.slider(key=f"{KEY}.axis.5").value == 0.0 and in_address(test, "edit") == "slant:2"
    test.button(key=f"{KEY}.redo").click().run()
    assert test.slider(key=f"{KEY}.axis.5").value == -1.0
    test.button(key=f"{KEY}.reset").click().run()
    assert edit_of(test) == Edit() and in_address(test, "edit") is None
    test.button(key=f"{KEY}.undo").click().run()
    assert test.slider(key=f"{KEY}.named.slant").value == 2.0
    assert not test.exception


def test_directions_that_do_not_fit_are_shown_and_say_why(opened: Open) -> None:
    test = opened()
    why = {"wide": "has 17 numbers", "stale": "other weights", "foreign": "model eigenfaces", "bare": "bare data"}
    told = said(test)
    for name, reason in why.items():
        assert test.slider(key=f"{KEY}.refused.{name}").disabled
        assert reason in told.replace("\\", "")
    test = opened(edit="wide:1,slant:1,@99:1,nonsense")
    warned = " ".join(one.value for one in test.warning).replace("\\", "")
    assert "'wide', which cannot be used here" in warned and "axis 99, and there are 16" in warned
    assert "'nonsense' in the address is no edit" in warned.replace("Nonsense", "nonsense")
    assert edit_of(test) == Edit((("slant", 1.0),))


def test_a_direction_of_which_holding_leaves_nothing_is_an_error_in_words(opened: Open, location: str) -> None:
    test = opened(edit="width:1", hold="slant")
    moved, _ = _ground(test).applied(edit_of(test))
    step = moved - _ground(test).code
    assert step[0] == pytest.approx(0, abs=1e-9) and np.linalg.norm(step) == pytest.approx(np.sqrt(2))
    with Store.open(location) as store:
        record = store.direction("slant")
        store.save_direction(
            "twin", model=MODEL, fingerprint=record.fingerprint, space="z", vector=3 * record.vector(), replace=True
        )
    test = opened(edit="slant:1", hold="twin")
    assert "nothing is left of the direction" in test.error[0].value.replace("\\", "")
    with Store.open(location) as store:
        store.delete_direction("twin")


def _ground(test: AppTest) -> Any:
    """The ground of the page, made as the page makes it."""
    from plugins.editor.editing import Frame
    from plugins.editor.ground import Ground

    line = test.session_state[f"{KEY}.history"]
    assert line is not None
    code = np.zeros(16)
    frame = Frame(
        np.zeros(16), np.ones(16), "the prior", None, {"slant": np.eye(16)[0], "width": np.eye(16)[:2].sum(0)}
    )
    none: Any = None
    return Ground(MODEL, none, "z", none, code, none, none, frame, (), {})


def test_far_codes_are_warned_of_and_the_cap_keeps_them_on_the_shell(opened: Open) -> None:
    test = opened(edit="@0:9", **{"from": "prior", "row": "1"})
    assert "has left the 99 % shell" in test.warning[0].value
    assert test.slider(key=f"{KEY}.axis.0").max == 9
    test = opened(edit="@0:9", cap="shell", **{"from": "prior", "row": "1"})
    assert not test.warning and "The cap shortens the edit" in test.info[0].value


@pytest.mark.parametrize(
    ("query", "words", "row"),
    [
        ({"slice": "sevens", "row": "17"}, "Row 17 of the slice sevens", "17"),
        ({"slice": "sevens", "row": "18"}, "Row 3 of the slice sevens", "3"),
        ({"slice": "drawn"}, "Row 2 of the slice drawn", "2"),
        ({"slice": "sevens", "from": "mean"}, "The mean of the slice sevens", None),
        ({"from": "prior", "row": "4", "seed": "2"}, "Draw 4 from the prior, seed 2", "4"),
    ],
)
def test_other_pages_lead_here_with_a_code(opened: Open, query: dict[str, str], words: str, row: str | None) -> None:
    test = opened(**query)
    assert words in said(test).replace("\\", "")
    assert in_address(test, "row") == row


def test_a_slice_of_another_models_draws_is_no_start_here(opened: Open) -> None:
    test = opened(slice="elsewhere")
    assert "which is not there or has no codes here" in test.warning[0].value
    assert "elsewhere" not in test.selectbox(key="editor.slice").options


@pytest.mark.parametrize("panel", ["strip", "grid", "animation", "many", "keep"])
def test_every_panel_is_drawn(opened: Open, panel: str) -> None:
    test = opened(panel=panel, edit="slant:2", slice="sevens")
    told = said(test).replace("\\", "")
    expected = {
        "strip": "slant in the place of its slider",
        "grid": "from left to right",
        "animation": "GIF, and its frames",
        "many": "3 samples: above each as it was",
        "keep": "Save the edited code",
    }
    assert expected[panel] in told and not test.error
    if panel == "animation":
        test.button(key=f"{KEY}.make").click().run()
        assert not test.exception and not test.error
        assert test.session_state[f"{KEY}.film"][1]["gif"].startswith(b"GIF89a")


def test_an_edit_is_kept_as_a_direction_with_what_made_it(opened: Open, location: str) -> None:
    test = opened(panel="keep", edit="slant:2,@3:0.5", slice="sevens")
    test.text_input(key=f"{KEY}.name").set_value("both")
    next(one for one in test.button if one.label == "Keep").click().run()
    settled(test)
    with Store.open(location) as store:
        kept = store.direction("both")
        store.delete_direction("both")
    np.testing.assert_allclose(kept.vector(), 2 * np.eye(16)[0] + 0.5 * np.eye(16)[3], atol=1e-6)
    assert kept.how["edit"] == "slant:2,@3:0.5" and kept.how["start"]["slice"] == "sevens"
    assert test.slider(key=f"{KEY}.named.both").value == 0.0


def test_the_saved_code_can_be_made_again_from_its_json(opened: Open) -> None:
    test = opened(panel="keep", edit="slant:2,@3:0.5")
    ground = _ground(test)
    from safetensors.numpy import load

    told = {"edit": edit_of(test).text()}
    code, _ = ground.applied(edit_of(test))
    tensors = load(keeping.safetensors(ground, code, told))
    np.testing.assert_allclose(tensors["code"], code, rtol=1e-6)
    import io

    archive = np.load(io.BytesIO(keeping.npz(ground, code, told)))
    assert json.loads(str(archive["about"])) == told
    np.testing.assert_array_equal(archive["start"], np.zeros(16, dtype=np.float32))


def test_inversion_is_asked_for_and_its_code_is_edited(opened: Open, location: str) -> None:
    from workbench.runs import run

    run("inversion", model=MODEL, store=location, inline=True, decode="decode", rows="3", restarts=1, steps=20)
    with Store.open(location) as store:
        record = store.runs(analysis="inversion")[0]
    test = opened(**{"from": "inversion"}, run=record.id)
    told = said(test).replace("\\", "")
    assert f"Picture 0 of the inversion {record.id}" in told
    assert (in_address(test, "run"), in_address(test, "at")) == (record.id, "0")
    test = opened(**{"from": "inversion"}, run="ffffffffffff")
    assert "ffffffffffff" in test.warning[0].value


@pytest.mark.parametrize("given", ["no-such-model", "<script>alert(1)</script>"])
def test_an_address_without_a_model_says_so_and_shows_another(opened: Open, given: str) -> None:
    test = opened(model=given)
    assert "which is not there" in test.warning[0].value and "<script" not in test.warning[0].value.replace("\\<", "")
    assert in_address(test, "model") == test.selectbox(key="editor.model").value
