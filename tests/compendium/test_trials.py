# SPDX-License-Identifier: Apache-2.0
"""Trials: from an entry to a line of the ledger, and everything that must not become one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.errors import DoesNotApply, EntryError, ParameterError, PluginError, WorkbenchError
from registry.result import Metric, Result
from workbench.compendium import trials
from workbench.compendium.entry import Entry, Trial
from workbench.runs import RunSpec, prepare
from workbench.store import RunRecord, Store

TINY = {"side": 5, "steps": 10, "limit": 200, "batch": 10, "hidden": 4, "axes": 2}


def entry(**trial: Any) -> Entry:
    """An entry whose second remedy has a trial."""
    asked = {
        "analysis": "vae-training", "metric": "active_units", "better": "higher", "data": "mnist", "common": TINY,
        "before": {"free_bits": 0.0}, "after": {"free_bits": 0.25}, "seeds": 3, "least": 0.5, **trial,
    }  # fmt: skip
    remedies = [
        {"text": "Wait.", "grade": "speculation"},
        {"text": "Free bits.", "grade": "established", "sources": ["a"], "trial": asked},
    ]
    return Entry.model_validate(
        {"id": "collapse", "title": "Collapse", "area": "vae", "symptoms": ["none"], "cause": "KL.",
         "remedies": remedies, "verify": {"text": "look"}, "sources": {"a": {"text": "A paper"}}}
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store in which nothing is started."""
    monkeypatch.setattr("workbench.runs.submission.ensure_supervisor", lambda _: None)
    monkeypatch.setattr(trials, "ensure_supervisor", lambda _: None)
    with Store.open(tmp_path / "store") as opened:
        yield opened


def side_of(run: RunRecord) -> str:
    return "after" if run.params["free_bits"] else "before"


def publish(store: Store, number: Callable[[RunRecord], float], metric: str = "active_units") -> None:
    """End every queued run with this number."""
    while (run := store.claim("test")) is not None:
        measured = Metric(number(run), label="active axes", unit="of 2 axes")
        store.publish(run.id, Result(metrics={metric: measured}), {"versions": {"torch": "2"}})


def test_a_trial_is_concluded_from_its_runs_and_stands_in_the_ledger(store: Store) -> None:
    begun = trials.start(store, entry(), who="Ada", finding="abc")
    assert begun.status == "running" and begun.remedy == 1 and begun.remedy_text == "Free bits."
    assert trials.start(store, entry()).id == begun.id and len(store.runs()) == 6
    assert {(one.seed, side_of(one)) for one in store.runs()} == {(s, x) for s in range(3) for x in trials.SIDES}
    far = trials.progress(store, begun)
    assert (far.fraction, far.ended, far.runs) == (0.0, 0, 6)
    publish(store, lambda run: run.seed + (2.0 + 0.1 * run.seed if side_of(run) == "after" else 0.0))
    (ended,) = trials.ledger(store, "collapse")
    assert (ended.status, ended.verdict, ended.who, ended.finding_id) == ("concluded", "helped", "Ada", "abc")
    outcome = ended.outcome
    assert outcome["value"] == pytest.approx(2.1) and outcome["low"] == pytest.approx(2.1 - 4.302653 * 0.1 / 3**0.5)
    assert [(one["before"], one["after"]) for one in outcome["seeds"]] == [(0, 2), (1, 3.1), (2, 4.2)]
    assert store.run(outcome["seeds"][1]["after_run"]).seed == 1 and outcome["versions"] == {"torch": "2"}
    assert trials.line([ended]) == "helped 1 of 1 trial (mnist)"
    assert trials.effect_in_words(ended).startswith("active axes +2.1 of 2 axes (95 % interval +1.85")
    assert trials.start(store, entry()) == ended and len(store.runs()) == 6  # shown, not repeated
    anew = trials.start(store, entry(), again=True)
    assert anew.id != ended.id and anew.key == ended.key and len(store.runs()) == 12


def test_stored_runs_count(store: Store) -> None:
    asked = entry().remedies[1].trial
    assert asked is not None
    for seed in range(3):
        for side in trials.SIDES:
            spec = RunSpec("vae-training", data="mnist", params={**TINY, **getattr(asked, side)}, seed=seed)
            store.submit(spec, *prepare(store, spec))
    publish(store, lambda run: 1.0)
    found = trials.start(store, entry())
    assert found.verdict == "no effect" and "does not depend on the seed" in found.outcome["said"][0]
    assert all(pair["before_stored"] and pair["after_stored"] for pair in found.pairs) and len(store.runs()) == 6


def test_runs_that_fail_are_said_and_give_no_verdict(store: Store) -> None:
    begun = trials.start(store, entry())
    store.claim("test", begun.pairs[1]["after"])
    store.fail(begun.pairs[1]["after"], "failed", "out of memory")
    ended = trials.settle(store, begun)
    assert ended.status == "failed" and not ended.verdict and "(after, seed 1) failed: out of memory" in ended.error
    assert {one.status for one in store.runs()} == {"failed", "cancelled"}  # nothing goes on for nobody
    assert trials.line([ended]) == ""
    again = trials.start(store, entry())
    assert again.id != ended.id
    assert "was given up by Ben" in trials.give_up(store, again, who="Ben").error


def test_a_run_that_is_deleted_meanwhile_ends_the_trial(store: Store) -> None:
    begun = trials.start(store, entry())
    victim = begun.pairs[0]["before"]
    store.claim("test", victim)
    store.publish(victim, Result(metrics={"active_units": 1.0}), {})
    assert trials.settle(store, begun).status == "running"
    store.delete_run(victim)
    assert trials.progress(store, begun).runs == 6
    ended = trials.wait(store, begun, timeout=1)
    assert ended.status == "failed" and f"the run {victim} (before, seed 0) was deleted" in ended.error


def test_a_metric_that_is_not_there_ends_the_trial_at_the_first_run(store: Store) -> None:
    begun = trials.start(store, entry(metric="activ_units"))
    store.claim("test", begun.pairs[0]["before"])
    store.publish(begun.pairs[0]["before"], Result(metrics={"active_units": 1.0}), {})
    assert "no metric 'activ_units' here: it has active_units" in trials.settle(store, begun).error
    publish(store, lambda run: float("nan"))
    other = trials.start(store, entry(after={"free_bits": 1.0}), seeds=2, again=True)
    publish(store, lambda run: float("nan"))
    assert "the metric 'active_units' is not defined in" in trials.settle(store, other).error


def test_what_cannot_be_tried_queues_nothing(store: Store) -> None:
    without = entry()
    assert trials.trial_of(without)[0] == 1
    for wrong, error, message in (
        (lambda: trials.start(store, without, 0), EntryError, "has trials for remedy 2"),
        (lambda: trials.start(store, without, 7), EntryError, "there is none to start"),
        (lambda: trials.start(store, without, seeds=1), ParameterError, "from 2 to 50 paired seeds"),
        (lambda: trials.start(store, entry(analysis="no-such")), PluginError, "the trial of 'collapse' cannot be made"),
        (lambda: trials.start(store, entry(analysis="latent-health")), DoesNotApply, "needs a model"),
        (lambda: trials.start(store, entry(after={"freebits": 1})), ParameterError, "freebits"),
        (lambda: trials.start(store, entry(data="no-such")), WorkbenchError, "no-such"),
        (lambda: trials.start(store, entry(data=None)), DoesNotApply, "needs something to work on"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            wrong()
    assert store.runs() == [] and store.trials() == []


def test_the_subject_is_the_given_one_or_that_of_the_entry() -> None:
    trial = entry().remedies[1].trial
    assert isinstance(trial, Trial)
    assert trials.subject_of(trial) == trials.Subject(data="mnist")
    assert trials.subject_of(trial, trials.Subject("vae")) == trials.Subject("vae")


def test_a_small_vae_from_a_finding_to_a_recorded_cure(store: Store) -> None:
    """The walk with a tiny setting, computed for real: collapse is found, its entry is tried, and recorded."""
    import workbench as wb
    from workbench.compendium.current import current

    collapsing = {
        "side": 8,
        "steps": 200,
        "limit": 500,
        "hidden": 32,
        "axes": 4,
        "batch": 50,
        "rate": 0.005,
        "likelihood": "gaussian",
        "variance": 1.0,
    }
    found = wb.run("vae-training", data="mnist", store=store, inline=True, **collapsing)
    assert [(one.code, one.severity) for one in found.findings] == [("vae-training.posterior-collapse", "serious")]
    (known,) = store.tracked_findings()
    issue = current(store).of_code(known.finding.code)
    assert issue is not None and issue.id == "posterior-collapse"
    place, shipped = next(
        (place, one.trial) for place, one in enumerate(issue.remedies) if one.trial and "free_bits" in one.trial.after
    )
    small = shipped.model_copy(
        update={
            "common": collapsing,
            "after": {"free_bits": 0.25},
            "seeds": 2,
            "metric": "active_units",
            "least": 1.0,
        }
    )
    remedy = issue.remedies[place].model_copy(update={"trial": small})
    tried = issue.model_copy(update={"remedies": (*issue.remedies[:place], remedy, *issue.remedies[place + 1 :])})
    begun = trials.start(store, tried, place, finding=known.id)
    assert begun.pairs[0]["before_stored"]  # the run of the finding itself
    for number in range(3):  # what workers do, in this process
        queued = store.runs(status="queued")
        assert len(queued) == 3 - number
        store.fail(queued[0].id, "cancelled", "made here instead")
        wb.run("vae-training", data="mnist", store=store, inline=True, seed=queued[0].seed, **queued[0].params)
    ended = trials.settle(store, begun)
    assert (ended.verdict, ended.finding_id) == ("helped", known.id), ended
    assert [one["before"] for one in ended.outcome["seeds"]] == [0.0, 0.0]
    assert trials.line(trials.ledger(store, issue.id)) == "helped 1 of 1 trial (mnist)"
    assert store.tracked_finding(known.id).state == "open"  # a trial of another objective mends no run
