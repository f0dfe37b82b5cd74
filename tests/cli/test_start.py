# SPDX-License-Identifier: Apache-2.0
"""The command starts fast: help and version import nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "pandas", "streamlit", "sklearn", "scipy", "altair", "sqlalchemy", "pyarrow", "openTSNE")
SCRIPT = """
import sys
sys.argv = ["workbench", *{arguments!r}]
from workbench.cli import main
try:
    main()
finally:
    print("HEAVY", [one for one in {heavy!r} if one in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["serve", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = SCRIPT.format(arguments=arguments, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "HEAVY []" in done.stderr


@pytest.mark.parametrize("command", ["plugins", "models", "analyses"])
def test_listing_imports_no_torch(command: str) -> None:
    script = SCRIPT.format(arguments=[command, "--json"], heavy=("torch", "streamlit", "sklearn"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "HEAVY []" in done.stderr
