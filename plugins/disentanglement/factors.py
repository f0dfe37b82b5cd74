# SPDX-License-Identifier: Apache-2.0
"""Columns of the data as factors: which ones, their levels as whole numbers, and how far they depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

import workbench as wb
from plugins.disentanglement.information import Float64, Int64, contingency, entropy, mutual_information

if TYPE_CHECKING:
    import pandas as pd

MOST_LEVELS: Final = 20  # a number with more values is cut into bins
MOST_CATEGORIES: Final = 64
LEAST_ROWS: Final = 50
NO_FACTORS: Final = ("split", "row")


@dataclass(frozen=True)
class Factor:
    """One factor at ``n`` points.

    Attributes
    ----------
    name, kind : of the column; ``"number"`` or ``"category"``
    levels : int64 ``[n]`` from 0, without gaps
    labels : what each level is called
    values : float64 ``[n]``; of a category its levels
    binned : whether levels are bins of a number with many values
    """

    name: str
    kind: Literal["number", "category"]
    levels: Int64
    labels: tuple[str, ...]
    values: Float64
    binned: bool = False

    @property
    def count(self) -> int:
        """Number of levels."""
        return len(self.labels)


@dataclass(frozen=True)
class Factors:
    """The factors of a sample, the positions of the rows that have all of them, and what the reader must know."""

    each: tuple[Factor, ...]
    kept: Int64
    notes: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Names in order."""
        return [one.name for one in self.each]

    @property
    def levels(self) -> Int64:
        """int64 ``[n, f]``."""
        return np.stack([one.levels for one in self.each], axis=1)

    def entropies(self) -> Float64:
        """In nats, float64 ``[f]``."""
        return np.array([entropy(one.levels) for one in self.each])


def names_in(text: str) -> list[str]:
    """Names between commas.

    >>> names_in(" x, y ,")
    ['x', 'y']
    """
    return [one.strip() for one in text.split(",") if one.strip()]


def factors_of(columns: pd.DataFrame, named: list[str], categories: list[str], bins: int = 10) -> Factors:
    """The columns ``named`` as factors; without names, every column that looks like one.

    A column looks like a factor when it is text with 2 to 64 values, or numbers that vary and do not just count the
    rows; not one that says the same as an earlier column in other words, nor ``split`` or ``row``. Numbers with more
    than 20 values are cut into ``bins`` bins of equal counts.

    Raises
    ------
    ParameterError
        For a name that there is not, or a category with too many values.
    DataError
        When fewer than two factors vary, or too few rows have all of them.
    """
    for one in [*named, *categories]:
        if one not in columns.columns:
            there = ", ".join(map(str, columns.columns)) or "none"
            raise wb.ParameterError(f"the data has no column '{one}': there are {there}")
    for one in named:
        if named.count(one) > 1:
            raise wb.ParameterError(f"the factor '{one}' is named twice")
    chosen = named or [str(one) for one in columns.columns if _looks_like_one(columns[one], str(one) in categories)]
    notes: list[str] = []
    table = columns[chosen].apply(_without_infinities)
    kept = np.flatnonzero(table.notna().all(axis=1).to_numpy()) if chosen else np.arange(len(columns))
    if len(kept) < len(columns):
        notes.append(f"{len(columns) - len(kept):,} of {len(columns):,} points lack a value of a factor: left out.")
    if len(kept) < LEAST_ROWS:
        raise wb.DataError(
            f"only {len(kept)} points have a value of every factor ({', '.join(chosen) or 'none found'}): "
            f"{LEAST_ROWS} are needed; name fewer factors or take more points"
        )
    made: list[Factor] = []
    constant, doubled = [], []
    for name in chosen:
        factor = _factor(name, table[name].iloc[kept], name in categories, bins)
        same = next((other.name for other in made if _same(factor, other)), None)
        if factor.count < 2:
            constant.append(name)
        elif same is not None and not named:
            doubled.append(f"{name} (the same as {same})")
        else:
            made.append(factor)
    if constant:
        notes.append(f"Left out, since they do not vary among these points: {', '.join(constant)}.")
    if doubled:
        notes.append(f"Left out, since they say the same as another column: {', '.join(doubled)}.")
    if len(made) < 2:
        found = f"only '{made[0].name}' does" if made else "none does"
        why = f" ({', '.join(constant)}: one value only)" if constant else ""
        raise wb.DataError(
            f"disentanglement needs at least two columns of factors that vary among these points, and {found}{why}: "
            "take data with several known factors, or name columns in 'factors'"
        )
    cut = [one.name for one in made if one.binned]
    if cut:
        notes.append(f"Cut into {bins} levels of equal counts, having many values: {', '.join(cut)}.")
    return Factors(tuple(made), kept.astype(np.int64), tuple(notes))


def _looks_like_one(column: pd.Series[Any], category: bool) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if column.name in NO_FACTORS:
        return False
    different = column.nunique()
    if is_numeric_dtype(column) and not is_bool_dtype(column) and not category:
        whole = bool((column.dropna() == column.dropna().round()).all())
        return different >= 1 and not (whole and different > MOST_LEVELS and different == column.notna().sum())
    return 1 <= different <= MOST_CATEGORIES


def _without_infinities(column: pd.Series[Any]) -> pd.Series[Any]:
    from pandas.api.types import is_float_dtype

    return column.where(np.isfinite(column.astype(float))) if is_float_dtype(column) else column


def _factor(name: str, column: pd.Series[Any], category: bool, bins: int) -> Factor:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    number = is_numeric_dtype(column) and not is_bool_dtype(column) and not category
    if not number:
        labels, levels = np.unique(column.astype(str).to_numpy(dtype=str), return_inverse=True)
        if len(labels) > MOST_CATEGORIES:
            raise wb.ParameterError(
                f"the column '{name}' has {len(labels)} categories, {MOST_CATEGORIES} at most make a factor"
            )
        return Factor(name, "category", levels.astype(np.int64), tuple(labels.tolist()), levels.astype(np.float64))
    values = column.to_numpy(dtype=np.float64)
    present, levels = np.unique(values, return_inverse=True)
    if len(present) <= MOST_LEVELS:
        return Factor(name, "number", levels.astype(np.int64), tuple(f"{one:g}" for one in present), values)
    edges = np.unique(np.quantile(values, np.arange(1, bins) / bins))
    _, levels = np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)
    means = [values[levels == one].mean() for one in range(int(levels.max()) + 1)]
    return Factor(name, "number", levels.astype(np.int64), tuple(f"about {one:.3g}" for one in means), values, True)


def _same(one: Factor, other: Factor) -> bool:
    """Whether each level of one is always the same level of the other."""
    if one.count != other.count:
        return False
    table = contingency(one.levels, other.levels) > 0
    return bool((table.sum(axis=0) == 1).all() and (table.sum(axis=1) == 1).all())


def dependence(factors: Factors) -> Float64:
    """How far factors depend on each other, float64 ``[f, f]`` in 0..1 with 1 on the diagonal.

    Mutual information over the smaller entropy, with the information that independent factors show by chance in so few
    rows taken off: ``(a - 1)(b - 1) / 2n`` (G. A. Miller, *Note on the bias of information estimates*, 1955).
    """
    found = np.eye(len(factors.each))
    for i, one in enumerate(factors.each):
        for j, other in enumerate(factors.each[:i]):
            by_chance = (one.count - 1) * (other.count - 1) / (2 * len(one.levels))
            information = mutual_information(contingency(one.levels, other.levels)) - by_chance
            found[i, j] = found[j, i] = max(0.0, information) / min(entropy(one.levels), entropy(other.levels))
    return found
