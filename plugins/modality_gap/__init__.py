# SPDX-License-Identifier: Apache-2.0
"""Modality gap: how far apart the points of two kinds lie in the space that they share."""

from __future__ import annotations

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.modality_gap.analysis import ModalityGap

    return [ModalityGap]
