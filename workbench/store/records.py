# SPDX-License-Identifier: Apache-2.0
"""Rows of the store as plain, frozen things."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from registry.arrays import Array
from registry.errors import StoreError
from registry.result import Finding
from workbench.store.clock import moment

ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class RunRecord:
    """A run as the store knows it.

    Attributes
    ----------
    id : 12 hexadecimal characters
    key : SHA-256 of everything that decides the numbers
    params : parameters, with the defaults filled in
    device_wanted, device : asked for (``"auto"``), and used (empty before the start)
    status : ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``
    created, started, finished, beat : UTC; the beat is the last sign of life
    fraction, stage, seconds_left : progress; ``None`` seconds while they cannot be estimated
    error, traceback : why it has no result (empty otherwise)
    pid, pid_start : process and its start time in seconds since the epoch, to know it from a later one
    metrics : numbers by name in the order of the result, NaN where not defined; intervals are in the stored result
    time_limit, memory_limit : seconds, bytes
    """

    id: str
    key: str
    analysis: str
    analysis_version: str
    model: str | None
    data: str | None
    slice: str | None
    points: str | None
    params: dict[str, Any]
    seed: int
    device_wanted: str
    device: str
    status: str
    created: datetime
    started: datetime | None
    finished: datetime | None
    beat: datetime | None
    fraction: float
    stage: str
    seconds_left: float | None
    error: str
    traceback: str
    worker: str
    pid: int | None
    pid_start: float | None
    metrics: dict[str, float]
    time_limit: float | None
    memory_limit: int | None
    cancel_asked: bool
    again: bool

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in ENDED


_TIMES = ("created", "started", "finished", "beat")
_PLAIN = tuple(name for name in RunRecord.__dataclass_fields__ if name not in (*_TIMES, "seconds_left", "metrics"))


def run_record(row: Mapping[str, Any], metrics: dict[str, float]) -> RunRecord:
    """The record of a row of the table ``run``."""
    return RunRecord(
        **{name: row[name] for name in _PLAIN},
        **{name: moment(row[name]) for name in _TIMES},  # type: ignore[arg-type]
        seconds_left=_seconds_left(row, datetime.now(UTC)),
        metrics=metrics,
    )


def _seconds_left(row: Mapping[str, Any], present: datetime) -> float | None:
    if row["status"] != "running":
        return None
    begun, last = moment(row["progress_started"]), moment(row["progressed"])
    return (
        None
        if begun is None or last is None
        else seconds_left(
            row["progress_from"], row["fraction"], (last - begun).total_seconds(), (present - last).total_seconds()
        )
    )


def seconds_left(before: float, fraction: float, elapsed: float, since: float = 0.0) -> float | None:
    """Seconds left at the pace so far: from ``before`` to ``fraction`` in ``elapsed`` seconds, ``since`` seconds ago.

    >>> seconds_left(0.0, 0.25, 10.0)
    30.0
    >>> seconds_left(0.0, 0.25, 10.0, since=4.0)
    26.0
    """
    done = fraction - before
    if done <= 0 or elapsed <= 0:
        return None
    return max(0.0, elapsed * (1.0 - fraction) / done - since)


@dataclass(frozen=True)
class Artifact:
    """A file of a finished run. Kinds: table, array, image, chart, result, manifest."""

    run_id: str
    name: str
    kind: str
    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True)
class FindingRecord:
    """A finding, and the run that made it."""

    run_id: str
    analysis: str
    model: str | None
    data: str | None
    created: datetime
    finding: Finding
    code: str = field(init=False)
    statement: str = field(init=False)
    severity: str = field(init=False)
    value: float = field(init=False)

    def __post_init__(self) -> None:
        for name in ("code", "statement", "severity", "value"):
            object.__setattr__(self, name, getattr(self.finding, name))


@dataclass(frozen=True)
class SliceRecord:
    """A saved selection of rows of a data set, or of draws from a prior.

    Attributes
    ----------
    data : the data set it is of, or the draws (``"prior:<model>/<space>@<seed>"``)
    sha256 : of its file; the same rows have the same hash
    length : number of rows
    note, origin : what it is for, and where it was selected (free text)
    """

    name: str
    data: str
    sha256: str
    length: int
    note: str
    origin: str
    created: datetime
    path: Path

    def rows(self) -> Array:
        """Positions in the data set, or numbers of draws, ascending, int64 ``[length]``.

        Raises :class:`StoreError` when its file is missing or damaged.
        """
        try:
            return np.asarray(np.load(self.path, allow_pickle=False))
        except (OSError, ValueError, EOFError) as error:
            raise StoreError(
                f"the rows of the slice '{self.name}' cannot be read: save it anew ({type(error).__name__})"
            ) from error

    def __len__(self) -> int:
        return self.length


@dataclass(frozen=True)
class DirectionRecord:
    """A direction of a space with a name.

    Attributes
    ----------
    model, fingerprint : whose space it is, and of which weights
    sha256 : of its file; the same vector has the same hash
    size : how many numbers the vector has
    how, card : how it was found, and what was measured of it
    """

    name: str
    model: str | None
    fingerprint: str
    space: str
    sha256: str
    size: int
    how: dict[str, Any]
    card: dict[str, Any]
    created: datetime
    path: Path

    def vector(self) -> Array:
        """The direction in the units of the space, float32 ``[size]``.

        Raises :class:`StoreError` when its file is missing or damaged.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            return np.asarray(load_file(self.path)["vector"])
        except (OSError, KeyError, SafetensorError) as error:
            raise StoreError(
                f"the vector of the direction '{self.name}' cannot be read: save it anew ({type(error).__name__})"
            ) from error


@dataclass(frozen=True)
class DatasetRecord:
    """A data set that was added by path; ``options`` go to ``open_path``."""

    name: str
    path: str
    options: dict[str, Any]
    created: datetime


@dataclass(frozen=True)
class DescriptionRecord:
    """The description of a model as it was at ``stamp``: ``wanted``, ``ready`` (with JSON text) or ``failed``."""

    model: str
    stamp: str
    status: str
    json: str | None
    error: str
    updated: datetime


@dataclass(frozen=True)
class GarbageReport:
    """What ``gc`` removed, or would remove: names below the store's root, and bytes in all."""

    removed: list[str]
    bytes: int
    dry_run: bool


def number(value: float | None) -> float:
    """A stored number: NULL is NaN."""
    return math.nan if value is None else value
