# SPDX-License-Identifier: Apache-2.0
"""Perceptual path length: how much the output changes for a small step along a path between codes."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch is imported when it runs."""
    from plugins.path_length.analysis import PerceptualPathLength

    return [PerceptualPathLength]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
