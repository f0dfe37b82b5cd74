# SPDX-License-Identifier: Apache-2.0
"""The samples behind the chosen bar: on the map, in order around the loop, at its birth and death, and in the hole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.homology.view import elsewhere
from plugins.homology.view.found import KINDS, Found, p_words, share_words, verdict
from registry.errors import DoesNotApply, WorkbenchError
from workbench.app.parts import background, contact_sheet, text
from workbench.app.parts import pictures as pictures_of

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

SHEET = 60
ALL, PLANE = "all points, two principal components", "the plane of the loop"
AROUND, PIECE, NOTHING = "place around the loop", "piece", "nothing"


def draw(view: ViewContext, found: Found, number: int | None) -> None:
    """Everything that is known of one bar."""
    if number is None:
        return
    bar = found.bar(number)
    kind = KINDS[int(bar["dimension"])]
    where = f" of {text.plain(bar['group'], 80)}" if bar["group"] else ""
    st.subheader(f"{kind.capitalize()} {int(bar['rank'])}{where}, and the samples that form it")
    if verdict(bar) == "not told from noise":
        st.caption(
            f"By both tests this {kind} cannot be told from noise: another sample would show other ones. Its samples "
            "are shown so that this can be seen."
        )
    chosen = _map_and_numbers(view, found, number, bar)
    cycle = found.part(view, "cycle", number)
    if cycle is not None:
        _cycle(view, found, number, cycle)
    _selected(view, found, number, chosen, cycle)


def samples_of(view: ViewContext, found: Found, number: int) -> Any:
    """Positions of the samples of a bar: its cycle in order, or the corners of what makes and ends it."""
    cycle = found.part(view, "cycle", number)
    if cycle is not None:
        return cycle
    parts = [found.part(view, name, number) for name in ("birth", "death")]
    known = [one for one in parts if one is not None]
    return np.unique(np.concatenate(known)) if known else np.empty(0, dtype=np.int64)


def _map_and_numbers(view: ViewContext, found: Found, number: int, bar: Any) -> Any:
    theta, plane = found.part(view, "circular", number), found.part(view, "plane", number)
    colours = [AROUND] if theta is not None else []
    colours += [PIECE] if "pieces" in view.result.arrays else []
    colours += [*found.named, NOTHING]
    axes = [ALL] + ([PLANE] if plane is not None else [])
    default = PIECE if int(bar["dimension"]) == 0 and PIECE in colours else colours[0]
    left, right = view.beside(6, 4)
    with left:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            colour = _pick(view, "colour", colours, "Colour", default)
            where = _pick(view, "axes", axes, "Axes", ALL)
        chosen = _map(view, found, number, colour, plane if where == PLANE else None)
        if colour == AROUND:
            st.caption(
                "Colour: the circular coordinate, 0 to 1 once around the loop; where it begins means nothing. Selected "
                "at first are the samples of the cycle."
            )
    with right:
        _numbers(view, found, bar)
        _ends(view, found, number)
        _hole(view, found, number, bar)
    return chosen


def _pick(view: ViewContext, name: str, options: list[str], label: str, default: str) -> str:
    """A list whose value stands in the address, whatever the bars before had to offer."""
    key = view.key(name)
    if st.session_state.get(key) not in options:
        given = view.remembered(name)
        st.session_state[key] = given if given in options else default
    picked = str(st.selectbox(label, options, key=key, format_func=text.one_line, width=260))
    view.remember(**{name: None if picked == default else picked})
    return picked


def _map(view: ViewContext, found: Found, number: int, colour: str, plane: Any) -> Any:
    """The map of all points; the samples of the bar are selected at first."""
    from workbench.app.components.scatter import encode_coordinates

    shown = "all" if plane is None else str(number)
    cloud = view.kept(f"cloud {shown}", lambda: encode_coordinates(found.coordinates if plane is None else plane))
    tint = view.kept(f"tint {shown} {colour} {number}", lambda: _tint(view, found, number, colour, cloud))
    start = _start(view, found, number)
    seen = view.scatter(
        cloud,
        colour=tint,
        selected=start,
        cards=view.cards(found.rows, found.columns),
        key=view.key(f"map.{number}.{shown}"),
        look=view.remembered("look") or "",
        height=480,
    )
    chosen = np.asarray(seen.points, dtype=np.int64)
    view.keep_selection(found.rows, chosen)
    return chosen


def _start(view: ViewContext, found: Found, number: int) -> Any:
    """What is selected when the map is first drawn: what the address says, else the samples of the bar."""
    key = view.key("shown")
    start = view.starting_selection(found.rows)
    before = st.session_state.get(key)
    if before != number and (before is not None or not len(start)):
        view.select(np.sort(samples_of(view, found, number)))
        start = view.starting_selection(found.rows)
    st.session_state[key] = number
    return start


def _tint(view: ViewContext, found: Found, number: int, colour: str, cloud: Any) -> Any:
    from workbench.app.components.scatter import encode_colour

    if colour == AROUND:
        return encode_colour(found.part(view, "circular", number), cloud, label="share of a turn", period=1.0)
    if colour == PIECE:
        pieces = np.asarray(view.result.array("pieces")) + 1
        return encode_colour([f"piece {one}" for one in pieces.tolist()], cloud, label=PIECE)
    if colour in found.columns.columns:
        return encode_colour(found.columns[colour], cloud, label=colour, categorical=True)
    return encode_colour(None, cloud)


def _numbers(view: ViewContext, found: Found, bar: Any) -> None:
    """Birth, death and the three numbers, each with what it is measured in."""
    end = "not at the scales looked at" if bar["essential"] else f"{bar['death']:.4g}"
    radii = bar["in_covering_radii"]
    lines = [
        ("Taken together", f"**{verdict(bar)}**"),
        (f"Born at ({found.unit})", f"{bar['birth']:.4g}"),
        ("Filled at" if bar["dimension"] else "Joined at", end),
        ("Length, in median distances", f"{bar['relative_length']:.3g}"),
        ("p against noise, adjusted", p_words(bar["p_value"]) + _why(bar)),
        ("Recurs in draws (95 %)", share_words(bar)),
        ("Length, in covering radii", _radii(radii)),
    ]
    if bar["cycle_samples"]:
        lines.append(("Cycle", f"{int(bar['cycle_samples'])} samples, {bar['cycle_length']:.3g} long"))
    table = {"Measure": [name for name, _ in lines], "Value": [value for _, value in lines]}
    st.table(table, hide_index=True, border="horizontal")


def _why(bar: Any) -> str:
    """Why there is no p value, where there is none."""
    reason = str(bar.get("p_reason", "") or "")
    return f": {reason}" if reason and bar["p_value"] != bar["p_value"] else ""


def _radii(value: float) -> str:
    if value != value:
        return "not defined: every point is a landmark, or the metric has none"
    sure = ", so a bar of all points too" if value > 4 else ", too few to be sure of all points" if value < 1 else ""
    return f"{value:.3g}{sure}"


def _ends(view: ViewContext, found: Found, number: int) -> None:
    """The samples whose joining makes the bar, and those whose joining ends it."""
    birth, death = found.part(view, "birth", number), found.part(view, "death", number)
    if birth is None and death is None:
        st.caption("The samples of this bar were not looked for: ask for more cycles in the parameters of the run.")
        return
    positions = np.concatenate([one for one in (birth, death) if one is not None])
    words = ["birth"] * (0 if birth is None else len(birth)) + ["death"] * (0 if death is None else len(death))
    told = "The samples that close it" if birth is not None else ""
    if death is not None:
        told += " (birth) and fill it (death)" if told else "The samples with which the two pieces join"
    st.markdown(f"**{told}**")
    if has_pictures(view):
        view.pictures(found.rows[positions], words)
    else:
        st.dataframe(_frame(found, positions, {"what": words}), hide_index=True, alt=told)


def _hole(view: ViewContext, found: Found, number: int, bar: Any) -> None:
    """What the model makes of the middle of the hole, where no sample is."""
    gap = found.part(view, "gap", number)
    if gap is None or view.run.model is None:
        return
    run = view.run.id

    def decoded() -> Any:
        try:
            return view.decoded(gap[None])[0]
        except WorkbenchError as error:
            return str(error)

    def show(picture: Any) -> None:
        if isinstance(picture, str):
            st.caption(text.sentence(picture, 400))
            return
        between = "Between the pieces" if bar["dimension"] == 0 else "In the middle of the hole"
        st.markdown(f"**{between}, decoded**")
        st.image(contact_sheet.png(contact_sheet.enlarge(picture, 128)), alt=f"{between}, decoded by the model")
        st.caption(
            f"The mean of the samples that end the bar, {bar['gap_distance']:.3g} from the nearest sample: made up by "
            "the model, not seen."
        )

    background.wait_for((run, "gap", number), decoded, show, saying="Decoding the middle of the hole")


def _cycle(view: ViewContext, found: Found, number: int, cycle: Any) -> None:
    """The samples around the loop, in order."""
    st.markdown(f"**Once around: {len(cycle)} samples in the order of the cycle**, the last beside the first again")
    if has_pictures(view):
        view.pictures(found.rows[cycle], found.captions(cycle), limit=SHEET)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("One short way around of many.")
        if st.button("Select them on the map", key=view.key("again"), icon=":material/select_all:"):
            view.select(np.sort(cycle))
            view.remember(selected=None, selection=None, slice=None)
            st.rerun()
    theta = found.part(view, "circular", number)
    more = {"place around": np.arange(1, len(cycle) + 1)}
    if theta is not None:
        more["share of a turn"] = theta[cycle]
    with st.expander("The samples of the cycle as a table", icon=":material/table:", expanded=not has_pictures(view)):
        st.dataframe(_frame(found, cycle, more), hide_index=True, height=240, alt="The samples of the cycle in order")


def _selected(view: ViewContext, found: Found, number: int, chosen: Any, cycle: Any) -> None:
    """Points selected on the map, in order around the loop where they have a place on it."""
    if len(chosen) == 0 or (cycle is not None and np.array_equal(np.sort(cycle), np.sort(chosen))):
        if len(chosen):
            with st.container(horizontal=True, gap="small"):
                view.save_slice(found.rows[chosen])
                elsewhere.draw(view, found.rows[chosen])
        return
    theta = found.part(view, "circular", number)
    told = ""
    if theta is not None:
        chosen = chosen[np.argsort(np.nan_to_num(theta[chosen], nan=2.0), kind="stable")]
        told = " in order around the loop"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{text.counted(len(chosen), 'selected point')}**{told}", width="content")
        view.save_slice(found.rows[chosen])
        elsewhere.draw(view, found.rows[chosen])
    if has_pictures(view):
        view.pictures(found.rows[chosen], found.captions(chosen[:SHEET]), limit=SHEET)
    else:
        st.dataframe(_frame(found, chosen[:1000], {}), hide_index=True, height=240, alt="The selected points")


def has_pictures(view: ViewContext) -> bool:
    """Whether points of the run have pictures."""
    try:
        pictures_of.check(view.run, view.result)
    except DoesNotApply:
        return False
    return True


def _frame(found: Found, positions: Any, more: dict[str, Any]) -> pd.DataFrame:
    frame: pd.DataFrame = found.columns.iloc[positions].reset_index(drop=True)
    taken = set(frame.columns)
    frame.insert(0, "row" if "row" not in taken else "row (map)", found.rows[positions])
    for place, (name, values) in enumerate(more.items()):
        frame.insert(place, name if name not in taken else f"{name} (loop)", values)
    return frame
