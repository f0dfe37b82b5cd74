# SPDX-License-Identifier: Apache-2.0
"""Which column gives the classes, and which points count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.layers.walk import listed

if TYPE_CHECKING:
    import pandas as pd

FEWEST, MOST = 2, 40


@dataclass(frozen=True)
class Labels:
    """Classes of the sample.

    Attributes
    ----------
    column : name of the column
    names : of the classes, sorted
    codes : int64 ``[n]``, number of the class of each point; -1 where it has none
    used : positions of the points in classes large enough to be held out in every fold
    """

    column: str
    names: tuple[str, ...]
    codes: NDArray[np.int64]
    used: NDArray[np.int64]

    @property
    def majority(self) -> float:
        """Share of the largest class among the points used."""
        return float(np.bincount(self.codes[self.used]).max() / len(self.used))

    @property
    def measurable(self) -> bool:
        """Whether two classes are large enough."""
        return len(np.unique(self.codes[self.used])) >= FEWEST


def labels_of(columns: pd.DataFrame, wanted: str | None, folds: int) -> tuple[Labels | None, list[str]]:
    """The labels, and notes on what was left out; no labels where no column was asked for and none has 2 to 40 values.

    Raises
    ------
    ParameterError
        When the column asked for is not there, or has too many values.
    """
    name = _named(columns, wanted)
    if name is None:
        if not len(columns.columns):
            return None, []
        there = listed([str(one) for one in columns.columns])
        return None, [
            f"Without labels, only maps and dimension: no column of the sample has {FEWEST} to {MOST} different values "
            f"({there})."
        ]
    values = columns[name].astype("category")
    found = np.array(values.cat.codes, dtype=np.int64)
    codes = _renumbered(found)
    present = np.unique(found[found >= 0])
    names = tuple(str(values.cat.categories[one]) for one in present)
    if len(set(names)) < len(names):  # 1 and "1" are two classes
        names = tuple(repr(values.cat.categories[one]) for one in present)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    large = counts >= folds
    used = np.flatnonzero((codes >= 0) & np.append(large, False)[codes])
    labels = Labels(name, names, codes, used)
    notes = []
    if (codes < 0).any():
        notes.append(f"{int((codes < 0).sum())} points have no {name}: they are on the maps, not in its measures.")
    if not large.all():
        few = ", ".join(one for one, enough in zip(names, large, strict=True) if not enough)
        notes.append(f"Classes of {name} with fewer than {folds} points are not measured: {few}.")
    if not labels.measurable:
        notes.append(f"Only maps and dimension: fewer than 2 classes of {name} have {folds} points or more.")
    return labels, notes


def _named(columns: pd.DataFrame, wanted: str | None) -> str | None:
    if wanted is None:
        return next((str(one) for one in columns.columns if FEWEST <= columns[one].nunique() <= MOST), None)
    if wanted not in columns.columns:
        raise wb.ParameterError(
            f"'label' = '{wanted}': the points of this run have no such column, for they are no rows of the data; "
            "leave the label empty or choose another map"
        )
    count = columns[wanted].nunique()
    if count > MOST:
        raise wb.ParameterError(
            f"'label' = '{wanted}' has {count:,} values in the sample: choose a column with {FEWEST} to {MOST}"
        )
    return wanted


def _renumbered(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Category numbers without gaps: categories that the sample does not hold are no classes of it."""
    found = np.full(len(codes), -1, dtype=np.int64)
    found[codes >= 0] = np.unique(codes[codes >= 0], return_inverse=True)[1]
    return found
