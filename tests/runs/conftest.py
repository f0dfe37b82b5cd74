# SPDX-License-Identifier: Apache-2.0
"""A store with its supervisor for each module, and plugins that make trouble."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.runs.processes import is_alive
from workbench.runs.starting import supervisor_of
from workbench.store import Store

PLUGINS = Path(__file__).parent / "plugins_folder"


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The plugins of these tests and no others; supervisors with three slots that stay for the module."""
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(PLUGINS))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "toy,troubles,words")
    monkeypatch.setenv("WORKBENCH_SLOTS", "3")
    monkeypatch.setenv("WORKBENCH_THREADS", "1")
    monkeypatch.setenv("WORKBENCH_SUPERVISOR_IDLE", "120")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store; its supervisor is started by the first run and ended after the last test of the module."""
    with Store.open(tmp_path_factory.mktemp("store")) as opened:
        yield opened
        stop_supervisor(opened)


def stop_supervisor(store: Store) -> None:
    """End the supervisor of a store and wait until it is gone."""
    about = supervisor_of(store)
    if not about:
        return
    pid, start = int(str(about["pid"])), float(str(about["start"]))
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 10
    while is_alive(pid, start):
        assert time.monotonic() < until, "the supervisor does not end"
        time.sleep(0.02)
