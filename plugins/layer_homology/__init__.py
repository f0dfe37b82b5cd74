# SPDX-License-Identifier: Apache-2.0
"""Shape through the layers: at which layer loops go, classes tear, and classes merge."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.layer_homology.analysis import LayerHomology

    return [LayerHomology]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about this plugin's findings."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
