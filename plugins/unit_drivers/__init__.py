# SPDX-License-Identifier: Apache-2.0
"""Unit drivers: what the units of a layer or latent space follow, which samples drive them, and where they look."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch is imported when it runs."""
    from plugins.unit_drivers.analysis import UnitDrivers

    return [UnitDrivers]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
