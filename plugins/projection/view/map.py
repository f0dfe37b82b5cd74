# SPDX-License-Identifier: Apache-2.0
"""The map itself: what colours it, what sizes its points, what is filtered away, and what is selected on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection.inverse import FARTHEST
from plugins.projection.view.points import NONE, UNITS, MapPoints
from workbench.app.parts import filters, text
from workbench.runs.automatic import is_automatic

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

HEIGHT = 560
MOST_LABELS = 20_000  # points with a text of their own under the pointer, where no card can be asked for
ANY = "every point"
TEXT_CROSS = "text cross"  # where a text was placed: a map begins with its cross, so that another one is another map


@dataclass(frozen=True)
class Seen:
    """What the user has done on the map.

    Attributes
    ----------
    chosen : int64 ``[s]``, positions of the selected points
    probe : a place that was clicked where there is no point, in coordinates of the map
    colour : name and values of what the points are coloured by
    """

    chosen: Any
    probe: tuple[float, float] | None
    colour: tuple[str, Any] | None


def draw_map(view: ViewContext, points: MapPoints) -> Seen:
    """Draw the controls, the map, and below it what must be read with it."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = view.choice("colour", points.colours(), "Colour", default=points.default, width=230)
        size = view.choice("size", points.sizes(), "Size", default=NONE, width=230)
        visible = _filter(view, points)
        named = _named(view, points)
    values = points.values(name)
    cloud = view.kept("cloud", lambda: _cloud(points))
    planar = points.coordinates.shape[1] == 2
    seen = view.scatter(
        cloud,
        colour=None if values is None else view.kept(f"colour {name}", lambda: _tint(points, cloud, name)),
        colour_label="" if values is None else UNITS.get(name, name),
        labels=view.kept("labels", lambda: _labels(view, points)) if len(points) <= MOST_LABELS else None,
        names=view.kept("names", lambda: points.columns["name"].astype(str).tolist()) if named else None,
        size_by=None if size == NONE else view.kept(f"size {size}", lambda: _sizes(points, cloud, size)),
        visible=visible,
        selected=view.starting_selection(points.rows),
        cards=view.cards(points.rows, points.columns),
        probe=(_place(view) or True) if planar else False,
        key=view.key(f"map {st.session_state.get(view.key(TEXT_CROSS)) or ''}".strip()),
        height=HEIGHT,
    )
    view.keep_selection(points.rows, seen.points)
    if visible is not None:
        st.caption(f"The filter leaves {int(visible.sum()):,} of {len(points):,} points.")
    view.remember(place=None if seen.probe is None else f"{seen.probe[0]:.9g},{seen.probe[1]:.9g}")
    return Seen(seen.points, seen.probe, None if values is None else (name, values))


def _cloud(points: MapPoints) -> Any:
    from workbench.app.components.scatter import encode_coordinates

    return encode_coordinates(points.coordinates)


def _tint(points: MapPoints, cloud: Any, name: str) -> Any:
    from workbench.app.components.scatter import encode_colour

    categorical = True if name in points.categories() else None
    return encode_colour(points.values(name), cloud, label=UNITS.get(name, name), categorical=categorical)


def _sizes(points: MapPoints, cloud: Any, name: str) -> Any:
    from workbench.app.components.scatter import encode_sizes

    return encode_sizes(points.values(name), cloud, label=UNITS.get(name, name))


def _named(view: ViewContext, points: MapPoints) -> bool:
    """Whether names are written on the map: of items (words), and unless they are switched off."""
    if view.items is None or "name" not in points.columns.columns:
        return False
    told = "Earlier names first, as many as have room; with a selection, only its own."
    shown = st.toggle("Names", view.remembered("names") != "off", key=view.key("names"), help=told)
    view.remember(names=None if shown else "off")
    return bool(shown)


def _labels(view: ViewContext, points: MapPoints) -> list[str]:
    if view.items is not None and "name" in points.columns.columns:
        return points.columns["name"].astype(str).tolist()  # what else is known of one stands on its card
    labels = [f"row {row}" for row in points.rows.tolist()]
    for name in list(points.columns.columns)[:4]:
        labels = [f"{label} · {name} {one}" for label, one in zip(labels, points.columns[name].tolist(), strict=True)]
    return labels


def _filter(view: ViewContext, points: MapPoints) -> Any:
    """bool ``[n]``: the points that column and slice leave; nothing where all are left."""
    names = [str(one) for one in points.columns.columns]
    current = filters.Condition.read(view.remembered("where"), names)
    within = view.remembered("within")
    slices = view.store.slices(view.sliced) if view.sliced is not None else []
    saved = {one.name: one for one in slices if one.name == within or not is_automatic(one.name)}
    within = within if within in saved else None
    if not names and not saved:
        return None
    told = [current.words()] if current is not None else []
    told += [f"in {within}"] if within else []
    label = text.plain(", ".join(told), 40) if told else "Filter"
    with st.popover(label, icon=":material/filter_alt:", width="content"):
        if names:
            current = filters.draw(points.columns, current, view.key("filter"))
        if saved:
            options = [ANY, *saved]
            chosen = st.selectbox(
                "and in the slice", options, options.index(within) if within else 0, key=view.key("within")
            )
            within = None if chosen == ANY else chosen
    view.remember(where=current.written() if current is not None else None, within=within)
    if current is None and within is None:
        return None
    return view.kept(
        f"filter {current.written() if current is not None else ''} {saved[within].sha256 if within else ''}",
        lambda: _mask(points, current, None if within is None else saved[within].rows()),
    )


def _mask(points: MapPoints, condition: filters.Condition | None, rows: Any) -> Any:
    left = np.ones(len(points), dtype=np.bool_)
    if condition is not None:
        left &= condition.mask(points.columns)
    if rows is not None:
        left &= np.isin(points.rows, rows)
    return left


def _place(view: ViewContext) -> tuple[float, float] | None:
    """The place in the address."""
    try:
        across, up = (float(one) for one in (view.remembered("place") or "").split(","))
    except ValueError:
        return None
    return (across, up) if all(abs(one) <= FARTHEST for one in (across, up)) else None
