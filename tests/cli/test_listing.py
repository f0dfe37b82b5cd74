# SPDX-License-Identifier: Apache-2.0
"""What the listings print for people: the traceback of a broken plugin, entries by their name, columns found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

GOOD = """
from pathlib import Path
import workbench as wb
@wb.hookimpl
def workbench_entries():
    return [Path(__file__).parent / "noted.md"]
"""


def call(tmp_path: Path, *arguments: str) -> str:
    variables = {**os.environ, "WORKBENCH_STORE": str(tmp_path / "store"), "COLUMNS": "250"}
    command = [sys.executable, "-m", "workbench", *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_broken_plugins_come_with_their_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "torn.py").write_text("import workbench as wb\nraise OSError('[bold]the disk is gone[/bold]')\n")
    (folder / "noted.md").write_text("---\nid: noted\ntitle: Noted\ncodes: [any.thing]\n---\nWords.\n")
    (folder / "fine.py").write_text(GOOD)
    broken = call(tmp_path, "plugins", "--broken", "--plugins-dir", str(folder))
    assert "Traceback" in broken
    assert "torn.py" in broken
    assert "[bold]the disk is gone[/bold]" in broken
    listed = call(tmp_path, "plugins", "--plugins-dir", str(folder))
    assert "Traceback" not in listed
    assert "entries: noted " in listed
    assert str(folder / "noted.md") not in listed


def test_an_added_data_set_says_its_columns(tmp_path: Path) -> None:
    np.save(tmp_path / "cloud.npy", np.zeros((3, 2), dtype="float32"))
    assert call(tmp_path, "datasets", "add", str(tmp_path / "cloud.npy")) == "cloud: 3 rows of vectors\n"
    (tmp_path / "cloud.csv").write_text("word,size\na,1\nb,2\nc,3\n")
    said = call(tmp_path, "datasets", "add", str(tmp_path / "cloud.npy"), "--name", "again")
    assert said == "again: 3 rows of vectors with the columns word, size\n"
