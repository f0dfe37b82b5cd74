# SPDX-License-Identifier: Apache-2.0
"""Runs from submission to their end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import ParameterError, StoreError
from registry.result import Result
from workbench.runs.spec import RunSpec
from workbench.store import Store
from workbench.store.records import seconds_left


def test_a_submitted_run_keeps_what_was_asked_for(store: Store) -> None:
    params = {"space": "z", "perplexities": [5, 30.5], "whiten": True, "note": "ünï"}
    spec = RunSpec(
        "projection",
        "mnist-vae",
        "digits",
        None,
        "fours",
        params,
        seed=7,
        device="cpu",
        time_limit=1.5,
        memory_limit=2**33,
    )
    preimage = {"analysis": {"name": "projection", "version": "4"}, "seed": 7}
    record, new = store.submit(spec, "a" * 64, preimage)
    assert new
    assert store.run(record.id) == record
    assert (record.analysis, record.analysis_version, record.model, record.data) == (
        "projection",
        "4",
        "mnist-vae",
        "digits",
    )
    assert (record.slice, record.points, record.params, record.seed) == ("fours", None, params, 7)
    assert (record.device_wanted, record.device, record.time_limit, record.memory_limit) == ("cpu", "", 1.5, 2**33)
    assert (record.status, record.fraction, record.metrics, record.ended) == ("queued", 0.0, {}, False)
    assert abs((datetime.now(UTC) - record.created).total_seconds()) < 60
    assert store.preimage(record.id) == preimage


def test_the_same_key_is_given_back_while_queued_running_and_done(store: Store, submit: Any) -> None:
    first = submit(key="b" * 64)
    assert submit(key="b" * 64).id == first.id
    store.claim("worker")
    assert submit(key="b" * 64).id == first.id
    store.publish(first.id, Result(), {})
    assert submit(key="b" * 64).id == first.id
    found = store.by_key("b" * 64)
    assert found is not None and found.id == first.id


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_run_that_ended_without_result_is_not_given_back(store: Store, submit: Any, end: Any) -> None:
    first = submit(key="c" * 64)
    store.fail(first.id, end, "no luck")
    assert store.by_key("c" * 64) is None
    assert submit(key="c" * 64).id != first.id


def test_again_makes_a_new_run_and_the_newest_result_is_found_by_key(store: Store, done: Any) -> None:
    first = done(key="d" * 64)
    second = done(key="d" * 64, again=True)
    assert second.id != first.id and second.again
    found = store.by_key("d" * 64)
    assert found is not None and found.id == second.id


def test_a_seed_that_no_column_holds_is_refused(submit: Any) -> None:
    assert submit(seed=2**63 - 1).seed == 2**63 - 1
    with pytest.raises(ParameterError, match="64 bits"):
        submit(seed=2**63)


def test_claims_are_first_come_first_served(store: Store, submit: Any) -> None:
    asked = [submit().id for _ in range(5)]
    claimed = [store.claim(f"w{number}") for number in range(6)]
    assert [one.id for one in claimed if one is not None] == asked
    assert claimed[5] is None
    first = claimed[0]
    assert first is not None
    assert (first.status, first.worker) == ("running", "w0")
    assert first.started is not None and first.started >= first.created


def test_one_run_can_be_claimed_by_name_once(store: Store, submit: Any) -> None:
    submit()
    wanted = submit()
    taken = store.claim("worker", wanted.id)
    assert taken is not None and taken.id == wanted.id
    assert store.claim("worker", wanted.id) is None


def test_a_started_run_tells_its_process_and_device(store: Store, claimed: Any) -> None:
    run = claimed()
    store.started(run.id, 4242, 1.25, "cuda:0")
    found = store.run(run.id)
    assert (found.pid, found.pid_start, found.device) == (4242, 1.25, "cuda:0")


def test_progress_is_kept_within_its_bounds(store: Store, claimed: Any) -> None:
    run = claimed()
    for given_, kept in ((0.5, 0.5), (-1, 0.0), (7, 1.0), (float("nan"), 0.0)):
        store.progress(run.id, given_, "neighbours")
        found = store.run(run.id)
        assert (found.fraction, found.stage) == (kept, "neighbours")


def test_seconds_left_appear_with_the_second_report(store: Store, claimed: Any) -> None:
    run = claimed()
    store.progress(run.id, 0.0, "begin")
    assert store.run(run.id).seconds_left is None
    store.progress(run.id, 0.5, "half")
    left = store.run(run.id).seconds_left
    assert left is not None and 0 <= left < 60
    assert store.fail(run.id, "failed", "x").seconds_left is None


@given(st.floats(0.01, 0.99), st.floats(0.1, 1e6))
def test_seconds_left_is_exact_at_a_steady_pace(fraction: float, whole: float) -> None:
    assert seconds_left(0.0, fraction, fraction * whole) == pytest.approx((1 - fraction) * whole)


def test_seconds_left_is_not_guessed_from_nothing() -> None:
    assert seconds_left(0.5, 0.5, 10.0) is None
    assert seconds_left(0.5, 0.4, 10.0) is None
    assert seconds_left(0.0, 0.5, 10.0, since=100.0) == 0.0


def test_a_beat_is_a_later_sign_of_life(store: Store, claimed: Any) -> None:
    run = claimed()
    store.beat(run.id)
    beat = store.run(run.id).beat
    assert beat is not None and run.beat is not None and beat > run.beat


def test_nothing_moves_a_run_that_has_ended(store: Store, done: Any) -> None:
    run = done()
    store.progress(run.id, 0.1, "late")
    store.started(run.id, 1, 1.0, "cpu")
    store.beat(run.id)
    store.cancel(run.id)
    store.fail(run.id, "failed", "late")
    assert store.run(run.id) == run


def test_cancelling_a_queued_run_is_at_once_and_a_running_one_is_asked(store: Store, submit: Any) -> None:
    running, queued = submit(), submit()
    store.claim("worker")
    assert store.cancel(queued.id).status == "cancelled"
    assert store.cancel(running.id).status == "running"
    assert store.cancel_asked() == [running.id]
    assert store.fail(running.id, "cancelled", "cancelled").status == "cancelled"
    assert store.cancel_asked() == []
    assert store.claim("worker") is None


def test_a_failure_keeps_its_words_even_odd_ones(store: Store, claimed: Any) -> None:
    run = claimed()
    ended = store.fail(run.id, "failed", "bad \x00 byte \udc80", "Traceback ...")
    assert ended.status == "failed" and ended.finished is not None
    assert ended.error == "bad \ufffd byte ?" and ended.traceback == "Traceback ..."
    with pytest.raises(StoreError, match="not as 'done'"):
        store.fail(run.id, "done", "")  # type: ignore[arg-type]


def test_rekey_changes_the_key_unless_a_finished_run_has_it(store: Store, done: Any, claimed: Any) -> None:
    finished, run = done(key="e" * 64), claimed(key="f" * 64)
    assert store.rekey(run.id, "1" * 64, {"analysis": {"version": "9"}}) is None
    changed = store.run(run.id)
    assert (changed.key, changed.analysis_version) == ("1" * 64, "9")
    assert store.preimage(run.id) == {"analysis": {"version": "9"}}
    found = store.rekey(run.id, "e" * 64, {})
    assert found is not None and found.id == finished.id
    assert store.run(run.id).key == "1" * 64


def test_rekey_of_a_run_that_was_asked_for_again_always_takes_the_key(store: Store, done: Any, claimed: Any) -> None:
    done(key="e" * 64)
    run = claimed(again=True)
    assert store.rekey(run.id, "e" * 64, {}) is None
    assert store.run(run.id).key == "e" * 64


def test_runs_are_listed_newest_first_filtered_and_paged(store: Store, submit: Any) -> None:
    for number in range(6):
        submit(analysis=("projection", "reconstruction")[number % 2], model=f"m{number % 3}", data="digits")
    listed = store.runs()
    assert [one.created for one in listed] == sorted((one.created for one in listed), reverse=True)
    assert [one.id for one in store.runs(limit=2, offset=2)] == [one.id for one in listed[2:4]]
    assert {one.model for one in store.runs(model="m1")} == {"m1"}
    assert len(store.runs(model="m1", analysis="projection")) == store.count(model="m1", analysis="projection") == 1
    assert store.runs(data="faces") == [] and store.count(status="queued") == 6
    store.claim("worker")
    assert [one.id for one in store.runs(status="running")] == [listed[-1].id]


def test_a_run_is_found_by_the_beginning_of_its_id(store: Store, submit: Any) -> None:
    run = submit()
    assert store.run(run.id[:8]) == run
    for _ in range(17):  # more runs than first characters: two begin alike
        submit()
    first = [one.id[0] for one in store.runs()]
    twice = next(one for one in first if first.count(one) > 1)
    with pytest.raises(StoreError, match="several runs begin with"):
        store.run(twice)


@pytest.mark.parametrize("wrong", ["", "../etc", "ABCDEF", "%", "_", "0" * 13, "x" * 12, None])
def test_what_is_no_id_is_refused(store: Store, submit: Any, wrong: Any) -> None:
    submit()
    with pytest.raises(StoreError, match="no id of a run"):
        store.run(wrong)
    for call in (store.stage, store.log, store.artifacts, store.log_path):
        with pytest.raises(StoreError, match="no id of a run"):
            call(wrong)


def test_a_run_that_is_not_there_is_named(store: Store) -> None:
    for call in (store.run, store.cancel, store.result, store.delete_run, store.preimage):
        with pytest.raises(StoreError, match="no run 'aaaaaaaaaaaa'"):
            call("a" * 12)
