# SPDX-License-Identifier: Apache-2.0
"""Read character vectors out of an R package's ``data/Rdata.rdb`` and ``Rdata.rdx``, without R.

The format is the XDR serialisation of "R Internals", section 1.8; only the types that such files hold are known here.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

NIL, SYMBOL, PAIRS, CHARACTERS, LOGICAL, INTEGER, REAL, STRINGS, LIST = 254, 1, 2, 9, 10, 13, 14, 16, 19
REFERENCE = 255


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw, self.place, self.symbols = raw, 0, list[str]()
        if self._take(2) != b"X\n":
            raise ValueError("not an R serialisation in XDR form")
        version = self._integer()
        self._take(8)
        if version == 3:
            self._take(self._integer())

    def _take(self, count: int) -> bytes:
        self.place += count
        return self.raw[self.place - count : self.place]

    def _integer(self) -> int:
        return int(struct.unpack(">i", self._take(4))[0])

    def value(self) -> Any:
        """The next value; a pair list becomes a dictionary, attributes are read over except ``names``."""
        flags = self._integer()
        kind, attributes, tagged = flags & 255, bool(flags & 512), bool(flags & 1024)
        if kind == NIL:
            return None
        if kind == REFERENCE:
            return self.symbols[(flags >> 8) - 1]
        if kind == SYMBOL:
            self.symbols.append(self.value())
            return self.symbols[-1]
        if kind == CHARACTERS:
            length = self._integer()
            return None if length == -1 else self._take(length).decode("utf-8")
        if kind == PAIRS:
            return self._pairs(attributes, tagged)
        found = self._vector(kind)
        names = (self.value() or {}).get("names") if attributes else None
        return dict(zip(names, found, strict=True)) if names else found

    def _pairs(self, attributes: bool, tagged: bool) -> dict[str, Any]:
        if attributes:
            self.value()
        name = self.value() if tagged else ""
        held = {name: self.value()}
        return held | (self.value() or {})

    def _vector(self, kind: int) -> list[Any]:
        length = self._integer()
        if kind in (STRINGS, LIST):
            return [self.value() for _ in range(length)]
        if kind in (LOGICAL, INTEGER):
            return list(struct.unpack(f">{length}i", self._take(4 * length)))
        if kind == REAL:
            return list(struct.unpack(f">{length}d", self._take(8 * length)))
        raise ValueError(f"type {kind} of R is not known here")


def read_lazy_data(data: bytes, index: bytes) -> dict[str, Any]:
    """Objects by name: each is a block of ``data`` (``Rdata.rdb``) that ``index`` (``Rdata.rdx``) points to."""
    places = _Reader(zlib.decompress(index, 47)).value()["variables"]
    return {name: _Reader(_block(data[start : start + length])).value() for name, (start, length) in places.items()}


def _block(block: bytes) -> bytes:
    raw = zlib.decompress(block[4:])
    if len(raw) != struct.unpack(">I", block[:4])[0]:
        raise ValueError("a block has another length than it says")
    return raw
