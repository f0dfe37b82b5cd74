# SPDX-License-Identifier: Apache-2.0
"""Writers killed at random moments lose nothing that was acknowledged, and leave no row without its files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TRIAL = Path(__file__).parents[2] / "benchmarks" / "bench_store.py"


@pytest.mark.crash
def test_a_hundred_kills_lose_nothing() -> None:
    command = [sys.executable, str(TRIAL), "--kills", "100", "--json"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert report["kills"] >= 100 and report["died_by_themselves"] == 0
    assert report["at_a_call"] > 0 and report["in_staging"] > 0  # the kills did hit publications
    assert report["between_rename_and_commit"] > 0 and report["adopted"] > 0  # at their worst moment, and were redone
    assert 0 < report["acknowledged"] <= report["committed"]
    assert report["acknowledged_lost"] == 0
    assert report["done_but_wrong"] == 0
    assert report["problems"] == 0 and report["not_intact"] == 0
    assert report["orphans_before_gc"] > 0 and report["orphans_after_gc"] == 0 and report["folders_too_many"] == 0
