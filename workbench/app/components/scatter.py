# SPDX-License-Identifier: Apache-2.0
"""The point map: the one door of the app to drawings with more than a few thousand marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from workbench.app.components.encoding import (
    Cloud,
    Colour,
    Sizes,
    encode_colour,
    encode_coordinates,
    encode_sizes,
)
from workbench.app.components.look import Viewing, begin, clean
from workbench.app.components.palette import SEQUENTIAL_RAMP
from workbench.app.components.payload import INLINE_LIMIT, chosen_rows, deliver, mask_bits, pack, text_block
from workbench.app.components.picture import SERVED_FROM, publish_picture, version_of
from workbench.app.components.places import label_places
from workbench.app.components.resolver import Resolver
from workbench.app.components.selection import Progress, Selection, describe, follow, saved, start

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.components.operation import Operation
    from workbench.app.served.cards import Card

__all__ = ["Cloud", "Colour", "Selection", "Sizes", "encode_colour", "encode_coordinates", "encode_sizes", "scatter"]

#: The parts of the browser module, in the order in which they are joined.
SCRIPTS: Final = (
    "colours.js",
    "columns.js",
    "look.js",
    "camera.js",
    "depth_order.js",
    "raster.js",
    "pixels.js",
    "shaders.js",
    "webgl.js",
    "server_raster.js",
    "renderers.js",
    "selection.js",
    "controls.js",
    "legend.js",
    "morph.js",
    "stage.js",
    "density.js",
    "labels.js",
    "names.js",
    "hover.js",
    "pointer.js",
    "keys.js",
    "link.js",
    "scatter.js",
)
#: Hover texts of more points than this come one at a time by HTTP, where the server has the routes for it.
LABEL_LIMIT: Final = 20_000

#: Maps of one link whose points a session keeps.
LINKED_LIMIT: Final = 8

Renderer = Literal["auto", "webgl", "pixels", "server"]


def scatter(
    coordinates: npt.ArrayLike | Cloud,
    *,
    colour: npt.ArrayLike | pd.Series | Colour | None = None,
    colour_label: str = "",
    categorical: bool | None = None,
    diverging: bool = False,
    labels: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    key: str,
    height: int = 560,
    selected: npt.ArrayLike | None = None,
    point_size: float | None = None,
    point_opacity: float | None = None,
    size_by: npt.ArrayLike | Sizes | None = None,
    size_label: str = "",
    visible: npt.ArrayLike | None = None,
    other: npt.ArrayLike | Cloud | None = None,
    link: str = "",
    cards: Callable[[int], Card] | None = None,
    look: str = "",
    probe: bool | tuple[float, float] = False,
    cluster_labels: bool = True,
    renderer: Renderer = "auto",
) -> Selection:
    """Draw points in the plane or in space and tell which ones the user selected.

    The user pans or rotates, zooms, selects by click, lasso, rectangle, category or inversion (Shift adds, Alt takes
    away), hides categories and narrows the range of values. The browser sends outlines only; rows are resolved here.
    Selection and camera live as long as key and coordinates stay the same; a new ``selected`` starts the selection
    anew. Rows with a coordinate that is not finite keep their position but are not drawn; they are counted on the map.

    A large map is fast when its columns are prepared once, with :func:`encode_coordinates`, :func:`encode_colour` and
    :func:`encode_sizes`, and handed in again at every run of the page.

    Args:
        coordinates: float32 [n, 2] or [n, 3]; the scales of all axes are equal, because distances are read off.
        colour: one value or category a point. Text, booleans, pandas categories and integers with at most 20 distinct
            values are categories, all else values. The 40 largest categories get a mark of their own.
        colour_label: what the colour shows; heads the legend.
        categorical: overrules what the type of ``colour`` says.
        diverging: centre the colours of values at zero.
        labels: hover text of each point; shown as text, never as markup.
        names: a short name of each point, written beside it where there is room, at most 150 at once: earlier rows
            first, and only the selected ones where some are. Those of the first 20,000 rows are sent.
        key: unique on the page.
        height: of the whole component, in CSS pixels.
        selected: row positions selected at first: a start, not a mirror of what this function returned.
        point_size: diameter in CSS pixels; by default it follows from the number of points.
        point_opacity: 0 to 1; by default it follows from the number of points.
        size_by: one number a point; the largest is drawn at twice the diameter, the smallest at 0.6 of it.
        size_label: what the size shows.
        visible: bool [n], what a filter of the page leaves; the others are neither drawn nor returned as selected.
        other: float32 [n, 2], a second place for each point: a slider on the map moves all of them there and back.
        link: maps with the same link and number of points share selection, hidden categories and hover.
        cards: gives the hover card of a row; asked for when the pointer rests on a point.
        look: how the map is looked at first, as an earlier ``Selection.look`` told it; nonsense is ignored.
        probe: report clicks on empty map, and mark the place with a cross (2-D); a place is marked at first.
        cluster_labels: write the names of categories at their densest place.
        renderer: what draws: the graphics card, pixels set in the browser, or pictures drawn by the server.

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

    from workbench.app.served import grants

    cloud = coordinates if isinstance(coordinates, Cloud) else encode_coordinates(coordinates)
    tint = _tint(colour, cloud, label=colour_label, categorical=categorical, diverging=diverging)
    sizes = _sizes(size_by, cloud, size_label)
    second = _second(other, cloud)
    shown = _flags(visible, cloud.total)
    texts = _texts(labels, cloud.total)
    written = _texts(names, cloud.total, "names")
    resolver = Resolver(cloud, tint, second)
    drawn = resolver.drawn
    count = int(np.count_nonzero(drawn))
    beginning = start(cloud.fingerprint, selected, drawn)

    # Kept beside the widget's own state, which Streamlit drops when the page is left; the browser keeps its side too.
    place, watch = f"_workbench_scatter_{key}", f"_workbench_scatter_view_{key}"
    viewing: Viewing | None = st.session_state.get(watch)
    if viewing is None or viewing.cloud != cloud.fingerprint:
        viewing = Viewing(cloud.fingerprint, clean(look), clean(look), begin(probe), begin(probe))

    header: dict[str, Any] = {
        "key": key,
        "cloud": cloud.fingerprint,
        "base": beginning.base,
        "total": cloud.total,
        "count": count,
        "dropped": cloud.total - count,
        "frame": cloud.frame if second is None else _joint(cloud.frame, second.frame),
        "colour": tint.legend,
        "size": point_size,
        "opacity": point_opacity,
        "height": height,
        "sizes": None if sizes is None else sizes.legend,
        "places": _places(tint, cloud, second) if cluster_labels else [],
        "link": link,
        "look": viewing.start,
        "probe": probe is not False and cloud.coordinates.shape[1] == 2,
        "asked": viewing.asked,
        "renderer": renderer,
        "morphs": second is not None,
        "ramp": SEQUENTIAL_RAMP,
        "shown": None if shown is None else int(np.count_nonzero(shown & drawn)),
        "token": grants.token(),
        "cards": _publish_cards(key, cards, texts, cloud.total),
    }
    columns = {cloud.column.name: cloud.column}
    if tint.column is not None:
        columns["colour"] = tint.column
    if sizes is not None:
        columns["sizes"] = sizes.column
    if second is not None:
        columns["other"] = second.column
    blocks, header["remote"] = deliver(columns, limit=0 if renderer == "server" else INLINE_LIMIT)
    blocks |= chosen_rows(beginning.initial)
    if shown is not None:
        blocks["visible"] = mask_bits(shown)
    if written is not None:
        blocks["names"] = text_block(written[:LABEL_LIMIT])

    find, met = _finder(link, resolver)
    # What is known before the component runs again: pictures drawn by the server show it.
    record = _reported(key)
    progress = _advance(st.session_state.get(place), beginning, saved(record, beginning), find)
    header |= _pictured(key, renderer, record, resolver, progress, shown)
    result = _mount()(
        key=key,
        data=pack(header, blocks, _inline(texts, served=header["cards"] is not None)),
        on_seen_change=_nothing,
        on_look_change=_nothing,
        on_probe_change=_nothing,
    )

    told = saved(result.get("seen"), beginning)
    progress = _advance(progress, beginning, told, find)
    st.session_state[place] = progress
    viewing = viewing.hear(result.get("look"), result.get("probe"))
    st.session_state[watch] = viewing
    if link:
        _catch_up(link, met, told is not None and progress.is_behind(told))
    return replace(describe(progress, shown), look=viewing.look, probe=viewing.probe if header["probe"] else None)


def _advance(
    before: Progress | None,
    beginning: Progress,
    told: Sequence[Any] | None,
    find: Callable[[Operation], Resolver | None],
) -> Progress:
    progress = follow(before, beginning, told)
    return progress if told is None else progress.fold(told, find)


def _reported(key: str) -> Any:
    """What the browser told before this run, read ahead of the component."""
    import streamlit as st

    state = st.session_state.get(key)
    return state.get("seen") if isinstance(state, Mapping) else None


def _pictured(
    key: str, renderer: Renderer, record: Any, resolver: Resolver, progress: Progress, shown: Any
) -> dict[str, Any]:
    """What a browser needs that shows pictures drawn by the server: nothing that changes where none does."""
    expected = renderer == "server" or (renderer == "auto" and bool(record) and record.get("renderer") == "server")
    possible = renderer == "auto" and resolver.cloud.total > SERVED_FROM
    nothing = {"raster": None, "version": 0, "answer": None}
    if not expected and not possible:
        return nothing
    address = publish_picture(key, resolver, progress.chosen, shown, expected=expected)
    if not expected or address is None:
        return nothing | {"raster": address}
    count = np.count_nonzero(progress.chosen if shown is None else progress.chosen & shown)
    answer = {"last": progress.done[-1] if progress.done else None, "count": int(count)}
    return {"raster": address, "version": version_of(resolver, progress.chosen, shown), "answer": answer}


def _tint(colour: Any, cloud: Cloud, **options: Any) -> Colour:
    if not isinstance(colour, Colour):
        return encode_colour(colour, cloud, **options)
    if colour.cloud != cloud.fingerprint:
        raise ValueError("this Colour was made for other points: call encode_colour with the points it colours")
    return colour


def _sizes(size_by: Any, cloud: Cloud, label: str) -> Sizes | None:
    if size_by is None:
        return None
    if not isinstance(size_by, Sizes):
        return encode_sizes(size_by, cloud, label=label)
    if size_by.cloud != cloud.fingerprint:
        raise ValueError("these Sizes were made for other points: call encode_sizes with the points they size")
    return size_by


def _second(other: Any, cloud: Cloud) -> Cloud | None:
    if other is None:
        return None
    second = other if isinstance(other, Cloud) else encode_coordinates(other)
    if second.coordinates.shape != (cloud.total, 2) or cloud.coordinates.shape[1] != 2:
        wanted, found = list(cloud.coordinates.shape), list(second.coordinates.shape)
        raise ValueError(f"other must have the shape [n, 2] as the coordinates have ({wanted}), not {found}")
    return second


def _joint(one: Any, two: Any) -> dict[str, Any]:
    low = np.minimum(one["low"], two["low"]).tolist()
    return {**one, "low": low, "high": np.maximum(one["high"], two["high"]).tolist()}


def _places(tint: Colour, cloud: Cloud, second: Cloud | None) -> list[Any]:
    """Where the names stand, ``[code, place, place on the second map]``; None where a category is not at home."""
    here = dict(label_places(tint, cloud))
    there = {} if second is None else dict(label_places(tint, second))
    return [[code, here.get(code), there.get(code)] for code in sorted({*here, *there})]


def _flags(visible: npt.ArrayLike | None, total: int) -> npt.NDArray[np.bool_] | None:
    if visible is None:
        return None
    flags = np.asarray(visible)
    if flags.dtype != np.bool_ or flags.shape != (total,):
        raise ValueError(f"visible must be one bool a point: {total:,}, not {flags.dtype} {list(flags.shape)}")
    return flags


def _texts(labels: Sequence[str] | None, total: int, what: str = "labels") -> Sequence[str] | None:
    if labels is None:
        return None
    if len(labels) != total:
        raise ValueError(f"{what} must have one text a point: {total:,}, not {len(labels):,}")
    return labels


def _inline(texts: Sequence[str] | None, *, served: bool) -> list[str] | None:
    """Texts that are sent with the page: a few, or all where nothing else would bring them."""
    return None if texts is None or (served and len(texts) > LABEL_LIMIT) else [str(text) for text in texts]


def _publish_cards(key: str, cards: Any, texts: Sequence[str] | None, total: int) -> str | None:
    """Where the browser asks for hover cards; texts of many points come as cards, too."""
    from workbench.app.served.cards import Card, publish

    if cards is None and texts is not None and total > LABEL_LIMIT:
        return publish(key, lambda row: Card(str(texts[row])), length=total)
    return None if cards is None else publish(key, cards, length=total)


def _finder(link: str, own: Resolver) -> tuple[Callable[[Operation], Resolver | None], bool]:
    """Give for an operation the resolver of the map that it was done on: this one, or one that is linked with it.

    Returns:
        The function, and whether this map is met for the first time in the session.
    """
    import streamlit as st

    if not link:
        return lambda operation: own, False
    known: dict[str, Resolver] = st.session_state.setdefault(f"_workbench_scatter_link_{link}", {})
    met = known.pop(own.cloud.fingerprint, None) is None
    known[own.cloud.fingerprint] = own  # last, so that the ones not drawn for longest go first
    while len(known) > LINKED_LIMIT:
        del known[next(iter(known))]
    return lambda operation: known.get(operation.cloud) if operation.cloud else own, met


def _catch_up(link: str, met: bool, behind: bool) -> None:
    """Run the page once more when a map could not resolve what was done on one that came after it.

    That happens in a new session of a page that stayed open; from then on all maps of the link are known.
    """
    import streamlit as st

    waits = f"_workbench_scatter_waits_{link}"
    if behind:
        st.session_state[waits] = True
    elif met and st.session_state.pop(waits, False):
        st.rerun()


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
