# SPDX-License-Identifier: Apache-2.0
"""Files of word vectors in every format, written by hand, and the cache that they are read into."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plugins.adapters import word_vectors
from registry.model import Model

WORDS = ("the", "naïve", "猫", "new_york", "3", "Ørsted")
VALUES = np.random.default_rng(0).normal(size=(len(WORDS), 7)).astype(np.float32)
Open = Callable[..., Model]


def binary(
    words: Sequence[str | bytes], values: NDArray[Any], header: str | None = None, line_end: bytes = b"\n"
) -> bytes:
    body = b"".join(
        (one if isinstance(one, bytes) else one.encode()) + b" " + row.astype("<f4").tobytes() + line_end
        for one, row in zip(words, values, strict=True)
    )
    return (header or f"{len(words)} {values.shape[1]}\n").encode() + body


def text(words: Sequence[str | bytes], values: NDArray[Any], header: str | None = None) -> bytes:
    body = b"".join(
        (one if isinstance(one, bytes) else one.encode()) + b" " + " ".join(map(repr, row.tolist())).encode() + b"\n"
        for one, row in zip(words, values, strict=True)
    )
    return (f"{len(words)} {values.shape[1]}\n" if header is None else header).encode() + body


def safetensors(named: dict[str, NDArray[Any]]) -> bytes:
    header, body = {}, b""
    for name, one in named.items():
        kind = {"f": {2: "F16", 4: "F32", 8: "F64"}}.get(one.dtype.kind, {}).get(one.dtype.itemsize, "I64")
        raw = one.tobytes()
        header[name] = {"dtype": kind, "shape": list(one.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    told = json.dumps(header).encode()
    return struct.pack("<Q", len(told)) + told + body


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """``opened(name, content, **options)``: the model of a file with this content."""

    def opened(name: str, content: bytes, **options: Any) -> Model:
        file = tmp_path / name
        file.write_bytes(content)
        return word_vectors("acme", file, **options).load()

    return opened


def squeezed(content: bytes) -> bytes:
    return gzip.compress(content, 1)
