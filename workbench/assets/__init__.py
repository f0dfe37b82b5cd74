# SPDX-License-Identifier: Apache-2.0
"""Files that are too large or too strictly licensed to come along: fetched once, by hash, when a user asks for them.

A plugin names them in a lock file and lists that file with the hook ``workbench_assets``. ::

    LOCK = wb.assets.Lock(Path(__file__).parent / "assets.toml")


    @wb.hookimpl
    def workbench_assets():
        return [LOCK.file]


    @wb.hookimpl
    def workbench_models():
        one = LOCK.asset("acme_faces")
        return [wb.ModelCard("acme-faces", ..., licence=one.licence, provenance=one.credit, weights=(one.path,),
                             requires=one.missing, fetch=one.fetch)]

Within a hook, ask the plugin's own lock, as above; everywhere else ``wb.assets.asset(key)`` finds the assets of every
plugin.
"""

from __future__ import annotations

from workbench.assets.asset import Asset, AssetUnavailable, Progress, cache_folder
from workbench.assets.known import asset, every, fetch, missing, path, remove
from workbench.assets.lock import Lock
from workbench.assets.scratch import scratch_folder

__all__ = [
    "Asset",
    "AssetUnavailable",
    "Lock",
    "Progress",
    "asset",
    "cache_folder",
    "every",
    "fetch",
    "missing",
    "path",
    "remove",
    "scratch_folder",
]
