# SPDX-License-Identifier: Apache-2.0
"""What the point map sends to the browser: a JSON header, then blocks of raw numbers, at most 12 bytes a point.

Layout, little-endian: ``WBSC``, uint32 length of the header, the header (UTF-8 JSON, padded with spaces so that the
first block starts at a multiple of 8), then the blocks named in ``header["blocks"]`` as
``[name, dtype, offset, count]``, each at a multiple of 8. A point costs 8 bytes in 2-D (two float32) or 6 in 3-D
(three uint16 steps of its cube), plus 1 (category) or 2 (value) for its colour and 1 for its size.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.app.components.palette import (
    CATEGORY_COLOURS,
    CATEGORY_LIMIT,
    CATEGORY_SHAPES,
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
    """The points that can be drawn.

    Attributes:
        rows: int64 [k], row position of each drawn point, rising.
        positions: float64 [k, 2 or 3], where the browser draws it: the float32 coordinates themselves in 2-D, their
            nearest step of 1/65535 of the cube in 3-D. A polygon is resolved against these, so that what was seen
            inside is what is selected.
        total: number of rows given, the dropped ones included.
        blocks: the coordinate columns as sent.
        frame: bounds and, in 3-D, origin and step of the cube.
        fingerprint: of the coordinates.
    """

    rows: npt.NDArray[np.int64]
    positions: npt.NDArray[np.float64]
    total: int
    blocks: Mapping[str, npt.NDArray[Any]]
    frame: Mapping[str, Any]
    fingerprint: str


@dataclass(frozen=True, eq=False)
class Colour:
    """One colour code a drawn point, and what the codes mean."""

    codes: npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | None
    legend: Mapping[str, Any]


def encode_coordinates(coordinates: npt.ArrayLike) -> Cloud:
    """Take the finite rows of an array of coordinates.

    Args:
        coordinates: numbers [n, 2 or 3]; taken as float32. Rows with NaN or infinity are left out.

    Raises:
        ValueError: when the shape is another.
    """
    given = np.ascontiguousarray(coordinates, dtype=np.float32)
    if given.ndim != 2 or given.shape[1] not in (2, 3):
        raise ValueError(f"coordinates must have the shape [n, 2] or [n, 3], not {list(given.shape)}")
    fingerprint = hashlib.blake2b(given.tobytes(), digest_size=12, person=str(given.shape[1]).encode()).hexdigest()
    dimensions = given.shape[1]
    # Column by column: reductions along short rows are many times slower.
    finite = np.ones(len(given), dtype=np.bool_)
    for axis in range(dimensions):
        finite &= np.isfinite(given[:, axis])
    rows = np.flatnonzero(finite).astype(np.int64)
    kept = given[rows]
    exact = kept.astype(np.float64)
    low, high = np.zeros(dimensions), np.zeros(dimensions)
    if len(rows):
        low = np.array([exact[:, axis].min() for axis in range(dimensions)])
        high = np.array([exact[:, axis].max() for axis in range(dimensions)])
    frame: dict[str, Any] = {"dimensions": dimensions, "low": low.tolist(), "high": high.tolist()}
    if dimensions == 2:
        blocks: dict[str, npt.NDArray[Any]] = {"x": kept[:, 0].copy(), "y": kept[:, 1].copy()}
        return Cloud(rows, exact, len(given), blocks, frame, fingerprint)
    step = float((high - low).max()) / 65535 or 1.0
    steps = np.rint((exact - low) / step).astype(np.uint16)
    frame["step"] = step
    blocks = {name: steps[:, axis].copy() for axis, name in enumerate("xyz")}
    return Cloud(rows, low + steps * step, len(given), blocks, frame, fingerprint)


def encode_colour(
    colour: Any, rows: npt.NDArray[np.int64], total: int, *, label: str, categorical: bool | None, diverging: bool
) -> Colour:
    """Turn a column into codes: categories by name, or numbers quantised to 65,534 steps of their range.

    Args:
        colour: one value a row, or None. Text, booleans and pandas categories are categories; floats are values;
            integers are categories when they have at most 20 distinct values. ``categorical`` overrules this.
        rows: the rows drawn.
        total: number of rows that the column must have.
        label: what the column is, for the legend.
        categorical: True or False to overrule the type.
        diverging: centre the ramp at zero (values only).

    Raises:
        ValueError: when the column has another length, or values are asked of what is not a number.
    """
    if colour is None:
        return Colour(None, {"kind": "none", "label": label})
    import pandas as pd

    column = pd.Series(colour).reset_index(drop=True)
    if len(column) != total:
        raise ValueError(f"colour must have one value a point: {total:,}, not {len(column):,}")
    if categorical is None:
        integer = pd.api.types.is_integer_dtype(column.dtype)
        number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
        categorical = not number or (integer and column.nunique() <= INTEGER_CATEGORY_LIMIT)
    drawn = column.iloc[rows]
    return _encode_categories(drawn, label) if categorical else _encode_values(drawn, label, diverging)


def _encode_categories(column: Any, label: str) -> Colour:
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
    return Colour(table[codes].astype(np.uint8), legend)


def _natural(name: Any) -> tuple[float, list[tuple[int, str]]]:
    """Sort numbers by size, and text with the numbers in it by theirs."""
    if isinstance(name, (int, float, np.number)):
        return float(name), []
    return float("inf"), [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", str(name))]


def _neutral(name: str, count: int) -> dict[str, Any]:
    return {"name": name, "colour": NEUTRAL_COLOUR, "shape": NEUTRAL_SHAPE, "count": count}


def _encode_values(column: Any, label: str, diverging: bool) -> Colour:
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
    codes = np.full(len(values), MISSING_VALUE, dtype=np.uint16)
    # Halves first: the range of two finite numbers may itself overflow.
    span = high / 2 - low / 2
    part = (values[finite] / 2 - low / 2) / span if span > 0 else np.full(int(finite.sum()), 0.5)
    codes[finite] = np.rint(part * (MISSING_VALUE - 1)).astype(np.uint16)
    ramp = DIVERGING_RAMP if diverging else SEQUENTIAL_RAMP
    legend = {"kind": "value", "label": label, "low": low, "high": high, "missing": int((~finite).sum()), "ramp": ramp}
    return Colour(codes, legend | {"neutral": NEUTRAL_COLOUR})


def encode_sizes(size_by: Any, rows: npt.NDArray[np.int64], total: int) -> npt.NDArray[np.uint8] | None:
    """Quantise a column to 256 sizes; missing values are drawn smallest.

    Raises:
        ValueError: when the column has another length.
    """
    if size_by is None:
        return None
    values = np.asarray(size_by, dtype=np.float64)
    if values.shape != (total,):
        raise ValueError(f"size_by must have one value a point: {total:,}, not the shape {list(values.shape)}")
    drawn = values[rows]
    finite = np.isfinite(drawn)
    sizes = np.zeros(len(drawn), dtype=np.uint8)
    if finite.any():
        low, high = drawn[finite].min(), drawn[finite].max()
        span = high / 2 - low / 2
        sizes[finite] = np.rint((drawn[finite] / 2 - low / 2) / span * 255) if span > 0 else 128
    return sizes


def pack(header: Mapping[str, Any], blocks: Mapping[str, npt.NDArray[Any]], labels: Sequence[str] | None) -> bytes:
    """Join header and blocks to one payload.

    Args:
        header: plain values for JSON.
        blocks: one-dimensional arrays of uint8, uint16, uint32 or float32.
        labels: text of each drawn point, sent as a JSON block that the browser reads only when it is first needed.
    """
    parts = {
        name: (block.dtype.name, np.ascontiguousarray(block).tobytes(), block.size) for name, block in blocks.items()
    }
    if labels is not None:
        text = json.dumps(labels, ensure_ascii=False, separators=(",", ":")).encode()
        parts["labels"] = ("utf8", text, len(text))
    offset, index = 0, []
    for name, (dtype, content, count) in parts.items():
        index.append([name, dtype, offset, count])
        offset += len(content) + -len(content) % 8
    lead = json.dumps({**header, "blocks": index}, allow_nan=False, separators=(",", ":")).encode()
    lead += b" " * (-len(lead) % 8)
    body = b"".join(content + b"\0" * (-len(content) % 8) for _, content, _ in parts.values())
    return b"WBSC" + len(lead).to_bytes(4, "little") + lead + body
