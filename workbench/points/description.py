# SPDX-License-Identifier: Apache-2.0
"""Description: what a model is, found by tracing it once and kept as JSON, so that listings never load it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from registry.errors import ModelError
from registry.maps import Condition, MapDescription
from registry.parameters import Subject
from registry.spaces import Layer, Space, space_from

FORMAT = 1


@dataclass(frozen=True)
class Description:
    """What tracing found out about a model.

    Attributes
    ----------
    spaces : the spaces of the model by name
    layers : the layers that its maps drive, by dotted path; ``Layer.map`` is the first map that drives each
    maps : the maps by name
    fingerprint : SHA-256 of the weights and the sources, see :func:`workbench.points.fingerprint`
    parameters : how many trained numbers the model holds
    seconds : what tracing took
    problems : what could not be found out, in words
    drivers : for each layer every map that drives it with the same shape, the first one first
    calls : for each layer that a map runs more than once in a pass, how often (the last activation is captured)
    """

    spaces: dict[str, Space]
    layers: dict[str, Layer]
    maps: dict[str, MapDescription]
    fingerprint: str = ""
    parameters: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    drivers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def subject(self, columns: Iterable[str] = (), slices: Iterable[str] = ()) -> Subject:
        """The model, with the columns and slices of a data set, as what an analysis is offered."""
        return Subject({**self.spaces, **self.layers}, self.maps, tuple(columns), tuple(slices), has_model=True)

    def space(self, name: str) -> Space:
        """The space or layer called ``name``; raises :class:`SpaceError` with near ones."""
        from workbench.points.words import no_such_space

        found = self.spaces.get(name) or self.layers.get(name)
        if found is None:
            raise no_such_space(name, [*self.spaces, *self.layers], "the model")
        return found

    def to_json(self) -> str:
        """The description as one JSON document; :meth:`from_json` reads it back to an equal one."""
        plain: dict[str, Any] = {
            "format": FORMAT,
            "spaces": [one.describe() for one in self.spaces.values()],
            "layers": [one.describe() for one in self.layers.values()],
            "maps": [asdict(one) for one in self.maps.values()],
            "fingerprint": self.fingerprint,
            "parameters": self.parameters,
            "seconds": self.seconds,
            "problems": self.problems,
            "drivers": self.drivers,
            "calls": self.calls,
        }
        return json.dumps(plain, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Description:
        """The description that :meth:`to_json` wrote; raises :class:`ModelError` for one of another format."""
        plain = json.loads(text)
        if plain.pop("format", None) != FORMAT:
            raise ModelError("the stored description of the model is of another version: describe the model again")
        spaces = {one["name"]: space_from(one) for one in plain.pop("spaces")}
        layers = [space_from(one) for one in plain.pop("layers")]
        maps = [_map_from(one) for one in plain.pop("maps")]
        drivers = {name: tuple(ones) for name, ones in plain.pop("drivers").items()}
        return cls(
            spaces=spaces,
            layers={one.name: one for one in layers if isinstance(one, Layer)},
            maps={one.name: one for one in maps},
            drivers=drivers,
            **plain,
        )


def _map_from(plain: dict[str, Any]) -> MapDescription:
    conditions = tuple(
        Condition(one["name"], one["type"], one["default"], None if one["choices"] is None else tuple(one["choices"]))
        for one in plain["conditions"]
    )
    return MapDescription(plain["name"], plain["source"], plain["target"], conditions, plain["description"])
