# SPDX-License-Identifier: Apache-2.0
"""Words and other named points: neighbours, odd one out, arithmetic, and what an analogy can show."""

from __future__ import annotations

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin."""
    from plugins.words.analysis import Words

    return [Words]


@wb.hookimpl
def workbench_pages() -> list[wb.Page]:
    """A desk for any vocabulary, and what the most quoted word analogy owes to a rule."""
    return [
        wb.Page("words", "Words", "plugins.words.page:draw", icon=":material/match_word:"),
        wb.Page(
            "word-analogies", "Doctor, nurse and the rule", "plugins.words.pitfall_page:draw", icon=":material/balance:"
        ),
    ]
