# SPDX-License-Identifier: Apache-2.0
"""Feature visualisation: the picture that excites a unit most, beside the data's own and two controls."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; torch is imported when it runs."""
    from plugins.feature_visualisation.analysis import FeatureVisualisation

    return [FeatureVisualisation]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
