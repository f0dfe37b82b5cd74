# SPDX-License-Identifier: Apache-2.0
"""The form at the top: which code is edited. What is chosen is part of the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from plugins.editor.decoding import leads_to
from plugins.editor.starts import KINDS, Kind, Start
from registry.errors import WorkbenchError
from workbench.app import engine, subjects
from workbench.app.parts import permalink, text

if TYPE_CHECKING:
    from workbench.points import Description
    from workbench.store import RunRecord, SliceRecord

LAST = 2**31 - 1
MANY_ROWS = 10**9
_LOST = "editor.lost.slice"


def slices_for(model: str, description: Description, space: str) -> list[SliceRecord]:
    """Slices whose rows have codes in a space: rows of fitting data, or draws from the space's own prior."""
    from workbench.runs import read_draws

    known: dict[str, bool] = {}
    found = []
    for one in engine.store().slices():
        draws = read_draws(one.data)
        if draws is not None:
            fits = (draws.model, draws.space) == (model, space)
        else:
            fits = known.setdefault(one.data, _opens(description, one.data, space))
        if fits and one.length:
            found.append(one)
    return found


def _opens(description: Description, data: str, space: str) -> bool:
    try:
        return leads_to(description, data, space) == ""
    except WorkbenchError:  # data that are gone: their slices are listed on the page of slices
        return False


def data_for(model: str, description: Description, space: str) -> list[str]:
    """Data sets whose rows have codes in a space, the model's own first."""
    own = subjects.own_data(model)
    found = [one for one in engine.dataset_names() if _opens(description, one, space)]
    return sorted(found, key=lambda one: one != own)


def inversions_of(model: str, description: Description, space: str) -> list[RunRecord]:
    """Finished inversions of a model into a space, the newest first."""
    maps = description.maps
    return [
        one
        for one in engine.store().runs(model=model, analysis="inversion", status="done", limit=50)
        if str(one.params.get("decode")) in maps and maps[str(one.params["decode"])].source == space
    ]


def choose(model: str, description: Description, space: str) -> Start | None:
    """The start that is chosen; ``None`` where there is none yet (a picture that is still to be inverted)."""
    data = data_for(model, description, space)
    slices = slices_for(model, description, space)
    prior = getattr(description.spaces[space], "prior", None) is not None
    having: dict[Kind, bool] = {"data": bool(data), "prior": prior, "slice": bool(slices), "mean": bool(slices)}
    offered: list[Kind] = [*(one for one, there in having.items() if there), "inversion"]
    asked = permalink.choice("from", offered)
    if asked is None and permalink.get("slice") and slices:
        asked = "slice"
    key = f"editor.from.{model}.{space}.{','.join(offered)}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind: Any = st.selectbox(
            "Start from",
            offered,
            index=offered.index(asked) if asked in offered else 0,
            format_func=KINDS.__getitem__,
            key=key,
            width=260,
        )
        permalink.put(**{"from": kind})
        if kind == "data":
            return _row(data, model)
        if kind == "prior":
            return _draw(model, space)
        if kind in ("slice", "mean"):
            return _slice(kind, {one.name: one for one in slices})
    from plugins.editor.asking import inversion

    return inversion(model, description, space, inversions_of(model, description, space))


def _only(*names: str) -> None:
    """Take the parameters of other starts out of the address."""
    every = ("data", "row", "seed", "slice", "run", "at")
    permalink.put(**{one: None for one in every if one not in names})


def _row(data: list[str], model: str) -> Start:
    _only("data", "row")
    asked = permalink.choice("data", data, data[0])
    name = str(st.selectbox("Data", data, index=data.index(asked or data[0]), key=f"editor.data.{model}", width=200))
    last = len(engine.dataset(name)) - 1
    row = _number("Row", "row", last, f"editor.row.{model}.{name}")
    _another(f"editor.row.{model}.{name}", last)
    permalink.put(data=name, row=row)
    return Start("data", data=name, row=row)


def _draw(model: str, space: str) -> Start:
    _only("seed", "row")
    row = _number("Draw", "row", LAST, f"editor.draw.{model}.{space}")
    _another(f"editor.draw.{model}.{space}", MANY_ROWS)
    seed = _number("Seed", "seed", LAST, f"editor.prior.{model}.{space}")
    permalink.put(row=row, seed=seed)
    return Start("prior", row=row, seed=seed)


def _slice(kind: Any, slices: dict[str, SliceRecord]) -> Start:
    _only("slice", "row") if kind == "slice" else _only("slice")
    asked = permalink.get("slice")
    names = list(slices)
    if asked is not None and asked not in slices:
        st.session_state[_LOST] = asked
    if lost := st.session_state.get(_LOST):
        st.warning(
            f"The address names the slice {text.plain(lost, 80)}, which is not there or has no codes here.",
            icon=":material/search_off:",
        )
    name = str(
        st.selectbox(
            "Slice",
            names,
            index=names.index(asked) if asked in slices else 0,
            key="editor.slice",
            width=240,
            on_change=lambda: st.session_state.pop(_LOST, None),
        )
    )
    record = slices[name]
    if kind == "mean":
        permalink.put(slice=name)
        st.caption(f"{text.counted(record.length, 'row')}")
        return Start("mean", slice=name)
    rows = record.rows()
    wanted = permalink.whole("row", 0, 2**62, int(rows[0]))
    found = int(rows.searchsorted(wanted))
    start = found if found < len(rows) and int(rows[found]) == wanted else 0
    key = f"editor.place.{name}"
    if key not in st.session_state:
        st.session_state[key] = start + 1
    place = int(st.number_input(f"Place, of {len(rows):,}", 1, len(rows), key=key, width=150))
    row = int(rows[place - 1])
    permalink.put(slice=name, row=row)
    return Start("slice", slice=name, row=row)


def _number(label: str, parameter: str, last: int, key: str) -> int:
    if key not in st.session_state:
        st.session_state[key] = permalink.whole(parameter, 0, last, 0)
    return int(st.number_input(label, 0, last, key=key, width=150))


def _another(key: str, last: int) -> None:
    """A button that goes to another row, which follows from the present one by a fixed rule."""

    def go() -> None:
        st.session_state[key] = (int(st.session_state[key]) * 7919 + 104_729) % (min(last, MANY_ROWS) + 1)

    st.button("Another", icon=":material/casino:", key=f"{key}.another", on_click=go)
