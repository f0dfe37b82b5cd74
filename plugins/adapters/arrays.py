# SPDX-License-Identifier: Apache-2.0
"""Arrays with their words in a text file beside them: mapped from where they lie, never copied or unpickled."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.adapters.sink import LONGEST_WORD, Words, write_words

FLOATS = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
ROWS = 1 << 22  # bytes of a piece
EXPORT = (
    "load it once with gensim where you trust it, and write "
    "KeyedVectors.load({name!r}).save_word2vec_format('vectors.bin', binary=True)"
)


def found(path: Path, words: Path | None, format: str) -> tuple[Path, Path | None]:
    """The file to read and the text of its words; ``None`` for formats that hold their words.

    Raises :class:`ModelError` for a pickle, and for an array without words.
    """
    ending = path.suffix.lower()
    if ending == ".kv":
        vectors = path.with_name(path.name + ".vectors.npy")
        beside = words or path.with_name(path.name + ".txt")
        if not vectors.is_file() or not beside.is_file():
            raise wb.ModelError(
                f"'{path.name}' is a pickle of gensim, which is never unpickled here: {EXPORT.format(name=path.name)}; "
                f"or put its words, one on each line, into '{beside.name}' beside '{vectors.name}'"
            )
        return vectors, beside
    if ending in (".model", ".pkl", ".pickle"):
        raise wb.ModelError(
            f"'{path.name}' is a pickle, which is never unpickled here: {EXPORT.format(name=path.name)}"
        )
    if ending not in (".npy", ".safetensors") and format != "array":
        return path, None
    beside = words or path.with_suffix(".txt")
    if not beside.is_file():
        raise wb.ModelError(
            f"'{path.name}' holds no words: put them, one on each line in UTF-8, into '{beside}', or name their file"
        )
    return path, beside


def read(
    path: Path, beside: Path, folder: Path, *, array: str | None, limit: int | None, say: Callable[[str], None]
) -> dict[str, Any]:
    """Look through an array once, and write which of its rows have a word; what is known of it, as plain values."""
    kind, offset, shape, order = _safetensors(path, array) if path.suffix.lower() == ".safetensors" else _npy(path)
    if len(shape) != 2 or min(shape) < 1 or np.dtype(kind).kind != "f":
        raise wb.ModelError(
            f"the array in '{path.name}' has shape {list(shape)} of {np.dtype(kind)}, expected floating "
            "[words, numbers]"
        )
    if offset + int(np.dtype(kind).itemsize) * shape[0] * shape[1] > path.stat().st_size:
        raise wb.ModelError(f"'{path.name}' is shorter than its shape {list(shape)} needs: it is torn")
    table = np.memmap(path, kind, "r", offset, shape, order=order)  # type: ignore[call-overload]
    taken, rows, digest = Words(limit), [], hashlib.sha256()
    listed = _lines(beside)
    for start, finite, zero, raw in _pieces(table):
        for place in range(len(finite)):
            if taken.full:
                break
            word = next(listed, None)
            if word is None:
                raise wb.ModelError(
                    f"'{beside.name}' has {start + place:,} words, and '{path.name}' has {shape[0]:,} rows: give a "
                    "word for each row"
                )
            if taken.take(word, bool(finite[place]), bool(zero[place])):
                rows.append(start + place)
        digest.update(raw)
        if taken.full:
            break
    else:
        if next(listed, None) is not None:
            raise wb.ModelError(
                f"'{beside.name}' has more words than '{path.name}' has rows, {shape[0]:,}: give a word for each row"
            )
    if not rows:
        raise wb.ModelError(f"'{path.name}' holds no word with a vector")
    if rows[-1] != len(rows) - 1:
        np.save(folder / "rows.npy", np.array(rows, dtype=np.int64))
    write_words(folder, taken.kept, digest)
    return {
        "mapped": True,
        "dtype": np.dtype(kind).str,
        "offset": offset,
        "shape": list(shape),
        "order": order,
        "words": len(rows),
        "digest": digest.hexdigest(),
        "notes": taken.notes(),
    }


def _pieces(table: NDArray[Any]) -> Iterator[tuple[int, NDArray[np.bool_], NDArray[np.bool_], bytes]]:
    """First row, whether rows are finite as float32, whether they are zero, and their bytes; piece by piece."""
    step = max(1, ROWS // (table.shape[1] * 4))
    for start in range(0, len(table), step):
        part = np.ascontiguousarray(table[start : start + step])
        with np.errstate(over="ignore"):
            finite = np.asarray(np.isfinite(part.astype(np.float32)).all(axis=1))
        yield start, finite, np.logical_not(part.any(axis=1)), part.tobytes()


def _npy(path: Path) -> tuple[str, int, tuple[int, ...], str]:
    """Type, offset, shape and order of the array in a ``.npy``; raises :class:`ModelError` for one of objects."""
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, by_column, kind = header(file)
            offset = file.tell()
    except (ValueError, SyntaxError, EOFError, TypeError, OverflowError) as error:
        raise wb.ModelError(f"'{path.name}' is no array of numpy: {error}") from None
    if kind.hasobject:
        raise wb.ModelError(f"'{path.name}' holds Python objects, which are never unpickled: save it as float32")
    return kind.str, offset, shape, "F" if by_column else "C"


def _safetensors(path: Path, array: str | None) -> tuple[str, int, tuple[int, ...], str]:
    """The same of one array of a ``.safetensors``: eight bytes of length, a JSON header, the numbers."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(size, 100_000_000):
                raise ValueError("its header is longer than the file")
            header = json.loads(file.read(length))
        held = {name: one for name, one in header.items() if name != "__metadata__"}
        if array is None and len(held) != 1:
            raise wb.ModelError(f"'{path.name}' holds {len(held)} arrays: name one, of {', '.join(list(held)[:8])}")
        name = array if array is not None else next(iter(held))
        if name not in held:
            raise wb.ModelError(f"'{path.name}' has no array '{name}': it has {', '.join(list(held)[:8])}")
        one = held[name]
        begin, end = (int(at) for at in one["data_offsets"])
        shape = tuple(int(count) for count in one["shape"])
        kind = str(one["dtype"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise wb.ModelError(f"'{path.name}' is no file of safetensors: {error}") from None
    if kind not in FLOATS:
        raise wb.ModelError(f"'{name}' in '{path.name}' is of {kind}: save it as one of {', '.join(FLOATS)}")
    if begin < 0 or any(count < 0 for count in shape) or 8 + length + end > size:
        raise wb.ModelError(f"'{path.name}' is shorter than its header says: it is torn")
    return FLOATS[kind], 8 + length + begin, shape, "C"


def _lines(path: Path) -> Iterator[bytes]:
    """Words of a text, without the ends of lines; the last line may end or not."""
    with path.open("rb") as file:
        while line := file.readline(LONGEST_WORD + 2):
            if len(line) > LONGEST_WORD and not line.endswith(b"\n"):
                raise wb.ModelError(
                    f"'{path.name}' has a line of more than {LONGEST_WORD:,} bytes: it is no list of words"
                )
            yield line.rstrip(b"\r\n")
