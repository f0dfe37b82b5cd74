# SPDX-License-Identifier: Apache-2.0
"""Findings over runs, visits, the ledger of trials, and searches that found nothing."""

from __future__ import annotations

import json
import secrets

import sqlalchemy as sa
from alembic import op

from workbench.store.matching import match, question_of

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RANK = {"serious": 0, "warning": 1, "info": 2}


def upgrade() -> None:
    op.add_column("finding", sa.Column("tracked", sa.String(12), nullable=True))
    op.create_index("ix_finding_tracked", "finding", ["tracked"])
    tracked = op.create_table(
        "tracked_finding",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("points", sa.Text(), nullable=True),
        sa.Column("slice", sa.Text(), nullable=True),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("wrong_if", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("first_run", sa.String(12), nullable=False),
        sa.Column("first_seen", sa.String(32), nullable=False),
        sa.Column("last_run", sa.String(12), nullable=False),
        sa.Column("last_seen", sa.String(32), nullable=False),
        sa.Column("gone_run", sa.String(12), nullable=True),
        sa.Column("gone_at", sa.String(32), nullable=True),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assigned", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tracked_finding"),
    )
    op.create_index("ix_tracked_finding_question", "tracked_finding", ["question"])
    op.create_index("ix_tracked_finding_rank_last_seen", "tracked_finding", ["rank", "last_seen"])
    op.create_index("ix_tracked_finding_code", "tracked_finding", ["code"])
    event = op.create_table(
        "finding_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.String(12), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(12), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["tracked_finding.id"], name="fk_finding_event_finding_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_finding_event"),
    )
    op.create_index("ix_finding_event_finding_id_id", "finding_event", ["finding_id", "id"])
    op.create_table(
        "visit",
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("last", sa.String(32), nullable=False),
        sa.Column("before", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("who", name="pk_visit"),
    )
    op.create_table(
        "trial",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Integer(), nullable=False),
        sa.Column("remedy_text", sa.Text(), nullable=False),
        sa.Column("setup", sa.JSON(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("finding_id", sa.String(12), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32), nullable=True),
        sa.Column("pairs", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trial"),
    )
    op.create_index("ix_trial_entry_created", "trial", ["entry", "created"])
    op.create_index("ix_trial_key_created", "trial", ["key", "created"])
    op.create_index("ix_trial_status_created", "trial", ["status", "created"])
    op.create_table(
        "missed_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(400), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first", sa.String(32), nullable=False),
        sa.Column("last", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_missed_search"),
    )
    op.create_index("ix_missed_search_folded", "missed_search", ["folded"], unique=True)
    _track_what_is_there(tracked, event)


def _track_what_is_there(tracked: sa.Table, event: sa.Table) -> None:
    """The findings of the runs that are stored already, in the order in which these were made."""
    connection = op.get_bind()
    runs = connection.execute(
        sa.text(
            "SELECT id, analysis, model, data, points, slice, params, finished FROM run "
            "WHERE status = 'done' ORDER BY finished, id"
        )
    ).mappings()
    found: dict[str, list[dict]] = {}
    rows = connection.execute(sa.text("SELECT * FROM finding ORDER BY run_id, position")).mappings()
    for row in rows.all():
        found.setdefault(row["run_id"], []).append(dict(row))
    known: dict[str, dict[str, list[dict]]] = {}
    events: list[dict] = []
    links: list[dict] = []
    for run in runs.all():
        run = dict(run)
        run["params"] = json.loads(run["params"]) if isinstance(run["params"], str) else run["params"]
        question = question_of(run)
        by_code: dict[str, list[dict]] = {}
        for one in found.get(run["id"], []):
            by_code.setdefault(one["code"], []).append(one)
        of_question = known.setdefault(question, {})
        again: set[str] = set()
        for code, new in by_code.items():
            old = of_question.setdefault(code, [])
            for one, place in zip(new, match([o["statement"] for o in old], [n["statement"] for n in new])):
                latest = {
                    name: one[name]
                    for name in (
                        "statement", "value", "threshold", "low", "high", "n", "severity", "wrong_if", "figure",
                        "entry",
                    )
                }
                at = one["created"]
                latest |= {
                    "rank": RANK.get(one["severity"], 2), "last_run": run["id"], "last_seen": at,
                    "gone_run": None, "gone_at": None,
                }
                if place is None:
                    row = {
                        "id": secrets.token_hex(6), "question": question, "code": code, "runs": 0,
                        "first_run": run["id"], "first_seen": at, "dismissed": False, "reason": "", "assigned": "",
                        **{name: run[name] for name in ("analysis", "model", "data", "points", "slice", "params")},
                    }
                    old.append(row)
                else:
                    row = old[place]
                what = "found" if place is None else "back" if row.get("gone_run") else "again"
                row.update(latest)
                row["runs"] += 1
                again.add(row["id"])
                events.append(_event(row["id"], at, what, run["id"], one["value"]))
                links.append({"tracked": row["id"], "run": run["id"], "place": one["position"]})
        for old in of_question.values():
            for row in old:
                if row["id"] not in again and row["gone_run"] is None:
                    row["gone_run"], row["gone_at"] = run["id"], run["finished"]
                    events.append(_event(row["id"], run["finished"], "gone", run["id"], None))
    every = [row for of_question in known.values() for old in of_question.values() for row in old]
    if every:
        connection.execute(tracked.insert(), every)
        connection.execute(event.insert(), events)
        connection.execute(
            sa.text("UPDATE finding SET tracked = :tracked WHERE run_id = :run AND position = :place"), links
        )


def _event(finding: str, at: str, what: str, run: str, value: float | None) -> dict:
    return {"finding_id": finding, "at": at, "who": "", "what": what, "note": "", "run_id": run, "value": value}
