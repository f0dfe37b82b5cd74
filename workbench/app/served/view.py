# SPDX-License-Identifier: Apache-2.0
"""What a page asks of a map that the server draws: the window, its size in pixels, and what is shown in it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Number: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
Pair: TypeAlias = tuple[Number, Number]

#: A picture is at most this wide and high, and has at most this many pixels: ten million take 0.5 GiB to draw.
SIDE: Final = 4096
PIXELS: Final = 10_000_000
_LONGEST: Final = 4000  # letters of a query
_NUMBER: Final = re.compile(r"-?[0-9]{1,25}(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_WHOLE_NUMBERS: Final = frozenset({"width", "height", "dark", "hidden", "density", "version"})
_SEVERAL: Final = frozenset({"low", "high", "hidden", "between", "matrix"})


class View(BaseModel):
    """A window of a map, as the browser's camera has it.

    View coordinates are the data's own in the plane; in space they are what ``matrix`` makes of the data: across, up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: Pair = Field(description="view coordinates of the lower left corner of the picture")
    high: Pair = Field(description="view coordinates of the upper right corner of the picture")
    width: int = Field(ge=1, le=SIDE, description="pixels")
    height: int = Field(ge=1, le=SIDE, description="pixels")
    dark: bool = Field(default=False, description="drawn on a dark ground")
    hidden: frozenset[Annotated[int, Field(ge=0, le=255)]] = Field(default=frozenset(), description="codes not shown")
    between: Pair | None = Field(
        default=None, description="value codes shown, 0 to 65534, both ends included; points without a value are not"
    )
    density: bool = Field(default=False, description="coloured by the number of points in a pixel")
    matrix: Annotated[tuple[Number, ...], Field(min_length=12, max_length=12)] | None = Field(
        default=None, description="3 x 4, row by row: from data to view coordinates; needed for points in space"
    )
    morph: float = Field(default=0, ge=0, le=1, description="part of the way from the first places to the other")
    size: float = Field(default=0, ge=0, le=64, description="diameter of a point in pixels; 0: from the number in view")
    version: int = Field(default=0, ge=0, description="changes with the picture; above 0 browsers may keep it")

    @model_validator(mode="after")
    def _ordered(self) -> View:
        for axis, name in enumerate(("across", "up")):
            if not self.low[axis] < self.high[axis]:
                raise ValueError(f"low must be below high, {name}")
            if not abs(self.high[axis] - self.low[axis]) < float("inf"):
                raise ValueError(f"low and high are too far apart, {name}")
        if self.width * self.height > PIXELS:
            raise ValueError(f"the picture may have {PIXELS:,} pixels at most")
        if self.between is not None and not self.between[0] <= self.between[1]:
            raise ValueError("between must rise")
        return self


def read_view(query: str) -> View:
    """The view that a query string asks for, as in ``low=-1,-1&high=1,1&width=640&height=480&hidden=3,7``.

    Raises
    ------
    ValueError
        When a parameter is unknown, comes twice, is missing, or is not written as its numbers; in one sentence.
    """
    if len(query) > _LONGEST:
        raise ValueError(f"The question is longer than {_LONGEST:,} letters.")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=32)
    except ValueError:
        raise ValueError("The question is not written as name=value&name=value.") from None
    given: dict[str, Any] = {}
    for name, text in pairs:
        if name not in View.model_fields:
            raise ValueError("A parameter has an unknown name.")
        if name in given:
            raise ValueError(f"{name} is given twice.")
        given[name] = _numbers(name, text)
    try:
        return View.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = str(first["loc"][0]) if first["loc"] else "The window"
        raise ValueError(f"{place}: {first['msg'].removeprefix('Value error, ').rstrip('.')}.") from None


def _numbers(name: str, text: str) -> Any:
    pattern, kind = (_WHOLE, int) if name in _WHOLE_NUMBERS else (_NUMBER, float)
    parts = text.split(",") if text or name != "hidden" else []
    if not all(pattern.fullmatch(part) for part in parts) or (len(parts) != 1 and name not in _SEVERAL):
        wanted = "whole number" if kind is int else "number"
        raise ValueError(f"{name} must be {f'{wanted}s with commas' if name in _SEVERAL else f'a {wanted}'}.")
    numbers = [kind(part) for part in parts]
    return numbers if name in _SEVERAL else numbers[0]
