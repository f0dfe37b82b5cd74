# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from registry.discovery import Catalogue
    from workbench.store import Store

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
StoreLocation = Annotated[
    str | None, typer.Option("--store", help="Folder or database URL of the store.", envvar="WORKBENCH_STORE")
]
PluginsDir = Annotated[
    Path | None,
    typer.Option("--plugins-dir", help="Folder of plugins to load as well.", envvar="WORKBENCH_PLUGINS_DIR"),
]


def open_store(location: str | None) -> Store:
    """The store at ``location``, remembered for every process that this command starts."""
    from workbench.store import Store

    store = Store.open(location)
    os.environ["WORKBENCH_STORE"] = store.location
    return store


def open_catalogue(plugins_dir: Path | None) -> Catalogue:
    """The catalogue with the plugins of ``plugins_dir``, remembered for every process that this command starts."""
    from workbench.discovered import catalogue

    if plugins_dir is not None:
        os.environ["WORKBENCH_PLUGINS_DIR"] = str(plugins_dir.resolve())
    return catalogue()
