# SPDX-License-Identifier: Apache-2.0
"""The page of directions: the list, one of them, and what is made, renamed, deleted and imported there."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from registry.errors import StoreError
from tests.app.conftest import EVIL, Open, in_address, said
from workbench.app.parts import direction_words
from workbench.app.parts.direction_charts import heat_map
from workbench.directions import compare
from workbench.points import Description
from workbench.runs import describe
from workbench.store import Store

CARD = {
    "effect": {"value": 1.25, "low": 1.1, "high": 1.4, "n": 48},
    "selectivity": {"value": 0.62, "low": 0.5, "high": 0.7, "n": 48},
    "auc": 0.91,
    "odd": [EVIL],
    "told": EVIL,
}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Description:
    """What the store of every test knows of the model, found out once."""
    with Store.open(tmp_path_factory.mktemp("described") / "store") as store:
        return describe(store, "eigenfaces")


@pytest.fixture
def location(tmp_path: Path, described: Description) -> str:
    """A store with directions of a model that is here, of one that is not, and of bare data."""
    from workbench.discovered import catalogue
    from workbench.runs.descriptions import as_text
    from workbench.runs.stamps import stamp_of

    width = described.spaces["z"].row_shape[0]
    assert width is not None
    axes = np.eye(width)
    with Store.open(tmp_path / "store") as store:
        stamp = stamp_of(catalogue(), "eigenfaces")
        store.save_description("eigenfaces", stamp, status="ready", json=as_text(described))
        about = {"model": "eigenfaces", "space": "z", "fingerprint": described.fingerprint}
        how = {"analysis": "difference-direction", "run": "0123456789ab", "note": EVIL}
        store.save_direction("beard", **about, vector=2 * axes[0], how=how, card=CARD)
        store.save_direction("age", **about, vector=axes[0] + axes[1])
        store.save_direction("light", **about, vector=-axes[2])
        store.save_direction("old", **{**about, "fingerprint": "0" * 64}, vector=axes[0])
        gone = {"model": "gone-model", "fingerprint": "f", "space": EVIL, "how": {EVIL: EVIL}}
        store.save_direction("lost", **gone, vector=[1.0, 2.0])
        store.save_direction("bare", model=None, fingerprint="", space="points", vector=[1.0, 2.0])
    return str(tmp_path / "store")


def names(location: str) -> set[str]:
    with Store.open(location) as store:
        return {one.name for one in store.directions()}


def test_without_directions_the_page_says_what_one_is_and_how_to_get_one(open_page: Open, empty: str) -> None:
    told = said(open_page("directions", store=empty))
    assert "No direction has been kept yet" in told and "workbench directions import" in told
    assert "Import a direction" in told


def test_the_list_says_whose_each_is_how_it_was_found_and_what_was_measured(open_page: Open, location: str) -> None:
    test = open_page("directions", store=location)
    told = said(test).replace("\\", "")
    for name in ("beard", "age", "light", "lost", "bare"):
        assert name in told
    assert "z of eigenfaces" in told and "points, bare data" in told
    assert "1.10 to 1.40" in told and "0.50 to 0.70" in told
    assert "How alike they are" not in told  # they are not all of one space
    some = open_page("directions", store=location, model="gone-model")
    told = said(some).replace("\\", "")
    assert "lost" in told and "beard" not in told
    assert in_address(open_page("directions", store=location, model="nobody"), "model") is None


def test_one_direction_shows_its_card_its_neighbours_and_the_code(open_page: Open, location: str) -> None:
    test = open_page("directions", store=location, direction="beard")
    told = said(test).replace("\\", "")
    assert test.title[0].value == "beard" and "the length of one step is 2" in told
    assert "Effect 1.25" in told and "95 % interval 1.1 to 1.4 · n = 48" in told
    assert [one.value["measure"].tolist() for one in test.dataframe if "measure" in one.value] == [["Auc"]]
    assert "How it lies to the others of its space" in told and len(test.get("vega_lite_chart")) == 1
    assert "the largest of the 3 pairs" in told  # without the one of other weights: its cosine would mean nothing
    assert 'load_file("beard.safetensors")' in told and "run 0123456789ab" in told
    assert not test.warning


def test_a_direction_of_what_has_changed_or_is_gone_says_so(open_page: Open, location: str) -> None:
    assert "has other weights" in open_page("directions", store=location, direction="old").warning[0].value
    assert "is not here" in open_page("directions", store=location, direction="lost").warning[0].value
    missing = open_page("directions", store=location, direction="<script>")
    assert "no direction" in missing.warning[0].value
    bare = open_page("directions", store=location, direction="bare")
    assert not bare.warning and "Nothing was measured" in said(bare)


def test_directions_are_made_of_others_on_the_page(open_page: Open, location: str) -> None:
    test = open_page("directions", store=location, direction="age")
    key = "direction.age"
    test.multiselect(key=f"{key}.against").set_value(["beard"])
    test.text_input(key=f"{key}.orthogonalise.name").set_value("pure-age")
    next(one for one in test.button if one.label == "Make" and "orthogonalise" in str(one.form_id)).click().run()
    assert not test.exception and not test.error
    with Store.open(location) as store:
        made = store.direction("pure-age")
        vector = made.vector()
        assert vector[0] == pytest.approx(0, abs=1e-6) and vector[1] == pytest.approx(2**0.5)
        assert direction_words.how(made) == "age without beard"
    test = open_page("directions", store=location, direction="age")
    test.text_input(key=f"{key}.cap.name").set_value("small-age")
    test.number_input(key=f"{key}.length").set_value(0.5)
    next(one for one in test.button if one.label == "Make" and "cap" in str(one.form_id)).click().run()
    with Store.open(location) as store:
        assert np.linalg.norm(store.direction("small-age").vector()) == pytest.approx(0.5)
    test = open_page("directions", store=location, direction="age")
    test.text_input(key=f"{key}.combine.name").set_value("same-age")
    next(one for one in test.button if one.label == "Combine").click().run()
    with Store.open(location) as store:
        assert store.direction("same-age").how["parents"][0]["weight"] == 1


def test_what_cannot_be_made_is_said_in_the_form(open_page: Open, location: str) -> None:
    before = names(location)
    test = open_page("directions", store=location, direction="age")
    key = "direction.age"
    for name, sentence in (("beard", "already"), ("../x", "needs a name"), ("x", "At least one direction to take out")):
        test.text_input(key=f"{key}.orthogonalise.name").set_value(name)
        test.multiselect(key=f"{key}.against").set_value(["light"] if name != "x" else [])
        next(one for one in test.button if one.label == "Make" and "orthogonalise" in str(one.form_id)).click().run()
        assert len(test.error) == 1 and (sentence in test.error[0].value or "ame at least one" in test.error[0].value)
    assert names(location) == before


def test_a_direction_is_renamed_and_deleted_after_a_second_click(open_page: Open, location: str) -> None:
    test = open_page("directions", store=location, direction="light")
    test.text_input(key="direction.light.rename.name").set_value("lamp")
    next(one for one in test.button if one.label == "Rename").click().run()
    assert not test.exception and "lamp" in names(location) and "light" not in names(location)
    test = open_page("directions", store=location, direction="lamp")
    test.button(key="direction.lamp.delete").click().run()
    assert not test.exception and "lamp" not in names(location)


def imported(open_page: Open, location: str, values: np.ndarray, name: str, file: str = "boundary.npy") -> object:
    content = io.BytesIO()
    np.save(content, values)
    test = open_page("directions", store=location)
    key = "directions.import"
    test.selectbox(key=f"{key}.model").set_value("eigenfaces").run()
    test.file_uploader(key=f"{key}.file").set_value((file, content.getvalue(), "application/octet-stream"))
    test.text_input(key=f"{key}.name").set_value(name)
    next(one for one in test.button if one.label == "Import").click().run()
    assert not test.exception
    return test


def test_a_published_direction_is_imported_on_the_page(open_page: Open, location: str) -> None:
    with Store.open(location) as store:
        width = store.direction("age").size
    imported(open_page, location, np.ones((1, width)), "glasses", "../../boundary.npy")
    with Store.open(location) as store:
        made = store.direction("glasses")
        assert made.how["file"] == "boundary.npy" and made.space == "z"
    test = imported(open_page, location, np.ones(width + 1), "wide")
    assert "numbers" in test.error[0].value and "wide" not in names(location)  # type: ignore[attr-defined]
    test = imported(open_page, location, np.ones(width), "Not A Name")
    assert "needs a name" in test.error[0].value  # type: ignore[attr-defined]


def test_text_of_directions_is_only_text(open_page: Open, location: str) -> None:
    for query in ({}, {"direction": "lost"}, {"direction": "beard"}):
        test = open_page("directions", store=location, **query)
        for kind in ("markdown", "caption"):
            for one in getattr(test, kind):
                assert "<img" not in one.value.replace("\\<", "") and "**b**" not in one.value
        assert "onerror" in said(test)


def test_the_heat_map_holds_every_cosine_and_is_made_for_both_grounds(location: str) -> None:
    with Store.open(location) as store:
        found = compare(store, ["beard", "age", "light"])
        with pytest.raises(StoreError):
            compare(store, ["beard", "agee"])
    for theme in ("light", "dark"):
        chart = heat_map(found, theme)
        values = {(one["row"], one["column"]): one["cosine"] for one in chart["data"]["values"]}
        assert len(values) == 9 and values["beard", "age"] == 0.707 and values["light", "light"] == 1
        json.dumps(chart)


def test_what_is_said_of_how_a_direction_was_made(location: str) -> None:
    with Store.open(location) as store:
        from workbench.directions import combine

        made = combine(store, "mix", {"beard": 2, "age": -0.5})
    assert direction_words.how(made) == "2 × beard − 0.5 × age"
    assert direction_words.measured(made, "effect") == "—"
