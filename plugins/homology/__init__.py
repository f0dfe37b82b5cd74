# SPDX-License-Identifier: Apache-2.0
"""Homology: pieces, loops and voids of a space, the samples that form them, and how far they can be trusted."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its engines are imported when it runs."""
    from plugins.homology.analysis import Homology

    return [Homology]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
