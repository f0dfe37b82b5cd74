# SPDX-License-Identifier: Apache-2.0
"""Reading a file of word vectors once: what comes of it lies in the cache and is mapped into memory from then on."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.adapters import arrays, texts
from plugins.adapters.sink import Sink

FORMAT = 1
TOLD, WORDS, VECTORS, ROWS = "told.json", "names.txt", "vectors.f32", "rows.npy"


@dataclass(frozen=True)
class Prepared:
    """A vocabulary as it is mapped.

    ``table``: floating numbers ``[rows, numbers]``, only read; ``rows``: for each word its row of the table (``None``:
    the same), int64 ``[words]``; ``digest``: SHA-256 over words and vectors; ``notes``: what was left out, in words.
    """

    words: tuple[str, ...]
    table: NDArray[Any]
    rows: NDArray[np.int64] | None
    digest: str
    notes: tuple[str, ...]


def prepared(path: Path, words: Path | None, *, format: str, array: str | None, limit: int | None) -> Prepared:
    """The vocabulary of a file; read at the first call, from the cache afterwards, anew when the file has changed.

    Raises
    ------
    ModelError
        In one sentence that names the file: it is none of word vectors, is torn, or does not fit on the disk.
    """
    try:
        source, beside = arrays.found(path, words, format)
        options = {"format": format, "array": array, "limit": limit}
        place = _place(source, beside, options)
        place.parent.mkdir(parents=True, exist_ok=True)
        with _alone(place):
            if not (place / TOLD).is_file():
                _make(source, beside, options, place)
        held = _open(place, source)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise wb.ModelError(
                f"the disk of '{_folder()}' is full while '{path.name}' is read: free some, set WORKBENCH_CACHE to "
                "another disk, or give a limit"
            ) from None
        raise wb.ModelError(f"'{path}' cannot be read as word vectors: {error.strerror or error}") from None
    for note in held.notes:
        _say(f"{path.name}: {note}")
    return held


def _make(source: Path, beside: Path | None, options: dict[str, Any], place: Path) -> None:
    _say(f"{source.name}: reading {source.stat().st_size / 1e6:,.0f} MB of word vectors, once")
    with wb.assets.scratch_folder(place.parent) as scratch:
        made = scratch / "made"
        made.mkdir()
        limit = options["limit"]
        if beside is not None:
            told = arrays.read(source, beside, made, array=options["array"], limit=limit, say=_say)
        else:
            with Sink(made, source, limit=limit, say=_say) as sink:
                texts.read(source, options["format"], sink)
            told = sink.told()
        (made / TOLD).write_text(json.dumps({"version": FORMAT, **told}))
        for older in place.parent.glob(f"{place.name.partition('-')[0]}-*"):
            if older != place and older.is_dir():
                shutil.rmtree(older, ignore_errors=True)
        os.replace(made, place)
    _say(f"{source.name}: {told['words']:,} words of {told['shape'][1]} numbers")


def _open(place: Path, source: Path) -> Prepared:
    told = json.loads((place / TOLD).read_text())
    kind, shape = np.dtype(told["dtype"]), (int(told["shape"][0]), int(told["shape"][1]))
    file = source if told["mapped"] else place / VECTORS
    table = np.memmap(file, kind, "r", int(told["offset"]), shape, order=told["order"])
    rows = np.load(place / ROWS, mmap_mode="r") if (place / ROWS).is_file() else None
    words = tuple((place / WORDS).read_bytes().decode("utf-8").split("\n"))
    if len(words) != told["words"]:
        raise wb.ModelError(f"what was kept of '{source.name}' in '{place}' is damaged: remove that folder")
    return Prepared(words, table, rows, told["digest"], tuple(told["notes"]))


def _folder() -> Path:
    return wb.assets.cache_folder() / "vectors"


def _place(source: Path, beside: Path | None, options: dict[str, Any]) -> Path:
    """The folder of this state of the files under these options: path first, so that what is outdated can be found."""
    states = [(str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in (source, beside) if one is not None]
    named = hashlib.sha256(json.dumps([str(source), options]).encode()).hexdigest()[:16]
    state = hashlib.sha256(json.dumps([FORMAT, states]).encode()).hexdigest()[:16]
    return _folder() / f"{named}-{state}"


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One process reads a file; others wait for it."""
    with place.with_suffix(".lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _say(sentence: str) -> None:
    """A line for the log of the run."""
    print(sentence, file=sys.stderr, flush=True)
