# SPDX-License-Identifier: Apache-2.0
"""The editor: a code is moved along directions and axes, and what it decodes to changes with it."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """Inversion: codes of pictures for models without an encoder; torch is imported when it runs."""
    from plugins.editor.inversion import Inversion

    return [Inversion]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what inversion finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))


@wb.hookimpl
def workbench_pages() -> list[wb.Page]:
    """The editor."""
    return [wb.Page("editor", "Editor", "plugins.editor.page:draw", icon=":material/tune:")]
