# SPDX-License-Identifier: Apache-2.0
"""Commands that start the app."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from registry.errors import ParameterError, PluginError
from workbench.cli.options import PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import say

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    open_to_network: Annotated[
        bool,
        typer.Option("--open-to-network", help="Needed for an address other than loopback: anyone there may run jobs."),
    ] = False,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
) -> None:
    """Start the app and print its address."""
    if address not in LOOPBACK and not open_to_network:
        raise ParameterError(f"{address} can be reached by others and the app has no login: add --open-to-network")
    open_catalogue(plugins_dir)
    open_store(store)
    with _app(port or free_port(), address) as app:
        raise typer.Exit(app.wait())


def demo(
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8501,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
) -> None:
    """Start the app with the sample models and queue a first gallery of runs."""
    from workbench.gallery import queue_gallery

    catalogue = open_catalogue(plugins_dir)
    opened = open_store(store)
    chosen = port or free_port()
    with _app(chosen, "127.0.0.1") as app:
        say(f"The app is at http://127.0.0.1:{chosen} (the store is {opened.location}).")
        runs, left_out = queue_gallery(opened, catalogue)
        done = sum(one.status == "done" for one in runs)
        waiting = "" if done == len(runs) else ", the rest is on its way"
        say(f"Gallery: {done} of {len(runs)} runs are computed{waiting}.")
        for sentence in left_out:
            say(f"Left out: {sentence}")
        raise typer.Exit(app.wait())


@contextlib.contextmanager
def _app(port: int, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """The app as a process that ends with this one, also when this one is asked to end by SIGTERM."""
    check_free(port, address)

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    app = subprocess.Popen(streamlit_command(port, address), env=os.environ)
    try:
        yield app
    except KeyboardInterrupt:
        say("The app ends; runs in flight go on, see `workbench runs`.")
    finally:
        app.terminate()
        try:
            app.wait(10)
        except subprocess.TimeoutExpired:
            app.kill()


def check_free(port: int, address: str) -> None:
    """Raise :class:`ParameterError` when somebody listens on the port already."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ParameterError(
                f"port {port} of {address} cannot be used ({error.strerror}): "
                f"give another with --port (make: PORT={port + 1}), or --port 0 for a free one"
            ) from None


def streamlit_command(port: int, address: str) -> list[str]:
    """The command that starts the app, with its own look, nothing sent to anyone and no file watching."""
    import workbench.app

    found = importlib.util.find_spec("streamlit_app")  # imported it would be the server
    if found is None or found.origin is None:
        raise PluginError("the app's entry streamlit_app.py is not installed: install latent-workbench again")
    script = Path(found.origin)
    settings = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": "false",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "theme.base": str(Path(workbench.app.__file__).parent / "theme.toml"),
    }
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
