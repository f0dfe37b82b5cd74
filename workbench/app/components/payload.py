# SPDX-License-Identifier: Apache-2.0
"""What the point map sends to the browser: a JSON header, then blocks of raw numbers; large columns by HTTP instead.

Layout, little-endian: ``WBSC``, uint32 length of the header, the header (UTF-8 JSON, padded with spaces so that the
first block starts at a multiple of 8), then the blocks named in ``header["blocks"]`` as
``[name, dtype, offset, count]``, each at a multiple of 8. What travels by HTTP stands in ``header["remote"]`` as
``[name, dtype, count, address]``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.app.components.column import Column

#: Columns that take more bytes than this in all are fetched by HTTP, once, where the server has the routes for it.
INLINE_LIMIT: Final = 256 * 1024

Blocks = dict[str, npt.NDArray[Any]]


def pack(header: Mapping[str, Any], blocks: Mapping[str, npt.NDArray[Any]], labels: Sequence[str] | None) -> bytes:
    """Join header and blocks to one payload.

    Args:
        header: plain values for JSON.
        blocks: arrays of uint8, uint16, uint32 or float32, sent in C order.
        labels: text of each point, sent as a JSON block that the browser reads only when it is first needed.
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


def deliver(columns: Mapping[str, Column], *, limit: int = INLINE_LIMIT) -> tuple[Blocks, list[list[Any]]]:
    """Part columns into those sent with the page and those fetched by HTTP.

    Args:
        columns: by the name that the browser reads them under.
        limit: bytes in all up to which they are sent with the page.

    Returns:
        The first by name, and of the others ``[name, dtype, count, address]``.
    """
    from workbench.app.served import columns as served

    inline: Blocks = {}
    remote: list[list[Any]] = []
    large = sum(column.array.nbytes for column in columns.values()) > limit
    for name, column in columns.items():
        address = served.publish(column.array, known=column.digest) if large else None
        if address is None:
            inline[name] = column.array
        else:
            remote.append([name, column.array.dtype.name, column.array.size, address])
    return inline, remote


def text_block(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Texts as a block of bytes: a JSON list in UTF-8."""
    written = json.dumps([str(text) for text in texts], ensure_ascii=False, separators=(",", ":"))
    return np.frombuffer(written.encode(errors="replace"), dtype=np.uint8)


def mask_bits(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """One bit a row, the lowest bit first."""
    return np.packbits(flags, bitorder="little")


def chosen_rows(flags: npt.NDArray[np.bool_]) -> Blocks:
    """Flags as row positions or as bits, whichever is shorter; nothing when none is set."""
    rows = np.flatnonzero(flags).astype(np.uint32)
    if not len(rows):
        return {}
    return {"selected": rows} if rows.nbytes <= len(flags) / 8 else {"selected_bits": mask_bits(flags)}
