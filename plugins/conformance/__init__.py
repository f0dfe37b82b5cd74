# SPDX-License-Identifier: Apache-2.0
"""Conformance: whether a model keeps the contract, measured."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch is imported when it runs."""
    from plugins.conformance.analysis import Conformance

    return [Conformance]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about a failed check."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
