# SPDX-License-Identifier: Apache-2.0
"""The page of a retrieval: the curve and its controls, queries with their answers both ways, hubs, the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from plugins.retrieval.gallery import SHOWN, WHICH, chosen_of, draw_gallery
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

WORST = 12


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    ways = view.result.table("ways")
    queries = view.result.table("queries")
    names = list(dict.fromkeys(view.result.table("curve")["way"]))
    st.subheader("Whether each finds its own")
    left, right = view.beside(2, 3)
    with left:
        view.chart("curve")
        st.caption(
            "Recall with 95 % intervals over queries. Grey: 95 % of the shufflings of the pairs; broken line: chance. "
            f"n = {len(queries):,} queries and candidates each way, seed {view.run.seed}."
        )
    with right:
        _recalls(view, ways)
    which = view.choice("queries", list(WHICH), "Queries", width=320)
    for back, name in enumerate(names):
        st.subheader(text.plain(name))
        at = _page(view, chosen_of(queries, which, bool(back), view.run.seed), back)
        draw_gallery(view, queries, at, bool(back))
    _hubs(view)
    st.subheader("The worst queries")
    first, second = view.beside(2, 2)
    for place, column, name in ((first, "rank", names[0]), (second, "rank_back", names[1])):
        with place:
            st.markdown(f"**{text.plain(name)}**")
            _worst(queries, column, back=column == "rank_back")
    with st.expander("All numbers", icon=":material/table:"):
        view.measures()
    view.notes()


def _recalls(view: ViewContext, ways: pd.DataFrame) -> None:
    head = (
        "| Way | Among the first | Recall | Chance | Shuffled pairs | Any of a kind | With CSLS |\n"
        "|:--|--:|:--|--:|:--|--:|--:|\n"
    )
    lines = [
        f"| {text.plain(row['way'])} | {row['k']} | **{row['recall']:.3f}** ({row['low']:.3f} to {row['high']:.3f}) | "
        f"{row['chance']:.3f} | {row['shuffled']:.3f} ({row['shuffled_low']:.3f} to {row['shuffled_high']:.3f}) | "
        f"{row['kind']:.3f} | {row['corrected']:.3f} |"
        for row in ways.to_dict("records")
    ]
    st.markdown(head + "\n".join(lines))
    one = ways.iloc[0]
    metrics = view.result.metrics
    medians = " and ".join(f"{metrics[name].value:.1f}" for name in ("median_rank", "median_rank_back"))
    st.caption(
        f"Median rank {medians} of {int(one['candidates']):,} candidates. Equal scores and repeated answers count "
        "against the model; any of a kind: a repeated caption or picture counts as right. "
        f"Shuffled pairs: mean and 95 % of {int(one['draws']):,} permutations. CSLS takes away what lies near "
        "everything: a comparison only, for it looks at all queries at once."
    )


def _page(view: ViewContext, at: Any, back: int) -> Any:
    """The queries of one page."""
    pages = max(1, -(-len(at) // SHOWN))
    page = 1
    if pages > 1:
        page = int(
            st.number_input(
                f"Page of {pages:,}",
                min_value=1,
                max_value=pages,
                value=1,
                step=1,
                key=view.key(f"page-{back}"),
                width=160,
            )
        )
    return at[SHOWN * (page - 1) : SHOWN * page]


def _hubs(view: ViewContext) -> None:
    table = view.result.table("hubs")
    metrics = view.result.metrics
    st.subheader("Whether the same answers come again and again")
    left, right = view.beside(1, 2)
    with left:
        view.chart("hubs")
        skews = " and ".join(
            f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})"
            for one in (metrics["hub_skewness"], metrics["hub_skewness_back"])
            if one.low is not None and one.high is not None
        )
        st.caption(
            f"Skewness of how often each is among the first ten answers: {skews}. Near 0: all are answers about "
            "equally often; above 1 or so there are hubs."
        )
    with right:
        shown = table[table["first"] > 1].groupby("way", sort=False).head(6)
        if shown.empty:
            st.caption("No candidate is the first answer of more than one query.")
            return
        lines = [
            f"| {text.plain(row['way'])} | {text.plain(row['answer'], 90)} | {row['first']} | {row['among_ten']} |"
            for row in shown.to_dict("records")
        ]
        st.markdown("| Way | Answer | First | Among the first ten |\n|:--|:--|--:|--:|\n" + "\n".join(lines))


def _worst(queries: pd.DataFrame, column: str, *, back: bool) -> None:
    worst = queries.sort_values(column, ascending=False, kind="stable").head(WORST)
    query, answer = ("second", "first") if back else ("first", "second")
    words = {query: "Query", answer: "Its own answer", column: "Rank of its answer"}
    if not worst["first"].astype(str).str.startswith("row ").all():
        words = {"row": "Row", **words}
    st.dataframe(worst[list(words)].rename(columns=words), hide_index=True, alt="Queries with the highest ranks")
