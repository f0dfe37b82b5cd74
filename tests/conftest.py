# SPDX-License-Identifier: Apache-2.0
"""Every test has a store of its own, and no plugins but those it asks for; side by side each worker has one thread."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # as many workers as cores: threads of theirs would wait for each other, busily
    for one in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ.setdefault(f"{one}_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's store, and no supervisor lingers after the tests."""
    monkeypatch.setenv("WORKBENCH_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("WORKBENCH_SUPERVISOR_IDLE", "5")
    monkeypatch.delenv("WORKBENCH_PLUGINS_DIR", raising=False)
    monkeypatch.delenv("WORKBENCH_PLUGINS", raising=False)
    monkeypatch.delenv("WORKBENCH_DISABLE_PLUGINS", raising=False)
