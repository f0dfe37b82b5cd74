# SPDX-License-Identifier: Apache-2.0
"""Arrays that come from a program instead of a file, kept under the store by their hash."""

from __future__ import annotations

import hashlib
import io
import secrets
from pathlib import Path
from typing import Any

import numpy as np

from registry.arrays import to_numpy
from registry.errors import DataError


def keep_array(folder: Path, values: Any) -> Path:
    """A ``.npy`` file in ``folder`` that holds ``values`` (array, tensor, data frame or lists of numbers).

    The file is named by its hash and written once, so that the same points are the same data whoever gives them.

    Raises
    ------
    DataError
        When ``values`` is not an array of plain numbers.
    """
    try:
        array = np.ascontiguousarray(to_numpy(values))
    except (TypeError, ValueError) as error:
        raise DataError(f"the points are no array of numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise DataError(f"the points are a {type(values).__name__} of {array.dtype}: give an array of numbers [n, d]")
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    content = buffer.getvalue()
    path = folder / f"{hashlib.sha256(content).hexdigest()}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{secrets.token_hex(8)}"
        fresh.write_bytes(content)
        fresh.replace(path)
    return path
