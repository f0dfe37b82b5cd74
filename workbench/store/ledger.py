# SPDX-License-Identifier: Apache-2.0
"""The ledger of trials: what was tried against an issue, on what, and what was measured."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from registry.errors import StoreError
from workbench.store import schema
from workbench.store.base import Base
from workbench.store.clock import moment, now
from workbench.store.encoding import strict, text

_trial = schema.trial
VERDICTS: Final = ("helped", "no effect", "harmed", "undecided")


@dataclass(frozen=True)
class TrialRecord:
    """A trial of a remedy, under way or ended. A row is written once and concluded once; none is ever changed after.

    Attributes
    ----------
    key : SHA-256 of remedy, metric and the keys of all runs: the same trial has the same
    entry, remedy, remedy_text : the entry's id, the remedy's position in it from 0, and its words at that time
    setup : analysis, metric, better, least, level, sides with parameters and subjects
    model : of the side before
    finding_id : the finding that it was started from
    status : ``running``, ``concluded`` or ``failed``
    pairs : by seed ``{"seed", "before", "after"}``: ids of runs
    verdict : ``helped``, ``no effect``, ``harmed`` or ``undecided``; empty unless concluded
    outcome : effect with interval, p value, values by seed, versions, sentences
    error : why there is no verdict
    """

    id: str
    key: str
    entry: str
    remedy: int
    remedy_text: str
    setup: dict[str, Any]
    model: str | None
    finding_id: str | None
    who: str
    status: str
    created: datetime
    ended: datetime | None
    pairs: list[dict[str, Any]]
    verdict: str
    outcome: dict[str, Any]
    error: str


class Ledger(Base):
    """Trials."""

    def add_trial(
        self,
        *,
        key: str,
        entry: str,
        remedy: int,
        remedy_text: str,
        setup: Mapping[str, Any],
        pairs: Sequence[Mapping[str, Any]],
        model: str | None = None,
        finding_id: str | None = None,
        who: str = "",
        again: bool = False,
    ) -> tuple[TrialRecord, bool]:
        """Begin a trial; gives it back, and whether it is new.

        One of the same key that is under way or concluded is given back instead, unless ``again`` asks for a new one.
        """
        row = {
            "id": secrets.token_hex(6),
            "key": key,
            "entry": entry,
            "remedy": remedy,
            "remedy_text": text(remedy_text),
            "setup": strict(dict(setup)),
            "model": model,
            "finding_id": finding_id,
            "who": text(who)[:200],
            "status": "running",
            "created": now(),
            "ended": None,
            "pairs": strict([dict(one) for one in pairs]),
            "verdict": "",
            "outcome": {},
            "error": "",
        }
        with self._database.write() as connection:
            query = sa.select(_trial).where(_trial.c.key == key, _trial.c.status.in_(("running", "concluded")))
            known = connection.execute(query.order_by(_trial.c.created.desc()).limit(1)).mappings().first()
            if known is not None and (not again or known["status"] == "running"):
                return _of(known), False
            connection.execute(sa.insert(_trial).values(row))
        return _of(row), True

    def end_trial(
        self,
        trial_id: str,
        *,
        verdict: str = "",
        outcome: Mapping[str, Any] | None = None,
        error: str = "",
    ) -> TrialRecord:
        """Conclude a trial with a verdict, or end it as failed with an ``error``; one that has ended stays as it is."""
        if (verdict in VERDICTS) == bool(error):
            raise StoreError(f"a trial ends with one of {', '.join(VERDICTS)}, or with an error")
        values = {
            "status": "failed" if error else "concluded",
            "verdict": verdict,
            "outcome": strict(dict(outcome or {})),
            "error": text(error),
            "ended": now(),
        }
        known = self.trial(trial_id)
        with self._database.write() as connection:
            where = (_trial.c.id == known.id, _trial.c.status == "running")
            connection.execute(sa.update(_trial).where(*where).values(values))
        return self.trial(known.id)

    def trial(self, trial_id: str) -> TrialRecord:
        """The trial of this id; raises :class:`StoreError` where there is none."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(_trial).where(_trial.c.id == str(trial_id))).mappings().first()
        if row is None:
            raise StoreError(f"there is no trial '{str(trial_id)[:40]}' in the ledger")
        return _of(row)

    def trials(
        self,
        *,
        entry: str | None = None,
        remedy: int | None = None,
        model: str | None = None,
        status: str | None = None,
        finding: str | None = None,
        limit: int = 100,
    ) -> list[TrialRecord]:
        """Trials, newest first."""
        wanted = {"entry": entry, "remedy": remedy, "model": model, "status": status, "finding_id": finding}
        chosen = [_trial.c[name] == value for name, value in wanted.items() if value is not None]
        query = sa.select(_trial).where(*chosen).order_by(_trial.c.created.desc(), _trial.c.id).limit(limit)
        with self._database.read() as connection:
            return [_of(row) for row in connection.execute(query).mappings()]

    def ledger_counts(self) -> dict[str, dict[str, int]]:
        """How many concluded trials each entry has, by verdict."""
        query = (
            sa.select(_trial.c.entry, _trial.c.verdict, sa.func.count())
            .where(_trial.c.status == "concluded")
            .group_by(_trial.c.entry, _trial.c.verdict)
        )
        counts: dict[str, dict[str, int]] = {}
        with self._database.read() as connection:
            for entry, verdict, count in connection.execute(query):
                counts.setdefault(entry, {})[verdict] = int(count)
        return counts


def _of(row: Mapping[Any, Any]) -> TrialRecord:
    values = {name: row[name] for name in TrialRecord.__dataclass_fields__ if name not in ("created", "ended")}
    created = moment(row["created"])
    assert created is not None  # the column is never NULL
    return TrialRecord(**values, created=created, ended=moment(row["ended"]))
