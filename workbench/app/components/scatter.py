# SPDX-License-Identifier: Apache-2.0
"""The point map: the one door of the app to drawings with more than a few thousand marks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.app.components.encoding import encode_colour, encode_coordinates, encode_sizes, pack
from workbench.app.components.selection import Resolver, Selection, describe, follow, saved, start

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Selection", "scatter"]

#: The parts of the browser module, in the order in which they are joined.
SCRIPTS: Final = (
    "colours.js",
    "raster.js",
    "camera.js",
    "selection.js",
    "controls.js",
    "stage.js",
    "pointer.js",
    "scatter.js",
)


def scatter(
    coordinates: npt.ArrayLike,
    *,
    colour: npt.ArrayLike | pd.Series | None = None,
    colour_label: str = "",
    categorical: bool | None = None,
    diverging: bool = False,
    labels: Sequence[str] | None = None,
    key: str,
    height: int = 560,
    selected: npt.ArrayLike | None = None,
    point_size: float | None = None,
    point_opacity: float | None = None,
    size_by: npt.ArrayLike | None = None,
) -> Selection:
    """Draw points in the plane or in space and tell which ones the user selected.

    The user pans or rotates, zooms, selects by click, lasso, rectangle, category or inversion (Shift adds, Alt takes
    away), and hides categories. The browser sends outlines only; rows are resolved here. Selection and camera live as
    long as key and coordinates stay the same; a new ``selected`` starts the selection anew. Points with a coordinate
    that is not finite are dropped and counted on the map.

    Args:
        coordinates: float32 [n, 2] or [n, 3]; the scales of all axes are equal, because distances are read off.
        colour: one value or category a point. Text, booleans, pandas categories and integers with at most 20 distinct
            values are categories, all else values. The 40 largest categories get a mark of their own.
        colour_label: what the colour shows; heads the legend.
        categorical: overrules what the type of ``colour`` says.
        diverging: centre the colours of values at zero.
        labels: hover text of each point; shown as text, never as markup.
        key: unique on the page.
        height: of the whole component, in CSS pixels.
        selected: row positions selected at first: a start, not a mirror of what this function returned.
        point_size: diameter in CSS pixels; by default it follows from the number of points.
        point_opacity: 0 to 1; by default it follows from the number of points.
        size_by: one number a point; the largest is drawn at twice the diameter, the smallest at 0.6 of it.

    Returns:
        The selection as of this run of the page.

    Raises:
        ValueError: when an array has the wrong shape or length, or a row of ``selected`` is out of range.
    """
    if point_opacity is not None and not 0 < point_opacity <= 1:
        raise ValueError(f"point_opacity must be above 0 and at most 1, not {point_opacity}")
    if point_size is not None and not 0 < point_size <= 64:
        raise ValueError(f"point_size must be above 0 and at most 64 pixels, not {point_size}")
    import streamlit as st

    cloud = encode_coordinates(coordinates)
    tint = encode_colour(
        colour, cloud.rows, cloud.total, label=colour_label, categorical=categorical, diverging=diverging
    )
    beginning = start(cloud.fingerprint, selected, cloud.rows, cloud.total)
    header: dict[str, Any] = {
        "key": key,
        "cloud": cloud.fingerprint,
        "base": beginning.base,
        "count": len(cloud.rows),
        "dropped": cloud.total - len(cloud.rows),
        "frame": cloud.frame,
        "colour": tint.legend,
        "size": point_size,
        "opacity": point_opacity,
        "height": height,
    }
    blocks = dict(cloud.blocks)
    if tint.codes is not None:
        blocks["colour"] = tint.codes
    if (sizes := encode_sizes(size_by, cloud.rows, cloud.total)) is not None:
        blocks["sizes"] = sizes
    if beginning.initial.any():
        blocks["selected"] = np.flatnonzero(beginning.initial).astype(np.uint32)
    result = _mount()(
        key=key, data=pack(header, blocks, _texts(labels, cloud.rows, cloud.total)), on_seen_change=_nothing
    )

    # Kept beside the widget's own state, which Streamlit drops when the page is left; the browser keeps its side too.
    place = f"_workbench_scatter_{key}"
    told = saved(result.get("seen"), beginning)
    progress = follow(st.session_state.get(place), beginning, told)
    if told is not None:
        codes = tint.codes if tint.legend["kind"] == "category" else None
        progress = progress.fold(told, Resolver(cloud.positions, codes))
    st.session_state[place] = progress
    return describe(progress, cloud.rows)


def _texts(labels: Sequence[str] | None, rows: npt.NDArray[np.int64], total: int) -> list[str] | None:
    if labels is None:
        return None
    if len(labels) != total:
        raise ValueError(f"labels must have one text a point: {total:,}, not {len(labels):,}")
    texts = [str(label) for label in labels]
    return texts if len(rows) == total else [texts[row] for row in rows.tolist()]


def _nothing() -> None:
    """Stand for the callback that makes a value of the component part of its result."""


@cache
def _mount() -> Any:
    """Register the component once a process; the files are read from the package, installed or editable."""
    from streamlit.components.v2 import component

    folder = resources.files("workbench.app.components") / "scatter_assets"
    script = "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)
    style = (folder / "scatter.css").read_text(encoding="utf-8")
    return component("workbench_scatter", html="<div class='wb-root'></div>", css=style, js=script)
