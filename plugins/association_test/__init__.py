# SPDX-License-Identifier: Apache-2.0
"""Association tests: are two lists of words nearer to one list of attributes than to the other?"""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.association_test.analysis import AssociationTest

    return [AssociationTest]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings, or about what it measures."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
