# SPDX-License-Identifier: Apache-2.0
"""The wheel holds everything and works in an environment that has only the dependencies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("registry", "workbench", "plugins", "sample_models")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = subprocess.check_output(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT)
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; the dependencies are lent by the environment of the tests."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_every_file_of_the_rooms_is_in_the_wheel(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.check_output(["git", "ls-files", *ROOMS, "streamlit_app.py"], cwd=ROOT, text=True).split("\n")
    assert [name for name in tracked if name and name not in held] == []


def test_the_wheel_holds_no_tests(wheel: Path) -> None:
    assert [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(("tests/", "benchmarks/"))] == []


def test_the_command_works_from_the_wheel_alone(environment: Path, tmp_path: Path) -> None:
    def workbench(*arguments: str) -> str:
        variables = {**os.environ, "WORKBENCH_STORE": str(tmp_path / "store"), "PYTHONPATH": ""}
        command = [str(environment / "bin" / "workbench"), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "latent workbench" in workbench("--version")
    plugins = json.loads(workbench("plugins", "--json"))["plugins"]
    assert {one["status"] for one in plugins} == {"ok"}
    python = str(environment / "bin" / "python")
    home = [python, "-c", "import registry; print(registry.__file__)"]
    assert str(environment) in subprocess.check_output(home, cwd=tmp_path, text=True)
    points = tmp_path / "points.csv"
    points.write_text("x,y,z\n" + "\n".join(f"{row % 7},{row % 5},{row % 3}" for row in range(60)))
    document = json.loads(workbench("run", "projection", "--points", str(points), "--json"))
    assert document["run"]["status"] == "done"
    assert 0 <= document["metrics"]["trustworthiness"] <= 1
