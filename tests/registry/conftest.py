# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the registry's tests: a state folder and plugins of their own, nothing of the user's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """
import workbench as wb

class Good(wb.Model):
    z = wb.vectors(2)
    def __init__(self, device): ...

@wb.hookimpl
def workbench_models():
    return [wb.ModelCard("good-model", Good)]
"""


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting or file of the user reaches a test, and none is left behind."""
    for name in ("WORKBENCH_PLUGINS", "WORKBENCH_DISABLE_PLUGINS", "WORKBENCH_PLUGINS_DIR", "WORKBENCH_PLUGIN_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)


@pytest.fixture
def plugins(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes files (path -> source) into a plugins folder beside the good plugin ``good.py``; gives the folder."""

    def write(files: dict[str, str]) -> Path:
        folder = tmp_path / "plugins"
        for name, source in {"good.py": GOOD, **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """An installed distribution without pip: modules and a ``dist-info`` in a folder on ``sys.path``."""

    def install(name: str, version: str, points: dict[str, str], modules: dict[str, str]) -> Path:
        site = tmp_path / f"site-{name}"
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        lines = "\n".join(f"{point} = {target}" for point, target in points.items())
        (info / "entry_points.txt").write_text(f"[workbench]\n{lines}\n")
        for module, source in modules.items():
            (site / f"{module}.py").write_text(source)
            monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.syspath_prepend(str(site))
        return site

    return install
