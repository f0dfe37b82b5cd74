# SPDX-License-Identifier: Apache-2.0
"""Modes of the density of a space (ToMATo), their prominence and the samples of each."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.modes.analysis import ModesOfDensity

    return [ModesOfDensity]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
