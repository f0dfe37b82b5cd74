# SPDX-License-Identifier: Apache-2.0
"""DeepDream: a picture changed so that what a layer sees in it grows."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch is imported when it runs."""
    from plugins.deep_dream.analysis import DeepDream

    return [DeepDream]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
