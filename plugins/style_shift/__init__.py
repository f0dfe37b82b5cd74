# SPDX-License-Identifier: Apache-2.0
"""Style shift: texts moved from one style to another, measured beside random directions and told in words."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.style_shift.analysis import StyleShift

    return [StyleShift]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
