# SPDX-License-Identifier: Apache-2.0
"""The page of one attribution: maps side by side, what they were measured from, and what they are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugins.attribution.view.page import draw as _draw

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    _draw(view)
