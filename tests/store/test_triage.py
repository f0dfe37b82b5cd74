# SPDX-License-Identifier: Apache-2.0
"""Findings over runs, visits, trials and searches in the store."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.errors import StoreError
from registry.result import Finding, Result
from workbench.runs.spec import RunSpec
from workbench.store import Store, schema
from workbench.store.database import Database, sqlite_url
from workbench.store.migrate import FOLDER, bring_up


def result(*statements: str, **about: Any) -> Result:
    """A result whose findings say this, each with its length as the number."""
    return Result(findings=[Finding("projection.torn", one, float(len(one)), **about) for one in statements])


def test_a_newer_run_takes_a_finding_over_with_all_that_was_said_of_it(store: Store, done: Any) -> None:
    first = done(result("5 of 16 axes are inactive"), model="vae", seed=0)
    (known,) = store.tracked_findings()
    assert (known.first_run, known.runs, known.state) == (first.id, 1, "open")
    store.assign_findings([known.id], "Ada", who="Ben")
    store.note_finding(known.id, "seen on Monday", who="Ben")
    assert store.dismiss_findings([known.id[:6]], "as it should be", who="Ben") == 1
    second = done(result("1 of 16 axes is inactive", severity="serious"), model="vae", seed=1)
    (again,) = store.tracked_findings(state="dismissed")
    assert again.id == known.id and again.runs == 2 and again.last_run == second.id and again.assigned == "Ada"
    assert again.finding.statement == "1 of 16 axes is inactive" and again.reason == "as it should be"
    assert store.tracked_findings() == [] and store.tracked_of_run(second.id) == {0: known.id}
    told = [(one.what, one.who, one.note, one.run_id) for one in store.finding_history(known.id)]
    assert told == [
        ("found", "", "", first.id),
        ("assigned", "Ben", "Ada", None),
        ("note", "Ben", "seen on Monday", None),
        ("dismissed", "Ben", "as it should be", None),
        ("again", "", "serious, warning before", second.id),
    ]
    assert store.reopen_findings([known.id], who="Ada") == 1 and store.tracked_findings()[0].state == "open"


def test_another_question_is_another_finding(store: Store, done: Any) -> None:
    for about in (
        {"model": "vae"},
        {"model": "gan"},
        {"model": "vae", "params": {"k": 3}},
        {"model": "vae", "slice": "a"},
    ):
        done(result("torn"), **about)
    assert store.count_findings() == 4
    assert store.finding_counts()["model"] == {"gan": 1, "vae": 3}
    assert store.count_findings(codes=["projection.torn"]) == 4 and store.count_findings(entry="torn-maps") == 0
    assert store.count_findings(entry="torn-maps", codes=["projection.torn"]) == 4
    with pytest.raises(StoreError, match="no state 'odd'"):
        store.tracked_findings(state="odd")  # type: ignore[arg-type]


def test_what_a_newer_run_does_not_find_is_gone_and_may_come_back(store: Store, done: Any) -> None:
    done(result("axis 3 carries 0.2 nats", "axis 7 carries 0.4 nats"), model="vae")
    newer = done(result("axis 7 carries 0.5 nats"), model="vae")
    (gone,) = store.tracked_findings(state="gone")
    assert gone.finding.statement.startswith("axis 3") and gone.gone_run == newer.id
    assert [one.finding.value for one in store.tracked_findings()] == [23.0]
    done(Result(), model="vae")
    assert store.count_findings() == 0
    done(result("axis 3 carries 0.3 nats"), model="vae")
    assert [one.id for one in store.tracked_findings()] == [gone.id]
    assert [one.what for one in store.finding_history(gone.id)] == ["found", "gone", "back"]


def test_deleting_runs_and_gc_lose_nothing_that_was_said(store: Store, done: Any) -> None:
    run = done(result("torn"), model="vae")
    (known,) = store.tracked_findings()
    store.note_finding(known.id, "mine", who="Ada")
    store.delete_run(run.id)
    store.gc()
    after = store.tracked_finding(known.id)
    assert not after.last_run_stored and after.finding == known.finding and known.last_run_stored
    assert [one.what for one in store.finding_history(known.id)] == ["found", "note", "run deleted"]
    assert store.findings() == []


def test_changes_need_a_name_a_reason_and_a_finding(store: Store, done: Any) -> None:
    done(result("torn"))
    (known,) = store.tracked_findings()
    for wrong, message in (
        (lambda: store.dismiss_findings([known.id], "  ", who="Ada"), "with a reason"),
        (lambda: store.dismiss_findings([known.id], "x", who=" "), "who you are"),
        (lambda: store.note_finding("zz", "x", who="Ada"), "no finding 'zz'"),
        (lambda: store.dismiss_findings([known.id, "0" * 12], "x", who="Ada"), "no finding"),
    ):
        with pytest.raises(StoreError, match=message):
            wrong()
    assert store.tracked_finding(known.id) == known  # not even the first of two was dismissed


def test_two_people_dismiss_at_once(store: Store, done: Any) -> None:
    done(result("torn"))
    (known,) = store.tracked_findings()
    start, changed = threading.Barrier(2), []

    def dismiss(who: str) -> None:
        start.wait()
        changed.append(store.dismiss_findings([known.id], f"because {who} says so", who=who))

    people = [threading.Thread(target=dismiss, args=(who,)) for who in ("Ada", "Ben")]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(changed) == [0, 1]
    said = [one for one in store.finding_history(known.id) if one.what == "dismissed"]
    assert {one.who for one in said} == {"Ada", "Ben"}
    assert store.tracked_finding(known.id).reason == said[0].note  # the first one's; the second is not lost


def test_new_since_the_visit_before(store: Store, done: Any) -> None:
    done(result("old"), model="a")
    assert store.visit("Ada") is None
    assert store.visit("Ada") is None  # the same visit
    with store._database.write() as connection:
        connection.execute(schema.visit.update().values(last="2001-01-01T00:00:00.000000+00:00"))
    done(result("new"), model="b")
    before = store.visit("Ada")
    assert before is not None and store.visit("Ben") is None
    assert store.count_findings(since=before) == 2
    between = store.tracked_findings(model="a")[0].first_seen + timedelta(microseconds=1)
    assert [one.model for one in store.tracked_findings(since=between)] == ["b"]


def test_thousands_are_paged(store: Store, done: Any) -> None:
    done(result(*[f"unit {number} is dead" for number in range(1500)]))
    done(result(*[f"unit {number} is dead" for number in range(1, 1500)]))
    assert store.count_findings() == 1499 and store.count_findings(state="gone") == 1
    pages = [store.tracked_findings(limit=50, offset=offset) for offset in (0, 1450)]
    assert [len(page) for page in pages] == [50, 49]
    assert store.dismiss_findings([one.id for one in pages[0]], "all dead by design", who="Ada") == 50


def test_findings_of_an_older_store_are_taken_up(tmp_path: Path) -> None:
    root, old = tmp_path / "store", tmp_path / "old"
    with Store.open(root) as store:
        for number, said in enumerate((["torn 0.5", "kept"], ["torn 0.6"])):
            run, _ = store.submit(RunSpec("projection", model="vae", seed=number), f"{number:064x}", {})
            store.claim("worker", run.id)
            store.publish(run.id, Result(findings=[Finding(f"projection.{s[:4]}", s, 1.0) for s in said]), {})
        expected = {(one.finding, one.runs, one.state) for one in store.tracked_findings(state="all")}
    shutil.copytree(FOLDER, old, ignore=shutil.ignore_patterns("__pycache__", "0003_*"))
    with closing(sqlite3.connect(root / "store.sqlite")) as connection, connection:  # as the version before wrote it
        connection.execute("DROP INDEX ix_finding_tracked")
        connection.execute("ALTER TABLE finding DROP COLUMN tracked")
        for name in ("finding_event", "tracked_finding", "visit", "trial", "missed_search"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
    database = Database(sqlite_url(root / "store.sqlite"), "x")
    bring_up(database, root, head="0002", folder=old)
    database.close()
    with Store.open(root) as store:
        found = store.tracked_findings(state="all")
        assert {(one.finding, one.runs, one.state) for one in found} == expected
        (kept,) = store.tracked_findings()
        assert [one.what for one in store.finding_history(kept.id)] == ["found", "again"]
        assert store.tracked_of_run(kept.last_run) == {0: kept.id}


def test_a_trial_is_kept_once_and_concluded_once(store: Store) -> None:
    about: dict[str, Any] = {
        "key": "k" * 64, "entry": "collapse", "remedy": 1, "remedy_text": "free bits", "setup": {"metric": "m"},
        "pairs": [{"seed": 0, "before": "a", "after": "b"}],
    }  # fmt: skip
    trial, new = store.add_trial(**about, model="vae")
    assert new and store.add_trial(**about, again=True) == (trial, False)  # under way
    ended = store.end_trial(trial.id, verdict="helped", outcome={"effect": float("nan")})
    assert (ended.status, ended.verdict, ended.outcome) == ("concluded", "helped", {"effect": None})
    assert store.end_trial(trial.id, error="too late") == ended
    assert store.add_trial(**about) == (ended, False)
    other, new = store.add_trial(**about, again=True)
    assert new and store.end_trial(other.id, error="run b was deleted").status == "failed"
    assert store.ledger_counts() == {"collapse": {"helped": 1}}
    assert [one.id for one in store.trials(entry="collapse", remedy=1)] == [other.id, trial.id]
    for wrong in ({"verdict": "cured"}, {"verdict": "helped", "error": "x"}, {}):
        with pytest.raises(StoreError, match="a trial ends with one of helped"):
            store.end_trial(other.id, **wrong)
    with pytest.raises(StoreError, match="no trial"):
        store.trial("nothing")


def test_searches_that_found_nothing_are_counted(store: Store) -> None:
    for words in ("KL  Vanishing", "kl vanishing", "🙂 ", "", " \n"):
        store.keep_missed_search(words)
    store.keep_missed_search("x" * 100_000)
    kept = store.missed_searches()
    assert [(one.text[:12], one.count) for one in kept] == [("kl vanishing", 2), ("x" * 12, 1), ("🙂", 1)]
    store.forget_missed_search(kept[0].id)
    assert len(store.missed_searches()) == 2
    with pytest.raises(StoreError, match="no kept search"):
        store.forget_missed_search(kept[0].id)
