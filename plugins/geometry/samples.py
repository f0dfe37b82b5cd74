# SPDX-License-Identifier: Apache-2.0
"""Codes that an analysis starts from: a checked sample, and rows that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from registry.arrays import bad_rows

if TYPE_CHECKING:
    from torch import Tensor


def sample_of(job: wb.Job, space: str, limit: int, least: int) -> wb.Points:
    """At most ``limit`` codes of a space.

    Raises
    ------
    DataError
        When there are fewer than ``least``, or one is not finite.
    """
    points = job.points(space, limit=limit)
    if len(points) < least:
        raise wb.DataError(f"at least {least} codes of '{space}' are needed, got {len(points)}: take a larger slice")
    return _finite(points, space)


def rows_of(job: wb.Job, space: str, rows: list[int]) -> Any:
    """Codes of these rows in the order given, float64 ``[k, d]``.

    Raises
    ------
    DataError
        When a row is named twice, does not exist, or its code is not finite.
    """
    if len(set(rows)) < len(rows):
        raise wb.DataError(f"row {max(rows, key=rows.count)} is named twice: choose rows that differ")
    ordered = np.array(sorted(rows), dtype=np.int64)
    points = _finite(job.points(space, rows=ordered), space)
    places = np.searchsorted(ordered, np.array(rows))
    return points.flat()[places].astype(np.float64)


def _finite(points: wb.Points, space: str) -> wb.Points:
    bad = bad_rows(points.flat())
    if bad.size:
        raise wb.DataError(
            f"{bad.size:,} of {len(points):,} codes of '{space}' hold NaN or infinity (first: row "
            f"{int(points.rows[bad[0]])}): leave them out of the slice"
        )
    return points


def tensor_of(codes: Any, device: str, *, like: Any = None) -> Tensor:
    """Codes as a tensor, float32 or of the type of ``like``, on the device."""
    import torch

    kind = torch.float32 if like is None else like
    return torch.from_numpy(np.array(codes, dtype=np.float64)).to(device, kind)
