# SPDX-License-Identifier: Apache-2.0
"""The page that compares two maps of the same points: which two, then side by side, or one turned into the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from plugins.projection import compare_runs, compare_view
from plugins.projection.compare_runs import MapRun
from plugins.projection.comparing import FEWEST
from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import background, links, permalink, text

if TYPE_CHECKING:
    from plugins.projection.compare_runs import Pair
    from plugins.projection.comparing import Overlap

PAGE = "plugin-compare"
NEIGHBOURS = 15
MOST_NEIGHBOURS = 200
LEFT = "compare.left"
SAME_POINTS = (
    "Points are the same where both runs take rows of one data set, or draws of one seed from one prior. To have "
    "another, run the projection again with the same data and a large enough limit, and change the method, the "
    "layer, the model or the seed."
)


def address(left: str, right: str | None = None) -> str:
    """The address of the page with a run on the left (and one on the right), relative to the app.

    >>> address("ab12cd34ef56")
    'plugin-compare?left=ab12cd34ef56'
    """
    return permalink.address(PAGE, {"left": left, "right": right})


def link(left: str, right: str | None = None, label: str = "Compare with another map") -> None:
    """A link to the page with a run on the left; the one on the right is chosen there unless it is given."""
    links.link(PAGE, label, icon=":material/compare:", left=left, right=right)


def draw() -> None:
    """Draw the page."""
    st.title("Compare two maps")
    st.markdown(
        "Two projections of the same points, by two methods or seeds, of two layers or models: which points keep their "
        "neighbours, and which move?"
    )
    store = engine.store()
    done = store.runs(analysis=compare_runs.ANALYSIS, status="done", limit=compare_runs.LISTED)
    background.wait_for(
        ("compare", store.location, tuple(one.id for one in done)),
        compare_runs.finished,
        _choose,
        saying="Looking which maps there are",
    )


def _choose(found: list[MapRun]) -> None:
    """Ask which two, and draw them."""
    asked = {side: _asked(side) for side in ("left", "right")}
    runs = {one.id: one for one in [*found, *filter(None, asked.values())]}
    if len(runs) < 2:
        _too_few_maps(len(runs))
        return
    every = list(runs.values())
    with st.container(key="beside-compare-choice"):
        here, there = st.columns(2, gap="medium")
    with here:
        start = asked["left"] or _first(every, asked["right"])
        left = runs[_select("Left", list(runs), start.id, LEFT, {one.id: one.name for one in every}) or start.id]
    changed = asked["left"] is not None and asked["left"].id != left.id
    shared = compare_runs.partners(left, every)
    if not shared:
        permalink.put(left=left.id, right=None)
        _no_partner(left)
        return
    wanted = asked["right"]
    refused = wanted is not None and wanted.id != left.id and wanted.id not in shared and not changed
    if refused and wanted is not None:
        _refused(left, wanted)
    with there:
        first = None if refused else wanted.id if wanted is not None and wanted.id in shared else next(iter(shared))
        names = {one: f"{runs[one].name} · {count:,} in common" for one, count in shared.items()}
        chosen = _select("Right", list(shared), first, f"compare.right.{left.id}", names)
    if chosen is None:
        return
    right = runs[chosen]
    permalink.put(left=left.id, right=right.id)
    _circumstances(left, right, shared[right.id])
    headline = st.container()
    controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with controls:
        k = _neighbours(shared[right.id])
    _compare(left, right, k, headline, controls)


def _compare(left: MapRun, right: MapRun, k: int, headline: Any, controls: Any) -> None:
    """Read and compare in the background; draw when it is done, the answer and the controls in their places."""
    key = ("compare", engine.store().location, left.id, right.id)

    def show(pair: Pair) -> None:
        def drawn(overlap: Overlap) -> None:
            compare_view.draw(compare_view.of_pair(left, right, pair, overlap), headline, controls)

        background.wait_for(
            (*key, k),
            lambda: compare_runs.overlap_of(pair, k),
            drawn,
            saying=f"Looking up {k} neighbours of each point",
        )

    background.wait_for(
        key, lambda: compare_runs.read_pair(left, right), show, saying="Laying the right map over the left"
    )


def _asked(side: str) -> MapRun | None:
    """The run that the address names for a side; says why where it names none that can be shown."""
    given = permalink.get(side)
    if given is None:
        return None
    record = None
    if permalink.run_id(side) is not None:
        try:
            record = engine.store().run(given)
        except WorkbenchError:
            record = None
    found = None if record is None else compare_runs.map_run(record)
    if found is None:
        why = "there is no such run" if record is None else "it is no finished projection, or its files are gone"
        st.warning(
            f"The address names no map for the {side}: {text.plain(given, 20)} – {why}. Choose another below.",
            icon=":material/search_off:",
        )
        permalink.put(**{side: None})
    return found


def _first(every: Sequence[MapRun], other: MapRun | None) -> MapRun:
    """The newest run that has points in common with another (or with the given one)."""
    if other is not None:
        shared = compare_runs.partners(other, every)
        return next((one for one in every if one.id in shared), other)
    return next((one for one in every if compare_runs.partners(one, every)), every[0])


def _select(label: str, options: list[str], start: str | None, key: str, names: dict[str, str]) -> str | None:
    index = options.index(start) if start is not None else None
    given: Any = st.selectbox(
        label, options, index=index, format_func=lambda one: names[one], key=key, placeholder="Choose a map"
    )
    return None if given is None else str(given)


def _neighbours(count: int) -> int:
    most = min(MOST_NEIGHBOURS, (count - 1) // 2)
    start = permalink.whole("k", 1, most, min(NEIGHBOURS, most))
    k = int(st.number_input("Neighbours k", 1, most, start, key=f"compare.k.{most}", width=160))
    permalink.put(k=None if k == min(NEIGHBOURS, most) else k)
    return k


def _circumstances(left: MapRun, right: MapRun, count: int) -> None:
    """How many points are compared, what the two were asked for differently, and ways on."""
    st.caption(
        f"{count:,} points in common, of {left.count:,} on the left and {right.count:,} on the right. "
        + text.plain(compare_runs.differences(left, right), 600)
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Exchange left and right",
            icon=":material/swap_horiz:",
            type="tertiary",
            key="compare.exchange",
            on_click=_exchange,
            args=(left.id, right.id),
        )
        links.link("projection", "Open the left run", icon=":material/open_in_new:", run=left.id)
        links.link("projection", "Open the right run", icon=":material/open_in_new:", run=right.id)


def _exchange(left: str, right: str) -> None:
    st.session_state[LEFT], st.session_state[f"compare.right.{right}"] = right, left
    permalink.put(left=right, right=left)


def _too_few_maps(count: int) -> None:
    with st.container(border=True):
        st.markdown(
            "**There is nothing to compare yet.** "
            + ("No projection is finished." if count == 0 else "Only one projection is finished.")
        )
        st.caption(f"Two are needed, of the same points. {SAME_POINTS}")
        links.link("projection", "Project a space", icon=":material/scatter_plot:")


def _no_partner(left: MapRun) -> None:
    with st.container(border=True):
        st.markdown(f"**No other finished projection has {FEWEST} points or more in common with the left one.**")
        st.caption(SAME_POINTS)
        links.link("projection", "Change it and run again", icon=":material/tune:", run=left.id)


def _refused(left: MapRun, right: MapRun) -> None:
    count = compare_runs.common(left, right)
    told = f"{count} of their points are the same" if left.origin == right.origin else "their points are not the same"
    st.warning(
        f"{text.plain(left.name)} and {text.plain(right.name)} cannot be compared: {told}, and {FEWEST} are needed. "
        f"Choose another on the right. {SAME_POINTS}",
        icon=":material/difference:",
    )
