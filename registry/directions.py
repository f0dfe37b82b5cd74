# SPDX-License-Identifier: Apache-2.0
"""Directions of a space that were kept under a name, as analyses ask for them and are given them."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from registry.arrays import Array

if TYPE_CHECKING:
    from pydantic import BaseModel, GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Kept(str):
    """The name of a kept direction in the parameters of an analysis: ``kept: tuple[wb.Kept, ...] = ()``.

    A name is checked before the run is queued: the direction must be of the run's model, with the weights that it has
    now, and of the space that the parameter ``space`` names. The run key covers the vector, not only its name. The
    analysis asks for it by ``job.direction(name)``.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(min_length=1))


@dataclass(frozen=True)
class Direction:
    """A direction of a space with a name.

    Attributes
    ----------
    name : what it was kept under
    vector : float32 ``[d]`` in the units of the space; its length is one step
    space : name of the space that it is a direction of
    model : name of the model; ``None`` for a direction of bare data
    how, card : how it was found, and what was measured of it
    """

    name: str
    vector: Array
    space: str
    model: str | None = None
    how: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)


def kept_fields(params: type[BaseModel]) -> list[str]:
    """The parameters that name kept directions: those annotated ``tuple[Kept, ...]``, ``Kept`` or ``Kept | None``."""
    return [name for name, one in params.model_fields.items() if _names_directions(one.annotation)]


def kept_named(params: type[BaseModel], values: Mapping[str, Any]) -> dict[str, list[str]] | None:
    """Names of the kept directions by parameter; ``None`` where no parameter asks for any.

    >>> from registry.parameters import Params
    >>> class Two(Params):
    ...     kept: tuple[Kept, ...] = ()
    >>> kept_named(Two, {"kept": ["smile"]}), kept_named(Params, {})
    ({'kept': ['smile']}, None)
    """
    names = kept_fields(params)
    if not names:
        return None
    found: dict[str, list[str]] = {}
    for name in names:
        given = values.get(name)
        asked = [given] if isinstance(given, str) else list(given or ())
        found[name] = [one for one in asked if isinstance(one, str)]
    return found


def _names_directions(annotation: Any) -> bool:
    return annotation is Kept or any(_names_directions(one) for one in typing.get_args(annotation))
