# SPDX-License-Identifier: Apache-2.0
"""What ``workbench new-plugin`` writes works as it is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from registry.discovery import discover
from registry.errors import ParameterError
from workbench.cli.plugin_template import write_plugin


def test_the_written_plugin_passes_its_own_test(tmp_path: Path) -> None:
    write_plugin("acme-faces", tmp_path)
    folder = tmp_path / "acme-faces"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), "tests"],
        cwd=folder, env={"PYTHONPATH": str(folder), "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_written_plugin_works_from_a_plugins_folder(tmp_path: Path) -> None:
    write_plugin("acme-faces", tmp_path)
    card = discover(tmp_path / "acme-faces").model("acme-faces")
    assert list(card.load("cpu").spaces) == ["pixels", "z"]


@pytest.mark.parametrize("name", ["Acme", "../evil", "class", "1abc", "a b", ""])
def test_bad_names_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError):
        write_plugin(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_taken_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    with pytest.raises(ParameterError, match="exists already"):
        write_plugin("acme", tmp_path)
    assert list((tmp_path / "acme").iterdir()) == []
