# SPDX-License-Identifier: Apache-2.0
"""The page of a conformance run: how many checks hold, those that fail on top, and the worst numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COUNTS = ("passed", "failed", "does_not_apply")
ORDER = {"fail": 0, "pass": 1, "does not apply": 2}


def draw(view: ViewContext) -> None:
    """Draw the result of a conformance run."""
    view.metrics(COUNTS)
    view.findings()
    view.notes()
    table = view.result.table("checks")
    table = table.sort_values("outcome", key=lambda column: column.map(ORDER), kind="stable")
    shown = table.assign(
        value=[_number(one) for one in table["value"]], limit=[_number(one) for one in table["limit"]]
    ).rename(
        columns={
            "name": "Check",
            "subject": "Of",
            "outcome": "Outcome",
            "value": "Measured",
            "limit": "Limit",
            "words": "Remarks",
        }
    )
    st.subheader("Every check")
    st.dataframe(
        shown,
        hide_index=True,
        height=min(38 + 35 * len(shown), 720),
        column_config={
            "Outcome": st.column_config.TextColumn(width=110),
            "Measured": st.column_config.TextColumn(width=90),
            "Limit": st.column_config.TextColumn(width=90),
            "Remarks": st.column_config.TextColumn(width="large"),
        },
        alt="Every check with its outcome",
    )
    worst = [name for name in view.result.metrics if name not in COUNTS]
    if worst:
        st.subheader("The worst numbers")
        view.measures(worst)


def _number(value: float) -> str:
    return "" if value != value else f"{value:.3g}"
