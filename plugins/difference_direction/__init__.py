# SPDX-License-Identifier: Apache-2.0
"""Directions: which way leads from one group of points to another, and how far that can be trusted."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch is imported when it runs."""
    from plugins.difference_direction.analysis import DifferenceDirection

    return [DifferenceDirection]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
