# SPDX-License-Identifier: Apache-2.0
"""The commands that make, compare, import and rename directions, called in this process on a store of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from registry.errors import DataError, ParameterError, StoreError, WorkbenchError
from workbench.cli.application import application
from workbench.runs import describe
from workbench.store import Store

Call = Callable[..., str]

PLUGIN = '''
import workbench as wb

class Flat(wb.Model):
    """Twice two numbers."""
    z = wb.vectors(2, prior=wb.normal())
    w = wb.vectors(2)

    def __init__(self, device):
        pass

    @wb.maps(z, to=w)
    def double(self, z):
        return 2 * z

@wb.hookimpl
def workbench_models():
    return [wb.ModelCard("flat", Flat)]
'''


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with two directions of a model of a plugins folder; closed, as commands open it themselves."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "flatland.py").write_text(PLUGIN)
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(tmp_path / "plugins"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "flatland")
    with Store.open(tmp_path / "store") as opened:
        fingerprint = describe(opened, "flat", inline=True).fingerprint
        for name, vector in (("smile", [2.0, 0.0]), ("age", [1.0, 1.0])):
            opened.save_direction(name, model="flat", fingerprint=fingerprint, space="z", vector=vector)
    return opened


@pytest.fixture
def call(store: Store, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls a command on directions; gives what it prints, raises what it raises."""
    monkeypatch.setenv("WORKBENCH_STORE", store.location)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> str:
        done = CliRunner().invoke(application, ["directions", *arguments])
        if isinstance(done.exception, WorkbenchError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return call


def test_directions_are_compared_beside_what_chance_gives(call: Call) -> None:
    told = call("compare", "smile", "age")
    assert "0.707" in told and "Two random directions of 2 numbers stay within 0.997" in told and "angle" not in told
    found = json.loads(call("compare", "smile", "age", "--json"))
    assert found["names"] == found["others"] == ["smile", "age"] and found["angles"] is None
    assert found["cosines"][0] == pytest.approx([1, 0.5**0.5])
    sets = json.loads(call("compare", "smile", "--with", "age", "--json"))
    assert sets["angles"] == pytest.approx([45]) and len(sets["random_angles"][0]) == 3
    assert "Principal angles in degrees" in call("compare", "smile", "--with", "age")
    with pytest.raises(ParameterError, match="at least two"):
        call("compare", "smile")
    with pytest.raises(StoreError, match="no direction 'agee': did you mean age"):
        call("compare", "smile", "agee")


def test_directions_are_combined_with_weights(call: Call, store: Store) -> None:
    assert call("combine", "mix", "--of", "smile=1", "--of", "age=-0.5") == "mix: 2 numbers of 'z' of flat\n"
    made = store.direction("mix")
    assert made.vector().tolist() == [1.5, -0.5] and made.how["made"] == "combination"
    call("combine", "sum", "--of", "smile", "--of", "age", "--note", "both")
    assert store.direction("sum").vector().tolist() == [3, 1] and store.direction("sum").how["note"] == "both"
    for given, words in (
        (["smile=x"], "'smile=x' is no direction with its weight"),
        (["smile=1", "smile=2"], "'smile' is given two weights"),
    ):
        with pytest.raises(ParameterError, match=words):
            call("combine", "no", *(part for one in given for part in ("--of", one)))
    with pytest.raises(DataError, match="finite"):
        call("combine", "no", "--of", "smile=nan")


def test_a_direction_is_freed_of_others_and_its_step_capped(call: Call, store: Store) -> None:
    call("orthogonalise", "pure", "age", "--against", "smile")
    np.testing.assert_allclose(store.direction("pure").vector(), [0, 2**0.5], atol=1e-6)
    call("cap", "small", "age", "--length", "0.5")
    assert np.linalg.norm(store.direction("small").vector()) == pytest.approx(0.5)
    made = json.loads(call("cap", "usual", "age", "--quantile", "0.95", "--json"))["directions"][0]
    assert made["how"]["length"] == pytest.approx(1.96, rel=0.05)
    with pytest.raises(ParameterError, match="a length, or a quantile"):
        call("cap", "no", "age")


def test_published_directions_are_imported_and_refused_in_words(call: Call, store: Store, tmp_path: Path) -> None:
    np.save(tmp_path / "boundary.npy", np.array([[0.6, 0.8]]))
    about = ["--model", "flat", "--space", "z"]
    assert "glasses: 2 numbers" in call("import", str(tmp_path / "boundary.npy"), "--name", "glasses", *about)
    assert store.direction("glasses").how["file"] == "boundary.npy"
    np.savez(tmp_path / "several.npz", a=np.eye(2), b=np.ones(2))
    call("import", str(tmp_path / "several.npz"), "--name", "left", "--name", "up", "--array", "a", *about)
    assert store.direction("up").vector().tolist() == [0, 1]
    np.save(tmp_path / "wide.npy", np.ones(3))
    with pytest.raises(DataError, match="of 3 numbers, and points of 'z' of 'flat' have 2"):
        call("import", str(tmp_path / "wide.npy"), "--name", "no", *about)


def test_a_direction_is_renamed(call: Call, store: Store) -> None:
    assert call("rename", "smile", "grin") == "smile is now grin\n"
    assert [one.name for one in store.directions()] == ["age", "grin"]
    with pytest.raises(StoreError, match="'age' already"):
        call("rename", "grin", "age")


def test_what_is_exported_says_how_it_was_made(call: Call, tmp_path: Path) -> None:
    call("combine", "mix", "--of", "smile=1", "--of", "age=-0.5")
    told = call("export", "mix", str(tmp_path / "out"))
    assert told.split() == [str(tmp_path / f"out.{ending}") for ending in ("safetensors", "json", "py")]
    assert "combination([parents['smile'], parents['age']], [1.0, -0.5])" in (tmp_path / "out.py").read_text()
