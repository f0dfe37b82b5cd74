# SPDX-License-Identifier: Apache-2.0
"""Where a run stands: badge, progress that moves by itself, error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import streamlit as st

from workbench.app import engine
from workbench.app.parts import errors, text, words
from workbench.runs import snippets

if TYPE_CHECKING:
    from workbench.store import RunRecord, TrackedFinding

ENDED: Final = ("done", "failed", "cancelled")
Colour = Literal["green", "blue", "gray", "red", "orange"]
_LOOK: Final[dict[str, tuple[str, Colour]]] = {
    "queued": (":material/schedule:", "gray"),
    "running": (":material/play_arrow:", "blue"),
    "done": (":material/check:", "green"),
    "failed": (":material/error:", "red"),
    "cancelled": (":material/block:", "orange"),
}


def badge(status: str) -> None:
    """The status with its icon: never by colour alone."""
    icon, colour = _LOOK.get(status, (":material/help:", "gray"))
    st.badge(text.plain(status), icon=icon, color=colour)


def subject(record: Any) -> str:
    """What a run is about, on one line: model, space, data."""
    parts = [record.model, record.params.get("space"), record.data, record.slice]
    if record.points:
        parts.append(str(record.points).rsplit("/", 1)[-1])
    return text.one_line(" · ".join(str(one) for one in parts if one) or "no subject", 120)


def settings(record: RunRecord | TrackedFinding) -> str:
    """The optional parameters that are not at their defaults, on one line."""
    analysis = engine.analysis_of(record.analysis)
    if analysis is None:
        return ""
    fields = analysis.Params.model_fields
    given = {name: one for name, one in record.params.items() if name in fields and not fields[name].is_required()}
    told = [
        f"{words.label(name).lower()} {words.value(one)}" for name, one in snippets.changed(given, analysis).items()
    ]
    return text.one_line(" · ".join(told), 80)


def took(record: RunRecord) -> str:
    """How long the run took, or has taken."""
    if record.started is None or record.finished is None:
        return ""
    return words.seconds((record.finished - record.started).total_seconds())


def progress(run_id: str, *, every: float = 1.0) -> None:
    """The progress of a run that has not ended; it looks again every few seconds and redraws the page at the end."""

    @st.fragment(run_every=every)
    def look() -> None:
        record = engine.store().run(run_id)
        if record.status in ENDED:
            st.rerun()
        bar(record)
        under_way(record)
        if st.button("Cancel", key=f"cancel.{run_id}", icon=":material/stop_circle:"):
            cancel(run_id)
            st.rerun()

    look()


def bar(record: RunRecord) -> None:
    """Fraction, stage and time left of one run."""
    if record.status == "queued":
        st.progress(0.0, text="Waiting for its turn")
        return
    share = min(max(record.fraction or 0.0, 0.0), 1.0)
    parts = [f"{share * 100:.0f} %", text.plain(record.stage or "starting", 80)]
    if record.seconds_left is not None and record.seconds_left >= 1:
        parts.append(f"about {words.seconds(record.seconds_left)} left")
    st.progress(share, text=" · ".join(parts))


def cancel(run_id: str) -> None:
    """End a run."""
    from workbench.runs import cancel as end

    with errors.shown("Cancelling the run"):
        end(engine.store(), run_id)


def failure(record: RunRecord) -> None:
    """Why a run has no result."""
    if record.status == "cancelled":
        left = "What it had shown last is below" if under_way(record, draw=False) else "It left no result"
        st.info(f"This run was cancelled before it was done. {left}.", icon=":material/block:")
    elif record.status == "failed":
        errors.show(record.error or "The run failed without saying why; its log may tell.", record.traceback or "")
    under_way(record)


def under_way(record: RunRecord, *, draw: bool = True) -> bool:
    """The last picture that a run without a result has shown, with what it said of it; whether there is one."""
    found = engine.store().picture(record.id)
    if found is None or not draw:
        return found is not None
    with st.container(key=f"smooth-picture-{record.id}"):
        st.image(found.png, alt=f"The last picture of run {record.id}", width="content")
    st.caption(text.plain(found.told, 300))
    if record.status in ENDED:
        st.download_button(
            "Download this picture",
            found.png,
            f"run-{record.id}.png",
            "image/png",
            icon=":material/download:",
            key=f"picture.{record.id}",
        )
    return True
