# SPDX-License-Identifier: Apache-2.0
"""The page of a projection: the map with its measures, what is selected on it, and the same map under other seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

NONE, STRESS, STABILITY, PLACED = "nothing", "stress of the point", "stability under seeds", "placed or not"
AXES = (  # of PCA; what the other maps do not mean is among the notes of their result
    "The axes are the directions of largest variance. Distances on the map are at most those in the space: what is "
    "missing lies in the directions that are not drawn."
)
MOST_LABELS = 20_000  # points with a text of their own under the pointer
SHEET = 48


def draw(view: ViewContext) -> None:
    """Draw the result of a projection."""
    coordinates = np.asarray(view.result.array("coordinates"))
    rows = np.asarray(view.result.array("rows"))
    columns = view.columns(rows)
    name, colour = _colour(view, columns)
    left, right = view.beside(2, 1)
    with left:
        chosen = view.scatter(
            coordinates,
            colour=colour,
            colour_label="" if colour is None else name,
            labels=_labels(rows, columns),
            selected=view.starting_selection(rows),
            height=540,
        ).points
        if view.run.params["method"] == "pca":
            st.caption(AXES)
        view.notes()
        if len(chosen) == 0:
            st.caption("Click points, or draw around them with the lasso, to see what they are.")
    with right:
        _measures(view, len(coordinates))
    view.keep_selection(rows, chosen)
    _selected(view, chosen, rows, columns, coordinates, None if colour is None else (name, colour))
    view.findings()
    _strip(view, _of_labels(columns) if name == PLACED else colour)  # the strip has no placed points
    _charts(view)
    _table(view, coordinates, rows, columns)


def _colour(view: ViewContext, columns: pd.DataFrame) -> tuple[str, Any]:
    """The chosen colour: its name, and one value for each point."""
    options = [str(one) for one in columns.columns]
    computed = {STRESS: lambda: np.asarray(view.result.array("stress")) * len(columns)}
    if "stability" in view.result.arrays:
        computed[STABILITY] = lambda: _spread_out(view, len(columns))
    if bool(np.asarray(view.result.array("placed")).any()):
        computed[PLACED] = lambda: np.where(np.asarray(view.result.array("placed")), "placed", "made the map")
    default = PLACED if PLACED in computed else _few(columns) or STRESS
    name = view.choice("colour", [*options, *computed, NONE], "Colour", default=default, width=280)
    if name in options:
        return name, columns[name]
    return name, computed[name]() if name in computed else None


def _few(columns: pd.DataFrame) -> str | None:
    """Name of the first column with 2 to 40 categories."""
    return next((str(one) for one in columns.columns if 2 <= columns[one].nunique() <= 40), None)


def _of_labels(columns: pd.DataFrame) -> Any:
    name = _few(columns)
    return None if name is None else columns[name]


def _spread_out(view: ViewContext, count: int) -> Any:
    """Stability of the points that are in the strip of seeds; not a number for the others."""
    values = np.full(count, np.nan, dtype=np.float32)
    values[np.asarray(view.result.array("seed_rows"))] = np.asarray(view.result.array("stability"))
    return values


def _labels(rows: Any, columns: pd.DataFrame) -> list[str] | None:
    if len(rows) > MOST_LABELS:
        return None
    labels = [f"row {row}" for row in rows.tolist()]
    for name in list(columns.columns)[:4]:
        labels = [f"{label} · {name} {one}" for label, one in zip(labels, columns[name].tolist(), strict=True)]
    return labels


def _measures(view: ViewContext, count: int) -> None:
    st.markdown("**How far this map can be trusted**")
    view.measures()
    first = next(iter(view.result.metrics.values()))
    at = f"all {count:,} points" if first.n == count else f"{first.n:,} of {count:,} points (95 % intervals)"
    k = min(int(view.run.params["k"]), (count - 1) // 2)
    st.caption(f"Measured at {at} with k = {k} neighbours, seed {view.run.seed}.")


def _selected(
    view: ViewContext, chosen: Any, rows: Any, columns: pd.DataFrame, coordinates: Any, colour: tuple[str, Any] | None
) -> None:
    if len(chosen) == 0:
        return
    st.subheader(f"{len(chosen):,} selected" if len(chosen) > 1 else "1 selected")
    captions = None
    if colour is not None:
        captions = [_short(one) for one in np.asarray(colour[1])[chosen[:SHEET]]]
    view.pictures(rows[chosen], captions, limit=SHEET)
    view.save_slice(rows[chosen])
    st.dataframe(_frame(view, chosen, rows, columns, coordinates), hide_index=True, height=260, alt="Selected points")


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else str(value)


def _frame(view: ViewContext, chosen: Any, rows: Any, columns: pd.DataFrame, coordinates: Any) -> pd.DataFrame:
    """The twin of the map as a table: row, columns, stress (1 is the average), coordinates."""
    frame: pd.DataFrame = columns.iloc[chosen].copy()
    frame.insert(0, "row", rows[chosen], allow_duplicates=True)
    frame["stress"] = np.asarray(view.result.array("stress"))[chosen] * len(rows)
    for axis in range(coordinates.shape[1]):
        frame[f"axis {axis + 1}"] = coordinates[chosen, axis]
    return frame


def _strip(view: ViewContext, colour: Any) -> None:
    if "seed_maps" not in view.result.arrays:
        return
    st.subheader("Under other seeds")
    told = "on resampled points" if view.run.params["method"] == "pca" else "from other random starts"
    maps, seeds = np.asarray(view.result.array("seed_maps")), view.result.array("seeds").tolist()
    drawn = np.asarray(view.result.array("seed_rows"))
    disparity = view.result.array("seed_disparity").tolist()
    codes = _codes(colour, drawn)
    for first in range(0, len(seeds), 4):
        for column, at in zip(st.columns(4), range(first, min(first + 4, len(seeds))), strict=False):
            with column:
                st.image(view.thumbnail(maps[at], codes), width="stretch", alt=f"The map under seed {seeds[at]}")
                st.caption(f"seed {seeds[at]} · " + (f"disparity {disparity[at]:.3f}" if at else "the first"))
    st.caption(f"{len(drawn):,} of the points, mapped again {told} and laid over the first map by Procrustes.")


def _codes(colour: Any, drawn: Any) -> Any:
    """Category numbers, or values in 0..1, of the points that are drawn small."""
    if colour is None:
        return None
    import pandas as pd

    column = pd.Series(np.asarray(colour))
    if pd.api.types.is_float_dtype(column.dtype) or column.nunique() > 40:
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)[drawn]
        if not np.isfinite(numbers).any():
            return None
        low, high = np.nanmin(numbers), np.nanmax(numbers)
        return (numbers - low) / max(high - low, 1e-12)
    return column.astype("category").cat.codes.to_numpy(dtype=np.int64)[drawn]


def _charts(view: ViewContext) -> None:
    shown = [one for one in ("quality", "explained_variance") if one in view.result.charts]
    if not shown:
        return
    st.subheader("Over numbers of neighbours" if len(shown) == 1 else "Over numbers of neighbours, and over components")
    for column, name in zip(st.columns(2), shown, strict=False):
        with column:
            view.chart(name)


def _table(view: ViewContext, coordinates: Any, rows: Any, columns: pd.DataFrame) -> None:
    if st.toggle("Every point as a table", key=view.key("table")):
        every = np.arange(len(rows))
        st.dataframe(_frame(view, every, rows, columns, coordinates), hide_index=True, height=420, alt="Every point")
