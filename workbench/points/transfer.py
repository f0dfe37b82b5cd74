# SPDX-License-Identifier: Apache-2.0
"""Batches on their way to a device and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from registry.arrays import Array, is_tensor


def to_device(batch: Any, device: str) -> Any:
    """``batch`` as the maps of a model on ``device`` want it.

    Floating-point numbers become a float32 tensor, whole numbers an int64 one; texts and tables stay as they are.
    On CUDA the copy goes through pinned memory and does not hold up the host.
    """
    import torch

    if isinstance(batch, np.ndarray) and batch.dtype.kind in "fiub":
        wanted = np.float32 if batch.dtype.kind == "f" else np.int64
        plain = np.ascontiguousarray(batch, dtype=wanted)
        batch = torch.from_numpy(plain if plain.flags.writeable else plain.copy())
    if not is_tensor(batch):
        return batch
    if device.startswith("cuda") and batch.device.type == "cpu":
        return batch.pin_memory().to(device, non_blocking=True)
    return batch.to(device)


def to_host(batch: Any) -> Array:
    """A batch of points as float32 numpy ``[n, ...]``, a copy that shares nothing with the model.

    Raises ``TypeError`` for texts and tables, which are no numbers.
    """
    if is_tensor(batch):
        import torch

        return np.asarray(batch.detach().to("cpu", torch.float32, copy=True).numpy())
    if isinstance(batch, np.ndarray) and batch.dtype.kind in "fiub":
        return np.array(batch, dtype=np.float32)
    raise TypeError(f"a {type(batch).__name__} is no array of numbers")
