# SPDX-License-Identifier: Apache-2.0
"""The page of a comparison: the ranking first, then the strongest features one by one, then every feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.errors import StoreError
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

EVERY = "every kind"
KINDS = {
    "column": "labels and attributes",
    "dimension": "dimensions of spaces",
    "pixel": "pixels",
    "layer unit": "units of layers",
}
WIDTH = 300  # of one small chart: as many stand side by side as there is room for
ROWS = 2000  # of the table shown at once
WORDS = {
    "kind": "Kind",
    "feature": "Feature",
    "effect": "Effect",
    "low": "Low",
    "high": "High",
    "q": "q",
    "inside": "Inside",
    "outside": "Outside",
    "g": "Hedges' g",
    "g_low": "g, low",
    "g_high": "g, high",
    "spread_ratio": "Spread ratio",
    "p": "p",
    "n_inside": "n inside",
    "n_outside": "n outside",
    "test": "Test",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a comparison; everything stands in one column that may be narrow."""
    features = view.result.table("features")
    view.findings()
    st.subheader("What sets them apart")
    view.chart("effects")
    st.caption(_reading(view))
    _where_from(view)
    view.metrics()
    _each(view)
    _pixels(view)
    _table(view, features)
    _untested(view)
    view.notes()


def _reading(view: ViewContext) -> str:
    """How to read the ranking, with both samples and the seed."""
    inside, outside = (len(view.result.array(one)) for one in ("rows", "rows_outside"))
    return (
        f"Right of the dashed line: higher (or more frequent) among the {inside:,} points inside than among the "
        f"{outside:,} outside; left: lower. At most three features of one layer, and of one label, are drawn. "
        f"Seed {view.run.seed}."
    )


def _where_from(view: ViewContext) -> None:
    """Where the selection was drawn, if it was saved from a run: what was looked at there is tested in a circle."""
    try:
        saved = view.store.slice(str(view.run.params["selection"]))
        made = view.store.run(saved.origin.removeprefix("run ")) if saved.origin.startswith("run ") else None
    except StoreError:  # the slice or the run was deleted since: the note below says it in general
        return
    space = None if made is None else made.params.get("space")
    if made is not None and space:
        st.caption(
            f"The selection was made on run {made.id}, of the space {text.plain(space)}: p and q of anything but "
            "labels and attributes are circular."
        )


def _each(view: ViewContext) -> None:
    """The strongest features as small charts, as many in a row as there is room for."""
    names = [one for one in view.result.charts if one.startswith("top_")]
    if not names:
        return
    st.subheader("One by one")
    with st.container(horizontal=True, gap="medium"):
        for name in names:
            with st.container(width=WIDTH):
                view.chart(name)


def _pixels(view: ViewContext) -> None:
    for name in view.result.images:
        st.subheader("Where the pictures differ")
        st.image(view.result.image(name), alt="Mean picture inside, mean picture outside, and the effect at each pixel")
        st.caption(
            "Effect at each pixel: orange is brighter inside, blue darker, white no difference, grey the same in all "
            "pictures."
        )


def _table(view: ViewContext, features: pd.DataFrame) -> None:
    st.subheader("Every feature")
    present = [one for one in KINDS if (features["kind"] == one).any()]
    shown = features
    if len(present) > 1:
        chosen = view.choice("kind", [EVERY, *(KINDS[one] for one in present)], "Kind", width=260)
        kind = next((one for one in present if KINDS[one] == chosen), None)
        shown = features if kind is None else features[features["kind"] == kind]
    st.dataframe(
        _told(shown.head(ROWS)),
        hide_index=True,
        height=min(38 + 35 * len(shown), 460),
        column_config=_columns(),
        alt="Every feature, the strongest first",
    )
    more = f" The first {ROWS:,} are shown; all are in the table 'features' of the result." if len(shown) > ROWS else ""
    st.caption(
        f"{len(shown):,} features, the strongest first.{more} Inside and outside: the mean, or the share of points "
        "with this label. Spread ratio: standard deviation inside over that outside."
    )


def _told(features: pd.DataFrame) -> pd.DataFrame:
    from plugins.contrast.charts import number
    from plugins.contrast.strongest import label

    told = features.assign(
        feature=[label(row) for _, row in features.iterrows()],
        kind=features["kind"].map(KINDS),
        p=[number(one) for one in features["p"]],
        q=[number(one) for one in features["q"]],
    )
    return told[list(WORDS)].rename(columns=WORDS)


def _columns() -> dict[str, Any]:
    numbers = ("effect", "low", "high", "inside", "outside", "g", "g_low", "g_high", "spread_ratio")
    found: dict[str, Any] = {WORDS[one]: st.column_config.NumberColumn(format="%.3g") for one in numbers}
    found[WORDS["effect"]] = st.column_config.NumberColumn(
        format="%.3f", help="Probability that a point inside has the higher value; 0.5 is no difference."
    )
    found[WORDS["q"]] = st.column_config.TextColumn(help="The p value corrected for the number of tests.")
    return found


def _untested(view: ViewContext) -> None:
    untested = view.result.table("not_tested")
    if len(untested) == 0:
        return
    with st.expander(f"{int(untested['features'].sum()):,} features were not tested", icon=":material/table:"):
        words = {"kind": "Kind", "space": "Space or layer", "name": "Column", "features": "Features", "why": "Why"}
        st.dataframe(untested.rename(columns=words), hide_index=True, alt="Features that were not tested, and why")
