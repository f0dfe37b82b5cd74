# SPDX-License-Identifier: Apache-2.0
"""Every test has a store of its own, and no plugins but those it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's store, and no supervisor lingers after the tests."""
    monkeypatch.setenv("WORKBENCH_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("WORKBENCH_SUPERVISOR_IDLE", "5")
    monkeypatch.delenv("WORKBENCH_PLUGINS_DIR", raising=False)
    monkeypatch.delenv("WORKBENCH_PLUGINS", raising=False)
    monkeypatch.delenv("WORKBENCH_DISABLE_PLUGINS", raising=False)
