# SPDX-License-Identifier: Apache-2.0
"""The page of the digits: are pairs of them joined by loops? Told by runs of `class-homology`, whatever they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

import workbench as wb
from sample_models.mnist_vae import story
from workbench.app import engine
from workbench.app.parts import background, charts, contact_sheet, errors, links, status, style, text

if TYPE_CHECKING:
    from sample_models.mnist_vae.story import Chapter


def draw() -> None:
    """Draw the page."""
    st.title("Do loops join the digits?")
    st.markdown(
        "A variational autoencoder lays handwritten digits out in a space of 16 axes. A 4 can turn into a 9 by closing "
        "its top, and perhaps back by another way: then the codes of both together would leave a **loop** open, half "
        "of it fours and half of it nines, which neither digit has by itself. Here "
        "every pair is asked, many times, beside what chance gives."
    )
    if engine.analysis_of(story.ANALYSIS) is None:
        st.info(
            f"The plugin with the analysis {story.ANALYSIS} is not loaded; loops of pairs are found by it.",
            icon=":material/info:",
        )
        return
    runs = _runs()
    _ask(runs)
    done = [(chapter, record) for chapter, record in runs if record is not None and record.status == "done"]
    for chapter, record in done:
        if chapter is story.CHAPTERS[0]:
            _codes(record)
    _elsewhere(done)
    _how()


def _runs() -> list[tuple[Chapter, Any]]:
    records = engine.store().runs(analysis=story.ANALYSIS, limit=500)
    return [(chapter, story.found(chapter, records)) for chapter in story.CHAPTERS]


def _ask(runs: list[tuple[Chapter, Any]]) -> None:
    """What has not been run yet can be asked for, the first by itself; what is being run is followed."""
    going = [record.id for _, record in runs if record is not None and not record.ended]
    missing = [chapter for chapter, record in runs if record is None or record.status in ("failed", "cancelled")]
    for chapter, record in runs:
        if record is not None and record.status == "failed":
            errors.show(f"The run on {chapter.title} failed: {record.error}")
    if going:
        _follow(going, {record.id: chapter.title for chapter, record in runs if record is not None})
    elif missing:
        st.markdown(
            f"{text.counted(len(missing), 'run')} of *{story.ANALYSIS}* of {len(runs)} still to be made, one to three "
            f"minutes each: {', '.join(chapter.title for chapter in missing)}."
        )
        with st.container(horizontal=True, gap="small"):
            if len(missing) > 1 and st.button(
                f"Run {missing[0].title}", type="primary", icon=":material/play_arrow:", key="digits.first"
            ):
                _submit(missing[:1])
            kind: Any = "secondary" if len(missing) > 1 else "primary"
            if st.button("Run them all", type=kind, icon=":material/playlist_play:", key="digits.run"):
                _submit(missing)


def _submit(chapters: list[Chapter]) -> None:
    from workbench.runs import RunSpec, submit

    with errors.shown("Asking for the runs"):
        for chapter in chapters:
            params = {name: value for name, value in chapter.params.items() if value is not None}
            submit(
                engine.store(),
                RunSpec(story.ANALYSIS, model=story.MODEL, data=story.DATA, params=params, seed=story.SEED),
            )
        st.rerun()


def _follow(ids: list[str], titles: dict[str, str]) -> None:
    @st.fragment(run_every=0.7)
    def look() -> None:
        records = [engine.store().run(one) for one in ids]
        if any(one.ended for one in records):
            st.rerun()
        for one in records:
            st.caption(f"Class by class: {titles[one.id]}")
            status.bar(one)

    look()


def _codes(record: Any) -> None:
    """The answer in z: sentences, matrices, the strongest loop."""
    result = engine.result_of(record)
    pairs, classes, loops = (result.table(name) for name in ("pairs", "classes", "loops"))
    draws = int(record.params["draws"])
    st.subheader("In the space of codes")
    st.markdown(f"- {story.answer(pairs, draws)}\n- {story.touching(pairs)}\n- {story.alone(classes)}")
    with st.container(key="beside-digits"):
        left, right = st.columns(2, gap="medium")
    with left:
        charts.draw(result.chart("loops"), "Share of draws in which a loop joins two digits")
    with right:
        charts.draw(result.chart("joins"), "Scale at which two digits become one piece")
    n = int(classes["points"].sum())
    st.caption(
        f"{n:,} digits, {text.counted(draws, 'random draw')} of {int(record.params['per_class'])} of each, seed "
        f"{record.seed}. Below the diagonal the digits; above it normal clouds of the same means and covariances in "
        "their place; on it two random halves of one digit. Rest on a cell for its 95 % interval."
    )
    _strongest(result, loops)
    st.markdown(story.stretched(pairs))
    links.link("runs", "The run with every number", icon=":material/open_in_new:", run=record.id)


def _strongest(result: Any, loops: Any) -> None:
    row = story.strongest(loops)
    if row is None:
        return
    joined = bool(row["joined_by_loop"])
    st.markdown("**The loop**" if joined else "**The strongest candidate, which is no more than noise**")
    st.markdown(story.of_strongest(row))
    with st.container(key="beside-loop"):
        left, right = st.columns(2, gap="medium")
    with left:
        if "strongest" in result.charts:
            charts.draw(result.chart("strongest"), "The strongest loop in its plane")
            st.caption(
                "Both digits in the plane in which the cycle lies best; the line is the cycle. Such a plane shows a "
                "ring for noise as well: it is chosen to."
            )
    with right:
        rows = np.asarray(result.array("rows"))[np.asarray(result.array(f"cycle_{row['loop']}"))]
        _pictures(rows)


def _pictures(rows: Any) -> None:
    """The digits once around, in order."""

    def read() -> Any:
        data = engine.dataset(story.DATA)
        assert isinstance(data.space, wb.Images)
        return contact_sheet.to_pixels(data.batch(rows), data.space), data.columns["digit"].iloc[rows].tolist()

    def show(read_: Any) -> None:
        pictures, digits = read_
        sheet = contact_sheet.sheet(list(pictures), [str(one) for one in digits], columns=5, dark=style.dark())
        alt = f"{len(pictures)} digits in order around the loop: {', '.join(map(str, digits))}"
        st.image(contact_sheet.png(sheet), alt=alt)
        st.caption("The digits once around, in the order of the cycle; the last is beside the first again.")

    background.wait_for(("digits", rows.tobytes()), read, show, saying="Reading the digits")


def _elsewhere(done: list[tuple[Chapter, Any]]) -> None:
    """The same question in other spaces and by other distances."""
    if not done:
        return
    st.subheader("Elsewhere, and by other distances")
    columns: dict[str, list[str]] = {}
    for chapter, record in done:
        row = story.summary(chapter, engine.result_of(record).table("pairs"), int(record.params["draws"]))
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    st.table(columns, hide_index=True, border="horizontal")
    st.caption(
        "; ".join(f"{chapter.title}: {chapter.told}" for chapter, _ in done)
        + ". All pairs, normal clouds: the share of all draws of all pairs in which a loop that stands out joins two; "
        "what normal clouds show is the rate of false alarms. Widest gap: in scales at which each digit is one piece."
    )
    with st.container(horizontal=True):
        for chapter, record in done[1:]:
            links.link("runs", chapter.title, icon=":material/open_in_new:", run=record.id)


def _how() -> None:
    st.subheader("What counts as joined")
    st.markdown(
        "- A loop of both digits together **stands out**: the lengths of loops have a gap of more than 2 after it.\n"
        "- **Neither digit has it by itself** at the middle of its scales, and its cycle is **an arc of the one and an "
        "arc of the other**.\n"
        "- It **comes back** in more than half of the draws (lower end of the 95 % interval), or the universal law of "
        "noise gives it p of at most 0.05 after correction for every pair tried; and no control shows it as often.\n"
        "- Two half circles planted in 16 axes are found when their normal spread along each axis is up to about 0.15 "
        "of the radius, and no more at 0.25: a thicker ring is filled by its own points.\n"
        "- That nothing is found does not prove that nothing is there: a loop smaller than the spacing of "
        f"{story.PER_CLASS} digits, or one thinner than the spread around it, is not seen."
    )
