# SPDX-License-Identifier: Apache-2.0
"""Findings over runs: what a published run makes of those that are known, within the transaction that publishes it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from workbench.store import schema
from workbench.store.matching import SUBJECT, match, question_of

_tracked, _event = schema.tracked_finding, schema.finding_event
RANK: Final[Mapping[str, int]] = {"serious": 0, "warning": 1, "info": 2}
CONTENT: Final = ("statement", "value", "threshold", "low", "high", "n", "severity", "wrong_if", "figure", "entry")


def track(connection: sa.Connection, run_id: str, rows: Sequence[dict[str, Any]], at: str) -> None:
    """Match the findings of a run with those known of its question, and write each one's id into its row.

    A known one gets the new numbers and keeps its history, state and notes; one that the run does not make any more
    is gone since this run.
    """
    run = connection.execute(sa.select(schema.run).where(schema.run.c.id == run_id)).mappings().one()
    question = question_of(run)
    query = sa.select(_tracked).where(_tracked.c.question == question).order_by(_tracked.c.first_seen, _tracked.c.id)
    known: dict[str, list[dict[str, Any]]] = {}
    for earlier in connection.execute(query).mappings():
        known.setdefault(earlier["code"], []).append(dict(earlier))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(row)
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for code, new in found.items():
        old = known.get(code, [])
        places = match([one["statement"] for one in old], [one["statement"] for one in new])
        for row, place in zip(new, places, strict=True):
            if place is None:
                one = _new(run, question, row, at)
                fresh.append(one)
                events.append(event_line(one["id"], at, "found", run_id=run_id, value=row["value"]))
            else:
                one = old[place]
                changed.append({**_latest(row, run_id, at), "runs": one["runs"] + 1, "which": one["id"]})
                events.append(_seen_again(one, row, run_id, at))
            row["tracked"] = one["id"]
    still = {row["tracked"] for row in rows}
    gone = [
        one["id"] for listed in known.values() for one in listed if one["id"] not in still and one["gone_run"] is None
    ]
    events += [event_line(one, at, "gone", run_id=run_id) for one in gone]
    which = _tracked.c.id == sa.bindparam("which")
    if fresh:
        connection.execute(sa.insert(_tracked), fresh)
    if changed:
        connection.execute(sa.update(_tracked).where(which), changed)
    if gone:
        connection.execute(
            sa.update(_tracked).where(which), [{"which": one, "gone_run": run_id, "gone_at": at} for one in gone]
        )
    if events:
        connection.execute(sa.insert(_event), events)


def _new(run: Mapping[Any, Any], question: str, row: Mapping[str, Any], at: str) -> dict[str, Any]:
    about = {name: run[name] for name in SUBJECT}
    blank = {"first_run": run["id"], "first_seen": at, "runs": 1, "dismissed": False, "reason": "", "assigned": ""}
    latest = _latest(row, str(run["id"]), at)
    return {"id": secrets.token_hex(6), "question": question, "code": row["code"], **about, **blank, **latest}


def _seen_again(one: Mapping[str, Any], row: Mapping[str, Any], run_id: str, at: str) -> dict[str, Any]:
    graver = RANK[row["severity"]] < RANK.get(one["severity"], 2)
    note = f"{row['severity']}, {one['severity']} before" if graver else ""
    what = "again" if one["gone_run"] is None else "back"
    return event_line(one["id"], at, what, note=note, run_id=run_id, value=row["value"])


def _latest(row: Mapping[str, Any], run_id: str, at: str) -> dict[str, Any]:
    content = {name: row[name] for name in CONTENT}
    seen = {"last_run": run_id, "last_seen": at, "gone_run": None, "gone_at": None}
    return {**content, "rank": RANK[row["severity"]], **seen}


def event_line(
    finding: str,
    at: str,
    what: str,
    *,
    who: str = "",
    note: str = "",
    run_id: str | None = None,
    value: float | None = None,
) -> dict[str, Any]:
    """One line of the history of a finding; ``who`` is empty where a run made it."""
    return {"finding_id": finding, "at": at, "who": who, "what": what, "note": note, "run_id": run_id, "value": value}


def forget_run(connection: sa.Connection, run_id: str, at: str) -> None:
    """A run is being deleted: its findings stay known with their numbers, and their history says so."""
    query = sa.select(schema.finding.c.tracked).where(schema.finding.c.run_id == run_id).distinct()
    lines = [event_line(one, at, "run deleted", run_id=run_id) for one in connection.execute(query).scalars() if one]
    if lines:
        connection.execute(sa.insert(_event), lines)
