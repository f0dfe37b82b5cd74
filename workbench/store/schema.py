# SPDX-License-Identifier: Apache-2.0
"""Tables of the store. Times are UTC in ISO 8601 with microseconds, so that they sort as text."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

run = Table(
    "run",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("preimage", JSON, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("analysis", Text, nullable=False),
    Column("analysis_version", Text, nullable=False),
    Column("model", Text),
    Column("data", Text),
    Column("slice", Text),
    Column("points", Text),
    Column("params", JSON, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("device_wanted", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("time_limit", Float),
    Column("memory_limit", BigInteger),
    Column("status", String(12), nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    Column("created", String(32), nullable=False),
    Column("started", String(32)),
    Column("finished", String(32)),
    Column("beat", String(32)),
    Column("fraction", Float, nullable=False),
    Column("stage", Text, nullable=False),
    Column("progressed", String(32)),  # when progress was last reported
    Column("progress_started", String(32)),  # when it was first reported, and the fraction then
    Column("progress_from", Float),
    Column("worker", Text, nullable=False),
    Column("pid", Integer),
    Column("pid_start", Float),
    Column("error", Text, nullable=False),
    Column("traceback", Text, nullable=False),
    Index(None, "key", "status", "created"),
    Index(None, "created"),
    Index(None, "status", "created"),
    Index(None, "model", "created"),
    Index(None, "analysis", "created"),
    Index(None, "data", "created"),
)

run_metric = Table(
    "run_metric",
    metadata,
    Column("run_id", String(12), ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("value", Float),  # NULL for NaN
    Column("low", Float),
    Column("high", Float),
    Column("level", Float),
    Column("n", BigInteger),
    Column("unit", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("better", Text, nullable=False),
    Index(None, "name"),
)

finding = Table(
    "finding",
    metadata,
    Column("run_id", String(12), ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("code", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("value", Float),
    Column("threshold", Float),
    Column("low", Float),
    Column("high", Float),
    Column("n", BigInteger),
    Column("severity", Text, nullable=False),
    Column("wrong_if", Text, nullable=False),
    Column("figure", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("tracked", String(12)),  # the same finding over all runs
    Index(None, "created"),
    Index(None, "severity", "created"),
    Index(None, "code"),
    Index(None, "tracked"),
)

artifact = Table(
    "artifact",
    metadata,
    Column("run_id", String(12), ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Index(None, "sha256"),
)

slice_ = Table(
    "slice",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("data", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Index(None, "data"),
    Index(None, "sha256"),
)

direction = Table(
    "direction",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("model", Text),
    Column("fingerprint", Text, nullable=False),
    Column("space", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("how", JSON, nullable=False),
    Column("card", JSON, nullable=False),
    Column("created", String(32), nullable=False),
    Index(None, "model", "space"),
    Index(None, "sha256"),
)

dataset = Table(
    "dataset",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("path", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("created", String(32), nullable=False),
)

description = Table(
    "description",
    metadata,
    Column("model", String(200), primary_key=True),
    Column("stamp", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("json", Text),
    Column("error", Text, nullable=False),
    Column("updated", String(32), nullable=False),
    Index(None, "status", "updated"),
)

tracked_finding = Table(
    "tracked_finding",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("question", String(64), nullable=False),  # SHA-256 of analysis, subject and parameters
    Column("code", Text, nullable=False),
    Column("analysis", Text, nullable=False),
    Column("model", Text),
    Column("data", Text),
    Column("points", Text),
    Column("slice", Text),
    Column("params", JSON, nullable=False),
    Column("statement", Text, nullable=False),  # as the newest run makes it; kept when that run is deleted
    Column("value", Float),
    Column("threshold", Float),
    Column("low", Float),
    Column("high", Float),
    Column("n", BigInteger),
    Column("severity", Text, nullable=False),
    Column("rank", Integer, nullable=False),  # of the severity: 0 is the gravest
    Column("wrong_if", Text, nullable=False),
    Column("figure", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("first_run", String(12), nullable=False),  # no foreign keys: what is known outlives the runs
    Column("first_seen", String(32), nullable=False),
    Column("last_run", String(12), nullable=False),
    Column("last_seen", String(32), nullable=False),
    Column("gone_run", String(12)),
    Column("gone_at", String(32)),
    Column("dismissed", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("assigned", Text, nullable=False),
    Index(None, "question"),
    Index(None, "rank", "last_seen"),
    Index(None, "code"),
)

finding_event = Table(
    "finding_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("finding_id", String(12), ForeignKey("tracked_finding.id", ondelete="CASCADE"), nullable=False),
    Column("at", String(32), nullable=False),
    Column("who", Text, nullable=False),  # empty: a run
    Column("what", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("run_id", String(12)),
    Column("value", Float),
    Index(None, "finding_id", "id"),
)

visit = Table(
    "visit",
    metadata,
    Column("who", String(200), primary_key=True),
    Column("last", String(32), nullable=False),
    Column("before", String(32)),  # the end of the visit before this one
)

trial = Table(
    "trial",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("entry", Text, nullable=False),
    Column("remedy", Integer, nullable=False),  # from 0
    Column("remedy_text", Text, nullable=False),
    Column("setup", JSON, nullable=False),  # analysis, metric, sides, subject: all that was asked for
    Column("model", Text),
    Column("finding_id", String(12)),
    Column("who", Text, nullable=False),
    Column("status", String(12), nullable=False),  # running, concluded, failed
    Column("created", String(32), nullable=False),
    Column("ended", String(32)),
    Column("pairs", JSON, nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("outcome", JSON, nullable=False),
    Column("error", Text, nullable=False),
    Index(None, "entry", "created"),
    Index(None, "key", "created"),
    Index(None, "status", "created"),
)

missed_search = Table(
    "missed_search",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("folded", String(400), nullable=False),
    Column("text", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first", String(32), nullable=False),
    Column("last", String(32), nullable=False),
    Index(None, "folded", unique=True),
)
