# SPDX-License-Identifier: Apache-2.0
"""Similarity of words by people and by vectors: rank correlation on published sets."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.word_similarity.analysis import WordSimilarity

    return [WordSimilarity]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings, or about what it measures."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
