# SPDX-License-Identifier: Apache-2.0
"""Similarity of words by people and by vectors: rank correlation on published sets, and on a file of one's own."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.word_similarity.analysis import WordSimilarity

    return [WordSimilarity]


@wb.hookimpl
def workbench_assets() -> list[Path]:
    """The published sets, fetched when the user asks for them."""
    return [Path(__file__).parent / "assets.toml"]
