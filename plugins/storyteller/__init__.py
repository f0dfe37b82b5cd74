# SPDX-License-Identifier: Apache-2.0
"""The neural storyteller: a picture or a caption becomes a story, and every step of the way is drawn."""

from __future__ import annotations

import workbench as wb


@wb.hookimpl
def workbench_pages() -> list[wb.Page]:
    """The page; what it draws is measured by the analysis ``style-shift``."""
    return [
        wb.Page("storyteller", "Neural storyteller", "plugins.storyteller.page:draw", icon=":material/auto_stories:")
    ]
