# SPDX-License-Identifier: Apache-2.0
"""The command ``workbench assets``: what is shown before a download, and that nothing comes without a yes."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import workbench as wb
from registry.errors import WorkbenchError
from tests.assets.conftest import PAYLOAD, Comes, Locking
from workbench.cli.application import application

Call = Callable[..., Result]
PLUGIN = """
from pathlib import Path
import workbench as wb

LOCK = wb.assets.Lock(Path({lock!r}))

@wb.hookimpl
def workbench_assets():
    return [LOCK.file]

@wb.hookimpl
def workbench_models():
    one = LOCK.asset("toy")
    return [wb.ModelCard("toys", "toys:Toys", licence=one.licence, provenance=one.credit, weights=(one.path,),
                         requires=one.missing, fetch=one.fetch)]
"""


@pytest.fixture
def call(locking: Locking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls ``workbench assets ...`` with one plugin that lists the lock; raises what it raises."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "toys.py").write_text(PLUGIN.format(lock=str(locking.file)))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "toys")
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))

    def call(*arguments: str) -> Result:
        done = CliRunner().invoke(application, ["assets", *arguments])
        if isinstance(done.exception, WorkbenchError):
            raise done.exception
        return done

    return call


def test_listing_shows_size_licence_credit_and_where(call: Call, toy: wb.assets.Asset, cache: Path) -> None:
    said = call().stdout
    for part in ("toy", "MB", "licence: MIT", "credit: nobody", "not fetched: workbench assets fetch toy"):
        assert part in said
    (told,) = json.loads(call("--json").stdout)["assets"]
    assert told == {**toy.describe(), "present": False}
    assert not cache.exists()
    card = wb.catalogue().model("toys")
    assert "workbench assets fetch toy" in (card.missing() or "")
    assert card.provenance.startswith("nobody; PyPI package 'toy' 1.0")


def test_nothing_is_fetched_where_nobody_can_say_yes(call: Call, cache: Path, archive: bytes, comes: Comes) -> None:
    ran = comes(archive)
    with pytest.raises(WorkbenchError, match=r"nothing was fetched.*'workbench assets fetch toy --yes'"):
        call("fetch", "toy")
    assert ran.commands == [] and not cache.exists()


@pytest.mark.parametrize("answer", ["n\n", "y\n"])
def test_a_user_is_told_before_being_asked(
    call: Call,
    toy: wb.assets.Asset,
    archive: bytes,
    comes: Comes,
    answer: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    ran = comes(archive)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    agreed = answer == "y\n"
    with contextlib.nullcontext() if agreed else pytest.raises(typer.Abort):
        application(["assets", "fetch", "toy"], standalone_mode=False)
    said = capsys.readouterr().err
    assert said.index("licence: MIT") < said.index("credit:  nobody") < said.index("Fetch 0.0 MB?")
    assert len(ran.commands) == agreed == toy.is_present()


def test_yes_fetches_by_alias_with_a_hint_and_again_costs_nothing(
    call: Call, toy: wb.assets.Asset, archive: bytes, comes: Comes
) -> None:
    ran = comes(archive)
    done = call("fetch", "old-toy", "--yes")
    assert "'old-toy' is the asset 'toy'" in done.stdout and str(toy.path) in done.stdout
    assert done.stderr.index("licence: MIT") < done.stderr.index("downloading")
    assert toy.path.read_bytes() == PAYLOAD
    assert json.loads(call("fetch", "toy", "toy", "--json").stdout)["assets"][0]["present"]
    assert len(ran.commands) == 1
    assert json.loads(call("remove", "toy", "--json").stdout) == {"removed": ["toy"]}
    assert "was not here" in call("remove", "toy").stdout


def test_an_unknown_key_stops_before_any_download(call: Call, archive: bytes, comes: Comes) -> None:
    ran = comes(archive)
    with pytest.raises(WorkbenchError, match="there is no asset 'tow': did you mean 'toy'"):
        call("fetch", "toy", "tow", "--yes")
    assert ran.commands == []


def test_a_broken_lock_is_named_and_the_others_are_listed(
    call: Call, locking: Locking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[torn")
    same = tmp_path / "same.toml"
    same.write_text(locking.file.read_text().replace("nobody", "somebody"))
    (tmp_path / "plugins" / "torn.py").write_text(
        "from pathlib import Path\nimport workbench as wb\n\n@wb.hookimpl\ndef workbench_assets():\n"
        f"    return [Path({str(other)!r}), Path({str(same)!r})]\n"
    )
    monkeypatch.setenv("WORKBENCH_PLUGINS", "toys,torn")
    told = json.loads(call("--json").stdout)
    assert [one["key"] for one in told["assets"]] == ["toy"]
    said = " ".join(told["wrong"])
    assert "other.toml' cannot be read" in said and "has that key" in said


def test_a_hook_that_lists_no_lock_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.py").write_text(
        "from pathlib import Path\nimport workbench as wb\n\n@wb.hookimpl\ndef workbench_assets():\n"
        "    return ['x', Path('/nowhere/assets.toml')]\n"
    )
    monkeypatch.setenv("WORKBENCH_PLUGINS", "bad")
    (record,) = wb.catalogue(tmp_path).plugins
    assert record.status == "broken"
    assert "expected a pathlib.Path" in record.error and "no TOML file that exists" in record.error
