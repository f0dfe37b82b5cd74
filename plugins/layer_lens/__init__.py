# SPDX-License-Identifier: Apache-2.0
"""Layer lens: a network as a walk through spaces, and one layer as the motion of its points."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.layer_lens.analysis import LayerLens

    return [LayerLens]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
