# SPDX-License-Identifier: Apache-2.0
"""Columns of the point map, made once and handed in again at every rerun: places, colours and sizes of the points.

The index of a point is its row position everywhere. A point costs 8 bytes in 2-D (two float32) or in 3-D (three uint16
steps of its cube, and one that is 1 where the row has no coordinates), plus 1 (category) or 2 (value) for its colour
and 1 for its size: at most 11.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.app.components.column import Column
from workbench.app.components.palette import (
    CATEGORY_COLOURS,
    CATEGORY_LIMIT,
    CATEGORY_SHAPES,
    CYCLIC_RAMP,
    DIVERGING_RAMP,
    NEUTRAL_COLOUR,
    NEUTRAL_SHAPE,
    SEQUENTIAL_RAMP,
)

#: Integers with at most this many distinct values are taken for categories (digits, cluster numbers).
INTEGER_CATEGORY_LIMIT: Final = 20
#: The value code of "no value".
MISSING_VALUE: Final = 65535


@dataclass(frozen=True, eq=False)
class Cloud:
    """The points of a map, prepared by :func:`encode_coordinates`.

    Attributes:
        coordinates: float32 [n, 2 or 3], as given.
        drawn: bool [n], the rows with finite coordinates; the others are never drawn, hit or selected.
        count: number of rows drawn.
        column: what the browser gets: ``xy`` float32 [n, 2], or ``steps`` uint16 [n, 4].
        frame: bounds and, in 3-D, step of the cube and distance of the farthest point from its middle.
        fingerprint: of the coordinates.
    """

    coordinates: npt.NDArray[np.float32]
    drawn: npt.NDArray[np.bool_]
    count: int
    column: Column
    frame: Mapping[str, Any]
    fingerprint: str

    @property
    def total(self) -> int:
        """Number of rows, the ones without coordinates included."""
        return len(self.coordinates)

    @property
    def positions(self) -> npt.NDArray[Any]:
        """Where the browser draws each row, [n, 2 or 3].

        The float32 coordinates themselves in 2-D, their nearest step of 1/65535 of the cube as float64 in 3-D. A
        polygon is resolved against these, so that what was seen inside is what is selected. Rows that are not drawn
        hold NaN or infinity in 2-D and NaN in 3-D.
        """
        if self.coordinates.shape[1] == 2:
            return self.coordinates
        placed: npt.NDArray[np.float64] = np.asarray(self.frame["low"]) + self.column.array[:, :3] * self.frame["step"]
        placed[~self.drawn] = np.nan
        return placed


@dataclass(frozen=True, eq=False)
class Colour:
    """One colour code a row, and what the codes mean; prepared by :func:`encode_colour`.

    Attributes:
        column: the codes, uint8 (category) or uint16 (value) [n], or None.
        legend: what the browser writes beside the map.
        cloud: fingerprint of the points it was made for.
        places: densest places of the categories by fingerprint of the coordinates, filled when first asked for.
    """

    column: Column | None
    legend: Mapping[str, Any]
    cloud: str
    places: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def codes(self) -> npt.NDArray[Any] | None:
        """The code of each row."""
        return None if self.column is None else self.column.array


@dataclass(frozen=True, eq=False)
class Sizes:
    """One size code (uint8) a row, and the range that the codes stand for; prepared by :func:`encode_sizes`."""

    column: Column
    legend: Mapping[str, Any]
    cloud: str


def encode_coordinates(coordinates: npt.ArrayLike) -> Cloud:
    """Prepare an array of coordinates.

    Args:
        coordinates: numbers [n, 2 or 3]; taken as float32. Rows with NaN or infinity keep their index, but are not
            drawn.

    Raises:
        ValueError: when the shape is another.
    """
    given = np.array(coordinates, dtype=np.float32, order="C")  # a copy: what was hashed must stay as it was
    if given.ndim != 2 or given.shape[1] not in (2, 3):
        raise ValueError(f"coordinates must have the shape [n, 2] or [n, 3], not {list(given.shape)}")
    fingerprint = hashlib.blake2b(given.tobytes(), digest_size=12, person=str(given.shape[1]).encode()).hexdigest()
    dimensions = given.shape[1]
    # Column by column: reductions along short rows are many times slower.
    drawn = np.ones(len(given), dtype=np.bool_)
    for axis in range(dimensions):
        drawn &= np.isfinite(given[:, axis])
    kept = given if drawn.all() else given[drawn]
    low, high = np.zeros(dimensions), np.zeros(dimensions)
    if len(kept):
        low = np.array([kept[:, axis].min() for axis in range(dimensions)], dtype=np.float64)
        high = np.array([kept[:, axis].max() for axis in range(dimensions)], dtype=np.float64)
    frame: dict[str, Any] = {"dimensions": dimensions, "low": low.tolist(), "high": high.tolist()}
    if dimensions == 2:
        return Cloud(given, drawn, len(kept), Column("xy", given), frame, fingerprint)
    step = float((high - low).max()) / 65535 or 1.0
    middle = low / 2 + high / 2
    steps = np.zeros((len(given), 4), dtype=np.uint16)
    steps[:, 3] = ~drawn
    away = np.zeros(len(kept))
    for axis in range(3):
        column = kept[:, axis].astype(np.float64)
        steps[drawn, axis] = np.rint((column - low[axis]) / step).astype(np.uint16)
        away += (column - middle[axis]) ** 2
    frame |= {"step": step, "reach": float(np.sqrt(away.max())) if len(away) else 0.0}
    return Cloud(given, drawn, len(kept), Column("steps", steps), frame, fingerprint)


def encode_colour(
    values: Any,
    cloud: Cloud,
    *,
    label: str = "",
    categorical: bool | None = None,
    diverging: bool = False,
    period: float | None = None,
) -> Colour:
    """Turn a column into codes: categories by name, or numbers quantised to 65,534 steps of their range.

    Args:
        values: one value a row, or None. Text, booleans and pandas categories are categories; floats are values;
            integers are categories when they have at most 20 distinct values. ``categorical`` overrules this.
        cloud: the points; only rows with coordinates count for the legend.
        label: what the column is, for the legend.
        categorical: True or False to overrule the type.
        diverging: centre the ramp at zero (values only).
        period: the values go around, 360 for degrees or 1 for shares of a turn: they are taken modulo it, and the ramp
            ends in the colour that it begins with (values only).

    Raises:
        ValueError: when the column has another length, values are asked of what is not a number, or the period is not
            above 0 or is asked for together with ``diverging``.
    """
    if period is not None and (diverging or not 0 < period < float("inf")):
        raise ValueError(f"a period is a number above 0, and its colours have no middle: not {period}, {diverging=}")
    if values is None:
        return Colour(None, {"kind": "none", "label": label}, cloud.fingerprint)
    import pandas as pd

    column = pd.Series(values).reset_index(drop=True)
    if len(column) != cloud.total:
        raise ValueError(f"colour must have one value a point: {cloud.total:,}, not {len(column):,}")
    if categorical is None:
        categorical = False if period is not None else None
    if categorical is None:
        integer = pd.api.types.is_integer_dtype(column.dtype)
        number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
        categorical = not number or (integer and column.nunique() <= INTEGER_CATEGORY_LIMIT)
    drawn = column if cloud.count == cloud.total else column[cloud.drawn]
    codes: npt.NDArray[Any]
    if categorical:
        codes, legend = _encode_categories(drawn, label)
    else:
        codes, legend = _encode_values(drawn, label, diverging, period)
    if len(codes) < cloud.total:
        every = np.zeros(cloud.total, dtype=codes.dtype)
        every[cloud.drawn] = codes
        codes = every
    return Colour(Column("colour", codes), legend, cloud.fingerprint)


def _encode_categories(column: Any, label: str) -> tuple[npt.NDArray[np.uint8], dict[str, Any]]:
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = column.cat.codes.to_numpy(dtype=np.int64), list(column.cat.categories)
    else:
        codes, found = pd.factorize(column, sort=False)
        names = list(found)
        # By their text, "class 2" before "class 10": the order must not depend on which row came first.
        order = sorted(range(len(names)), key=lambda at: _natural(names[at]))
        place = np.empty(len(names) + 1, dtype=np.int64)
        place[order], place[-1] = np.arange(len(names)), -1
        codes, names = place[codes], [names[i] for i in order]
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    marks: list[dict[str, Any]] = []
    table = np.full(len(names) + 1, -1, dtype=np.int64)
    shown = np.arange(len(names))
    if len(names) > CATEGORY_LIMIT:
        shown = np.sort(np.argsort(-counts, kind="stable")[: CATEGORY_LIMIT - 1])
    for code, at in enumerate(shown):
        table[at] = code
        colour, shape = CATEGORY_COLOURS[code % len(CATEGORY_COLOURS)], CATEGORY_SHAPES[code // len(CATEGORY_COLOURS)]
        marks.append({"name": str(names[at]), "colour": colour, "shape": shape, "count": int(counts[at])})
    rest = len(names) - len(shown)
    if rest:
        table[:-1][table[:-1] < 0] = len(marks)
        amount = int(counts.sum() - counts[shown].sum())
        marks.append(_neutral(f"{rest:,} smaller categories", amount))
    missing = int((codes < 0).sum())
    if missing:
        table[-1] = len(marks)
        marks.append(_neutral("missing", missing))
    legend = {"kind": "category", "label": label, "categories": marks, "distinct": len(names)}
    return table[codes].astype(np.uint8), legend


def _natural(name: Any) -> tuple[float, list[tuple[int, str]]]:
    """Sort numbers by size, and text with the numbers in it by theirs."""
    if isinstance(name, (int, float, np.number)):
        return float(name), []
    return float("inf"), [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", str(name))]


def _neutral(name: str, count: int) -> dict[str, Any]:
    return {"name": name, "colour": NEUTRAL_COLOUR, "shape": NEUTRAL_SHAPE, "count": count, "rest": True}


def _encode_values(
    column: Any, label: str, diverging: bool, period: float | None
) -> tuple[npt.NDArray[np.uint16], dict[str, Any]]:
    import pandas as pd

    try:
        values = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        message = f"the colour column {label!r} has values that are no numbers; give categorical=True"
        raise ValueError(message) from error
    finite = np.isfinite(values)
    low, high = (float(values[finite].min()), float(values[finite].max())) if finite.any() else (0.0, 0.0)
    if diverging:
        high = max(abs(low), abs(high))
        low = -high
    if period is not None:  # the whole turn, whatever part of it there is
        low, high = 0.0, float(period)
        values = np.mod(values, period, where=finite, out=values.copy())
    codes = np.full(len(values), MISSING_VALUE, dtype=np.uint16)
    # Halves first: the range of two finite numbers may itself overflow.
    span = high / 2 - low / 2
    part = (values[finite] / 2 - low / 2) / span if span > 0 else np.full(int(finite.sum()), 0.5)
    codes[finite] = np.rint(part * (MISSING_VALUE - 1)).astype(np.uint16)
    ramp = CYCLIC_RAMP if period is not None else DIVERGING_RAMP if diverging else SEQUENTIAL_RAMP
    legend = {"kind": "value", "label": label, "low": low, "high": high, "missing": int((~finite).sum()), "ramp": ramp}
    return codes, legend | {"neutral": NEUTRAL_COLOUR}


def encode_sizes(values: Any, cloud: Cloud, *, label: str = "") -> Sizes:
    """Quantise a column to 256 sizes; missing values are drawn smallest.

    Raises:
        ValueError: when the column has another length.
    """
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (cloud.total,):
        raise ValueError(f"size_by must have one value a point: {cloud.total:,}, not the shape {list(column.shape)}")
    finite = np.isfinite(column) & cloud.drawn
    sizes = np.zeros(len(column), dtype=np.uint8)
    low = high = 0.0
    if finite.any():
        low, high = float(column[finite].min()), float(column[finite].max())
        span = high / 2 - low / 2
        sizes[finite] = np.rint((column[finite] / 2 - low / 2) / span * 255) if span > 0 else 128
    return Sizes(Column("sizes", sizes), {"label": label, "low": low, "high": high}, cloud.fingerprint)
