# SPDX-License-Identifier: Apache-2.0
"""The commands on slices and directions, called in this process on a store of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file
from typer.testing import CliRunner

from registry.errors import DataError, ModelError, ParameterError, StoreError, WorkbenchError
from workbench.cli.application import application
from workbench.cli.conditions import rows_where
from workbench.store import Store

Call = Callable[..., str]

TABLE = pd.DataFrame(
    {
        "a": np.arange(6.0),
        "b": np.arange(6.0) ** 2,
        "label": [4, 4, 9, 9, 9, 4],
        "age": [1.0, np.nan, 3.0, 4.5, 5.0, 6.0],
        "smiles": [True, False, True, False, True, False],
        "hair colour": ["red", "grey", "red", None, "a=b", "4"],
        "x>": list("uvwxyz"),
    }
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that knows a table of six rows by name; closed, as commands open it themselves."""
    TABLE.to_csv(tmp_path / "people.csv", index=False)
    with Store.open(tmp_path / "store") as opened:
        opened.add_dataset("people", tmp_path / "people.csv", {"values": ["a", "b"]})
    return opened


@pytest.fixture
def call(store: Store, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls a command; gives what it prints, raises what it raises."""
    monkeypatch.setenv("WORKBENCH_STORE", store.location)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> str:
        done = CliRunner().invoke(application, list(arguments))
        if isinstance(done.exception, WorkbenchError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return call


def save(call: Call, name: str, *where: str) -> str:
    return call("slices", "save", name, "--data", "people", *(part for one in where for part in ("--where", one)))


@pytest.mark.parametrize(
    ("conditions", "rows"),
    [
        (["label=4"], [0, 1, 5]),
        (["label!=4"], [2, 3, 4]),
        (["label = 4", "age>1"], [5]),
        (["age>=3"], [2, 3, 4, 5]),
        (["age<3"], [0]),
        (["age!=3"], [0, 3, 4, 5]),
        (["smiles=true"], [0, 2, 4]),
        (["smiles!=yes"], [1, 3, 5]),
        (["hair colour=red"], [0, 2]),
        (["hair colour!=red"], [1, 4, 5]),
        (["hair colour=a=b"], [4]),
        (["hair colour=4"], [5]),
        (["x>=v"], [1]),
    ],
)
def test_rows_are_saved_by_condition(call: Call, store: Store, conditions: list[str], rows: list[int]) -> None:
    told = save(call, "some", *conditions)
    found = store.slice("some")
    assert found.rows().tolist() == rows and found.origin == " and ".join(conditions)
    assert told == f"some: {len(rows)} rows of 'people'\n"


@given(st.lists(st.integers(-3, 3), min_size=1), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(-4, 4))
def test_numbers_are_compared_as_python_does(values: list[int], sign: str, number: int) -> None:
    compare = {"=": int.__eq__, "!=": int.__ne__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__}
    wanted = [row for row, one in enumerate(values) if compare[sign](one, number)]
    assert rows_where(pd.DataFrame({"n": values}), [f"n{sign}{number}"]).tolist() == wanted


@pytest.mark.parametrize(
    ("conditions", "error", "sentence"),
    [
        (["lable=4"], DataError, "no column 'lable': did you mean label"),
        (["nothing=4"], DataError, "no column 'nothing': there are label, age"),
        (["label"], ParameterError, "'label' is no condition"),
        (["label=four"], ParameterError, "holds numbers, and 'four' is none"),
        (["smiles=maybe"], ParameterError, "holds true and false"),
        (["hair colour<red"], ParameterError, "compared with = and != only"),
        (["label=7"], DataError, "no row of 'people' meets label=7"),
        (["label.__class__=4"], DataError, "no column"),
    ],
)
def test_conditions_that_cannot_be_met_are_explained(
    call: Call, store: Store, conditions: list[str], error: type[WorkbenchError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        save(call, "some", *conditions)
    assert store.slices() == []


def test_rows_are_saved_by_number_and_must_be_there(call: Call, store: Store, tmp_path: Path) -> None:
    rows = tmp_path / "rows.txt"
    rows.write_text("5\n0\n")
    call("slices", "save", "ends", "--data", "people", "--rows", str(rows), "--note", "both")
    assert store.slice("ends").rows().tolist() == [0, 5] and store.slice("ends").note == "both"
    np.save(tmp_path / "points.npy", np.eye(6, dtype=np.float32))
    call("slices", "save", "by-path", "--data", str(tmp_path / "points.npy"), "--rows", str(rows))
    assert store.slice("by-path").data == str(tmp_path / "points.npy")
    rows.write_text("6\n")
    with pytest.raises(DataError, match="'people' has 6 rows, numbered from 0, and row 6 is asked for"):
        call("slices", "save", "far", "--data", "people", "--rows", str(rows))
    with pytest.raises(DataError, match="no data set or file 'poeple': did you mean people"):
        call("slices", "save", "far", "--data", "poeple", "--rows", str(rows))
    for given_rows in ([], ["--rows", str(rows), "--where", "label=4"]):
        with pytest.raises(ParameterError, match="--rows FILE, or --where CONDITION"):
            call("slices", "save", "far", "--data", "people", *given_rows)


def test_draws_are_saved_by_number_for_a_model_that_is_there(call: Call, store: Store, tmp_path: Path) -> None:
    rows = tmp_path / "rows.txt"
    rows.write_text("7000\n3\n")
    call("slices", "save", "far", "--data", "prior:eigenfaces/z@3", "--rows", str(rows))
    assert store.slice("far").data == "prior:eigenfaces/z@3" and store.slice("far").rows().tolist() == [3, 7000]
    assert "2 draws from the prior of 'z' of 'eigenfaces' under seed 3" in call("slices", "show", "far")
    with pytest.raises(ModelError, match="eigenface"):
        call("slices", "save", "no", "--data", "prior:eigenface/z@3", "--rows", str(rows))
    with pytest.raises(ParameterError, match="have no columns"):
        call("slices", "save", "no", "--data", "prior:eigenfaces/z@3", "--where", "label=4")
    with pytest.raises(ParameterError, match="--length"):
        call("slices", "combine", "no", "not", "far")
    call("slices", "combine", "rest", "not", "far", "--length", "8000")
    assert store.slice("rest").length == 7998


def test_slices_are_combined_shown_and_deleted(call: Call, store: Store) -> None:
    save(call, "fours", "label=4")
    save(call, "old", "age>=3")
    assert call("slices", "combine", "both", "and", "fours", "old") == "both: 1 rows of 'people' (fours and old)\n"
    call("slices", "combine", "any", "or", "fours", "old")
    call("slices", "combine", "rest", "not", "fours")
    assert store.slice("any").length == 6 and store.slice("rest").rows().tolist() == [2, 3, 4]
    with pytest.raises(StoreError, match="'and', 'or' or 'not', got 'xor'"):
        call("slices", "combine", "no", "xor", "fours", "old")
    told = call("slices", "show", "rest")
    assert "3 rows of 'people'" in told and "from: not fours" in told and "note" not in told
    assert call("slices", "show", "rest", "--rows").split() == ["2", "3", "4"]
    document = json.loads(call("slices", "show", "rest", "--json"))
    assert (document["rows"], document["data"], document["origin"]) == ([2, 3, 4], "people", "not fours")
    assert "rest" in call("slices")
    call("slices", "delete", "rest")
    assert {one.name for one in store.slices()} == {"fours", "old", "both", "any"}


def test_a_direction_is_listed_shown_exported_and_deleted(call: Call, store: Store, tmp_path: Path) -> None:
    assert "None: run" in call("directions", "list")
    saved = store.save_direction(
        "smile", model="vae", fingerprint="f" * 64, space="z", vector=[3.0, 4.0], how={"run": "ab12"}, card={"auc": 0.9}
    )
    assert "smile" in call("directions") and "smile" not in call("directions", "list", "--model", "gan")
    assert [one["name"] for one in json.loads(call("directions", "list", "--space", "z", "--json"))["directions"]]
    told = call("directions", "show", "smile")
    assert "how: run" in told and "ab12" in told and "card: auc" in told
    shown: dict[str, Any] = json.loads(call("directions", "show", "smile", "--json"))
    assert (shown["length"], shown["size"], shown["card"]) == (5.0, 2, {"auc": 0.9})
    files = json.loads(call("directions", "export", "smile", str(tmp_path / "out"), "--json"))["files"]
    assert files == [str(tmp_path / f"out.{ending}") for ending in ("safetensors", "json", "py")]
    assert load_file(files[0])["vector"].tolist() == [3, 4]
    assert json.loads(Path(files[1]).read_text()) == shown
    with pytest.raises(StoreError, match="is there already"):
        call("directions", "export", "smile", str(tmp_path / "out.safetensors"))
    with pytest.raises(StoreError, match="could not be written"):
        call("directions", "export", "smile", str(tmp_path / "nowhere" / "out"))
    saved.path.unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        call("directions", "export", "smile", str(tmp_path / "again"))
    call("directions", "delete", "smile")
    assert store.directions() == []
    with pytest.raises(StoreError, match="no direction 'smile'"):
        call("directions", "show", "smile")
