# SPDX-License-Identifier: Apache-2.0
"""Neighbourhoods of a space: hubs, frequency, anisotropy, concentration of distances."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.neighbourhood.analysis import Neighbourhood

    return [Neighbourhood]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
