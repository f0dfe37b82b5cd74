# SPDX-License-Identifier: Apache-2.0
"""Trials: a remedy of an entry measured on a model, by runs before and after on the same seeds.

:func:`start` queues the runs, :func:`settle` looks how they stand and concludes when all have ended, :func:`wait` does
that until there is a verdict. What is concluded stands in the ledger of the store beside the grade of the source, and
is never mixed with it.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from registry.errors import EntryError, ParameterError, StoreError, WorkbenchError
from workbench.compendium.effect import effect_of
from workbench.runs import RunSpec, cancel, ensure_supervisor
from workbench.runs.preparation import complete
from workbench.runs.submission import submit_prepared

if TYPE_CHECKING:
    from workbench.compendium.entry import Entry, Trial
    from workbench.store import RunRecord, Store, TrialRecord

SIDES: Final = ("before", "after")
MOST_SEEDS: Final = 50
POLL: Final = 0.2  # seconds between two looks


@dataclass(frozen=True)
class Subject:
    """What a trial is made on; what is left empty is taken from the entry's trial."""

    model: str | None = None
    data: str | None = None
    points: str | None = None
    slice: str | None = None

    @property
    def words(self) -> str:
        """The subject in words."""
        return ", ".join(one for one in (self.model, self.data, self.points, self.slice) if one) or "no model"


@dataclass(frozen=True)
class Progress:
    """How far a trial is: share of all its runs, how many have ended, and what is being done."""

    fraction: float
    ended: int
    runs: int
    stage: str


def trial_of(entry: Entry, remedy: int | None = None) -> tuple[int, Trial]:
    """The trial of a remedy (from 0), or of the first one that has any.

    Raises :class:`EntryError` where there is none.
    """
    having = [place for place, one in enumerate(entry.remedies) if one.trial is not None]
    place = having[0] if remedy is None and having else remedy
    if place is None or place not in having:
        which = ", ".join(str(one + 1) for one in having)
        what = (
            f"has trials for {'remedy' if len(having) == 1 else 'the remedies'} {which}" if having else "has no trial"
        )
        raise EntryError(f"the entry '{entry.id}' {what}: there is none to start")
    found = entry.remedies[place].trial
    assert found is not None  # it is among those that have one
    return place, found


def subject_of(trial: Trial, given: Subject | None = None) -> Subject:
    """The subject of the side before: what is given, else what the trial names.

    A subject that is given stands as a whole: its model is never joined with data of another.
    """
    own = Subject(trial.model, trial.data, trial.points)
    return given if given is not None and given != Subject() else own


def start(
    store: Store,
    entry: Entry,
    remedy: int | None = None,
    *,
    subject: Subject | None = None,
    finding: str | None = None,
    seeds: int | None = None,
    who: str = "",
    again: bool = False,
) -> TrialRecord:
    """Queue the runs of a trial and begin its line in the ledger; runs that are stored count.

    The same trial (remedy, metric and keys of all runs) that is under way or concluded is given back; ``again``
    computes everything anew.

    Parameters
    ----------
    remedy : its position from 0; by default the first that has a trial
    subject : in place of the one that the trial names (of a finding, say)
    finding : the tracked finding that it is started from
    seeds : how many pairs, with seeds 0, 1, ...

    Raises
    ------
    WorkbenchError
        When the entry has no such trial, or the analysis does not exist or apply, before anything is queued.
    """
    place, trial = trial_of(entry, remedy)
    count = trial.seeds if seeds is None else seeds
    if not 2 <= count <= MOST_SEEDS:
        raise ParameterError(f"a trial takes from 2 to {MOST_SEEDS} paired seeds, not {count}")
    specs = _specs(trial, subject_of(trial, subject), count)
    try:
        prepared = [{side: complete(store, pair[side]) for side in SIDES} for pair in specs]
    except EntryError:
        raise
    except WorkbenchError as error:
        raise type(error)(
            f"the trial of '{entry.id}' cannot be made on {specs[0]['before'].model or 'this'}: {error}"
        ) from error
    setup = _setup(trial, specs[0], count)
    key = _key_of(entry.id, setup, [[pair[side].key for side in SIDES] for pair in prepared])
    if not again:
        known = [one for one in store.trials(entry=entry.id) if one.key == key and one.status != "failed"]
        if known:
            return settle(store, known[0])
    pairs = []
    for seed, pair in enumerate(prepared):
        runs = {side: submit_prepared(store, pair[side], again=again)[0] for side in SIDES}
        reused = {f"{side}_stored": one.status == "done" for side, one in runs.items()}
        pairs.append({"seed": seed, **{side: one.id for side, one in runs.items()}, **reused})
    record, _ = store.add_trial(
        key=key,
        entry=entry.id,
        remedy=place,
        remedy_text=entry.remedies[place].text,
        setup=setup,
        pairs=pairs,
        model=specs[0]["before"].model,
        finding_id=finding,
        who=who,
        again=again,
    )
    return settle(store, record)


def _specs(trial: Trial, subject: Subject, count: int) -> list[dict[str, RunSpec]]:
    """Both sides of each pair: the same seed and the same subject, but for what the remedy changes."""
    about: dict[str, dict[str, Any]] = {side: asdict(subject) for side in SIDES}
    about["after"].update({str(name): other for name, other in trial.subject_after.items()})
    params = {"before": {**trial.common, **trial.before}, "after": {**trial.common, **trial.after}}
    return [
        {side: RunSpec(trial.analysis, **about[side], params=params[side], seed=seed) for side in SIDES}
        for seed in range(count)
    ]


def _setup(trial: Trial, pair: Mapping[str, RunSpec], count: int) -> dict[str, Any]:
    sides = {
        side: {
            "params": dict(one.params),
            "model": one.model,
            "data": one.data,
            "points": one.points,
            "slice": one.slice,
        }
        for side, one in pair.items()
    }
    measured = {name: getattr(trial, name) for name in ("analysis", "metric", "better", "least", "says")}
    changed: dict[str, dict[str, Any]] = {"before": dict(trial.before), "after": dict(trial.after)}
    for name, other in trial.subject_after.items():
        changed["before"][name], changed["after"][name] = getattr(pair["before"], name), other
    return {**measured, "seeds": count, **sides, "changed": changed}


def _key_of(entry: str, setup: Mapping[str, Any], keys: Sequence[Sequence[str]]) -> str:
    made_of = {"entry": entry, "runs": keys, **{name: setup[name] for name in ("metric", "better", "least")}}
    return hashlib.sha256(json.dumps(made_of, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


# -- how it stands, and how it ends


def settle(store: Store, trial: TrialRecord | str) -> TrialRecord:
    """A trial as it stands now: concluded when all its runs are done, failed when one of them cannot be used.

    A run that was deleted, failed or was cancelled, or that does not have the metric, ends the trial without a verdict;
    the others are then cancelled where nothing else waits for them.
    """
    record = store.trial(trial) if isinstance(trial, str) else trial
    if record.status != "running":
        return record
    runs, problem = _runs_of(store, record)
    if problem:
        ended = store.end_trial(record.id, error=problem)
        _cancel_rest(store, record)
        return ended
    if not all(one.status == "done" for one in runs.values()):
        if any(one.status == "queued" for one in runs.values()):
            ensure_supervisor(store)
        return record
    return store.end_trial(record.id, **_concluded(store, record, runs))


def settle_all(store: Store) -> list[TrialRecord]:
    """Every trial under way, as it stands now; those that are done are concluded."""
    return [settle(store, one) for one in store.trials(status="running", limit=1000)]


def wait(
    store: Store,
    trial: TrialRecord,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    timeout: float | None = None,
) -> TrialRecord:
    """The trial once it has ended; raises :class:`TimeoutError` when it has not after ``timeout`` seconds."""
    begun, record = time.monotonic(), settle(store, trial)
    while record.status == "running":
        if on_progress is not None:
            on_progress(progress(store, record))
        if timeout is not None and time.monotonic() - begun > timeout:
            raise TimeoutError(f"the trial {record.id} is still under way after {timeout:g} s; it goes on")
        time.sleep(POLL)
        record = settle(store, record)
    return record


def progress(store: Store, trial: TrialRecord) -> Progress:
    """How far the runs of a trial are."""
    found = []
    for pair in trial.pairs:
        for side in SIDES:
            try:
                found.append((store.run(pair[side]), pair["seed"], side))
            except StoreError:  # deleted: the next look ends the trial
                continue
    ended = sum(one.ended for one, _, _ in found)
    under_way = [(one, seed, side) for one, seed, side in found if one.status == "running"]
    stage = "; ".join(f"{side}, seed {seed}: {one.stage or 'running'}" for one, seed, side in under_way[:2])
    share = sum(1.0 if one.ended else one.fraction for one, _, _ in found) / max(1, 2 * len(trial.pairs))
    return Progress(share, ended, 2 * len(trial.pairs), stage or "waiting for its turn")


def give_up(store: Store, trial: TrialRecord, *, who: str = "") -> TrialRecord:
    """End a trial without a verdict, and cancel its runs."""
    ended = store.end_trial(trial.id, error=f"it was given up{f' by {who}' if who else ''}")
    _cancel_rest(store, trial)
    return ended


def _runs_of(store: Store, trial: TrialRecord) -> tuple[dict[tuple[int, str], RunRecord], str]:
    """The runs by place of the pair and side, and why there can be no verdict (empty when there may be)."""
    runs: dict[tuple[int, str], RunRecord] = {}
    metric = trial.setup["metric"]
    for place, pair in enumerate(trial.pairs):
        for side in SIDES:
            told = f"the run {pair[side]} ({side}, seed {pair['seed']})"
            try:
                record = store.run(pair[side])
            except StoreError:
                return runs, f"{told} was deleted: there is no verdict; try again to compute it anew"
            if record.status == "cancelled":  # it may have given way to a finished run of the very same numbers
                record = store.by_key(record.key) or record
            if record.status in ("failed", "cancelled"):
                return runs, f"{told} {'failed' if record.status == 'failed' else 'was cancelled'}: {record.error}"
            if record.status == "done" and not math.isfinite(record.metrics.get(metric, math.nan)):
                if metric not in record.metrics:
                    there = ", ".join(sorted(record.metrics)[:12]) or "none"
                    return runs, f"{trial.setup['analysis']} has no metric '{metric}' here: it has {there}"
                return runs, f"the metric '{metric}' is not defined in {told}"
            runs[place, side] = record
    return runs, ""


def _concluded(store: Store, trial: TrialRecord, runs: Mapping[tuple[int, str], RunRecord]) -> dict[str, Any]:
    setup, metric = trial.setup, trial.setup["metric"]
    values = {side: [runs[place, side].metrics[metric] for place in range(len(trial.pairs))] for side in SIDES}
    effect = effect_of(values["before"], values["after"], better=setup["better"], least=float(setup["least"]))
    said = list(effect.said)
    versions = Counter(one.analysis_version for one in runs.values())
    if len(versions) > 1:
        said.append(f"The runs are of several versions of the analysis: {', '.join(sorted(versions))}.")
    if len({one.id for one in runs.values()}) < len(runs):
        said.append("Some runs stand on both sides or for several seeds: what differs does not reach the numbers.")
    told = store.result(runs[0, "after"].id)
    measured = told.metrics[metric]
    outcome = {
        **{name: getattr(effect, name) for name in ("value", "low", "high", "level", "p", "n")},
        "said": said,
        "seeds": [
            {
                "seed": pair["seed"],
                **{side: values[side][place] for side in SIDES},
                **{f"{side}_run": runs[place, side].id for side in SIDES},
            }
            for place, pair in enumerate(trial.pairs)
        ],
        "label": measured.label or metric,
        "unit": measured.unit,
        "note": measured.note,
        "analysis_version": runs[0, "after"].analysis_version,
        "versions": told.manifest.get("versions", {}),
        "device": runs[0, "after"].device,
    }
    return {"verdict": effect.verdict, "outcome": outcome}


def _cancel_rest(store: Store, trial: TrialRecord) -> None:
    """Cancel the runs of an ended trial that are not over, unless another trial under way has them too."""
    wanted = {pair[side] for one in store.trials(status="running", limit=1000) for pair in one.pairs for side in SIDES}
    for pair in trial.pairs:
        for side in SIDES:
            if pair.get(f"{side}_stored") or pair[side] in wanted:
                continue
            try:
                if not store.run(pair[side]).ended:
                    cancel(store, pair[side], patience=0.0)
            except StoreError:  # it was deleted
                continue


# -- the ledger in words


def ledger(store: Store, entry: str) -> list[TrialRecord]:
    """The trials of an entry, newest first, those under way as they stand now."""
    return [settle(store, one) for one in store.trials(entry=entry, limit=1000)]


def line(trials: Iterable[TrialRecord]) -> str:
    """What a ledger says, in a line; empty where nothing is concluded.

    Beside the grade of the source, and never mixed with it: "helped 3 of 4 trials (mnist-vae, eigenfaces)".
    """
    concluded = [one for one in trials if one.status == "concluded"]
    if not concluded:
        return ""
    counts = Counter(one.verdict for one in concluded)
    others = [f"{verdict} in {counts[verdict]}" for verdict in ("no effect", "harmed", "undecided") if counts[verdict]]
    subjects = list(dict.fromkeys(subject_words(one) for one in concluded))
    where = ", ".join(subjects[:4]) + (", …" if len(subjects) > 4 else "")
    count = f"{len(concluded)} trial" + ("s" if len(concluded) > 1 else "")
    return f"helped {counts['helped']} of {count} ({where})" + (f"; {', '.join(others)}" if others else "")


def subject_words(trial: TrialRecord) -> str:
    """What a trial was made on: the model, else the data; and the other one where the remedy is another."""
    sides = [trial.setup.get(side, {}) for side in SIDES]
    before, after = (str(one.get("model") or one.get("data") or one.get("points") or "no model") for one in sides)
    return before if before == after else f"{before} against {after}"


def effect_in_words(trial: TrialRecord) -> str:
    """The effect of a concluded trial with its interval, sample and p value."""
    if trial.status != "concluded":
        return trial.error or "under way"
    found = trial.outcome
    unit = f" {found['unit']}" if found.get("unit") else ""
    text = f"{found['label']} {found['value']:+.4g}{unit}"
    if found.get("low") is not None:
        text += f" ({found['level']:.0%} interval {found['low']:+.4g} to {found['high']:+.4g})".replace("%", " %")
    return f"{text}, n = {found['n']} paired seeds, sign-flip p = {found['p']:.2g}"
