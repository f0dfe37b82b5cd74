# SPDX-License-Identifier: Apache-2.0
"""Cubical homology: the blobs and rings that the values of each image make, counted and compared by class."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its engine is imported when it runs."""
    from plugins.cubical_homology.analysis import CubicalHomology

    return [CubicalHomology]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
