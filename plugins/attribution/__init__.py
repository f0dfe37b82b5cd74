# SPDX-License-Identifier: Apache-2.0
"""Attribution: what in an input drives a number of a model, and whether the answer can be trusted."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch and captum are imported when it runs."""
    from plugins.attribution.analysis import Attribution

    return [Attribution]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
