# SPDX-License-Identifier: Apache-2.0
"""A region of a decoded image: shown with the rectangle that was asked about, and another one brushed and asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.attribution.view.colours import enlarged
from registry.pictures import CHART_COLOURS
from workbench.app.parts import contact_sheet, style

if TYPE_CHECKING:
    from plugins.attribution.view.shown import Shown
    from workbench.app.parts.view_context import ViewContext

CELLS: Final = 56  # on the longer side of the picture that is brushed
SIZE: Final = 300
LINE: Final = (230, 159, 0)


def draw(view: ViewContext, shown: Shown, sample: int) -> None:
    """The output with the region, and the brush."""
    outputs = np.asarray(view.result.array("outputs"))
    picture = shown.pixels(outputs[sample : sample + 1], shown.output)[0]
    top, left, height, width = (int(one) for one in view.result.array("region"))
    st.subheader("The region that was asked about")
    one, other = view.beside(2, 3)
    with one:
        framed = outlined(picture, (top, left, height, width))
        st.image(contact_sheet.png(framed), width="content", alt="The output, with the region that was asked about")
        st.caption(
            f"Rows {top} to {top + height - 1}, columns {left} to {left + width - 1} of {picture.shape[0]} x "
            f"{picture.shape[1]} pixels, framed in orange."
        )
    with other:
        st.markdown("**Ask about another region**: draw a rectangle on the picture")
        event: Any = st.vega_lite_chart(
            None, brush(picture, style.dark()), on_select="rerun", selection_mode="brush",
            key=f"{view.key('brush')}.{sample}", width="content", alt="The output, to draw a region on",
        )  # fmt: skip
        chosen = rectangle(_selected(event), *picture.shape[:2])
        if chosen is None:
            st.caption("Nothing is drawn yet.")
        else:
            rows, columns = (f"{start} to {start + size - 1}" for start, size in (chosen[::2], chosen[1::2]))
            st.caption(f"Drawn: rows {rows}, columns {columns}.")
    view.launch(
        "attribution",
        lambda: {**_same(view.run.params), **_of(chosen)} if chosen is not None else None,
        "Attribute this region",
        disabled=chosen is None,
    )


def _same(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of this run without those of its question."""
    from plugins.attribution.parameters import ARGUMENTS

    return {name: one for name, one in params.items() if name not in (*ARGUMENTS, "question")}


def _of(chosen: tuple[int, int, int, int] | None) -> dict[str, Any]:
    names = ("top", "left", "height", "width")
    return {} if chosen is None else {"question": "region", **dict(zip(names, chosen, strict=True))}


def _selected(event: Any) -> Mapping[str, Any]:
    selection = event.get("selection", {}) if hasattr(event, "get") else {}
    return selection.get("brush", {}) or {}


def rectangle(brushed: Mapping[str, Any], height: int, width: int) -> tuple[int, int, int, int] | None:
    """Top, left, rows and columns of the pixels that a brush touches; ``None`` where there is none.

    >>> rectangle({"x": [2.2, 5.0], "y": [9.9, 4.0]}, 28, 28)
    (4, 2, 6, 3)
    >>> rectangle({"x": [-3, 99], "y": [-3, 99]}, 28, 28)
    (0, 0, 28, 28)
    >>> rectangle({}, 28, 28) is None
    True
    """
    ends = [brushed.get(name) for name in ("y", "x")]
    if any(not isinstance(one, list | tuple) or len(one) != 2 for one in ends):
        return None
    found = []
    for one, side in zip(ends, (height, width), strict=True):
        assert one is not None
        low, high = sorted(min(max(float(each), 0.0), float(side)) for each in one)
        start = min(int(np.floor(low)), side - 1)
        found.append((start, max(1, int(np.ceil(high)) - start)))
    (top, rows), (left, columns) = found
    return top, left, rows, columns


def outlined(picture: Any, region: tuple[int, int, int, int]) -> Any:
    """The picture enlarged, with the frame of a region around its pixels; uint8 ``[h, w, 3]``."""
    given = np.asarray(picture)
    rgb = np.repeat(given, 3, axis=2) if given.shape[2] == 1 else given[..., :3]
    large = enlarged(rgb, SIZE).copy()
    factor = large.shape[0] // given.shape[0]
    top, left, height, width = (one * factor for one in region)
    bottom, right = top + height, left + width
    thick = max(1, min(3, min(height, width) // 2))
    for rows, columns in (
        (slice(top, top + thick), slice(left, right)),
        (slice(bottom - thick, bottom), slice(left, right)),
        (slice(top, bottom), slice(left, left + thick)),
        (slice(top, bottom), slice(right - thick, right)),
    ):
        large[rows, columns] = LINE
    return large


def brush(picture: Any, dark: bool) -> dict[str, Any]:
    """A chart that draws the picture as squares, with an interval selection ``brush`` in pixels."""
    given = np.asarray(picture)
    height, width = given.shape[:2]
    step = max(1, -(-max(height, width) // CELLS))
    rows = []
    for top in range(0, height, step):
        for left in range(0, width, step):
            cell = given[top : top + step, left : left + step].reshape(-1, given.shape[2]).mean(axis=0)
            red, green, blue = (int(round(one)) for one in (cell if len(cell) == 3 else [cell[0]] * 3))
            rows.append(
                {"x": left, "x2": min(left + step, width), "y": top, "y2": min(top + step, height),
                 "colour": f"#{red:02x}{green:02x}{blue:02x}"}
            )  # fmt: skip
    scale = SIZE / max(height, width)
    frame = {"stroke": CHART_COLOURS[1], "strokeWidth": 3, "fill": CHART_COLOURS[1], "fillOpacity": 0.15}
    axis = {"grid": False, "tickCount": 5}
    return {
        "width": round(width * scale),
        "height": round(height * scale),
        "data": {"values": rows},
        "params": [
            {
                "name": "brush",
                "select": {
                    "type": "interval",
                    "encodings": ["x", "y"],
                    "mark": frame,
                },
            }
        ],
        "mark": {"type": "rect", "strokeWidth": 0.6},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": "column", "axis": axis,
                  "scale": {"domain": [0, width], "nice": False}},
            "x2": {"field": "x2"},
            "y": {"field": "y", "type": "quantitative", "title": "row", "axis": axis,
                  "scale": {"domain": [0, height], "nice": False, "reverse": True}},
            "y2": {"field": "y2"},
            "color": {"field": "colour", "type": "nominal", "scale": None},
            "stroke": {"field": "colour", "type": "nominal", "scale": None},
        },
    }  # fmt: skip
