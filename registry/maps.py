# SPDX-License-Identifier: Apache-2.0
"""Maps between spaces: methods of a model, with conditions read off their keyword-only arguments."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, overload

from registry.arrays import is_distribution
from registry.errors import MapError
from registry.spaces import Space

Source = TypeVar("Source", bound=Space)
Target = TypeVar("Target", bound=Space)
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Condition:
    """A keyword-only argument of a map: its name, type (``int``, ``float``, ``bool``, ``str``), default and choices."""

    name: str
    type: str
    default: Any
    choices: tuple[Any, ...] | None = None

    def check(self, value: Any, owner: str) -> Any:
        """``value`` converted to the condition's type; raises :class:`MapError` where that is impossible."""
        kinds: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "bool": bool, "str": str}
        try:
            converted = kinds[self.type](value)
        except (TypeError, ValueError):
            raise MapError(f"condition '{self.name}' of map '{owner}' wants {self.type}, got {value!r}") from None
        if self.choices is not None and converted not in self.choices:
            raise MapError(f"condition '{self.name}' of map '{owner}' must be one of {list(self.choices)}")
        return converted


def conditions_of(function: Callable[..., Any], name: str) -> tuple[Condition, ...]:
    """The conditions of a map, read off its signature; raises :class:`MapError` for one that has no default."""
    found = []
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError):  # annotations that cannot be resolved: the defaults say the types
        hints = {}
    for one in inspect.signature(function).parameters.values():
        if one.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        if one.default is inspect.Parameter.empty:
            raise MapError(f"condition '{one.name}' of map '{name}' needs a default value")
        hint, choices = hints.get(one.name, type(one.default)), None
        if typing.get_origin(hint) is Literal:
            choices = typing.get_args(hint)
            hint = type(choices[0])
        if hint not in (int, float, bool, str):
            raise MapError(f"condition '{one.name}' of map '{name}' must be int, float, bool, str or Literal")
        found.append(Condition(one.name, hint.__name__, one.default, choices))
    return tuple(found)


class Map(Generic[Source, Target]):
    """A map of one model: takes points of ``source`` to points of ``target``.

    Calling it gives what the author's function returns (a tensor, or a distribution);
    :meth:`point` always gives a validated batch of the target space.
    """

    def __init__(
        self, name: str, function: Callable[..., Any], source: Space, target: Space, conditions: tuple[Condition, ...]
    ) -> None:
        self.name = name
        self.function = function
        self.source = source
        self.target = target
        self.conditions = conditions
        self.description = inspect.getdoc(function) or ""

    def __call__(self, batch: Any, **conditions: Any) -> Any:
        return self.function(batch, **self.settle(conditions))

    def settle(self, conditions: dict[str, Any]) -> dict[str, Any]:
        """``conditions`` checked and converted; raises :class:`MapError` for an unknown name."""
        known = {one.name: one for one in self.conditions}
        unknown = sorted(set(conditions) - set(known))
        if unknown:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise MapError(f"map '{self.name}' has no condition '{unknown[0]}': {has}")
        return {name: known[name].check(value, self.name) for name, value in conditions.items()}

    def point(self, batch: Any, **conditions: Any) -> Any:
        """The image of ``batch``: the mean where the map returns a distribution.

        Raises
        ------
        MapError
            When what came back is no batch of the target space with as many rows as went in.
        """
        return self.point_and_spread(batch, **conditions)[0]

    def point_and_spread(self, batch: Any, **conditions: Any) -> tuple[Any, Any]:
        """The image of ``batch`` and its standard deviation (``None`` where the map returns no distribution)."""
        out, spread = self(batch, **conditions), None
        if is_distribution(out):
            out, spread = out.mean, out.stddev
        try:
            self.target.validate(out)
        except Exception as error:
            raise MapError(f"map '{self.name}' returned no batch of its target: {error}") from error
        if len(out) != len(batch):
            raise MapError(f"map '{self.name}' took {len(batch)} rows and returned {len(out)}")
        return out, spread

    def describe(self) -> MapDescription:
        """The map without its function, as plain values."""
        return MapDescription(self.name, self.source.name, self.target.name, self.conditions, self.description)

    def __repr__(self) -> str:
        return f"<map {self.name}: {self.source.name} -> {self.target.name}>"


@dataclass(frozen=True)
class MapDescription:
    """A map as listings know it: names of its two spaces and its conditions."""

    name: str
    source: str
    target: str
    conditions: tuple[Condition, ...] = ()
    description: str = ""


class MapDeclaration:
    """What the decorator :func:`maps` leaves in the class; on an instance it is the bound :class:`Map`."""

    def __init__(self, function: Callable[..., Any], source: Space, target: Space) -> None:
        self.function = function
        self.source = source
        self.target = target
        self.name = function.__name__
        self.conditions = conditions_of(function, self.name)
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> MapDeclaration: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Map[Any, Any]: ...
    def __get__(self, instance: object | None, owner: type) -> MapDeclaration | Map[Any, Any]:
        if instance is None:
            return self
        function = self.function.__get__(instance, owner)
        return Map(self.name, function, self.source, self.target, self.conditions)


def maps(source: Space, *, to: Space) -> Callable[[Callable[..., Any]], MapDeclaration]:
    """Declare a method of a model as a map from ``source`` to the space ``to``.

    The method takes a batch and returns a batch of ``to``, or a ``torch.distributions.Distribution`` over it.
    Keyword-only arguments are the map's *conditions*; each needs a default.
    """
    for label, one in (("source", source), ("target", to)):
        if not isinstance(one, Space):
            raise MapError(f"the {label} of a map must be a space, got {type(one).__name__}")

    def declare(function: Callable[..., Any]) -> MapDeclaration:
        return MapDeclaration(function, source, to)

    return declare
