# SPDX-License-Identifier: Apache-2.0
"""Large weight files are hashed once, not by each process; settings of a card count like files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

import workbench as wb
from workbench.discovered import catalogue
from workbench.runs import remembered, stamps


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files from 4 bytes on are large, in a cache of their own."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remembered, "LARGE", 4)
    monkeypatch.setattr(stamps, "LARGE", 4)


def another_process() -> None:
    stamps._hashes.clear()


def test_a_large_file_is_read_once_and_again_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, small = tmp_path / "weights", tmp_path / "small"
    file.write_bytes(b"12345")
    small.write_bytes(b"12")
    read: list[Path] = []
    original = stamps._hash
    monkeypatch.setattr(stamps, "_hash", lambda path: (read.append(path), original(path))[1])
    for _ in range(3):
        assert stamps.file_hash(file) == hashlib.sha256(b"12345").hexdigest()
        assert stamps.file_hash(small) == hashlib.sha256(b"12").hexdigest()
        another_process()
    assert read == [file, small, small, small]
    file.write_bytes(b"54321")
    os.utime(file, ns=(1, 1))
    assert stamps.file_hash(file) == hashlib.sha256(b"54321").hexdigest()


@pytest.mark.parametrize("torn", ["", "{", '{"of": [], "sha256": "x"}', "[]"])
def test_a_torn_memory_costs_a_hash(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"12345")
    stamps.file_hash(file)
    (kept,) = (tmp_path / "cache" / "hashes").iterdir()
    kept.write_text(torn)
    another_process()
    assert stamps.file_hash(file) == hashlib.sha256(b"12345").hexdigest()


def test_settings_of_a_card_change_its_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS", "acme")

    def stamp(settings: str) -> tuple[str, str]:
        (tmp_path / "acme.py").write_text(
            "import os\nimport workbench as wb\n\n@wb.hookimpl\ndef workbench_models():\n"
            f"    return [wb.ModelCard('acme', 'registry.model:Model', settings={settings})]\n"
        )
        found = catalogue(tmp_path)
        return stamps.stamp_of(found, "acme"), stamps.code_of(found, "acme")

    one, two = stamp("{'limit': 5, 'path': wb.ModelCard}"), stamp("{'path': wb.ModelCard, 'limit': 5}")
    other, none = stamp("{'limit': 6, 'path': wb.ModelCard}"), stamp("{}")
    assert one == two
    assert len({one, other, none}) == len({one[1], other[1], none[1]}) == 3
    assert wb.ModelCard("x", "a:b", settings={"b": 1, "a": 2}).settings == '{"a": 2, "b": 1}'
