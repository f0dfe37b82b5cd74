# SPDX-License-Identifier: Apache-2.0
"""Analogies: a is to b as c is to what? With the words of the question left out of the answer, and without."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin."""
    from plugins.analogies.analysis import Analogies

    return [Analogies]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
