# SPDX-License-Identifier: Apache-2.0
"""Directions of word space from pairs of words: tense, number, gender, comparative, capital."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.word_direction.analysis import WordDirection

    return [WordDirection]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings, or about what it measures."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
