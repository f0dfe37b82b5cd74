# SPDX-License-Identifier: Apache-2.0
"""Real data against decoded draws: what is not covered, what is off the data, and whether shapes agree."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.coverage.analysis import Coverage

    return [Coverage]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
