# SPDX-License-Identifier: Apache-2.0
"""The texts: two groups that make the direction, held-out ones of both that it is measured on, and neutral ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

import workbench as wb

LONGEST: Final = 400  # characters that are measured of a text
OPENING: Final = 6  # words of a neutral text that is written on
CLASSES: Final = 40
SPLIT, TRAIN, DOCUMENT = "split", "train", "document"
SPLITS: Final = (SPLIT, "text")
FAVOURED: Final = ("romance", "news")
FEWEST: Final = 8


@dataclass(frozen=True)
class Groups:
    """Rows and texts; ``made_*`` are the rows that the direction is made of, the rest is measured on other texts."""

    toward: str
    away: str
    column: str
    made_toward: Any
    made_away: Any
    texts_toward: list[str]
    texts_away: list[str]
    neutral: list[str]
    openings: list[str]
    whence: str
    apart: str


def column_of(columns: Any, asked: str | None) -> str:
    """The column that holds the groups: the one asked for, else the first with 2 to 40 classes of 16 texts or more.

    Raises
    ------
    workbench.DataError
        When there is none, or the one asked for has no two classes.
    """
    for name in [asked] if asked is not None else [one for one in columns.columns if one not in SPLITS]:
        counts = columns[name].astype(str).value_counts()
        if 2 <= len(counts) <= (len(columns) if asked is not None else CLASSES) and counts.iloc[1] >= 2 * FEWEST:
            return str(name)
    about = f"the column '{asked}' does not have" if asked is not None else "no column of the data has"
    raise wb.DataError(f"{about} two classes of {2 * FEWEST} texts and more: name a column of kinds of texts")


def classes_of(values: Any, toward: str, away: str) -> tuple[str, str]:
    """The two classes: as named; else romance and news where the data have them, else the two largest."""
    counts = values.value_counts()
    order = [one for one in FAVOURED if one in counts.index] if all(one in counts.index for one in FAVOURED) else []
    order += [str(one) for one in counts.index if one not in order]
    first = toward or next(one for one in order if one != away)
    second = away or next(one for one in order if one != first)
    for one in (first, second):
        if one not in counts.index:
            raise wb.ParameterError(
                f"there is no class '{one}': the column has {', '.join(map(str, counts.index[:12]))}"
            )
    if first == second:
        raise wb.ParameterError(f"both groups are '{first}': name two classes")
    return first, second


def groups_of(
    data: wb.Dataset, rows: Any, by: str | None, toward: str, away: str, made: int, measured: int, written: int,
    rng: np.random.Generator,
) -> Groups:  # fmt: skip
    """Draw the texts of a run; a row is in one part only.

    Texts of one document know each other: where the data says what is for training, the direction is made of that and
    measured on the rest; else, where it names documents, whole documents go to one part.

    Raises
    ------
    workbench.DataError
        When a group has fewer than 8 texts to make the direction of, or to measure it on.
    """
    columns = data.columns.iloc[rows]
    column = column_of(columns, by)
    values = columns[column].astype(str)
    first, second = classes_of(values, toward, away)
    taken: dict[str, tuple[Any, Any]] = {}
    parted: dict[str, None] = {}
    for name in (first, second):
        own = rng.permutation(np.asarray(rows)[(values == name).to_numpy()])
        held, rest, apart = _parted(columns, own, measured)
        taken[name] = np.sort(rest[:made]), held
        parted[apart] = None
        if min(len(held), len(taken[name][0])) < FEWEST:
            raise wb.DataError(f"the class '{name}' has {len(own)} texts, and at least {2 * FEWEST} are needed")
    rest = rng.permutation(np.asarray(rows)[(~values.isin([first, second])).to_numpy()])
    whence = f"texts that are neither {first} nor {second}"
    if len(rest) < FEWEST:
        used = {int(one) for name in taken for part in taken[name] for one in part}
        rest = np.array(
            [one for one in rng.permutation(np.asarray(rows)[(values == second).to_numpy()]) if one not in used]
        )
        whence = f"other texts of {second}"
    if len(rest) < FEWEST:
        rest, whence = taken[second][1], f"the held-out texts of {second} themselves: there are no others"
    neutral = _texts(data, rest[:measured])
    return Groups(
        first, second, column, taken[first][0], taken[second][0],
        _texts(data, taken[first][1]), _texts(data, taken[second][1]), neutral,
        [" ".join(one.split()[:OPENING]) for one in neutral[:written]], whence,
        " or ".join(parted),
    )  # fmt: skip


def _parted(columns: Any, own: Any, measured: int) -> tuple[Any, Any, str]:
    """Rows of one class to measure on, at most ``measured``, rows to make the direction of, and what parts them."""
    if SPLIT in columns.columns:
        train = (columns.loc[own, SPLIT].astype(str) == TRAIN).to_numpy()
        if min(train.sum(), (~train).sum()) >= FEWEST:
            return own[~train][:measured], own[train], "which the data holds back from training"
    wanted = min(measured, len(own) // 2)
    if DOCUMENT in columns.columns:
        documents = columns.loc[own, DOCUMENT].astype(str).to_numpy()
        held = np.zeros(len(own), dtype=bool)
        for one in dict.fromkeys(documents.tolist()):  # in the random order of the rows
            if held.sum() >= wanted:
                break
            held |= documents == one
        if len(own) - held.sum() >= FEWEST:
            return own[held][:measured], own[~held], "of other documents"
    return own[:wanted], own[wanted:], "which may be of the same documents"


def _texts(data: wb.Dataset, rows: Any) -> list[str]:
    return [one[:LONGEST] for one in data.batch(np.asarray(rows))]
