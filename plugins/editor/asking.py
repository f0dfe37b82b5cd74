# SPDX-License-Identifier: Apache-2.0
"""Asking for an inversion: of a row of data or of a picture that is brought; a job, followed here."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.editor.starts import Start
from registry.errors import WorkbenchError
from registry.spaces import Images
from workbench.app import engine
from workbench.app.parts import errors, links, permalink, status, text

if TYPE_CHECKING:
    from registry.arrays import Array
    from workbench.points import Description
    from workbench.store import RunRecord

KINDS = {"data": "A row of data", "own": "A picture of yours", "drawn": "A draw of the model itself (a test)"}


def inversion(model: str, description: Description, space: str, done: list[RunRecord]) -> Start | None:
    """A picture of a finished inversion; or the form that asks for one, and its progress."""
    given = permalink.run_id()
    start = None
    if given is not None:
        start = _followed(given)
    elif done:
        given = done[0].id
        start = _followed(given)
    if start is not None:
        names = {one.id: _name(one) for one in done}
        ids = [*names] if start.run in names else [start.run, *names]
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            chosen = str(
                st.selectbox(
                    "Inversion",
                    ids,
                    index=ids.index(start.run),
                    format_func=lambda one: names.get(one, one),
                    key=f"editor.inversion.{model}.{start.run}",
                    width=360,
                )
            )
            if chosen != start.run:
                permalink.put(run=chosen, at=None)
                st.rerun()
            start = _which(start)
            links.link("runs", "Its errors and starts", icon=":material/open_in_new:", run=start.run)
        for name in ("data", "row", "seed", "slice"):
            permalink.put(**{name: None})
        permalink.put(run=start.run, at=start.at)
    with st.expander("Invert a picture", icon=":material/image_search:", expanded=start is None):
        _form(model, description, space)
    return start


def _name(record: RunRecord) -> str:
    of = record.data or "own draws"
    rows = record.params.get("rows") or f"{record.params.get('limit')} at random"
    return text.one_line(f"{of}, {rows} · {record.id[:6]}", 60)


def _followed(given: str) -> Start | None:
    """The start that a run gives; its progress while it has not ended."""
    try:
        record = engine.store().run(given)
    except WorkbenchError as error:
        st.warning(text.sentence(error, 200), icon=":material/search_off:")
        permalink.put(run=None)
        return None
    if record.analysis != "inversion":
        st.warning(f"The run {record.id} is no inversion.", icon=":material/search_off:")
        permalink.put(run=None)
        return None
    if not record.ended:
        status.progress(record.id, every=0.7)
        return None
    if record.status != "done":
        errors.show(f"The inversion did not end well: {record.error}")
        return None
    return Start("inversion", run=record.id)


def _which(start: Start) -> Start:
    """Which of the pictures of the run, with the error of its best start."""
    table = engine.result_of(engine.store().run(start.run)).table("pictures")
    table = table[table["kind"] == "picture"].reset_index(drop=True)
    rows: Any = table.itertuples()
    labels = [f"{int(one.picture)} (error {one.error:.3f})" for one in rows]
    first = permalink.whole("at", 0, len(labels) - 1, 0)
    at: Any = st.selectbox(
        "Picture",
        range(len(labels)),
        index=first,
        format_func=labels.__getitem__,
        key=f"editor.at.{start.run}",
        width=200,
    )
    return Start("inversion", run=start.run, at=int(at))


def _form(model: str, description: Description, space: str) -> None:
    decode = next(
        (
            one.name
            for one in description.maps.values()
            if one.source == space and isinstance(description.spaces[one.target], Images)
        ),
        None,
    )
    if decode is None:
        st.caption(f"No single map leads from {text.plain(space)} to pictures: inversion needs one.")
        return
    target = description.spaces[description.maps[decode].target]
    assert isinstance(target, Images)
    st.caption(
        "The code whose decoded picture is nearest is searched from several starts: a job of about a minute. "
        "Pictures of the model's own are inverted beside it, to tell a bad search from a picture that the model cannot "
        "draw."
    )
    kind = str(
        st.segmented_control(
            "Picture", list(KINDS), format_func=KINDS.__getitem__, default="drawn", required=True, key="editor.invert"
        )
    )
    data, rows = _wanted(kind, target)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        restarts = int(st.number_input("Starts", 1, 32, 3, key="editor.restarts", width=110))
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="editor.invert.seed", width=130))
        prior = float(
            st.number_input(
                "Weight of the prior",
                0.0,
                10.0,
                0.0,
                step=0.001,
                format="%.4f",
                key="editor.weight",
                width=170,
                help="Draws the code towards the centre, where edits behave; costs likeness. Try 0.001.",
            )
        )
        asked = st.button(
            "Invert", type="primary", icon=":material/image_search:", key="editor.ask", disabled=rows is None
        )
    if asked and rows is not None:
        with errors.shown("Asking for the inversion"):
            run = _submit(
                model, data, {"decode": decode, "rows": rows, "restarts": restarts, "prior_weight": prior}, seed
            )
            permalink.put(run=run, at=None)
            st.rerun()


def _wanted(kind: str, target: Images) -> tuple[str | None, str | None]:
    """The data set (none for draws) and the row; no row where there is no picture yet."""
    if kind == "drawn":
        return None, str(int(st.number_input("Draw", 0, 2**31 - 1, 0, key="editor.invert.draw", width=130)))
    if kind == "data":
        fitting = _pictures_for(target)
        if not fitting:
            st.caption("No data set has pictures of the size of this model's: bring a picture of yours.")
            return None, None
        with st.container(horizontal=True):
            name = str(st.selectbox("Data", fitting, key="editor.invert.data", width=200))
            last = len(engine.dataset(name)) - 1
            return name, str(int(st.number_input("Row", 0, last, 0, key=f"editor.invert.row.{name}", width=130)))
    given = st.file_uploader("Picture", ["png", "jpg", "jpeg"], key="editor.file")
    if given is None:
        return None, None
    try:
        picture = read(given.getvalue(), target)
    except WorkbenchError as error:
        errors.show(str(error))
        return None, None
    st.image(
        np.rint(picture[0].transpose(1, 2, 0) * 255).astype(np.uint8).squeeze(), width=128, alt="As it is inverted"
    )
    return registered(picture), "0"


def _pictures_for(target: Images) -> list[str]:
    from workbench.data.fitting import misfit

    found = []
    for name in engine.dataset_names():
        try:
            space = engine.dataset(name).space
        except WorkbenchError:
            continue
        if misfit(space, target) is None:
            found.append(name)
    return found


def read(content: bytes, target: Images) -> Array:
    """An uploaded picture, cut and scaled to the model's, float32 ``[1, channels, height, width]`` in 0..1.

    Raises :class:`WorkbenchError` for what is no PNG or JPEG picture.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    height, width = target.height or 64, target.width or 64
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            plain = ImageOps.exif_transpose(opened).convert("L" if target.channels == 1 else "RGB")
            fitted = ImageOps.fit(plain, (width, height), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise WorkbenchError(f"this file cannot be read as a PNG or JPEG picture: {error}") from error
    values = np.asarray(fitted, dtype=np.float32) / 255
    values = values[None] if values.ndim == 2 else values.transpose(2, 0, 1)
    return values[None]


def registered(picture: Array) -> str:
    """The data set that holds a picture, made once for each picture."""
    from workbench.app import uploads

    buffer = io.BytesIO()
    np.save(buffer, np.rint(picture * 255).astype(np.uint8))
    name = f"picture-{hashlib.sha256(buffer.getvalue()).hexdigest()[:10]}"
    if name in {one.name for one in engine.store().datasets()}:
        return name
    return uploads.add(f"{name}.npy", buffer.getvalue(), name)


def _submit(model: str, data: str | None, params: dict[str, Any], seed: int) -> str:
    from workbench.runs import RunSpec, submit

    return str(submit(engine.store(), RunSpec("inversion", model, data, params=params, seed=seed)).id)
