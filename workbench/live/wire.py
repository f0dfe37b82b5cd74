# SPDX-License-Identifier: Apache-2.0
"""What travels between an app and a live model: a JSON header, then the bytes of an array. Nothing is pickled."""

from __future__ import annotations

import json
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from registry.arrays import Array
from registry.errors import SpaceError

KINDS = "biuf"  # numpy kinds that have the same bytes everywhere: booleans, integers, floating point


def send(connection: Connection[Any, Any], header: dict[str, Any], batch: Any = None) -> None:
    """Send ``header`` and a batch: an array (or what numpy makes one of), or a list of texts.

    Raises :class:`SpaceError` for a batch that is neither.
    """
    about, body = _packed(batch)
    connection.send_bytes(json.dumps({**header, "batch": about}, default=_number).encode())
    if body is not None:
        connection.send_bytes(body)


def receive(connection: Connection[Any, Any]) -> tuple[dict[str, Any], Any]:
    """The header and batch of one message; raises :class:`EOFError` when the other end is gone."""
    header: dict[str, Any] = json.loads(connection.recv_bytes())
    about = header.pop("batch")
    if about is None:
        return header, None
    if "texts" in about:
        return header, list(about["texts"])
    array = np.frombuffer(connection.recv_bytes(), dtype=np.dtype(about["dtype"]))
    return header, array.reshape(about["shape"]).copy()


def _number(value: Any) -> Any:
    """A numpy number as a plain one; raises :class:`TypeError` for anything else."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a {type(value).__name__} cannot be a condition: give a number, text or truth value")


def _packed(batch: Any) -> tuple[dict[str, Any] | None, memoryview | None]:
    if batch is None:
        return None, None
    if isinstance(batch, (list, tuple)) and all(isinstance(one, str) for one in batch):
        return {"texts": list(batch)}, None
    array: Array = np.asarray(batch)
    if array.dtype.kind not in KINDS:
        raise SpaceError(
            f"a batch of type {type(batch).__name__} cannot be sent to a live model: give numbers or texts"
        )
    plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    about = {"dtype": plain.dtype.str, "shape": list(array.shape)}
    return about, plain.reshape(-1).data.cast("B")
