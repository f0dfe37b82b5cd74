# SPDX-License-Identifier: Apache-2.0
"""Codes of the data against the prior of their space: holes between them, voids, codes outside the prior."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.latent_holes.analysis import LatentHoles

    return [LatentHoles]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
