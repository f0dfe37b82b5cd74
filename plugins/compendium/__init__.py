# SPDX-License-Identifier: Apache-2.0
"""The compendium: entries on issues met when models are interpreted, whatever analysis is at work.

``entries/`` holds one Markdown file for each issue: symptoms, verbatim error messages, cause, remedies by strength of
evidence with their sources, and how to see that the issue is gone. The format is that of
:mod:`workbench.compendium.entry`, which validates each file. Entries that a finding's code leads to live in the folder
of the plugin that makes the finding; a team's own are files in its store.
"""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """Entries that belong to no analysis of their own."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
