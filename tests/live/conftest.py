# SPDX-License-Identifier: Apache-2.0
"""The toy model of the run tests, and live processes that are ended after each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.live import LiveModel
from workbench.store import Store

PLUGINS = Path(__file__).parent.parent / "runs" / "plugins_folder"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store; live models of the module end with it."""
    with Store.open(tmp_path_factory.mktemp("store")) as opened:
        yield opened
    LiveModel.close_all()


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The toy plugin and no others."""
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(PLUGINS))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "toy")
    monkeypatch.setenv("WORKBENCH_THREADS", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
