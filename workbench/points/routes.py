# SPDX-License-Identifier: Apache-2.0
"""Routes: how points of a space come about, found without loading the model."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.errors import DoesNotApply
from registry.spaces import Items, Space, Vectors
from workbench.data.fitting import misfit, starting_space
from workbench.points.description import Description
from workbench.points.words import no_such_space

if TYPE_CHECKING:
    import pandas as pd

BARE = "points"
"""Name of the space of a data set that has none of its own, when there is no model."""


@dataclass(frozen=True)
class Route:
    """How points of a space come about: a source, the maps that are applied one after the other, and a layer.

    Attributes
    ----------
    space : the space that comes out
    source : ``"data"``, ``"prior"`` or ``"items"`` (every item of a finite space)
    start : the space that the source gives points of
    maps : names of the maps, in order
    layer : dotted path of the layer captured in the last map; empty when the map's output is wanted
    numbers : rough count of numbers that a point causes on the way, for choosing the batch size
    available : how many rows there are; ``None`` for a data set (its length) and for a prior (no end)
    """

    space: Space
    source: str
    start: Space
    maps: tuple[str, ...] = ()
    layer: str = ""
    numbers: int = 1
    available: int | None = None

    @property
    def from_data(self) -> bool:
        """Whether the points come from rows of a data set."""
        return self.source == "data"

    def describe(self) -> dict[str, Any]:
        """What decides the points, as plain JSON values (for keys and manifests)."""
        return {
            "source": self.source,
            "start": self.start.name,
            "maps": list(self.maps),
            "layer": self.layer,
            "space": self.space.describe(),
        }

    def __str__(self) -> str:
        steps = [self.source, self.start.name or self.start.kind, *self.maps]
        return " -> ".join([*steps, self.layer] if self.layer else steps)


def plan(description: Description | None, space_name: str, data_space: Space | str | None = None) -> Route:
    """The shortest route to points of a space.

    A data set stands for one space of the model: the one with its name if it fits there, else the first that it fits
    (see :func:`workbench.data.fit`). From there the fewest maps are taken. Without a data set, or where no map leads
    from the data set's space to the one asked for, points come from the prior of the space, or from a prior or
    finite space from which the fewest maps lead to it. A layer is captured in the first of its maps that has a route.

    Parameters
    ----------
    description : of the model; ``None`` for a data set alone, whose space is called by its name or ``"points"``
    space_name : a space or layer
    data_space : space of the data set, if there is one; or the name of the model's space that it stands for

    Raises
    ------
    SpaceError
        For a name that is no space or layer.
    DoesNotApply
        When the data set fits no space of the model, or nothing leads to the space; saying what is missing.
    """
    if description is None:
        return _bare(space_name, Vectors(name=data_space) if isinstance(data_space, str) else data_space)
    if isinstance(data_space, str):
        data_space = description.space(data_space)
    target = description.space(space_name)
    ends = _ends(description, space_name)
    if data_space is not None:
        start = start_of_data(description, data_space)
        for end, last in ends:
            path = _path(description, [start.name], end)
            if path is not None:
                return _route(description, target, "data", start, (*path[1], *last))
    sources = [name for name, one in description.spaces.items() if _can_start(one)]
    for end, last in ends:
        path = _path(description, sources, end)
        if path is not None:
            start = description.spaces[path[0]]
            source = "items" if isinstance(start, Items) else "prior"
            return _route(description, target, source, start, (*path[1], *last))
    raise DoesNotApply(_no_route(description, target, ends, data_space))


def start_of_data(description: Description, data_space: Space) -> Space:
    """The space of a model that data of this space stands for; raises :class:`DoesNotApply` where it fits none."""
    start = starting_space(data_space, description.spaces.values())
    if start is None:
        raise DoesNotApply(_no_fit(description, data_space))
    return start


def columns_of_items(start: Space, rows: Array) -> pd.DataFrame:
    """What stands beside points that are items of a finite space: ``name`` and ``position`` (0 is the first)."""
    import pandas as pd

    assert isinstance(start, Items)  # a source of items starts at nothing else
    return pd.DataFrame({"name": [start.names[int(one)] for one in rows], "position": np.asarray(rows)})


def _bare(space_name: str, data_space: Space | None) -> Route:
    if data_space is None:
        raise DoesNotApply(f"points of '{space_name}' need a model or a data set: give one of them")
    name = data_space.name or BARE
    if space_name not in (name, BARE):
        raise no_such_space(space_name, [name], "the data set")
    space = data_space if data_space.name else data_space.named(BARE)
    return Route(space, "data", space, numbers=_size(space))


def _ends(description: Description, name: str) -> list[tuple[str, tuple[str, ...]]]:
    """Spaces from which ``name`` is had at once, each with the last map to take (none for a space of the model)."""
    if name in description.spaces:
        return [(name, ())]
    drivers = description.drivers.get(name) or (description.layers[name].map,)
    return [(description.maps[one].source, (one,)) for one in drivers]


def _path(description: Description, starts: Sequence[str], end: str) -> tuple[str, tuple[str, ...]] | None:
    """The start and the maps of a shortest way to the space ``end``; ``None`` when there is none."""
    ways: dict[str, tuple[str, tuple[str, ...]]] = {one: (one, ()) for one in starts}
    waiting = deque(starts)
    while waiting:
        here = waiting.popleft()
        if here == end:
            return ways[here]
        for one in description.maps.values():
            if one.source == here and one.target not in ways:
                start, path = ways[here]
                ways[one.target] = (start, (*path, one.name))
                waiting.append(one.target)
    return None


def _can_start(space: Space) -> bool:
    return isinstance(space, Items) or (isinstance(space, Vectors) and space.prior is not None)


def _route(description: Description, target: Space, source: str, start: Space, maps: tuple[str, ...]) -> Route:
    layer = target.name if target.name in description.layers else ""
    driven = sum(one.size for name, one in description.layers.items() if one.map in maps)
    spaces = sum(_size(description.spaces[description.maps[one].target]) for one in maps)
    available = len(start.names) if isinstance(start, Items) and source == "items" else None
    return Route(target, source, start, maps, layer, driven + spaces + _size(start), available)


def _size(space: Space) -> int:
    size = 1
    for one in space.row_shape or ():
        size *= one or 64
    return size


def _shape(space: Space) -> str:
    if space.row_shape is None:
        return space.kind
    return f"{space.kind} [{', '.join(['n', *('any' if one is None else str(one) for one in space.row_shape)])}]"


def _no_fit(description: Description, data_space: Space) -> str:
    named = description.spaces.get(data_space.name)
    if named is not None:
        return f"the data set does not fit the model: {misfit(data_space, named)}"
    has = "; ".join(f"'{name}' of {_shape(one)}" for name, one in description.spaces.items())
    return f"the data set of {_shape(data_space)} fits no space of the model, which has {has}: choose another data set"


def _no_route(
    description: Description, target: Space, ends: list[tuple[str, tuple[str, ...]]], data_space: Space | None
) -> str:
    wanted = []
    for name, space in description.spaces.items():
        if any(_path(description, [name], end) is not None for end, _ in ends):
            wanted.append(f"'{name}' of {_shape(space)}")
    given = "no data set was given" if data_space is None else "no map leads there from the data set given"
    return (
        f"points of '{target.name}' cannot be had: no space with a prior leads there and {given}; "
        f"give a data set for {' or '.join(wanted)}"
    )
