# SPDX-License-Identifier: Apache-2.0
"""Uploads: what is kept is kept once, and what cannot be read leaves nothing."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from registry.errors import WorkbenchError
from workbench.app import uploads


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_STORE", str(tmp_path / "store"))
    return tmp_path / "store" / "uploads"


def points() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.arange(60, dtype=np.float32).reshape(20, 3))
    return buffer.getvalue()


def test_the_same_bytes_are_not_written_again_under_a_run_that_reads_them(folder: Path) -> None:
    uploads.add("a.npy", points(), "first")
    (kept,) = folder.iterdir()
    before = kept.stat()
    uploads.add("b.npy", points(), "second")
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(folder.iterdir()) == [kept]


@pytest.mark.parametrize("ending", uploads.KINDS)
@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"PAR1", b"\x00" * 64])
def test_what_is_no_file_of_points_is_refused_in_words_and_leaves_nothing(
    folder: Path, ending: str, content: bytes
) -> None:
    with pytest.raises(WorkbenchError, match=rf"mine\.{ending}"):
        uploads.add(f"mine.{ending}", content, "mine")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["../../x.npy", "/etc/passwd.npy", "..\\x.npy", "\0.npy", "x" * 300 + ".npy"])
def test_the_name_of_a_file_leads_nowhere(folder: Path, name: str) -> None:
    uploads.add(name, points())
    (kept,) = folder.iterdir()
    assert kept.stem.isalnum() and len(kept.stem) == 64
    assert {one.name for one in folder.parent.parent.iterdir()} == {"store"}
