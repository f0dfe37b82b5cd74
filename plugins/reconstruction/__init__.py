# SPDX-License-Identifier: Apache-2.0
"""Reconstruction: how much of a point comes back after encoding and decoding."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch is imported when it runs."""
    from plugins.reconstruction.analysis import Reconstruction

    return [Reconstruction]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
