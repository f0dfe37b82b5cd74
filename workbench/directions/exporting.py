# SPDX-License-Identifier: Apache-2.0
"""A direction as files to hand on: its numbers, all that is known of it, and the code that makes it again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.errors import StoreError
from workbench.directions.code import code_of
from workbench.store.encoding import to_text

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store

ENDINGS: Final = (".safetensors", ".json", ".py")
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # the first moment that an archive knows: the same bytes every time


def document(one: DirectionRecord) -> dict[str, Any]:
    """All that is known of a direction, without the place of its file; reads the vector for its length."""
    length = float(np.linalg.norm(one.vector().astype(np.float64)))
    return {
        "name": one.name,
        "model": one.model,
        "fingerprint": one.fingerprint,
        "space": one.space,
        "size": one.size,
        "length": length,
        "sha256": one.sha256,
        "created": one.created.isoformat(),
        "how": one.how,
        "card": one.card,
    }


def contents(store: Store, one: DirectionRecord) -> Mapping[str, bytes]:
    """The bytes of each file by its ending; a damaged direction is not exported."""
    told = to_text(document(one))
    try:
        vector = one.path.read_bytes()
    except OSError as error:
        raise StoreError(f"the direction '{one.name}' could not be read: {error}") from error
    return dict(zip(ENDINGS, (vector, told.encode(), code_of(store, one).encode()), strict=True))


def export_files(store: Store, one: DirectionRecord, path: Path) -> list[Path]:
    """Write ``path.safetensors``, ``.json`` and ``.py``; raises :class:`StoreError` where a file is there already."""
    stem = path.with_suffix("") if path.suffix in ENDINGS else path
    files = [stem.with_name(stem.name + ending) for ending in ENDINGS]
    for file in files:
        if file.exists():
            raise StoreError(f"'{file}' is there already: choose another name, or remove it first")
    try:
        for file, content in zip(files, contents(store, one).values(), strict=True):
            file.write_bytes(content)
    except OSError as error:
        raise StoreError(f"the direction '{one.name}' could not be written: {error}") from error
    return files


def archive(store: Store, one: DirectionRecord) -> bytes:
    """The three files as one zip archive."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as opened:
        for ending, content in contents(store, one).items():
            opened.writestr(zipfile.ZipInfo(f"{one.name}{ending}", _LONG_AGO), content)
    return whole.getvalue()
