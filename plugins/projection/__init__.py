# SPDX-License-Identifier: Apache-2.0
"""Projection of a space: maps in two or three dimensions, and how far each can be trusted."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.projection.analysis import Projection

    return [Projection]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))


@wb.hookimpl
def workbench_pages() -> list[wb.Page]:
    """The page that compares two maps of the same points."""
    return [wb.Page("compare", "Compare", "plugins.projection.compare_page:draw", icon=":material/compare:")]
