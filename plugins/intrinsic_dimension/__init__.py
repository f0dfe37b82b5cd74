# SPDX-License-Identifier: Apache-2.0
"""Intrinsic dimension: how many dimensions the points of a space fill, asked in four ways."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.intrinsic_dimension.analysis import IntrinsicDimension

    return [IntrinsicDimension]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
