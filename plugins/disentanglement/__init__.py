# SPDX-License-Identifier: Apache-2.0
"""Disentanglement: which latent axis holds which known factor, by the field's scores, with controls and intervals."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; scikit-learn is imported when it runs."""
    from plugins.disentanglement.analysis import Disentanglement

    return [Disentanglement]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))
