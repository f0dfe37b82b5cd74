# SPDX-License-Identifier: Apache-2.0
"""Scorers: what a picture measures, as one number; attributes for pictures that nobody labelled."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.cards import check_name, check_target, resolve
from registry.errors import DataError, ParameterError, PluginError

if TYPE_CHECKING:
    from pydantic import BaseModel, GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from registry.spaces import Images


class Scored(str):
    """The name of a scorer in the parameters of an analysis: ``scorers: tuple[wb.Scored, ...] = ()``.

    The run key then covers the code of the scorers that are named; of all that there are where none is.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(min_length=1))


@dataclass(frozen=True)
class Scorer:
    """Image -> number: brightness, slant, how much a face smiles.

    Attributes
    ----------
    name
        Unique; lower-case letters, digits, dots, dashes, underscores.
    score
        A function, or its import string ``"package.module:name"``: float32 ``[n, channels, height, width]`` with
        values in 0..1, whatever the range of the space, to numbers ``[n]``; NaN where a picture has no such number (an
        empty one has no slant).
    title, unit, description, licence, provenance
        Shown wherever the number is.
    channels
        Numbers of channels that it takes; ``None`` for any.
    least
        Smallest height and width that it takes, in pixels.
    resolution
        Standard deviation over pictures below which its differences mean nothing (rounding of pixels, noise).
    requires
        A function that says in one sentence what is missing (weights that are fetched), or ``None`` when all is there.

    Examples
    --------
    >>> light = Scorer("light", lambda pixels: pixels.mean(axis=(1, 2, 3)), title="Brightness", unit="share of white")
    >>> light(np.full((2, 1, 4, 4), 0.25, dtype=np.float32)).tolist()
    [0.25, 0.25]
    """

    name: str
    score: Callable[[Array], Any] | str
    title: str = ""
    unit: str = ""
    description: str = ""
    licence: str = ""
    provenance: str = ""
    channels: tuple[int, ...] | None = None
    least: int = 1
    resolution: float = 0.0
    requires: Callable[[], str | None] | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "a scorer")
        if not (isinstance(self.score, str) or callable(self.score)):
            raise PluginError(f"the scorer '{self.name}' gives a {type(self.score).__name__}: give a function")
        check_target(self.score, self.name)
        for text in ("title", "unit", "description", "licence", "provenance"):
            if not isinstance(getattr(self, text), str):
                raise PluginError(f"the {text} of the scorer '{self.name}' must be text")

    @property
    def label(self) -> str:
        """How pages call it."""
        return self.title or self.name.replace("-", " ")

    def lacks(self, space: Images) -> str | None:
        """Why it does not apply to images of a space, in one clause; ``None`` when it does."""
        if self.channels is not None and space.channels not in self.channels:
            wanted = " or ".join(map(str, self.channels))
            return f"it takes {wanted} channels, and these images have {space.channels}"
        size = [one for one in (space.height, space.width) if one is not None]
        if size and min(size) < self.least:
            return f"it takes images of at least {self.least} pixels, and these have {min(size)}"
        return self.requires() if self.requires is not None else None

    def __call__(self, pixels: Array, *, low: float = 0.0, high: float = 1.0) -> Array:
        """Scores float64 ``[n]`` of ``pixels [n, channels, height, width]`` with values in ``low..high``.

        Values outside are clipped. NaN says that a picture has no such number.

        Raises
        ------
        DataError
            When the pixels are no batch of images, or the function gives anything but one real number for each.
        """
        batch = np.asarray(pixels, dtype=np.float32)
        if batch.ndim != 4:
            raise DataError(f"the scorer '{self.name}' wants images [n, channels, height, width], got {batch.shape}")
        shown = np.clip((batch - low) / (high - low), 0.0, 1.0).astype(np.float32, copy=False)
        try:
            found = np.asarray(resolve(self.score)(shown))
        except Exception as error:
            raise DataError(f"the scorer '{self.name}' failed: {type(error).__name__}: {error}") from error
        if found.shape != (len(batch),) or found.dtype.kind not in "fiub":
            raise DataError(
                f"the scorer '{self.name}' gave {found.dtype} {list(found.shape)} for {len(batch)} images: it should "
                "give one number for each"
            )
        numbers = found.astype(np.float64)
        if np.isinf(numbers).any():
            raise DataError(f"the scorer '{self.name}' gave infinity: NaN says that a picture has no such number")
        return numbers


def scored_fields(params: type[BaseModel]) -> list[str]:
    """The parameters that name scorers: those annotated ``tuple[Scored, ...]``, ``list[Scored]`` or ``Scored``."""
    return [name for name, one in params.model_fields.items() if _names_scorers(one.annotation)]


def scorers_named(params: BaseModel, known: Mapping[str, Scorer]) -> list[str] | None:
    """Scorers that an analysis with these parameters may use, in order of name; ``None`` where it uses none at all.

    A parameter that is left empty stands for all there are.

    Raises
    ------
    ParameterError
        When one is named that is not among those known.
    """
    names = scored_fields(type(params))
    if not names:
        return None
    found: set[str] = set()
    for name in names:
        given = getattr(params, name)
        asked = [given] if isinstance(given, str) else list(given or ())
        for one in asked:
            if one not in known:
                there = ", ".join(sorted(known)) or "none"
                raise ParameterError(f"'{name}': there is no scorer '{one}' (there are: {there})")
        found |= set(asked or known)
    return sorted(found)


def _names_scorers(annotation: Any) -> bool:
    return annotation is Scored or any(_names_scorers(one) for one in typing.get_args(annotation))
