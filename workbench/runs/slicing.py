# SPDX-License-Identifier: Apache-2.0
"""The slices that a run names: whether they fit it and each other, and how they enter its key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.errors import DataError, DoesNotApply, ParameterError
from registry.parameters import Column, Params, Slice, Subject, picks_of
from workbench.runs.draws import Draws, in_words, read_draws

if TYPE_CHECKING:
    from registry.arrays import Array
    from workbench.points import Description, Route
    from workbench.runs.datasets import Opened
    from workbench.runs.spec import RunSpec
    from workbench.store import SliceRecord, Store


@dataclass(frozen=True)
class Slices:
    """The slices that a run names.

    Attributes
    ----------
    own : the run's own slice
    picked : those that its parameters name, by parameter
    """

    own: SliceRecord | None
    picked: Mapping[str, SliceRecord]

    @property
    def all(self) -> list[SliceRecord]:
        """Every one of them."""
        return [*([self.own] if self.own is not None else []), *self.picked.values()]

    @property
    def drawn(self) -> dict[str, Draws]:
        """What those of draws are of, by the slice's name."""
        found = {one.name: read_draws(one.data) for one in self.all}
        return {name: draws for name, draws in found.items() if draws is not None}


def slices_named(store: Store, own: str | None, params: type[Params], values: Mapping[str, Any]) -> Slices:
    """The slices that a run names; a picked one that is not there is left to the check of the picks."""
    names = params.slices_named(values)
    known = {one.name: one for one in store.slices()} if names else {}
    picked = {name: known[one] for name, one in names.items() if one in known}
    return Slices(None if own is None else store.slice(own), picked)


def told(one: SliceRecord) -> str:
    """A slice and what it is of, as the beginning of a sentence."""
    return f"the slice '{one.name}' is of {in_words(one.data)}"


def on_draws(spec: RunSpec, slices: Slices) -> RunSpec:
    """The spec with the model of the draws that its slices are of; as it is where no slice is of draws.

    Raises
    ------
    DataError
        When data is asked for as well, or the draws are of another model.
    ParameterError
        When other slices are of rows of data, or of draws under another seed.
    """
    drawn = [one for one in slices.all if read_draws(one.data) is not None]
    if not drawn:
        return spec
    first = drawn[0]
    given = spec.points or spec.data
    if given is not None:
        raise DataError(f"{told(first)}, not of rows of '{given}': leave out the data, or take another slice")
    for one in slices.all:
        if one not in drawn:
            raise ParameterError(f"{told(first)}, and '{one.name}' of {in_words(one.data)}: take slices of the same")
    model = spec.model or slices.drawn[first.name].model
    for one in drawn:
        if slices.drawn[one.name].model != model:
            raise DataError(f"{told(one)}, not of draws from a prior of '{model}'")
    _check_seeds(drawn)
    return replace(spec, model=model)


def _check_seeds(drawn: list[SliceRecord]) -> None:
    """All draws from one prior are under one seed in a run, so that what is not in a slice can be told from it."""
    first: dict[str, tuple[SliceRecord, int]] = {}
    for one in drawn:
        draws = read_draws(one.data)
        assert draws is not None
        other, seed = first.setdefault(draws.space, (one, draws.seed))
        if seed != draws.seed:
            raise ParameterError(f"{told(other)} and '{one.name}' of others, under seed {draws.seed}: take one seed")


def check_picked(slices: Slices, subject: Subject) -> None:
    """Raise :class:`ParameterError` when a parameter names a slice of what the run does not look at."""
    for name, one in slices.picked.items():
        if one.name not in subject.slices:
            fitting = ", ".join(subject.slices[:12]) or "none yet"
            raise ParameterError(f"'{name}' does not fit: {told(one)}; slices that fit here: {fitting}")


def check_routes(
    slices: Slices, chosen: Params, description: Description | None, data: Opened | None, model: str | None
) -> None:
    """Raise :class:`DoesNotApply` when spaces are picked, and none of them has points that the slices are of."""
    if description is None or not slices.all:
        return
    picks = {name: (kind, getattr(chosen, name)) for name, (kind, _) in picks_of(type(chosen)).items()}
    named = [value for kind, value in picks.values() if value is not None and kind not in (Column, Slice)]
    routes = {name: _route(description, name, data) for name in named}
    spaces = [name for name in named if name not in description.maps and routes[name] is not None]
    for one in slices.all:
        wrong = [misfit(one, route, model, data) for route in routes.values() if route is not None]
        if spaces and all(wrong):
            raise DoesNotApply(f"{wrong[0]}: take a slice of these, or none")


def _route(description: Description, picked: str, data: Opened | None) -> Route | None:
    from workbench.points import plan

    space = description.maps[picked].source if picked in description.maps else picked
    try:
        return plan(description, space, None if data is None else data.dataset.space)
    except DoesNotApply:  # the run says so when it asks for these points
        return None


def misfit(one: SliceRecord, route: Route, model: str | None, data: Opened | None) -> str:
    """Why a slice is not of what the points of a route come from, as a sentence; empty when it is."""
    if route.source == "data":
        name = data.name if data is not None else ""
        return "" if one.data == name else f"{told(one)}, and points of '{route.space.name}' come from rows of '{name}'"
    if route.source == "items":
        return f"{told(one)}, and points of '{route.space.name}' come from the items of '{route.start.name}'"
    draws = read_draws(one.data)
    if draws is not None and (draws.model, draws.space) == (model, route.start.name):
        return ""
    return (
        f"{told(one)}, and points of '{route.space.name}' are drawn from the prior of '{route.start.name}' of '{model}'"
    )


def in_key(one: SliceRecord) -> str | dict[str, str]:
    """A slice as it enters the key of a run: the hash of its rows, and of draws also what they are draws of.

    The data of other slices is in the key with its own fingerprint.
    """
    rows = rows_hash(one.rows())
    return rows if read_draws(one.data) is None else {"rows": rows, "of": one.data}


def seeds_in(preimage: Mapping[str, Any]) -> dict[str, int]:
    """The seed of the draws from the prior of each space that the slices of a run are of, from its preimage."""
    entries = [preimage.get("slice"), *(preimage.get("slices") or {}).values()]
    drawn = [read_draws(str(one["of"])) for one in entries if isinstance(one, Mapping)]
    return {one.space: one.seed for one in drawn if one is not None}


def rows_hash(rows: Array) -> str:
    """SHA-256 of row numbers."""
    return hashlib.sha256(np.ascontiguousarray(rows, dtype="<i8").tobytes()).hexdigest()
