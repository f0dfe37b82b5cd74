# SPDX-License-Identifier: Apache-2.0
"""The code that is edited: which one is asked for, and how it is had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from plugins.editor.decoding import encoded
from registry.errors import DataError
from workbench.app import engine

if TYPE_CHECKING:
    from plugins.editor.editing import Float64
    from registry.arrays import Array
    from workbench.points import Description
    from workbench.store import SliceRecord

Kind = Literal["data", "prior", "slice", "mean", "inversion"]
KINDS: Final[dict[Kind, str]] = {
    "data": "A row of data, encoded",
    "prior": "A draw from the prior",
    "slice": "A row of a slice",
    "mean": "The mean of a slice",
    "inversion": "A picture, by inversion",
}
MOST_OF_A_SLICE: Final = 2000


@dataclass(frozen=True)
class Start:
    """Which code is edited; what a kind does not need is left at its default."""

    kind: Kind
    data: str = ""
    row: int = 0
    seed: int = 0
    slice: str = ""
    run: str = ""
    at: int = 0

    @property
    def words(self) -> str:
        """What it is, for captions and files."""
        if self.kind == "data":
            return f"row {self.row} of {self.data}, encoded"
        if self.kind == "prior":
            return f"draw {self.row} from the prior, seed {self.seed}"
        if self.kind == "slice":
            return f"row {self.row} of the slice {self.slice}"
        if self.kind == "mean":
            return f"the mean of the slice {self.slice}"
        return f"picture {self.at} of the inversion {self.run}"


def code_of(start: Start, model: str, description: Description, space: str) -> Float64:
    """The code of a start, float64 ``[d]``.

    Raises
    ------
    WorkbenchError
        When there is no such slice or run, nothing leads from the data to the space, or the model fails.
    """
    if start.kind == "data":
        return np.asarray(encoded(model, description, start.data, space, np.array([start.row]))[0])
    if start.kind == "prior":
        drawn = engine.live(model).sample(space, np.array([start.row]), start.seed)
        return np.asarray(drawn[0], dtype=np.float64)
    if start.kind == "inversion":
        return inverted(start, description, space)
    record = engine.store().slice(start.slice)
    if start.kind == "slice":
        return np.asarray(codes_of_slice(record, np.array([start.row]), model, description, space)[0])
    rows = spread_rows(record, MOST_OF_A_SLICE)
    return np.asarray(codes_of_slice(record, rows, model, description, space).mean(axis=0))


def inverted(start: Start, description: Description, space: str) -> Float64:
    """The code that a run of ``inversion`` found; raises as :func:`code_of`."""
    record = engine.store().run(start.run)
    if record.analysis != "inversion" or record.status != "done":
        raise DataError(f"the run '{start.run}' is no finished inversion")
    source = description.maps[str(record.params["decode"])].source
    codes = np.asarray(engine.result_of(record).array("codes"), dtype=np.float64)
    if source != space or codes.shape[1] != getattr(description.spaces[space], "size", 0):
        raise DataError(f"the run '{start.run}' inverted pictures into {source}, not {space}")
    if not 0 <= start.at < len(codes):
        raise DataError(f"the run '{start.run}' has {len(codes)} pictures: number {start.at} is none of them")
    return np.asarray(codes[start.at])


def codes_of_slice(record: SliceRecord, rows: Array, model: str, description: Description, space: str) -> Float64:
    """Codes of rows of what a slice is of, float64 ``[n, d]``; raises as :func:`code_of`."""
    from workbench.runs import read_draws

    draws = read_draws(record.data)
    if draws is None:
        return encoded(model, description, record.data, space, rows)
    if (draws.model, draws.space) != (model, space):
        raise DataError(f"the slice '{record.name}' is of {draws.in_words}: those are no codes of {space} of {model}")
    return np.asarray(engine.live(model).sample(space, rows, draws.seed), dtype=np.float64)


def spread_rows(record: SliceRecord, most: int) -> Array:
    """At most so many rows of a slice, evenly spaced, ascending; raises :class:`DataError` for an empty slice."""
    rows = record.rows()
    if not len(rows):
        raise DataError(f"the slice '{record.name}' is empty")
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), most)).round().astype(np.int64))
    return np.asarray(rows[chosen])
