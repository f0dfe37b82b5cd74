# SPDX-License-Identifier: Apache-2.0
"""The page of a transfer: content, style and result, the way, both pulls, both spaces, the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from plugins.feature_visualisation import view_parts
from workbench.app.parts import contact_sheet

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

DISTANCES: Final = {
    "picture": "Picture",
    "content_to_content": "Content: to the content picture",
    "content_to_style": "Content: to the style picture",
    "style_to_content": "Style: to the content picture",
    "style_to_style": "Style: to the style picture",
}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    params = view.run.params
    content, style, result = view.beside(1, 1, 1)
    with content:
        view_parts.picture(view, "content", f"Content: row {params['content_row']}")
    with style:
        view_parts.picture(view, "style", f"Style: row {params['style_row']}")
    with result:
        view_parts.picture(view, "result", "Result")
        st.download_button(
            "Download the result",
            contact_sheet.png(view.result.image("result")),
            f"style-transfer-{view.run.id}.png",
            "image/png",
            icon=":material/download:",
            key=view.key("download"),
        )
    view_parts.steps(view)
    left, right = view.beside(1, 1)
    with left:
        view.chart("pulls")
        st.caption("Each loss times its weight: the higher one pulls harder.")
    with right:
        view.chart("losses")
        st.caption("Shares: 1 is the loss of a picture whose features are all 0. Losses below 0.0001 are drawn there.")
    left, right = view.beside(1, 1)
    with left:
        view.chart("styles")
    with right:
        view.chart("contents")
    st.caption(
        "Both planes are the two principal axes of these points, and hold the share of their variance that the axes "
        "name: distances in the plane are at most those in the space, which the table below has in full. The square of "
        "the distance to the style picture is the mean style loss, that to the content picture the content loss."
    )
    st.markdown("**Every number**")
    view.measures()
    view.notes()
    with st.expander("Every distance", icon=":material/table:"):
        table = view.result.table("distances").rename(columns=DISTANCES)
        numbers = {name: st.column_config.NumberColumn(format="%.3f") for name in list(DISTANCES.values())[1:]}
        st.dataframe(table, hide_index=True, column_config=numbers, alt="Every distance")
