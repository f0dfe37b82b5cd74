# SPDX-License-Identifier: Apache-2.0
"""A real browser and a real Streamlit server for tests: ``serve(script)`` and ``browser_page()``."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ROOT: Final = Path(__file__).resolve().parents[2]


def find_chromium() -> str:
    """Give the path of the browser, or skip the calling test; where CI is set, a missing browser is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "no Chromium on PATH: the browser tests cannot run (install the package chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@contextmanager
def browser_page(
    *,
    width: int = 1440,
    height: int = 900,
    colour_scheme: Literal["light", "dark"] = "light",
    density: float = 1,
) -> Iterator[Page]:
    """Open one page of a fresh browser with an empty profile.

    The addresses that the page asks for, web sockets included, are collected from the start; read them with
    ``requested(page)``.

    Args:
        width: of the viewport, in CSS pixels.
        height: of the viewport, in CSS pixels.
        colour_scheme: what the system prefers; Streamlit follows it.
        density: device pixels per CSS pixel.
    """
    executable = find_chromium()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="chromium-") as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            headless=True,
            args=list(ARGUMENTS),
            viewport={"width": width, "height": height},
            color_scheme=colour_scheme,
            device_scale_factor=density,
        )
        try:
            page = context.pages[0] if context.pages else context.new_page()
            addresses: list[str] = []
            page.on("request", lambda request: addresses.append(request.url))
            page.on("websocket", lambda socket_: addresses.append(socket_.url))
            _ADDRESSES[id(page)] = addresses
            yield page
        finally:
            context.close()


_ADDRESSES: dict[int, list[str]] = {}


def requested(page: Page) -> list[str]:
    """Give every address that a page of ``browser_page`` has asked for."""
    return list(_ADDRESSES[id(page)])


@contextmanager
def serve(
    script: str | Path,
    *,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    patience: float = 60,
    base_path: str = "",
) -> Iterator[str]:
    """Run a Streamlit script on a free port of the loopback address and give its URL; end the whole group after.

    Args:
        script: path of the script.
        arguments: what the script finds in ``sys.argv``.
        environment: variables added to this process's own.
        patience: seconds until the server must be healthy.
        base_path: below which everything is served, as behind a proxy.

    Raises:
        RuntimeError: when the server ends early or is not healthy in time; the message ends with its log.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        **({"server.baseUrlPath": base_path} if base_path else {}),
    }
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--{name}={value}" for name, value in options.items()]
    command += ["--", *arguments] if arguments else []
    variables = {**os.environ, **(environment or {})}
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), variables.get("PYTHONPATH", ""))))
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=variables,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}{'/' if base_path else ''}{base_path}"
            if not _healthy(url, server, patience):
                log.seek(0)
                raise RuntimeError(f"the server of {script} did not start:\n{log.read().decode(errors='replace')}")
            yield url
        finally:
            _end(server)


def _healthy(url: str, server: subprocess.Popen[bytes], patience: float) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _end(server: subprocess.Popen[bytes]) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, kind)
        except ProcessLookupError:
            break
        try:
            server.wait(3)
        except subprocess.TimeoutExpired:
            continue
    server.wait(5)
