# SPDX-License-Identifier: Apache-2.0
"""The kept directions that a run names: whether they fit its model and space, and how they enter its key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from registry.directions import Direction, kept_named
from registry.errors import ParameterError, SpaceError, StoreError
from registry.parameters import Column, Params, Slice, Subject, picks_of
from registry.spaces import Space

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store


def directions_in_key(store: Store, params: type[Params], values: Mapping[str, Any]) -> dict[str, str] | None:
    """SHA-256 of the vector of each direction that is named; ``None`` where no parameter asks for any.

    Raises :class:`ParameterError` with near matches for a name that is not kept.
    """
    named = kept_named(params, values)
    if named is None:
        return None
    return {one.name: one.sha256 for name, names in named.items() for one in _records(store, name, names)}


def check_kept(store: Store, chosen: Params, subject: Subject, model: str | None, fingerprint: str) -> None:
    """Check the directions that the parameters name against what the run looks at.

    Raises
    ------
    ParameterError
        When a direction is not kept; is of another model, of other weights of it, or of another space than the run
        looks at; or has another width than the space.
    """
    named = kept_named(type(chosen), chosen.model_dump(mode="json")) or {}
    spaces = spaces_of(chosen, subject)
    for name, names in named.items():
        for one in _records(store, name, names):
            wrong = misfit_of(one, model, fingerprint)
            if not wrong and one.space not in spaces:
                wrong = f"it is of the space '{one.space}', and the run looks at {_listed(spaces)}"
            if not wrong:
                wrong = width_misfit(one, subject.spaces.get(one.space))
            if wrong:
                raise ParameterError(f"'{name}': the direction '{one.name}' does not fit: {wrong}")


def spaces_of(chosen: Params, subject: Subject) -> list[str]:
    """The spaces that a kept direction may be of: the pick ``space``; without it all picked ones; else all there are.

    A map that is picked stands for the space that it leads from.
    """
    picks = {name: (kind, getattr(chosen, name)) for name, (kind, _) in picks_of(type(chosen)).items()}
    picked = {name: one for name, (kind, one) in picks.items() if one is not None and kind not in (Column, Slice)}
    names = [picked["space"]] if "space" in picked else list(picked.values())
    found = [subject.maps[one].source if one in subject.maps else str(one) for one in names]
    return list(dict.fromkeys(found)) or list(subject.spaces)


def misfit_of(one: DirectionRecord, model: str | None, fingerprint: str) -> str:
    """Why a direction is not of a model with these weights, in one clause; empty when it is."""
    if one.model != model:
        of = f"of the model '{one.model}'" if one.model is not None else "of bare data"
        return f"it is {of}, not of {f'{model!r}' if model is not None else 'bare data'}"
    if model is not None and one.fingerprint != fingerprint:
        return (
            f"it was kept for other weights of '{model}' (fingerprint {one.fingerprint[:12] or 'unknown'}, now "
            f"{fingerprint[:12]}): find it anew, and keep that"
        )
    return ""


def width_misfit(one: DirectionRecord, space: Space | None) -> str:
    """Why a direction cannot be added to points of a space, in one clause; empty when it can."""
    wide = width_of(space)
    if wide is None or wide == one.size:
        return ""
    return f"it has {one.size:,} numbers, and points of '{one.space}' have {wide:,}"


def width_of(space: Space | None) -> int | None:
    """How many numbers a point of a space has; ``None`` where that is not known."""
    shape = space.row_shape if space is not None else None
    known = [side for side in shape or () if side is not None]
    return math.prod(known) if shape is not None and len(known) == len(shape) else None


def given(store: Store, name: str, preimage: Mapping[str, Any], analysis: str) -> Direction:
    """A kept direction as an analysis is given it.

    Raises
    ------
    ParameterError
        When the run's parameters do not name it: the key would not know of it.
    StoreError
        When it was deleted, or another one kept under its name, since the run was queued; when its file is damaged.
    SpaceError
        When the model turned out to have other weights than it had when the direction was kept.
    """
    known = preimage.get("directions") or {}
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        raise ParameterError(
            f"'{analysis}' asks for the direction '{name}', and the run names no such (it names: {there}): give it a "
            "parameter of the type tuple[wb.Kept, ...]"
        )
    record = store.direction(name)
    if record.sha256 != known[name]:
        raise StoreError(f"another direction was kept under the name '{name}' since the run was queued: start it again")
    model = preimage.get("model")
    if model is not None:
        wrong = misfit_of(record, str(model["name"]), str(model["fingerprint"]))
        if wrong:
            raise SpaceError(f"the direction '{name}' does not fit: {wrong}")
    return Direction(record.name, record.vector(), record.space, record.model, record.how, record.card)


def _records(store: Store, parameter: str, names: list[str]) -> list[DirectionRecord]:
    found = []
    for one in dict.fromkeys(names):
        try:
            found.append(store.direction(one))
        except StoreError as error:
            raise ParameterError(f"'{parameter}': {error}") from None
    return found


def _listed(names: list[str]) -> str:
    return " or ".join(f"'{one}'" for one in names) if len(names) < 4 else f"{len(names)} others"
