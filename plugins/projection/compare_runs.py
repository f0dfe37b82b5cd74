# SPDX-License-Identifier: Apache-2.0
"""Which finished projections are of the same points, what they are called, and the two of a pair, read and compared.

Rows of two runs name the same points when they count rows of the same data set, of the same file of points, draws of
one seed from one prior, or items of one space. A run's manifest says what its rows count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection.comparing import (
    FEWEST,
    Movement,
    Overlap,
    common_points,
    movement,
    neighbour_overlap,
    space_overlap,
)
from plugins.projection.results import METHOD_NAMES
from registry.errors import DoesNotApply, WorkbenchError
from workbench.app import engine
from workbench.app.parts import status, text, words

if TYPE_CHECKING:
    from workbench.store import RunRecord, StoredResult

ANALYSIS = "projection"
LISTED = 200  # finished projections that are offered, the newest
TOLD = ("perplexity", "iterations", "umap_neighbours", "min_dist", "initialisation", "fit_limit", "place")


@dataclass(frozen=True)
class MapRun:
    """A finished projection as one side of a comparison.

    Attributes
    ----------
    record : the run
    origin : what its rows count: equal for two runs whose rows name the same points
    count : points
    dimensions : of the map
    """

    record: RunRecord
    origin: tuple[str, str]
    count: int
    dimensions: int

    @property
    def id(self) -> str:
        """Of the run."""
        return self.record.id

    @property
    def method(self) -> str:
        """As people write it."""
        return METHOD_NAMES.get(str(self.record.params.get("method")), str(self.record.params.get("method")))

    @property
    def short(self) -> str:
        """Method and space, for headings."""
        return f"{self.method} of {self.record.params.get('space')}"

    def told_from(self, other: MapRun) -> str:
        """Method and space, and as much more as tells it from another."""
        if self.record.model != other.record.model and self.record.model:
            return f"{self.short}, {self.record.model}"
        if self.short != other.short:
            return self.short
        return f"{self.short}, " + (
            f"seed {self.record.seed}" if self.record.seed != other.record.seed else self.id[:6]
        )

    @property
    def name(self) -> str:
        """What tells it from others, the telling parts first."""
        record = self.record
        subject = [record.model, record.data or record.points, record.slice]
        parts = [
            self.short,
            *(str(one).rsplit("/", 1)[-1] for one in subject if one),  # of a file its name
            *_settings(record),
            "3-D" if self.dimensions == 3 else "",
            f"seed {record.seed}",
            text.counted(self.count, "point"),
            words.since(record.created),
            record.id[:6],
        ]
        return text.one_line(" · ".join(filter(None, parts)), 160)


def _settings(record: RunRecord) -> list[str]:
    from workbench.runs import snippets

    changed = snippets.changed(record.params, engine.analysis_of(record.analysis))
    return [
        f"{words.label(name).lower()} {words.value(changed[name])}" for name in TOLD if changed.get(name) is not None
    ]


@dataclass(frozen=True)
class Pair:
    """Two maps of the same points.

    Attributes
    ----------
    rows : int64 [c], what the common points are in the data, rising
    here, there : int64 [c], where they stand in the left and in the right run
    left, right : float32 [c, 2 or 3], their places on the maps
    moved : the right laid over the left; None for maps of different dimension
    """

    rows: Any
    here: Any
    there: Any
    left: Any
    right: Any
    moved: Movement | None


def finished() -> list[MapRun]:
    """The newest finished projections whose files are there."""
    found = engine.store().runs(analysis=ANALYSIS, status="done", limit=LISTED)
    return [one for record in found if (one := map_run(record)) is not None]


def map_run(record: RunRecord) -> MapRun | None:
    """A run as a side of a comparison; None when it is no finished projection or its files are gone."""
    if record.analysis != ANALYSIS or record.status != "done":
        return None
    facts = _facts(engine.store().location, record.id)
    return None if facts is None else MapRun(record, *facts)


@st.cache_resource(show_spinner=False, max_entries=1024)
def _facts(location: str, run_id: str) -> tuple[tuple[str, str], int, int] | None:
    try:
        record = engine.store().run(run_id)
        stored = engine.result_of(record)
        count, dimensions = stored.array("coordinates").shape
        return origin_of(record, stored), int(count), int(dimensions)
    except (WorkbenchError, OSError, ValueError, KeyError):
        return None  # a run whose files are gone is not offered; opened by itself, its page says so


def origin_of(record: RunRecord, stored: StoredResult) -> tuple[str, str]:
    """What the rows of a run count: a kind, and of what.

    Raises
    ------
    KeyError
        The manifest does not say it (of a very early version).
    """
    from workbench.runs import read_draws, slice_source

    source = slice_source(record, stored)
    if source is not None and read_draws(source) is not None:
        return "draw", source
    manifest = stored.manifest
    start = str(manifest["samples"][record.params["space"]]["route"]).split(" -> ")
    if start[0] == "items":
        return "item", f"{record.model}/{start[1]}"
    of = manifest["preimage"]["points" if manifest["preimage"]["data"] is None else "data"]
    return "row", str(of["fingerprint"] or of["name"])


def partners(left: MapRun, among: Sequence[MapRun]) -> dict[str, int]:
    """How many points each other run has in common with the left, of those that have enough; by the run's id."""
    found = {}
    for one in among:
        if one.id != left.id and one.origin == left.origin:
            count = common(left, one)
            if count >= FEWEST:
                found[one.id] = count
    return found


def common(left: MapRun, right: MapRun) -> int:
    """How many points two runs have in common."""
    if left.origin != right.origin:
        return 0
    first, second = sorted((left.id, right.id))
    return _common(engine.store().location, first, second)


@st.cache_resource(show_spinner=False, max_entries=4096)
def _common(location: str, first: str, second: str) -> int:
    rows = [np.asarray(engine.result_of(engine.store().run(one)).array("rows")) for one in (first, second)]
    return int(np.isin(rows[0], rows[1]).sum())


def read_pair(left: MapRun, right: MapRun) -> Pair:
    """The common points of two runs that have a place on both maps, the right laid over the left.

    Raises
    ------
    DoesNotApply
        Fewer than `FEWEST` of them have one.
    """
    one, other = engine.result_of(left.record), engine.result_of(right.record)
    rows = np.asarray(one.array("rows"))
    here, there = common_points(rows, np.asarray(other.array("rows")))
    places = np.asarray(one.array("coordinates"), dtype=np.float32)[here]
    others = np.asarray(other.array("coordinates"), dtype=np.float32)[there]
    drawn = np.isfinite(places).all(axis=1) & np.isfinite(others).all(axis=1)
    if not drawn.all():  # a point without a place on one of the maps can neither move nor have neighbours there
        if drawn.sum() < FEWEST:
            raise DoesNotApply(
                f"only {drawn.sum()} of the common points have a place on both maps, and {FEWEST} are needed: "
                "choose another map"
            )
        here, there, places, others = here[drawn], there[drawn], places[drawn], others[drawn]
    moved = movement(places, others) if places.shape == others.shape else None
    return Pair(rows[here].astype(np.int64), here, there, places, others, moved)


def overlap_of(pair: Pair, k: int) -> Overlap:
    """Neighbours on the one map that are neighbours on the other."""
    return neighbour_overlap(pair.left, pair.right, k)


def spaces_overlap(left: MapRun, right: MapRun, pair: Pair, k: int) -> Overlap:
    """Neighbours in the one space that are neighbours in the other.

    Raises
    ------
    DoesNotApply
        One of the runs does not have its points any more, or they are too many to look neighbours up meanwhile.
    """
    found = space_overlap(_points(left, pair.here), _points(right, pair.there), k)
    if found is None:
        raise DoesNotApply("the points hold too many numbers for that: project fewer points")
    return found


def same_space(left: MapRun, right: MapRun) -> bool:
    """Whether both are maps of one space: a model that has been trained on since has other spaces of the same name."""
    if (left.record.model, left.record.params.get("space")) != (right.record.model, right.record.params.get("space")):
        return False
    models = [engine.result_of(one.record).manifest["preimage"].get("model") or {} for one in (left, right)]
    return bool(models[0].get("fingerprint") == models[1].get("fingerprint"))


def _points(run: MapRun, positions: Any) -> Any:
    """Points of a run's space, such that Euclidean distance means what the metric of the space means."""
    from workbench.app.parts import run_points

    values = run_points.values(run.record, engine.result_of(run.record), positions)
    if getattr(run_points.space_of(run.record), "metric", "") != "cosine":
        return values
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(norms > 0, norms, 1)


def differences(left: MapRun, right: MapRun) -> str:
    """What the two were asked for differently, in a sentence."""
    from workbench.app.run_details import differences as found

    named = [f"{name.lower()} ({a}, {b})" for name, a, b in found(left.record, right.record)]
    if not named:
        return f"Both were asked for alike; {status.subject(left.record)}."
    return f"They differ in {', '.join(named)}."
