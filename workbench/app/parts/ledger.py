# SPDX-License-Identifier: Apache-2.0
"""The evidence ledger of an entry: what trials in this store measured, and a button to try each remedy that has one.

It stands beside the grades of the sources and is never mixed with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import charts, entries, errors, links, people, permalink, text, trial_charts, words

if TYPE_CHECKING:
    from workbench.compendium.entry import Entry, Trial
    from workbench.compendium.trials import Subject
    from workbench.store import Store, TrackedFinding, TrialRecord

_LOOK: Final[dict[str, tuple[str, Literal["green", "gray", "red", "orange"]]]] = {
    "helped": (":material/trending_up:", "green"),
    "no effect": (":material/trending_flat:", "gray"),
    "harmed": (":material/trending_down:", "red"),
    "undecided": (":material/help:", "orange"),
}
_MOST_OLDER: Final = 20


def line(store: Store, entry: str) -> str:
    """What the ledger says of an entry, in a line; empty where nothing has been tried."""
    from workbench.compendium import trials

    return trials.line(store.trials(entry=entry, status="concluded", limit=1000))


def draw(store: Store, entry: Entry) -> None:
    """What was tried, and what may be tried."""
    from workbench.compendium import trials

    having = [place for place, one in enumerate(entry.remedies) if one.trial is not None]
    known = trials.ledger(store, entry.id)
    if not having and not known:
        return
    st.subheader("Evidence of this store", anchor="evidence")
    told = trials.line(known)
    st.markdown(f"**{text.plain(told[:1].upper() + told[1:], 400)}**" if told else "Nothing has been tried here yet.")
    st.caption(
        "Measured here, on paired seeds; the label of a remedy above is the grade of its sources, and stays as it is."
    )
    placed: set[str] = set()
    for place in having:
        own = [one for one in known if one.remedy_text == entry.remedies[place].text]
        placed.update(one.id for one in own)
        _remedy(store, entry, place, own)
    others = [one for one in known if one.id not in placed]
    if others:
        with st.expander(f"Trials of remedies that the entry words differently now ({len(others)})"):
            for one in others[:_MOST_OLDER]:
                st.caption(text.plain(one.remedy_text, 300))
                _ended(store, one, chart=False)


def _remedy(store: Store, entry: Entry, place: int, known: list[TrialRecord]) -> None:
    remedy = entry.remedies[place]
    trial = remedy.trial
    assert trial is not None  # only such remedies are drawn
    with st.container(border=True, key=f"trial-{place}", gap="small"):
        st.markdown(f"**Remedy {place + 1}:** {text.plain(remedy.text, 500)} {entries.label(remedy.grade)}")
        st.caption(described(trial))
        under_way = [one for one in known if one.status == "running"]
        ended = [one for one in known if one.status != "running" and _is_of(one, trial)]
        concluded = [one for one in ended if one.status == "concluded"]
        for one in under_way:
            _progress(store, one.id)
        if concluded:
            _ended(store, concluded[0])
        if ended and ended[0].status == "failed":
            _ended(store, ended[0])
        _start(store, entry, place, trial, again=bool(concluded))
        shown = {one.id for one in (*under_way, *concluded[:1], *ended[:1])}
        older = [one for one in known if one.id not in shown]
        if older:
            with st.expander(f"Earlier trials ({len(older)})"):
                for one in older[:_MOST_OLDER]:
                    _ended(store, one, chart=False)


def _is_of(one: TrialRecord, trial: Trial) -> bool:
    """Whether a trial measured what the entry asks for now."""
    return all(one.setup.get(name) == getattr(trial, name) for name in ("analysis", "metric", "better"))


def described(trial: Trial) -> str:
    """What a trial compares, by which number."""
    from workbench.compendium.trials import subject_of

    title = engine.title_of(trial.analysis)
    least = f", by more than {words.number(trial.least)}" if trial.least else ""
    parts = [
        f"{trial.says} " if trial.says else "",
        f"{title} on {subject_of(trial).words}: {words.label(trial.metric).lower()} with {_settings(trial, 'after')} "
        f"against {_settings(trial, 'before')}; it should be {trial.better}{least}. ",
        f"{trial.seeds} paired seeds, about {_time(trial.minutes)} on two processor cores.",
    ]
    return text.plain("".join(parts), 1200)


def _time(minutes: float) -> str:
    """A rough span of time.

    >>> _time(0.5), _time(1.0), _time(1.5)
    ('30 seconds', '1 minute', '1.5 minutes')
    """
    return f"{minutes * 60:.0f} seconds" if minutes < 1 else f"{minutes:g} minute{'s' if minutes > 1 else ''}"


def _settings(trial: Trial, side: Literal["before", "after"]) -> str:
    values: dict[str, Any] = dict(getattr(trial, side))
    if side == "after":
        values.update({str(name): other for name, other in trial.subject_after.items()})
    told = [f"{words.label(name).lower()} {words.value(one)}" for name, one in values.items()]
    return ", ".join(told) or "the defaults"


def _start(store: Store, entry: Entry, place: int, trial: Trial, *, again: bool) -> None:
    """The button, with what it is tried on."""
    from workbench.compendium import trials

    finding = _finding(store)
    subjects: dict[str, Subject] = {}
    own = trials.subject_of(trial)
    if own != trials.Subject():
        subjects[f"{own.words} (as the entry says)"] = own
    if finding is not None:
        found = trials.Subject(finding.model, finding.data, finding.points, finding.slice)
        subjects.setdefault(f"{found.words} (of the finding)", found)
    if trial.model is not None or own == trials.Subject():
        for name in engine.catalogue().models:
            subjects.setdefault(name, trials.Subject(name))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label = st.selectbox(
            "Try it on",
            list(subjects),
            width=320,
            key=f"subject.{place}",
            format_func=lambda one: text.one_line(one, 80),
        )
        seeds = st.number_input("Paired seeds", 2, trials.MOST_SEEDS, trial.seeds, width=140, key=f"seeds.{place}")
        pressed = st.button("Try it", icon=":material/science:", type="primary", key=f"try.{place}")
        anew = again and st.checkbox(
            "Compute anew", key=f"anew.{place}", help="Otherwise the same trial is shown, not repeated"
        )
    if not pressed or label is None:
        return
    try:
        with st.spinner("Checking that it applies"):
            trials.start(
                store,
                entry,
                place,
                subject=subjects[label],
                finding=finding.id if finding is not None else None,
                seeds=int(seeds),
                who=people.name(),
                again=bool(anew),
            )
    except WorkbenchError as error:
        errors.show(str(error))
        return
    st.rerun()


def _finding(store: Store) -> TrackedFinding | None:
    """The finding that the page was come to from, where its address names one."""
    given = permalink.get("finding")
    if given is None:
        return None
    try:
        return store.tracked_finding(given)
    except WorkbenchError:
        return None


def _progress(store: Store, trial_id: str) -> None:
    """A trial under way: it looks again every second, and draws the page anew at the end."""
    from workbench.compendium import trials

    @st.fragment(run_every=1.0)
    def look() -> None:
        record = trials.settle(store, trial_id)
        if record.status != "running":
            st.rerun()
        found = trials.progress(store, record)
        told = f"{found.ended} of {found.runs} runs done · {text.plain(found.stage, 120)}"
        st.progress(min(max(found.fraction, 0.0), 1.0), text=told)
        st.caption("It goes on when this page is closed, and is concluded when anybody looks again.")
        if st.button("Give up", icon=":material/stop_circle:", key=f"give-up.{trial_id}"):
            trials.give_up(store, record, who=people.name())
            st.rerun()

    look()


def _ended(store: Store, trial: TrialRecord, *, chart: bool = True) -> None:
    """A trial that has ended: its verdict with numbers, sample and runs, or why it has none."""
    from workbench.compendium import trials

    by = f" by {trial.who}" if trial.who else ""
    about = f"{words.since(trial.ended or trial.created)}{by} · trial {trial.id}"
    if trial.status == "failed":
        st.warning(f"A trial has no verdict: {text.sentence(trial.error, 500)}", icon=":material/report:")
        st.caption(text.plain(f"{trials.subject_words(trial)} · {about}", 300))
        return
    icon, colour = _LOOK[trial.verdict]
    st.markdown(
        f":{colour}-badge[{icon} {trial.verdict}] {text.plain(trials.effect_in_words(trial), 300)}, on "
        f"{text.plain(trials.subject_words(trial), 200)}"
    )
    outcome = trial.outcome
    for sentence in outcome["said"]:
        st.caption(text.plain(sentence, 400))
    if chart:
        with st.container(key=f"beside-trial-{trial.id}"):
            left, right = st.columns(2)
        with left:
            charts.draw(trial_charts.pairs(outcome), "Before and after by seed; the dashed line joins the means")
        with right:
            if outcome.get("low") is not None:
                charts.draw(
                    trial_charts.difference(outcome, float(trial.setup["least"])), "Mean difference with its interval"
                )
            st.caption(_reading(trial))
    with st.expander(f"Values by seed, runs and versions · {text.plain(about)}"):
        _runs(store, trial)


def _reading(trial: TrialRecord) -> str:
    least = float(trial.setup["least"])
    band = f" The grey band is what is too small to count (±{words.number(least)})." if least else ""
    return text.plain(
        f"Better is {trial.setup['better']}. A grey line is a seed, circle before, diamond after; dashed: the means. "
        f"Small marks: the differences of the seeds.{band}",
        500,
    )


def _runs(store: Store, trial: TrialRecord) -> None:
    outcome = trial.outcome
    st.table(
        {
            "Seed": [str(one["seed"]) for one in outcome["seeds"]],
            **{
                side.capitalize(): [words.number(one[side]) for one in outcome["seeds"]] for side in ("before", "after")
            },
            "Difference": [words.number(one["after"] - one["before"]) for one in outcome["seeds"]],
        },
        hide_index=True,
        border="horizontal",
        width="content",
    )
    for side in ("before", "after"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"Runs {side}:", width="content")
            for one in outcome["seeds"]:
                run = one[f"{side}_run"]
                if _stored(store, run):
                    links.link("runs", run[:6], run=run, help=f"Run {run}, seed {one['seed']}")
                else:
                    st.caption(f"{run[:6]} (deleted)", width="content")
    versions = ", ".join(f"{name} {one}" for name, one in outcome["versions"].items())
    st.caption(
        text.plain(
            f"{trial.setup['analysis']} version {outcome['analysis_version']} on {outcome['device']}; {versions}", 500
        )
    )


def _stored(store: Store, run: str) -> bool:
    try:
        store.run(run)
    except WorkbenchError:
        return False
    return True
