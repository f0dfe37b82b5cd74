# SPDX-License-Identifier: Apache-2.0
"""The hooks: everything that a plugin can offer. Hooks only list; nothing heavy is loaded in them."""

from __future__ import annotations

from pathlib import Path

import pluggy

from registry.analysis import Analysis
from registry.cards import DatasetCard, ModelCard, Page
from registry.scorers import Scorer

PROJECT = "workbench"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def workbench_models() -> list[ModelCard]:  # type: ignore[empty-body]
    """Models that the plugin brings.

    Returns
    -------
    list of ModelCard
        Cards are cheap: the class is built on a device only when a job needs it.
    """


@hookspec
def workbench_datasets() -> list[DatasetCard]:  # type: ignore[empty-body]
    """Data sets that the plugin brings.

    Returns
    -------
    list of DatasetCard
    """


@hookspec
def workbench_analyses() -> list[type[Analysis]]:  # type: ignore[empty-body]
    """Analyses that the plugin brings.

    Returns
    -------
    list of subclasses of Analysis
        Heavy libraries are imported inside ``run``, so that listing stays fast.
    """


@hookspec
def workbench_scorers() -> list[Scorer]:  # type: ignore[empty-body]
    """Scorers that the plugin brings: what a picture measures, as one number.

    Returns
    -------
    list of Scorer
        Give the function as an import string where it needs a heavy library.
    """


@hookspec
def workbench_entries() -> list[Path]:  # type: ignore[empty-body]
    """Compendium entries that the plugin brings.

    Returns
    -------
    list of Path
        Markdown files with front matter, one for each entry; ``workbench compendium check`` validates them.
    """


@hookspec
def workbench_assets() -> list[Path]:  # type: ignore[empty-body]
    """Locks of files that the plugin fetches when a user asks for them.

    Returns
    -------
    list of Path
        TOML files; each entry names an archive, its hash, its licence and whom to thank. Nothing is fetched by listing.
    """


@hookspec
def workbench_pages() -> list[Page]:  # type: ignore[empty-body]
    """Pages that the plugin adds to the app.

    Returns
    -------
    list of Page
        Each names its drawing function by an import string; it is imported only by the app.
    """
