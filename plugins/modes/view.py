# SPDX-License-Identifier: Apache-2.0
"""The page of modes: the prominence diagram, the map by mode, and the samples of the chosen one from its peak down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.modes.charts import SELECTION, diagram_chart
from registry.errors import DoesNotApply
from registry.pictures import styled
from workbench.app.parts import pictures as pictures_of
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

SHEET = 48
AROUND = 150  # pixels of axis and legend around the diagram
DENSITY, MODE = "log density", "mode"
NAMED = 40  # modes that have a colour of their own


@dataclass(frozen=True, eq=False)
class Found:
    """What the page needs of the result, read once for a run."""

    modes: pd.DataFrame
    peaks: pd.DataFrame
    rows: Any
    labels: Any
    density: Any
    columns: pd.DataFrame
    classes: str

    def samples(self, mode: int) -> Any:
        """Positions of the samples of a mode (from 1), the peak first, then as the density falls."""
        mine = np.flatnonzero(self.labels == mode - 1)
        return mine[np.argsort(-self.density[mine], kind="stable")]


def draw(view: ViewContext) -> None:
    """Draw the result."""
    found = view.kept("modes", lambda: _read(view))
    view.findings()
    st.subheader(f"The modes of {text.plain(view.run.params['space'], 80)}")
    mode = _choose(view, found)
    left, right = view.beside(1, 1)
    with left:
        _diagram(view, found, mode)
    with right:
        _map(view, found, mode)
    _numbers(view, found)
    _samples(view, found, mode)
    if "classes" in view.result.charts and len(found.modes) > 1:
        st.subheader(f"Modes against {text.plain(found.classes, 80)}")
        view.chart("classes")
        view.measures(["adjusted_rand"])
    st.subheader("All measures")
    view.measures()
    view.notes()


def _read(view: ViewContext) -> Found:
    result = view.result
    rows = np.asarray(result.array("rows"), dtype=np.int64)
    return Found(
        modes=result.table("modes"),
        peaks=result.table("peaks"),
        rows=rows,
        labels=np.asarray(result.array("labels")),
        density=np.asarray(result.array("log_density")),
        columns=view.columns(rows),
        classes=str(result.array("column")[0]) if "column" in result.arrays else "",
    )


def _choose(view: ViewContext, found: Found) -> int:
    """The chosen mode: of the address, of the list, or clicked in the diagram."""
    rows = {int(one["mode"]): one for one in found.modes.to_dict("records")}
    key = view.key("mode")
    if st.session_state.get(key) not in rows:
        given = view.remembered("mode") or ""
        st.session_state[key] = int(given) if given.isdecimal() and int(given) in rows else 1
    chosen = int(
        st.selectbox(
            "The mode whose samples are shown (or click one in the diagram)",
            list(rows),
            key=key,
            format_func=lambda one: _label(rows[one]),
        )
    )
    view.remember(mode=None if chosen == 1 else str(chosen))
    return chosen


def _label(row: Any) -> str:
    told = f"Mode {row['mode']} · {text.counted(int(row['size']), 'sample')} · prominence {_prominence(row)}"
    if "label" in row and row["label_share"] > 0:
        told += f" · {100 * row['label_share']:.0f} % {text.one_line(row['label'], 40)}"
    return told


def _prominence(row: Any) -> str:
    if np.isinf(row["prominence"]):
        return "without end (no higher peak)"
    return f"{row['prominence']:.3g} ({row['prominence_low']:.3g} to {row['prominence_high']:.3g})"


def _recurs(row: Any) -> str:
    return f"{100 * row['recurs']:.0f} % ({100 * row['recurs_low']:.0f} to {100 * row['recurs_high']:.0f})"


def _diagram(view: ViewContext, found: Found, mode: int) -> None:
    """Peaks by height and prominence; a click on a mode chooses it."""
    metrics = view.result.metrics
    spec = styled(diagram_chart(found.peaks, metrics["threshold"].value, selected=mode).to_dict())
    key = view.key(f"diagram.{mode}")
    st.vega_lite_chart(
        None,
        spec,
        width="stretch",
        height=int(spec["height"]) + AROUND,
        key=key,
        on_select=_taker(key, view.key("mode"), {int(one) for one in found.modes["mode"]}),
        selection_mode=SELECTION,
        alt="Prominence diagram: each peak by its height and prominence",
    )
    st.caption(
        f"The threshold: {text.plain(metrics['threshold'].note, 400)} Normal points have one mode, so that all "
        "of their further peaks are noise."
    )


def _taker(key: str, into: str, known: set[int]) -> Callable[[], None]:
    """Takes what was clicked in the diagram over into the list; ripples are no modes."""

    def take() -> None:
        picked = dict(st.session_state[key].get("selection", {})).get(SELECTION) or []
        if picked and int(picked[0].get("mode") or 0) in known:
            st.session_state[into] = int(picked[0]["mode"])

    return take


def _map(view: ViewContext, found: Found, mode: int) -> None:
    """All points on two principal components, by mode; those of the chosen one are selected at first."""
    from workbench.app.components.scatter import encode_colour, encode_coordinates

    first = MODE if len(found.modes) > 1 else DENSITY
    colours = [MODE, DENSITY, *([found.classes] if found.classes in found.columns.columns else [])]
    colour = view.choice("tint", colours, "Colour of the points", default=first, width=260)
    coordinates = view.result.array("coordinates")
    cloud = view.kept("cloud", lambda: encode_coordinates(np.ascontiguousarray(coordinates, dtype=np.float32)))

    def tint() -> Any:
        if colour == DENSITY:
            return encode_colour(found.density, cloud, label=DENSITY)
        if colour == MODE:
            return encode_colour([_name(int(one)) for one in found.labels + 1], cloud, label=MODE, categorical=True)
        return encode_colour(found.columns[colour], cloud, label=colour, categorical=True)

    seen = view.scatter(
        cloud,
        colour=view.kept(f"tint {colour}", tint),
        selected=_start(view, found, mode),
        cards=view.cards(found.rows, found.columns),
        key=view.key(f"map.{mode}"),
        height=420,
    )
    view.keep_selection(found.rows, np.asarray(seen.points, dtype=np.int64))
    st.caption(
        f"Two principal components, {100 * view.result.metrics['map_variance'].value:.0f} % of the variance; modes are "
        "of the whole space, and may overlap here."
    )


def _name(mode: int) -> str:
    return f"mode {mode}" if mode <= NAMED else "further modes"


def _start(view: ViewContext, found: Found, mode: int) -> Any:
    """What is selected when the map is first drawn: what the address says, else the samples of one of many modes."""
    key = view.key("shown")
    start = view.starting_selection(found.rows)
    before = st.session_state.get(key)
    if before != mode and (before is not None or not len(start)) and len(found.modes) > 1:
        view.select(np.flatnonzero(found.labels == mode - 1))
        start = view.starting_selection(found.rows)
    st.session_state[key] = mode
    return start


def _numbers(view: ViewContext, found: Found) -> None:
    """All modes with what each is worth."""
    import pandas as pd

    draws = len(view.result.array("halves"))
    rows = []
    for row in found.modes.head(200).to_dict("records"):
        told = {
            "Mode": row["mode"],
            "Samples": row["size"],
            "Share": f"{100 * row['share']:.1f} %",
            "Peak at row": row["peak_row"],
            "Log density": f"{row['log_density']:.3g}",
            "Prominence (95 %)": _prominence(row),
            "Comes back in halves (95 %)": _recurs(row) if len(found.modes) > 1 else "by construction",
        }
        if "label" in row:
            told[f"Most are ({found.classes})"] = (
                f"{text.one_line(row['label'], 40)} ({100 * row['label_share']:.0f} %)"
            )
        rows.append(told)
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="All modes")
    st.caption(
        f"A mode comes back when one of a random half overlaps with it by half of their union; {draws} halves"
        f"{'; a single mode holds all samples, and so does that of a half' if len(found.modes) == 1 else ''}. The "
        "interval of a prominence is of the estimate from neighbours."
    )


def _samples(view: ViewContext, found: Found, mode: int) -> None:
    """The samples of the mode from its peak down: a contact sheet, a slice, the map."""
    samples = found.samples(mode)
    st.subheader(f"The {text.counted(len(samples), 'sample')} of mode {mode}, from the peak down")
    pictured = _has_pictures(view)
    if pictured:
        half = SHEET // 2
        if len(samples) > SHEET:
            _sheet(view, found, samples[:half])
            st.caption(f"The {half} densest, the peak first.")
            edge = samples[np.unique(np.linspace(half, len(samples) - 1, half).round().astype(np.int64))]
            _sheet(view, found, edge)
            st.caption(f"{half} of the others, evenly taken down to the edge of the mode.")
        else:
            _sheet(view, found, samples)
            st.caption("All of its samples, the peak first.")
    frame = found.columns.iloc[samples].reset_index(drop=True)
    frame.insert(0, DENSITY if DENSITY not in frame.columns else f"{DENSITY} (modes)", found.density[samples])
    frame.insert(0, "row" if "row" not in frame.columns else "row (map)", found.rows[samples])
    with st.expander("Its samples as a table", icon=":material/table:", expanded=not pictured):
        st.dataframe(frame, hide_index=True, height=240, alt=f"The samples of mode {mode}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button("Select them on the map", key=view.key("again"), icon=":material/select_all:"):
            view.select(np.sort(samples))
            view.remember(selected=None, selection=None, slice=None)
            st.rerun()
        view.save_slice(found.rows[np.sort(samples)], origin=f"run {view.run.id}, mode {mode}")


def _sheet(view: ViewContext, found: Found, positions: Any) -> None:
    written = None
    if found.classes in found.columns.columns:
        written = [text.one_line(one, 20) for one in found.columns[found.classes].iloc[positions]]
    view.pictures(found.rows[positions], written, limit=SHEET)


def _has_pictures(view: ViewContext) -> bool:
    try:
        pictures_of.check(view.run, view.result)
    except DoesNotApply:
        return False
    return True
