# SPDX-License-Identifier: Apache-2.0
"""Thought decoding: how much of a sentence comes back from its vector, beside the nearest sentence that is known."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin."""
    from plugins.thought_decoding.analysis import ThoughtDecoding

    return [ThoughtDecoding]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
