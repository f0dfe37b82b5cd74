# SPDX-License-Identifier: Apache-2.0
"""Findings over all runs: which there are, what people have said of them, and what is new since a visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from registry.errors import StoreError
from registry.result import Finding
from workbench.store import schema
from workbench.store.base import PREFIX, RUN_ID, Base
from workbench.store.clock import moment, now
from workbench.store.encoding import text
from workbench.store.records import number
from workbench.store.tracking import CONTENT, event_line

_tracked, _event, _visit = schema.tracked_finding, schema.finding_event, schema.visit

State = Literal["open", "dismissed", "gone", "all"]
STATES: Final[tuple[State, ...]] = ("open", "dismissed", "gone", "all")
VISIT: Final = timedelta(minutes=30)  # so long without a look ends a visit
_LOOK: Final = timedelta(minutes=1)  # looks that are nearer to each other are one
MOST_WORDS: Final = 4000
_AT_ONCE: Final = 500  # ids in one statement
_VALUES: Final[Mapping[str, Callable[[str], dict[str, Any]]]] = {
    "dismissed": lambda reason: {"dismissed": True, "reason": reason},
    "reopened": lambda _: {"dismissed": False, "reason": ""},
    "assigned": lambda name: {"assigned": name},
}


@dataclass(frozen=True)
class TrackedFinding:
    """One finding over all runs of its question (analysis, subject and parameters, whatever the seed).

    Attributes
    ----------
    finding : as the newest run makes it
    analysis, model, data, points, slice, params : the question
    runs : how many runs have made it
    first_run, first_seen, last_run, last_seen : the first and the newest run that made it
    last_run_stored : whether the newest run is still there (it may have been deleted)
    gone_run, gone_at : the newer run of the same question that does not make it any more
    dismissed, reason, assigned : what people have said
    """

    id: str
    finding: Finding
    analysis: str
    model: str | None
    data: str | None
    points: str | None
    slice: str | None
    params: dict[str, Any]
    runs: int
    first_run: str
    first_seen: datetime
    last_run: str
    last_seen: datetime
    last_run_stored: bool
    gone_run: str | None
    gone_at: datetime | None
    dismissed: bool
    reason: str
    assigned: str

    @property
    def state(self) -> State:
        """``dismissed``, ``gone`` (no longer made, never dismissed) or ``open``."""
        return "dismissed" if self.dismissed else "gone" if self.gone_run is not None else "open"


@dataclass(frozen=True)
class FindingEvent:
    """One line of a finding's history.

    ``what`` is ``found``, ``again``, ``back``, ``gone`` or ``run deleted`` (by a run: ``who`` is empty), or
    ``dismissed``, ``reopened``, ``assigned``, ``note``.
    """

    at: datetime
    who: str
    what: str
    note: str
    run_id: str | None
    value: float


class Triage(Base):
    """Findings over all runs, and visits."""

    def tracked_findings(
        self,
        *,
        model: str | None = None,
        analysis: str | None = None,
        severity: str | None = None,
        entry: str | None = None,
        codes: Sequence[str] = (),
        state: State = "open",
        since: datetime | None = None,
        assigned: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[TrackedFinding]:
        """Findings, the gravest and then the newest first.

        Parameters
        ----------
        entry, codes : those that name this entry, or have one of these codes and name none
        state : ``open`` leaves out what was dismissed and what is gone
        since : only those that were first found, or came back, after this time
        """
        conditions = _conditions(model, analysis, severity, entry, codes, state, since, assigned)
        query = _with_run().where(*conditions).order_by(_tracked.c.rank, _tracked.c.last_seen.desc(), _tracked.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit).offset(offset)).mappings()
            return [_of(row) for row in rows]

    def count_findings(self, **conditions: Any) -> int:
        """How many :meth:`tracked_findings` would give without a limit."""
        query = sa.select(sa.func.count()).select_from(_tracked).where(*_conditions(**_filled(conditions)))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def finding_counts(self, **conditions: Any) -> dict[str, dict[str, int]]:
        """How many of them by ``model``, ``analysis``, ``severity``, ``code`` and ``assigned``."""
        chosen = _conditions(**_filled(conditions))
        counts: dict[str, dict[str, int]] = {}
        with self._database.read() as connection:
            for name in ("model", "analysis", "severity", "code", "assigned"):
                column = _tracked.c[name]
                query = sa.select(column, sa.func.count()).where(*chosen).group_by(column).order_by(column)
                counts[name] = {one or "": int(count) for one, count in connection.execute(query)}
        return counts

    def tracked_finding(self, finding_id: str) -> TrackedFinding:
        """The finding of this id, or of the one id that begins so; raises :class:`StoreError` where there is none."""
        return self._exactly([finding_id])[0]

    def tracked_of_run(self, run_id: str) -> dict[int, str]:
        """Ids of tracked findings by the position that they have among the findings of a run."""
        table = schema.finding
        query = sa.select(table.c.position, table.c.tracked).where(table.c.run_id == self._exact(run_id))
        with self._database.read() as connection:
            return {place: finding for place, finding in connection.execute(query) if finding is not None}

    def finding_history(self, finding_id: str) -> list[FindingEvent]:
        """Everything that has happened to a finding, in order of time."""
        known = self.tracked_finding(finding_id)
        query = sa.select(_event).where(_event.c.finding_id == known.id).order_by(_event.c.id)
        with self._database.read() as connection:
            return [
                FindingEvent(
                    _time(row["at"]), row["who"], row["what"], row["note"], row["run_id"], number(row["value"])
                )
                for row in connection.execute(query).mappings()
            ]

    def dismiss_findings(self, ids: Iterable[str], reason: str, *, who: str) -> int:
        """Dismiss findings; gives back how many were not dismissed before.

        One that somebody else has dismissed meanwhile keeps that reason; this one becomes a line of its history.
        Raises :class:`StoreError` for an id that is not there, and without a reason.
        """
        return self._say(ids, who, "dismissed", _words(reason, "say why: a finding is dismissed with a reason"))

    def reopen_findings(self, ids: Iterable[str], *, who: str, note: str = "") -> int:
        """Take dismissals back; gives back how many were dismissed."""
        return self._say(ids, who, "reopened", text(note)[:MOST_WORDS].strip())

    def assign_findings(self, ids: Iterable[str], name: str, *, who: str) -> int:
        """Assign findings to somebody; the empty name takes an assignment back. Gives back how many changed."""
        return self._say(ids, who, "assigned", text(name)[:200].strip())

    def note_finding(self, finding_id: str, note: str, *, who: str) -> None:
        """Add a note to a finding."""
        self._say([finding_id], who, "note", _words(note, "a note needs some words"))

    def _say(self, ids: Iterable[str], who: str, what: str, note: str) -> int:
        """Change findings, each with a line of history; gives back how many were not that way before."""
        name = _words(who, "say who you are: each change is kept with a name")[:200]
        changed: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        with self._database.write() as connection:
            for one in self._exactly(ids, connection):
                differs = {
                    "dismissed": not one.dismissed,
                    "reopened": one.dismissed,
                    "assigned": one.assigned != note,
                }.get(what, False)
                if differs:
                    changed.append({"which": one.id, **_VALUES[what](note)})
                if differs or what in ("dismissed", "note"):
                    lines.append(event_line(one.id, now(), what, who=name, note=note))
            if changed:
                connection.execute(sa.update(_tracked).where(_tracked.c.id == sa.bindparam("which")), changed)
            if lines:
                connection.execute(sa.insert(_event), lines)
        return len(changed)

    def _exactly(self, ids: Iterable[str], connection: sa.Connection | None = None) -> list[TrackedFinding]:
        """The findings of these ids, or of the one id that begins so, in their order."""
        if connection is None:
            with self._database.read() as own:
                return self._exactly(ids, own)
        given = list(dict.fromkeys(str(one) for one in ids))
        whole = [one for one in given if RUN_ID.fullmatch(one)]
        found: dict[str, TrackedFinding] = {}
        for start in range(0, len(whole), _AT_ONCE):
            query = _with_run().where(_tracked.c.id.in_(whole[start : start + _AT_ONCE]))
            found.update({row["id"]: _of(row) for row in connection.execute(query).mappings()})
        for one in given:
            if one not in found:
                found[one] = self._beginning(one, connection)
        return list({found[one].id: found[one] for one in given}.values())

    def _beginning(self, prefix: str, connection: sa.Connection) -> TrackedFinding:
        query = _with_run().where(_tracked.c.id.between(prefix, f"{prefix}g")).limit(2)
        rows = connection.execute(query).mappings().all() if PREFIX.fullmatch(prefix) else []
        if len(rows) != 1:
            why = "several begin so: give more characters" if rows else "'workbench findings' lists them"
            raise StoreError(f"there is no finding '{prefix[:40]}' in the store ({why})")
        return _of(rows[0])

    # -- visits

    def visit(self, who: str) -> datetime | None:
        """Note that somebody looks at the findings; the end of their visit before, ``None`` at the first.

        Half an hour without a look ends a visit.
        """
        name, present = text(who)[:200], now()
        query = sa.select(_visit).where(_visit.c.who == name)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        if row is not None and _time(present) - _time(row["last"]) < _LOOK:  # noted already: nobody waits for a lock
            return moment(row["before"])
        with self._database.write() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                connection.execute(sa.insert(_visit).values(who=name, last=present, before=None))
                return None
            before = row["before"]
            if _time(present) - _time(row["last"]) > VISIT:
                before = row["last"]
            values = {"last": present, "before": before}
            connection.execute(sa.update(_visit).where(_visit.c.who == name).values(values))
        return moment(before)


def _with_run() -> sa.Select[Any]:
    """Tracked findings, each with the newest run that made it where that is still there."""
    run = schema.run.c.id.label("stored")
    return sa.select(_tracked, run).outerjoin(schema.run, schema.run.c.id == _tracked.c.last_run)


def _of(row: Mapping[Any, Any]) -> TrackedFinding:
    finding = Finding(
        row["code"], **{name: row[name] for name in CONTENT if name != "value"}, value=number(row["value"])
    )
    same = ("id", "analysis", "model", "data", "points", "slice", "runs", "first_run", "last_run", "gone_run")
    return TrackedFinding(
        **{name: row[name] for name in (*same, "dismissed", "reason", "assigned")},
        finding=finding,
        params=dict(row["params"]),
        first_seen=_time(row["first_seen"]),
        last_seen=_time(row["last_seen"]),
        gone_at=moment(row["gone_at"]),
        last_run_stored=row["stored"] is not None,
    )


_DEFAULTS: Final[Mapping[str, Any]] = {
    "model": None, "analysis": None, "severity": None, "entry": None, "codes": (), "state": "open", "since": None,
    "assigned": None,
}  # fmt: skip


def _filled(conditions: Mapping[str, Any]) -> dict[str, Any]:
    if wrong := set(conditions) - set(_DEFAULTS):
        raise TypeError(f"findings are not filtered by {min(wrong)}")
    return {**_DEFAULTS, **conditions}


def _conditions(
    model: str | None,
    analysis: str | None,
    severity: str | None,
    entry: str | None,
    codes: Sequence[str],
    state: State,
    since: datetime | None,
    assigned: str | None,
) -> list[Any]:
    wanted = {"model": model, "analysis": analysis, "severity": severity, "assigned": assigned}
    chosen: list[Any] = [_tracked.c[name] == value for name, value in wanted.items() if value is not None]
    if entry is not None or codes:
        own = _tracked.c.entry == (entry or "")
        chosen.append(sa.or_(own, _tracked.c.code.in_(list(codes)))) if entry else chosen.append(
            _tracked.c.code.in_(list(codes))
        )
    if state == "open":
        chosen += [sa.not_(_tracked.c.dismissed), _tracked.c.gone_run.is_(None)]
    elif state == "dismissed":
        chosen.append(_tracked.c.dismissed)
    elif state == "gone":
        chosen += [sa.not_(_tracked.c.dismissed), _tracked.c.gone_run.is_not(None)]
    elif state != "all":
        raise StoreError(f"there is no state '{state}' of findings: open, dismissed, gone or all")
    if since is not None:
        after = since.astimezone(UTC).isoformat(timespec="microseconds")
        back = sa.select(_event.c.finding_id).where(_event.c.what == "back", _event.c.at > after)
        chosen.append(sa.or_(_tracked.c.first_seen > after, _tracked.c.id.in_(back)))
    return chosen


def _time(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def _words(given: str, lacking: str) -> str:
    said = text(given).strip()[:MOST_WORDS]
    if not said:
        raise StoreError(lacking)
    return said
