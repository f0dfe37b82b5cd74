# SPDX-License-Identifier: Apache-2.0
"""The page of the patches: circles in photographs, what noise has, and the Klein bottle, by runs of `homology`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from sample_models.patches import CREDIT, datasets, drawing, story
from sample_models.patches.arithmetic import gradient, klein_bottle, nearest
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
    _nearest([one for one in done if one[0] in story.NEAREST])
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
    return [(chapter, story.found(chapter, records)) for chapter in story.EVERY]


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
    for chapter, _ in done:
        if chapter.data == "image-patches-x15" and (why := story.why_recurrence(loops[chapter.title])):
            st.caption(why)
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
        "Z/3 as well, as the flat torus below; here a loop and the void are gone, so the surface is twisted."
    )
    scales = {f"at {scale}": scale for scale in story.SCALES}
    columns: dict[str, list[str]] = {name: [] for name in ("Points", "Coefficients", "Known", *scales)}
    for chapter, record in done:
        columns["Points"].append(chapter.title)
        columns["Coefficients"].append(f"Z/{chapter.params['field']}")
        columns["Known"].append(chapter.known)
        for name, scale in scales.items():
            columns[name].append(_betti(record, scale))
    st.table(columns, hide_index=True, border="horizontal")
    st.caption("Pieces, loops and voids that are alive at three scales. 288 points each, all of them landmarks.")


def _betti(record: Any, scale: float) -> str:
    return ", ".join(map(str, story.betti_numbers(_bars(record), scale)))


def _nearest(done: list[tuple[Chapter, Any]]) -> None:
    """Points chosen by the model, of photographs and of controls."""
    if not done:
        return
    st.subheader("Do photographs fill it? Points selected by the model")
    st.markdown(
        "Of 50,000 patches of the two photographs those are taken that are nearest to the 288 of the Klein bottle. "
        "They make its shape: two loops and a void over Z/2, one loop and no void over Z/3. **But they were selected "
        "by the model, and so the shape alone proves little**: random points of the sphere, which have no shape at "
        "all, show two long loops over Z/2 and one over Z/3 as well when they are selected in the same way, only "
        "shorter ones. What tells photographs from them is how near they come to the model: the distances below."
    )
    columns: dict[str, list[str]] = {"Points": [], "Chosen": [], "Distance to the model: median (95 %)": []}
    columns |= {f"Z/{field} at {scale}": [] for field in story.FIELDS for scale in story.SCALES[:2]}
    columns |= {f"Longest loops, Z/{field}": [] for field in story.FIELDS}
    runs = {(chapter.data, chapter.params["field"]): record for chapter, record in done}
    for data, title in {chapter.data: chapter.title for chapter, _ in done}.items():
        away = _away(data)
        columns["Points"].append(title)
        columns["Chosen"].append(str(len(engine.dataset(data))))
        columns["Distance to the model: median (95 %)"].append(f"{np.median(away):.3f} ({np.quantile(away, 0.95):.2f})")
        for field in story.FIELDS:
            record = runs.get((data, field))
            for scale in story.SCALES[:2]:
                columns[f"Z/{field} at {scale}"].append("" if record is None else _betti(record, scale))
            lengths = [] if record is None else story.longest(_bars(record), 3)["length"].tolist()
            columns[f"Longest loops, Z/{field}"].append(", ".join(f"{one:.2f}" for one in lengths))
    st.table(columns, hide_index=True, border="horizontal")
    st.caption(
        "Pieces, loops and voids at two scales, and the three longest loops. Distance: contrast of the difference "
        "between each of the 288 patches of the model and the nearest of 50,000; in brackets the value that 95 % of "
        "them stay below. Seed 0."
    )
    if any(chapter.data == "image-patches-klein" for chapter, _ in done):
        _beside_the_model()


def _away(data: str) -> Any:
    """Distance of each patch of the model from the nearest chosen point; that is the nearest of all 50,000."""
    opened = engine.dataset(data)
    _, away, _ = nearest(opened.batch(np.arange(len(opened))), klein_bottle()[0])
    return away


def _beside_the_model() -> None:
    """A row of the model's patches, and below it the photographs' nearest."""
    data = engine.dataset("image-patches-klein")
    points = data.batch(np.arange(len(data)))
    model, direction, shape = klein_bottle()
    chosen = np.flatnonzero(np.isin(direction, (0.0, 45.0)) & (shape % 30 == 0))
    found = np.array([int(np.linalg.norm(points - one, axis=1).argmin()) for one in model[chosen]])
    _sheet(model[chosen], [], "Patches of the model at two directions", columns=12, cell=66)
    _sheet(points[found], [], "The nearest patches of photographs, in the same order", columns=12, cell=66)
    st.caption(
        "Above, patches of the model at directions 0° and 45°, twelve shapes each in steps of 30°; below, the nearest "
        "patches of the photographs in the same order."
    )


def _read() -> None:
    st.subheader("What our photographs show")
    st.markdown(
        "- **X(15, 30) has five loops** for each of 8 seeds of the patches that were tried, the fifth 1.9 to 3 times "
        "as long as the sixth. X(15, 30) of white noise had loops of other numbers, none longer than 0.56, blurred "
        "noise always one: the steps alone do not make five.\n"
        "- **One circle alone says smooth, not natural**: blurred noise has it more clearly than any photograph.\n"
        "- **X(300, 30) is one circle only after the photographs are halved.** At full size it has four loops, where "
        "4,167 linear photographs have one: ours are two, of 8 bits and compressed. 78 % of the halved core are of the "
        "flower.\n"
        "- **White noise** has no loop in X(300, 30): that core is two heaps, chequers with a light centre and with a "
        "dark one.\n"
        "- **The Klein bottle** is a model. Photographs come nearer to it than noise or random points do. "
        "That they fill it, and nothing beside it, is not shown here: what a dense core shows without the model's help "
        "are the three circles.\n"
    )
    st.caption(f"Photographs: {CREDIT}.")
