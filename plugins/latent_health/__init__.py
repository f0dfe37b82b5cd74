# SPDX-License-Identifier: Apache-2.0
"""Health of a latent space: axes in use, codes against the prior, repeated draws, copies of training data."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.latent_health.analysis import LatentHealth

    return [LatentHealth]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
