# SPDX-License-Identifier: Apache-2.0
"""The commands that start the app: a taken port is told at once, and the app ends with its command."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from registry.errors import ParameterError
from workbench.cli.serving import check_free, free_port

COMMAND = [sys.executable, "-c", "from workbench.cli import main; main()"]


def test_a_taken_port_is_told_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        asked = [*COMMAND, "demo", "--port", str(port), "--store", str(tmp_path)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "--port 0" in done.stderr
    assert "http" not in done.stdout
    check_free(port, "127.0.0.1")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ParameterError, match="cannot be used"):
        check_free(free_port(), "192.0.2.1")


def test_the_app_ends_with_its_command(tmp_path: Path) -> None:
    port = free_port()
    asked = [*COMMAND, "serve", "--port", str(port), "--store", str(tmp_path)]
    command = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert _answers(port, until=time.monotonic() + 60)
    finally:
        command.send_signal(signal.SIGTERM)
    assert command.wait(20) == 128 + signal.SIGTERM
    assert not _answers(port, until=time.monotonic())


def _answers(port: int, until: float) -> bool:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() >= until:
                return False
            time.sleep(0.2)
