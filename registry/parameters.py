# SPDX-License-Identifier: Apache-2.0
"""Parameters of an analysis: one pydantic model is the form, the flags, the validation and the documentation."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

import pydantic
from pydantic_core import core_schema

from registry.errors import DoesNotApply, ParameterError
from registry.maps import Map, MapDescription
from registry.spaces import Layer, Space

Kind = TypeVar("Kind")


class Column:
    """Marker: ``Pick[Column]`` asks for a column of labels or attributes of the data."""


class Slice:
    """Marker: ``Pick[Slice]`` asks for a named slice (a saved selection of rows of the data)."""


class Pick(str, Generic[Kind]):
    """A parameter that names a space, map, column or slice of the subject, e.g. ``Pick[Vectors]``.

    ``Pick[Vectors]`` offers every vector space, layers included; ``Pick[Vectors | Images]`` either kind;
    ``Pick[Map[Vectors, Images]]`` every map between such spaces; ``Pick[Column]`` and ``Pick[Slice]`` what the data
    has. No value to offer for a required pick means that the analysis does not apply to the subject.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.str_schema(min_length=1)


class Params(pydantic.BaseModel):
    """Base of the parameters of an analysis: frozen, unknown names refused."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Parameters from plain values; raises :class:`ParameterError` with one clause for each wrong one."""
        try:
            return cls.model_validate(dict(values))
        except pydantic.ValidationError as error:
            clauses = []
            for one in error.errors():
                name = ".".join(str(part) for part in one["loc"])
                if one["type"] == "extra_forbidden":
                    known = ", ".join(cls.model_fields) or "none"
                    clauses.append(f"'{name}' is no parameter (there are: {known})")
                elif one["type"] == "missing":
                    clauses.append(f"'{name}' is needed")
                else:
                    said = one["msg"].removeprefix("Value error, ")  # pydantic's, of validators that an analysis wrote
                    clauses.append(
                        f"'{name}' = {_shown(one['input'])}: {said}" if name else said
                    )  # of all of them at once
            raise ParameterError("; ".join(clauses)) from None

    @classmethod
    def slices_named(cls, values: Mapping[str, Any]) -> dict[str, str]:
        """The slices that plain values name, by parameter: their rows are part of the run key.

        Those of the picks; parameters that name slices in words of their own add them.
        """
        found = {name: values.get(name) for name, (kind, _) in picks_of(cls).items() if kind is Slice}
        return {name: one for name, one in found.items() if isinstance(one, str)}


@dataclass(frozen=True)
class Subject:
    """What an analysis is applied to, described without loading it: spaces, maps, and the data's columns and slices."""

    spaces: Mapping[str, Space] = field(default_factory=dict)
    maps: Mapping[str, MapDescription] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    has_model: bool = False


@dataclass(frozen=True)
class Offer:
    """What one pick can be: its options, and in words the kind that it asks for."""

    options: tuple[str, ...]
    kind: str
    required: bool


def picks_of(params: type[Params]) -> dict[str, tuple[Any, bool]]:
    """The picks among the fields of ``params``: name -> (kind asked for, whether it is required)."""
    found: dict[str, tuple[Any, bool]] = {}
    for name, one in params.model_fields.items():
        for candidate in (one.annotation, *typing.get_args(one.annotation)):
            if typing.get_origin(candidate) is Pick:
                found[name] = (typing.get_args(candidate)[0], one.is_required())
    return found


def offers(params: type[Params], subject: Subject) -> dict[str, Offer]:
    """For each pick of ``params``, what the subject has for it."""
    return {
        name: Offer(_options(kind, subject), kind_in_words(kind), required)
        for name, (kind, required) in picks_of(params).items()
    }


def missing_for(params: type[Params], subject: Subject) -> list[str]:
    """What the subject lacks, one clause for each required pick without an option; empty when the analysis applies."""
    return [
        f"'{name}' needs {offer.kind}"
        for name, offer in offers(params, subject).items()
        if offer.required and not offer.options
    ]


def check_picks(params: Params, subject: Subject) -> None:
    """Check the picked names against the subject.

    Raises
    ------
    DoesNotApply
        When a required pick has nothing to choose from.
    ParameterError
        When a picked name is none of the options; the message lists them.
    """
    lacking = missing_for(type(params), subject)
    if lacking:
        raise DoesNotApply("the analysis does not apply here: " + "; ".join(lacking))
    for name, offer in offers(type(params), subject).items():
        value = getattr(params, name)
        if value is not None and value not in offer.options:
            shown = ", ".join(offer.options[:12]) + (" ..." if len(offer.options) > 12 else "")
            raise ParameterError(f"'{name}' = '{value}' is not {offer.kind} here: choose from {shown or 'nothing'}")


def _shown(value: Any, most: int = 80) -> str:
    """A value as it is written in Python, cut where it is long: a sentence about it has to stay one.

    >>> _shown("king"), _shown("a" * 1000, 8)
    ("'king'", "'aaaaaaa…")
    """
    # a text is cut before it is written, so that one of a gigabyte is not copied
    said = repr(value[: most + 1]) if isinstance(value, str | bytes) else repr(value)
    return said if len(said) <= most else f"{said[:most]}…"


def _union(kind: Any) -> tuple[Any, ...]:
    is_union = typing.get_origin(kind) in (typing.Union, types.UnionType)
    return typing.get_args(kind) if is_union else (kind,)


def _options(kind: Any, subject: Subject) -> tuple[str, ...]:
    if kind is Column:
        return subject.columns
    if kind is Slice:
        return subject.slices
    if typing.get_origin(kind) is Map or kind is Map:
        source, target = typing.get_args(kind) or (Space, Space)
        return tuple(
            name
            for name, one in subject.maps.items()
            if isinstance(subject.spaces.get(one.source), _union(source))
            and isinstance(subject.spaces.get(one.target), _union(target))
        )
    return tuple(name for name, space in subject.spaces.items() if isinstance(space, _union(kind)))


def kind_in_words(kind: Any) -> str:
    """A kind as messages and pages say it.

    >>> from registry.spaces import Vectors, Images
    >>> kind_in_words(Map[Vectors, Images])
    'a map from a space of vectors to a space of images'
    """
    if kind is Column:
        return "a column of labels or attributes of the data"
    if kind is Slice:
        return "a saved slice of the data"
    if typing.get_origin(kind) is Map:
        source, target = typing.get_args(kind)
        return f"a map from {kind_in_words(source)} to {kind_in_words(target)}"
    if kind is Map:
        return "a map"
    if kind is Layer:
        return "a layer"
    words = [f"a space of {one.kind}" if one.kind else "a space" for one in _union(kind)]
    return " or ".join(words)
