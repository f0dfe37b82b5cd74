# SPDX-License-Identifier: Apache-2.0
"""Words and other named points: neighbours, odd one out, arithmetic."""

from __future__ import annotations

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin."""
    from plugins.words.analysis import Words

    return [Words]
