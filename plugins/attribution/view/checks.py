# SPDX-License-Identifier: Apache-2.0
"""What the maps are worth: every check of every method in words, and the charts behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from plugins.attribution.checks import WORDS
from workbench.app.parts import text

if TYPE_CHECKING:
    from plugins.attribution.view.shown import Shown
    from workbench.app.parts.view_context import ViewContext

MARKS: Final = {"passed": "✓ passed", "not passed": "✗ not passed", "not applicable": "–"}
#: What a comparison without a verdict came to.
OUTCOMES: Final = {"not told apart": "~ not told apart", "better": "better", "worse": "worse"}
COLUMNS: Final = {
    "title": "Method", "words": "Check", "verdict": "Verdict", "value": "Value", "low": "Low", "high": "High",
    "threshold": "Against", "unit": "Unit", "n": "Samples", "why": "What was found",
}  # fmt: skip


def draw(view: ViewContext, shown: Shown) -> None:
    """The table of checks, then the curves."""
    st.subheader("What the maps are worth")
    if "checks" not in view.result.tables:
        st.warning("The maps of this run were not checked: they may be no better than those of random weights.")
        return
    table = view.result.table("checks")
    _overview(table, shown)
    _details(table)
    _charts(view)


def _overview(table: Any, shown: Shown) -> None:
    """One row a check, one column a method; questions that are of no method below."""
    of_methods = table[table["method"] != ""]
    names = [one for one in shown.methods["method"] if one in set(of_methods["method"])]
    rows = []
    for check in [one for one in WORDS if one in set(of_methods["check"])]:
        cells = of_methods[of_methods["check"] == check].set_index("method")
        if (cells["verdict"] == "not applicable").all():
            continue
        rows.append({"Check": WORDS[check], **{shown.title(one): _cell(cells, one) for one in names}})
    if rows:
        widths: dict[str, Any] = {"Check": st.column_config.TextColumn(width="large")}
        height = 35 * (len(rows) + 1) + 3
        st.dataframe(rows, hide_index=True, height=height, alt="Checks of every method", column_config=widths)
    for one in table[table["method"] == ""].to_dict("records"):
        sign = {"passed": ":material/check:", "not passed": ":material/close:"}.get(one["verdict"], ":material/info:")
        st.markdown(f"{sign} {text.plain(one['words'])} {text.plain(_sentence(one['why']))}")
    _silent(of_methods)


def _cell(cells: Any, method: str) -> str:
    if method not in cells.index:
        return ""
    one = cells.loc[method]
    if one["verdict"] == "told":
        outcome = next((words for words in OUTCOMES if f": {words}" in one["why"]), "")
        return OUTCOMES.get(outcome, f"{one['value']:.2g}")
    return MARKS[one["verdict"]]


def _silent(of_methods: Any) -> None:
    """Checks that apply to no method here, each with its reason."""
    for check, rows in of_methods.groupby("check", sort=False):
        if (rows["verdict"] == "not applicable").all():
            why = "; ".join(dict.fromkeys(rows["why"]))
            st.caption(f"Not applicable: {text.plain(WORDS[str(check)])} {text.plain(_sentence(why))}")


def _details(table: Any) -> None:
    shown = table[list(COLUMNS)].rename(columns=COLUMNS)
    form = {name: st.column_config.NumberColumn(format="%.3g") for name in ("Value", "Low", "High", "Against")}
    with st.expander("Every check with its number, interval and reason", icon=":material/table:"):
        st.dataframe(shown, hide_index=True, column_config=form, alt="Every check")
        st.caption(
            "Intervals are of means over the samples (95 %). Changes under random weights are a control, no ranking: "
            "noise changes most. A constant map is the least sensitive of all, so that sensitivity has no verdict."
        )


def _charts(view: ViewContext) -> None:
    there = view.result.charts
    if "deletion" in there:
        left, right = view.beside(1, 1)
        with left:
            st.markdown("**Taking parts away, the most important first**")
            view.chart("deletion")
        with right:
            st.markdown("**Putting parts back, the most important first**")
            view.chart("insertion")
        st.caption(
            "A map that knows what matters falls early on the left and rises early on the right. Grey: random orders, "
            "and the order by distance from the baseline, which knows nothing of the network. Bands: 95 % of the mean."
        )
    if "randomisation" in there:
        left, right = view.beside(1, 2) if "randomisation-alone" not in there else view.beside(1, 1)
        with left:
            st.markdown("**Weights drawn anew, from the top down**")
            view.chart("randomisation")
        if "randomisation-alone" in there:
            with right:
                st.markdown("**Weights of one layer drawn anew**")
                view.chart("randomisation-alone")
        st.caption(
            "Rank correlation of the map with that of the same network with random weights, over places where either "
            "is not 0. The distance from the baseline knows no weights and stays at 1: maps that stay there show the "
            "input. A control, no ranking."
        )
    _pairs(view)


def _pairs(view: ViewContext) -> None:
    named = {
        "agreement": "**Do methods agree?**",
        "border": "**How much lies at the border?**",
        "completeness": "**What is missing from the sums?**",
    }
    there = [one for one in named if one in view.result.charts]
    for start in range(0, len(there), 2):
        columns = view.beside(1, 1) if start == 0 else view.beside(2, 2)
        for name, place in zip(there[start : start + 2], columns, strict=False):
            with place:
                st.markdown(named[name])
                view.chart(name)
                if name == "border":
                    st.caption("Grey ticks: the share of the picture that the frame or corner covers, which is chance.")


def _sentence(words: str) -> str:
    """A clause as a sentence.

    >>> _sentence("it goes from 1 to 2")
    'It goes from 1 to 2.'
    """
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")
