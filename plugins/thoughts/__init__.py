# SPDX-License-Identifier: Apache-2.0
"""Thoughts: what lies near a sentence, sums of sentences, and what lies on the way from one to another."""

from __future__ import annotations

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin."""
    from plugins.thoughts.analysis import Thoughts

    return [Thoughts]
