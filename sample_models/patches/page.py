# SPDX-License-Identifier: Apache-2.0
"""The page of the patches: circles in photographs, what noise has, and the Klein bottle, by runs of `homology`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from sample_models.patches import CREDIT, datasets, drawing, story
from sample_models.patches.arithmetic import gradient
from workbench.app import engine
from workbench.app.parts import background, charts, contact_sheet, errors, links, status, style

if TYPE_CHECKING:
    import pandas as pd

    from sample_models.patches.story import Chapter

CIRCLES = 5


def draw() -> None:
    """Draw the page."""
    st.title("Shape of image patches")
    st.markdown(
        "Cut a photograph into patches of 3 x 3 pixels, keep those with the most contrast, take off their mean and "
        "divide by the contrast: each is then a point of a sphere in eight dimensions. They do not fill it. Where they "
        "lie densest, they lie on **circles** (Carlsson, Ishkhanov, de Silva and Zomorodian, 2008)."
    )
    background.wait_for(
        ("patches", "x300"), _coarse, _around, saying="Cutting patches of the photographs; this takes a few seconds"
    )
    st.subheader("Loops of photographs, and of noise beside them")
    if engine.analysis_of(story.ANALYSIS) is None:
        st.info(
            "The plugin with the analysis homology is not loaded; the loops are found by it.", icon=":material/info:"
        )
        return
    runs = _runs()
    _ask(runs)
    done = [(chapter, record) for chapter, record in runs if record is not None and record.status == "done"]
    _loops([one for one in done if one[0] in story.CHAPTERS])
    _klein([one for one in done if one[0] in story.KLEIN])
    _read()


def _coarse() -> Any:
    data = datasets.image_patches_x300()
    return data.batch(np.arange(len(data)))


def _around(points: Any) -> None:
    chosen = drawing.around(points)
    angles, _ = gradient(points[chosen])
    _sheet(
        points[chosen], [f"{angle:.0f}°" for angle in angles], "Patches around the circle of edges", columns=12, cell=78
    )
    st.caption(
        "24 real patches of X(300, 30) of the halved photographs, by the angle of their gradient (the light side, "
        "counter-clockwise from the right). The last is beside the first again: edges of all angles make a circle."
    )


def _sheet(points: Any, captions: list[str], alt: str, *, columns: int, cell: int = 84) -> None:
    """Patches side by side, each ``cell`` pixels wide with the gap beside it."""
    sheet = contact_sheet.sheet(list(drawing.pixels(points)), captions or None, columns=columns, dark=style.dark())
    st.image(contact_sheet.png(sheet), alt=alt, width=cell * min(len(points), columns))


def _runs() -> list[tuple[Chapter, Any]]:
    records = engine.store().runs(analysis=story.ANALYSIS, limit=500)
    return [(chapter, story.found(chapter, records)) for chapter in (*story.CHAPTERS, *story.KLEIN)]


def _ask(runs: list[tuple[Chapter, Any]]) -> None:
    """What has not been run yet can be asked for; what is being run is followed."""
    going = [record.id for _, record in runs if record is not None and not record.ended]
    missing = [chapter for chapter, record in runs if record is None or record.status in ("failed", "cancelled")]
    for chapter, record in runs:
        if record is not None and record.status == "failed":
            errors.show(f"The run on {chapter.data} failed: {record.error}")
    if going:
        _follow(going)
    elif missing:
        st.markdown(f"{len(missing)} of {len(runs)} runs of *homology* are still to be made, about ten seconds each.")
        if st.button("Run them", type="primary", icon=":material/play_arrow:", key="patches.run"):
            with errors.shown("Asking for the runs"):
                _submit(missing)
                st.rerun()


def _submit(chapters: list[Chapter]) -> None:
    from workbench.runs import RunSpec, submit

    for chapter in chapters:
        submit(engine.store(), RunSpec(story.ANALYSIS, data=chapter.data, params=dict(chapter.params)))


def _follow(ids: list[str]) -> None:
    @st.fragment(run_every=0.7)
    def look() -> None:
        records = [engine.store().run(one) for one in ids]
        if any(one.ended for one in records):
            st.rerun()
        for one in records:
            st.caption(f"Homology of {one.data}")
            status.bar(one)

    look()


def _loops(done: list[tuple[Chapter, Any]]) -> None:
    if not done:
        return
    import pandas as pd

    loops = {chapter.title: story.longest(_bars(record)) for chapter, record in done}
    charts.draw(story.bars_chart(pd.concat([one.assign(title=title) for title, one in loops.items()])), "loops")
    st.caption(
        f"The {story.SHOWN} longest loops of each: a bar runs from the scale at which the loop closes to that at which "
        "it is filled. 700 landmarks of 3,000 patches, the sparsest 20 % left out, seed 0, coefficients Z/2."
    )
    st.table(_trust(done, loops), hide_index=True, border="horizontal")
    st.caption(
        "Stand out: loops before the largest ratio of consecutive lengths, where it is above 1.5. p: the largest "
        "adjusted p of those against the universal law of noise. Recurrence: share of 20 random draws in which a gap "
        "in length above 2 gives at least as many loops; it is stricter. Of a set with none: the longest loop."
    )
    with st.container(horizontal=True):
        for chapter, record in done:
            links.link("runs", chapter.title, icon=":material/open_in_new:", run=record.id)
    _cycles(done, loops)


def _bars(record: Any) -> pd.DataFrame:
    frame: pd.DataFrame = engine.result_of(record).table("bars")
    return frame


def _trust(done: list[tuple[Chapter, Any]], loops: dict[str, pd.DataFrame]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {
        name: []
        for name in ("Patches", "Known", "Stand out", "p", "Recurrence", "Length, covering radii", "Next, radii")
    }
    for chapter, _ in done:
        table = loops[chapter.title]
        count = story.standing_out(table["length"].tolist())
        last = table.iloc[max(count, 1) - 1]
        worst = table.head(max(count, 1))["p_value"].max()
        following = table.iloc[count] if 0 < count < len(table) else None
        share = f"{last['recurrence']:.0%} ({last['recurrence_low']:.0%} to {last['recurrence_high']:.0%})"
        cells = (
            chapter.title,
            chapter.known,
            str(count),
            "< 0.001" if worst < 0.001 else f"{worst:.3f}",
            share,
            f"{last['in_covering_radii']:.2f}",
            "" if following is None else f"{following['in_covering_radii']:.2f}",
        )
        for name, cell in zip(columns, cells, strict=True):
            columns[name].append(cell)
    return columns


def _cycles(done: list[tuple[Chapter, Any]], loops: dict[str, pd.DataFrame]) -> None:
    """The patches once around each loop that stands out."""
    for chapter, record in done:
        table = loops[chapter.title]
        count = story.standing_out(table["length"].tolist())
        result = engine.result_of(record)
        rows = result.array("rows")
        data = engine.dataset(chapter.data)
        if count:
            st.markdown(f"**{chapter.title}: once around {'the loop' if count == 1 else f'each of {count} loops'}**")
        for bar in table.head(min(count, CIRCLES)).itertuples():
            if f"cycle_{bar.bar}" not in result.arrays:
                continue
            cycle = np.asarray(result.array(f"cycle_{bar.bar}"))
            points = data.batch(np.asarray(rows)[cycle])
            _sheet(
                points,
                [],
                f"{len(cycle)} patches in order around loop {bar.loop} of {chapter.title}",
                columns=24,
                cell=44,
            )
    if done:
        st.caption(
            "Real patches in the order of a short cycle, one of many around a hole; the last is beside the first."
        )


def _klein(done: list[tuple[Chapter, Any]]) -> None:
    if not done:
        return
    st.subheader("The Klein bottle that holds the three circles")
    st.markdown(
        "Patches of the polynomials c (a x + b y)² + d (a x + b y), 288 of them, make a surface on which the three "
        "circles lie. Counted with Z/2 it has the numbers of a torus: 1 piece, 2 loops, 1 void. A torus has them with "
        "Z/3 as well; here a loop and the void are gone, so the surface is twisted."
    )
    columns: dict[str, list[str]] = {"Coefficients": [], "Known": []}
    columns |= {f"pieces, loops, voids at {scale}": [] for scale in story.SCALES}
    for chapter, record in done:
        columns["Coefficients"].append(f"Z/{chapter.params['field']}")
        columns["Known"].append(chapter.known.strip("()"))
        for scale in story.SCALES:
            found = story.betti_numbers(_bars(record), scale)
            columns[f"pieces, loops, voids at {scale}"].append(", ".join(map(str, found)))
    st.table(columns, hide_index=True, border="horizontal")


def _read() -> None:
    st.subheader("What our photographs show")
    st.markdown(
        "- **X(15, 30) has five loops** for each of 8 seeds of the patches that were tried, the fifth 1.9 to 3 times "
        "as long as the sixth. X(15, 30) of white noise had loops of other numbers, none longer than 0.55, blurred "
        "noise always one: the steps alone do not make five.\n"
        "- **One circle alone says smooth, not natural**: blurred noise has it more clearly than any photograph.\n"
        "- **X(300, 30) is one circle only after the photographs are halved.** At full size it has four loops, where "
        "4,167 linear photographs have one: ours are two, of 8 bits and compressed. 78 % of the halved core are of the "
        "flower.\n"
        "- **White noise** has no loop in X(300, 30): that core is two heaps, chequers with a light centre and with a "
        "dark one.\n"
        "- The Klein bottle above is the model itself. That photographs fill it is not shown here."
    )
    st.caption(f"Photographs: {CREDIT}.")
