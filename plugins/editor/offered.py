# SPDX-License-Identifier: Apache-2.0
"""Named directions of the store as the editor offers them: those that fit, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plugins.editor.editing import Float64
from registry.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store


@dataclass(frozen=True)
class Offered:
    """A direction: its vector at its stored length, or why it cannot be used here."""

    record: DirectionRecord
    vector: Float64 | None
    refused: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.record.name


def offered(store: Store, model: str, fingerprint: str, space: str, size: int) -> list[Offered]:
    """Every direction of the store that is of this model, or of a space of this name and width."""
    found = []
    for record in store.directions():
        if record.model != model and (record.space != space or record.size != size):
            continue
        refused = _refused(record, model, fingerprint, space, size)
        vector = None
        if not refused:
            try:
                vector = usable(record.vector(), size)
            except (WorkbenchError, ValueError) as error:
                refused = str(error)
        found.append(Offered(record, vector, refused))
    return sorted(found, key=lambda one: (bool(one.refused), one.name))


def usable(vector: object, size: int) -> Float64:
    """A vector float64 ``[size]``; raises :class:`ValueError` where it is of another width, not finite or zero."""
    numbers = np.asarray(vector, dtype=np.float64)
    if numbers.shape != (size,):
        raise ValueError(f"it has {numbers.size} numbers, and codes here have {size}")
    if not np.isfinite(numbers).all():
        raise ValueError("it holds NaN or infinity")
    if not numbers.any():
        raise ValueError("it is zero: it leads nowhere")
    return numbers


def _refused(record: DirectionRecord, model: str, fingerprint: str, space: str, size: int) -> str:
    if record.model is None:
        return "it is of bare data, not of this model"
    if record.model != model:
        return f"it is of the model {record.model}"
    if record.space != space:
        return f"it is of the space {record.space}"
    if record.size != size:
        return f"it has {record.size} numbers, and codes here have {size}"
    if record.fingerprint and record.fingerprint != fingerprint:
        return "it was found with other weights of this model: find it again"
    return ""
