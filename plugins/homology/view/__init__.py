# SPDX-License-Identifier: Apache-2.0
"""The page of a barcode: the bars with what each is worth, and the samples behind the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from plugins.homology.view import chosen, classes, complex_at_scale, outliers, summaries, table
from plugins.homology.view.bars import draw_bars
from plugins.homology.view.found import Found

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext


def draw(view: ViewContext) -> None:
    """Draw the result: no bar stands without its three numbers, and each leads to samples."""
    found = Found.of(view)
    view.findings()
    group = classes.choose(view, found)
    bar = draw_bars(view, found, group)
    chosen.draw(view, found, bar)
    table.draw(view, found, group)
    summaries.draw(view, found, group)
    complex_at_scale.draw(view, found, bar)
    classes.draw(view, found)
    outliers.draw(view, found)
    st.subheader("All measures")
    view.measures()
    view.notes()
