# SPDX-License-Identifier: Apache-2.0
"""Batches that may be numpy arrays or torch tensors, looked at without importing torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import torch

Batch: TypeAlias = "np.ndarray[Any, Any] | torch.Tensor"
Array: TypeAlias = "np.ndarray[Any, Any]"


def is_tensor(batch: object) -> bool:
    """Whether ``batch`` is a torch tensor (no import of torch: what is not imported cannot be a tensor)."""
    return any(kind.__module__ == "torch" and kind.__name__ == "Tensor" for kind in type(batch).__mro__)


def is_distribution(value: object) -> bool:
    """Whether ``value`` is a ``torch.distributions.Distribution``."""
    return any(kind.__module__.startswith("torch.distributions") for kind in type(value).__mro__)


def to_numpy(batch: object) -> Array:
    """A numpy view of a tensor (copied from its device if need be) or array.

    >>> to_numpy([1.0, 2.0]).shape
    (2,)
    """
    if is_tensor(batch):
        return np.asarray(batch.detach().cpu().numpy())  # type: ignore[attr-defined]
    return np.asarray(batch)


def is_floating(batch: Any) -> bool:
    """Whether the batch holds floating-point numbers."""
    return bool(batch.is_floating_point()) if is_tensor(batch) else np.issubdtype(batch.dtype, np.floating)


def bad_rows(batch: Any) -> Array:
    """Positions of the rows that hold a NaN or an infinity, int64 ``[m]``."""
    if batch.shape[0] == 0:
        return np.empty(0, dtype=np.int64)
    if is_tensor(batch):
        finite = batch.detach().isfinite().reshape(batch.shape[0], -1).all(dim=1).cpu().numpy()
    else:
        finite = np.isfinite(batch).reshape(batch.shape[0], -1).all(axis=1)
    return np.flatnonzero(~finite)


def value_range(batch: Any) -> tuple[float, float]:
    """Smallest and largest number of a batch that is not empty."""
    plain = batch.detach() if is_tensor(batch) else batch
    return float(plain.min()), float(plain.max())
