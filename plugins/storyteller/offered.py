# SPDX-License-Identifier: Apache-2.0
"""Which models can tell stories, which can place pictures among texts, and whether two of them share a space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from registry.errors import WorkbenchError
from registry.spaces import Images, Texts, Vectors
from workbench.app import engine

if TYPE_CHECKING:
    from workbench.points import Description

TELLER: Final = "sentence-thoughts"
PAINTER: Final = "visual-semantic"
PROBES: Final = ("a dog runs along the beach", "the price of oil fell", "she closed the door softly")
SAME: Final = 0.99  # cosine of one sentence read by two models of one space


@dataclass(frozen=True)
class Teller:
    """A model that reads texts and tells them again.

    Attributes
    ----------
    read, back : its maps from texts to the space, and from the space to texts; ``told`` says what each of these does
    space, size : the space
    conditions : names of the conditions that each map back has
    """

    model: str
    read: str
    back: tuple[str, ...]
    told: tuple[str, ...]
    space: str
    size: int
    cosine: bool
    conditions: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Painter:
    """A model that takes pictures to a space of texts: its maps in order, its map of texts, and its pictures."""

    model: str
    maps: tuple[str, ...]
    read: str
    pixels: Images
    vectors: str
    rest: tuple[str, ...]


def teller_of(model: str, description: Description) -> Teller | None:
    """How a model tells, ``None`` when it cannot."""
    for name, one in description.maps.items():
        space = description.spaces.get(one.target)
        if not (isinstance(description.spaces.get(one.source), Texts) and isinstance(space, Vectors)):
            continue
        back = [
            other
            for other in description.maps.values()
            if other.source == one.target and isinstance(description.spaces.get(other.target), Texts)
        ]
        back.sort(key=lambda other: other.name != "tell")  # what is written anew stands first
        if back:
            return Teller(
                model,
                name,
                tuple(other.name for other in back),
                tuple(other.description for other in back),
                one.target,
                space.size,
                space.metric == "cosine",
                tuple(tuple(condition.name for condition in other.conditions) for other in back),
            )
    return None


def painter_of(model: str, description: Description) -> Painter | None:
    """How a model places pictures among texts, ``None`` when it cannot."""
    reads = {
        one.target: name
        for name, one in description.maps.items()
        if isinstance(description.spaces.get(one.source), Texts)
        and isinstance(description.spaces.get(one.target), Vectors)
    }
    for start, space in description.spaces.items():
        if not isinstance(space, Images):
            continue
        ways: list[tuple[str, tuple[str, ...]]] = [(start, ())]
        seen = {start}
        for here, route in ways:
            if here in reads:
                between = description.maps[route[0]].target
                return Painter(model, route, reads[here], space, between, route[1:])
            for name, one in description.maps.items():
                if one.source == here and one.target not in seen:
                    seen.add(one.target)
                    ways.append((one.target, (*route, name)))
    return None


def candidates(usual: str) -> list[str]:
    """Models that may serve: the usual one first, then those whose maps are known to the store already."""
    store = engine.store()
    there = [name for name, card in engine.catalogue().models.items() if card.missing() is None]
    known = [name for name in there if name != usual and store.description(name) is not None]
    return [*(one for one in (usual,) if one in there), *known]


def described(model: str) -> Description | None:
    """What the store knows of a model; ``None`` where it is not described yet."""
    from workbench.points import Description

    record = engine.store().description(model)
    if record is None or record.status != "ready" or record.json is None:
        return None
    try:
        return Description.from_json(record.json)
    except WorkbenchError:  # written by another version: it is described anew where it is asked for
        return None


def one_space(teller: Teller, painter: Painter) -> str:
    """Why pictures placed by one model cannot be told by another, in one sentence; empty when they can."""
    try:
        own = np.asarray(engine.live(teller.model).apply(teller.read, list(PROBES)), dtype=np.float64)
        other = np.asarray(engine.live(painter.model).apply(painter.read, list(PROBES)), dtype=np.float64)
    except WorkbenchError as error:
        return str(error)
    if own.shape != other.shape:
        return f"{painter.model} and {teller.model} have spaces of different width"
    lengths = np.linalg.norm(own, axis=1) * np.linalg.norm(other, axis=1)
    if not bool(((own * other).sum(axis=1) >= SAME * lengths).all()):
        return f"{painter.model} and {teller.model} read one sentence to different points"
    return ""
