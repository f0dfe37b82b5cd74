# SPDX-License-Identifier: Apache-2.0
"""Concept sensitivity: does a decision rise along a concept, and more than along random ones?"""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch is imported when it runs."""
    from plugins.concept_sensitivity.analysis import ConceptSensitivity

    return [ConceptSensitivity]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
