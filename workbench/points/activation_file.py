# SPDX-License-Identifier: Apache-2.0
"""One kept array on disk: a raw append file, and a JSON header that says how much of it counts.

The header is replaced atomically after the data are on disk, so it never promises what is not there; what lies behind
the rows it names is an uncommitted tail and is cut when writing goes on. Checksums are CRC-32 of blocks of 8 MiB.
"""

from __future__ import annotations

import json
import math
import os
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from registry.arrays import Array
from registry.errors import DataError
from workbench.points.locks import sync_folder

FORMAT = 1
BLOCK = 8 * 2**20


@dataclass
class Header:
    """What counts of a data file: ``rows`` rows of ``shape``; ``crc32`` of each block of ``BLOCK`` bytes of them."""

    dtype: str
    shape: tuple[int, ...]
    rows: int = 0
    complete: bool = False
    crc32: list[int] = field(default_factory=list)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return np.dtype(self.dtype).itemsize * math.prod(self.shape)

    @property
    def size(self) -> int:
        """Bytes that count."""
        return self.rows * self.row_bytes

    def add(self, data: memoryview, at: int) -> None:
        """Take ``data``, which follows the first ``at`` bytes, into the checksums."""
        taken = 0
        while taken < len(data):
            room = BLOCK - (at + taken) % BLOCK
            part = data[taken : taken + room]
            if room == BLOCK:
                self.crc32.append(0)
            self.crc32[-1] = zlib.crc32(part, self.crc32[-1])
            taken += len(part)


def read_header(path: Path) -> Header | None:
    """The header in a file; ``None`` when there is none, or none of this format (the array is then made anew)."""
    try:
        plain: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        return None
    if not isinstance(plain, dict) or plain.pop("format", None) != FORMAT:
        return None
    try:
        header = Header(**{**plain, "shape": tuple(plain["shape"])})
        np.dtype(header.dtype)
    except (TypeError, KeyError):
        return None
    return header


def write_header(path: Path, header: Header) -> None:
    """Replace the header atomically and durably."""
    fresh = path.with_suffix(".new")
    with open(fresh, "wb") as file:
        file.write(json.dumps({"format": FORMAT, **asdict(header)}).encode())
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    sync_folder(path.parent)


def check_blocks(data: Path, header: Header) -> list[str]:
    """What is wrong with the data file of a header, in words; empty when every block has its checksum."""
    have = data.stat().st_size if data.exists() else 0
    if have < header.size:
        return [f"the file has {have} bytes, its header says {header.size}"]
    problems = []
    with open(data, "rb") as file:
        for number, wanted in enumerate(header.crc32):
            length = min(BLOCK, header.size - number * BLOCK)
            if zlib.crc32(file.read(length)) != wanted:
                first = number * BLOCK // max(header.row_bytes, 1)
                last = (number * BLOCK + length - 1) // max(header.row_bytes, 1)
                problems.append(f"rows {first} to {last} do not have the checksum they were written with")
    return problems


def as_rows(values: Any, header: Header) -> Array:
    """``values`` as contiguous rows of the kind that the header wants; raises :class:`DataError` on another shape."""
    array = np.ascontiguousarray(values, dtype=header.dtype)
    if array.shape[1:] != header.shape or array.ndim != len(header.shape) + 1:
        raise DataError(f"rows of shape {list(header.shape)} are kept here, got an array {list(array.shape)}")
    return array
