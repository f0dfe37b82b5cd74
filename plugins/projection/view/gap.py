# SPDX-License-Identifier: Apache-2.0
"""A place on the map where there is no point: the point of the space there, decoded, and how far it is from what is
known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection.inverse import Inverse
from plugins.projection.view.points import MapPoints
from registry.errors import WorkbenchError
from workbench.app.parts import background, contact_sheet, text

if TYPE_CHECKING:
    from plugins.projection.inverse import Error, Landing, Nearest
    from workbench.app.parts.view_context import ViewContext

NEIGHBOURS = 15
SHOWN = 8
NEAR, FAR = 1.5, 3.0  # typical neighbour distances: among real points up to the first, unknown beyond the second
OFF_MAP = 10.0  # typical distances on the map beyond which neighbours say nothing of a place


@dataclass(frozen=True)
class Found:
    """What lies at a place: the point there, the nearest real one, how far such points are off, and its picture.

    ``picture`` is a sentence where the point cannot be decoded.
    """

    landing: Landing
    nearest: Nearest
    error: Error
    picture: Any


def draw(view: ViewContext, points: MapPoints, place: tuple[float, float] | None) -> None:
    """What the model makes of the place that was clicked."""
    if points.coordinates.shape[1] != 2:
        st.caption("A place can be looked into on a map of two dimensions.")
        return
    if np.isfinite(points.coordinates).all(axis=1).sum() < 2:
        st.caption("A map with fewer than 2 points has no gap to look into.")
        return
    if place is None:
        st.caption(
            "Click where there is no point (or press X, move the crosshair, and press P) to look into a gap of the map."
        )
        return
    try:
        view.width_of_points()
        view.metric_of_points()
    except WorkbenchError as error:  # the points were not kept, or their model is gone
        st.caption(text.sentence(error, 400))
        return
    run, at = view.run.id, tuple(float(one) for one in place)
    background.wait_for(
        (run, "place", at),
        lambda: _looked_into(view, points, at),
        lambda found: _show(view, points, at, found),
        saying="Looking for the point of the space at this place",
    )


def _looked_into(view: ViewContext, points: MapPoints, place: Any) -> Found:
    inverse: Inverse = view.kept("inverse", lambda: _inverse(view, points))
    landing = inverse.at(np.asarray(place))
    nearest = inverse.nearest_real(landing.point)
    try:
        picture: Any = view.decoded(landing.point[None])[0]
    except WorkbenchError as error:
        picture = str(error)
    missed = view.kept("inverse error", lambda: inverse.error(seed=view.run.seed))
    return Found(landing, nearest, missed, picture)


def _inverse(view: ViewContext, points: MapPoints) -> Inverse:
    arrays, typical = view.result.arrays, view.result.metrics.get("neighbour_distance")
    exact: dict[str, Any] = {
        name: np.asarray(view.result.array(name)) for name in ("mean", "components") if name in arrays
    }
    return Inverse(
        points.coordinates,
        view.result.array("points") if "points" in arrays else view.points_of,
        neighbours=NEIGHBOURS,
        metric=view.metric_of_points(),
        typical=None if typical is None or not typical.value > 0 else typical.value,
        **exact,
    )


def _show(view: ViewContext, points: MapPoints, place: Any, found: Found) -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        st.markdown("**The model at this place**")
        if isinstance(found.picture, str):
            st.caption(text.sentence(found.picture, 400))
        else:
            picture = contact_sheet.enlarge(found.picture, 192)
            st.image(contact_sheet.png(picture), alt="The point of the space at this place, decoded")
        st.caption(f"At {_number(place[0])}, {_number(place[1])} on the map, where the cross is.")
    with right:
        _territory(found)
        st.markdown("**The nearest real points**: in the space, then on the map")
        on_map = np.asarray(found.landing.positions)[: SHOWN - 1]
        shown = np.concatenate([[found.nearest.position], on_map[on_map != found.nearest.position]])
        captions = ["in the space", *("" for _ in shown[1:])]
        view.pictures(points.rows[shown], captions, limit=SHOWN)
        st.caption(_how(found, str(view.run.params["method"])))


def _territory(found: Found) -> None:
    """In words, and never by colour alone: whether anything real is near."""
    nearest, away = found.nearest, found.landing.away
    told = (
        f"{nearest.distance:.3g} from the nearest real point in the space, {nearest.ratio:.2g} times the typical "
        f"distance of neighbours ({nearest.typical:.3g}, the median)."
    )
    on_map = f"On the map it is {away:,.1f} times the typical distance from the nearest point."
    if nearest.ratio > FAR or not np.isfinite(nearest.ratio):
        verdict, icon = "Unknown territory.", ":material/explore_off:"
        on_map += " What the model shows here is made up, not seen."
    elif away > OFF_MAP and found.landing.method == "neighbours":
        verdict, icon = "Carried over from the nearest points.", ":material/explore_off:"
        on_map += (
            " Nothing on the map says what lies so far out: the point is made of its nearest ones, wherever they are."
        )
    elif away > OFF_MAP:
        verdict, icon = "Beyond the points of the map, though not far from some in the space.", ":material/explore:"
        on_map += (
            " A point made of the two axes alone has nothing of the other directions: it lies nearer to the middle "
            "than real points do, and so near to many."
        )
    elif nearest.ratio > NEAR:
        verdict, icon = "At the edge of what is known.", ":material/explore:"
    else:
        st.info(f"**Among real points.** {text.plain(told, 400)} {text.plain(on_map, 400)}", icon=":material/explore:")
        return
    st.warning(f"**{verdict}** {text.plain(told, 400)} {text.plain(on_map, 400)}", icon=icon)


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _how(found: Found, method: str) -> str:
    error = found.error
    sample = f"({error.typical:.2g} typical neighbour distances; n = {error.n:,})"
    if found.landing.method == "exact":
        return (
            "PCA is inverted exactly: the mean plus the place times the two axes. The point lies in the plane of the "
            f"map; real points lie off it by {error.median:.3g} in the median {sample}."
        )
    name = {"tsne": "t-SNE", "umap": "UMAP"}.get(method, method)
    return (
        f"{name} has no inverse: the point is read off a plane fitted through the "
        f"{len(found.landing.positions)} nearest points on the map. Real points, left out and rebuilt "
        f"in this way, are missed by {error.median:.3g} in the median and by more than "
        f"{error.upper90:.3g} in one of ten cases {sample}."
    )
