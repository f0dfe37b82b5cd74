# SPDX-License-Identifier: Apache-2.0
"""Which rows of the data are texts of which style, which of them may be learned of, and their points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]
    Int64 = NDArray[np.int64]

STYLE: Final = "style"
SPLIT: Final = "split"
TRAIN: Final = "train"
DOCUMENT: Final = "document"
FEWEST: Final = 12  # texts of a style on either side: fewer measure nothing


@dataclass(frozen=True)
class Style:
    """Texts of one style: those that may be learned of, and those that are only measured.

    Attributes
    ----------
    train, test : points, float64 ``[n, d]`` and ``[m, d]``
    train_texts, test_texts : the texts
    train_rows, test_rows : their rows in the data, int64
    documents : what each of the measured texts is a part of; its own number where the data does not say
    """

    name: str
    train: Float64
    test: Float64
    train_texts: tuple[str, ...]
    test_texts: tuple[str, ...]
    train_rows: Int64
    test_rows: Int64
    documents: tuple[str, ...]

    @property
    def corpus(self) -> Float64:
        """All its points, those that are measured first."""
        return np.concatenate([self.test, self.train])


@dataclass(frozen=True)
class Chosen:
    """Rows of the data by style: name -> (rows to learn of, rows to measure), and what must be known of the choice."""

    rows: dict[str, tuple[Int64, Int64]]
    notes: tuple[str, ...]


def choose(
    columns: pd.DataFrame, by: str | None, split: str | None, limit: int, measured: int, rng: np.random.Generator
) -> Chosen:
    """Rows of each style, at most ``limit`` to learn of and ``measured`` to measure, at random.

    Where the data has no column of splits, halves are drawn, of documents where it names these. A text that is in both
    parts is measured nowhere.

    Raises
    ------
    DataError
        When there is no such column, or fewer than two styles have texts enough.
    """
    name = _column(columns, by, STYLE, "styles")
    styles = columns[name].astype(str).to_numpy()
    notes = []
    if split is not None or SPLIT in columns:
        train = columns[_column(columns, split, SPLIT, "splits")].astype(str).to_numpy() == TRAIN
    else:
        train = _halves(columns, styles, rng)
        whole = ", whole documents together" if DOCUMENT in columns else ""
        notes.append(
            f"The data says not which texts are for training: means and probes come from a random half{whole}."
        )
    texts = columns["text"].astype(str).to_numpy() if "text" in columns else np.arange(len(columns)).astype(str)
    known = set(texts[train].tolist())
    seen = np.array([one in known for one in texts], dtype=bool) & ~train
    if seen.any():
        notes.append(f"{int(seen.sum())} texts are in both parts and were not measured.")
    rows: dict[str, tuple[Int64, Int64]] = {}
    scarce = []
    for one in dict.fromkeys(styles.tolist()):
        here = styles == one
        parts = np.flatnonzero(here & train), np.flatnonzero(here & ~train & ~seen)
        if min(len(part) for part in parts) < FEWEST:
            scarce.append(f"{one} ({len(parts[0])} and {len(parts[1])})")
            continue
        rows[one] = _some(parts[0], limit, rng), _some(parts[1], measured, rng)
    if scarce:
        notes.append(f"Left out, with fewer than {FEWEST} texts to learn of or to measure: {', '.join(scarce[:8])}.")
    if len(rows) < 2:
        raise wb.DataError(
            f"the column '{name}' has {len(rows)} styles with at least {FEWEST} texts to learn of and {FEWEST} to "
            "measure: two are needed"
        )
    return Chosen(rows, tuple(notes))


def points_of(job: wb.Job, space: str, chosen: Chosen) -> dict[str, Style]:
    """The points of all chosen rows, in one pass.

    Raises
    ------
    DataError
        When a point is not finite.
    """
    wanted = np.unique(np.concatenate([part for parts in chosen.rows.values() for part in parts]))
    points = job.points(space, rows=wanted)
    values = points.flat().astype(np.float64)
    bad = int((~np.isfinite(values).all(axis=1)).sum())
    if bad:
        raise wb.DataError(f"{bad} of {len(values)} texts have vectors with NaN or infinity: leave these texts out")
    texts = points.columns["text"].astype(str).tolist() if "text" in points.columns else [""] * len(values)
    whole = points.columns[DOCUMENT].astype(str).to_numpy() if DOCUMENT in points.columns else wanted.astype(str)
    found = {}
    for name, parts in chosen.rows.items():
        at = [np.searchsorted(wanted, part) for part in parts]
        learned, held = (tuple(texts[one] for one in places) for places in at)
        found[name] = Style(
            name, values[at[0]], values[at[1]], learned, held, parts[0], parts[1], tuple(whole[at[1]].tolist())
        )
    return found


def named(asked: str | None, styles: Sequence[str], usual: str, but: Sequence[str] = ()) -> str:
    """The style that is asked for; else the usual one where it is there, else the first that is not taken.

    Raises
    ------
    ParameterError
        When there is no style of that name.
    """
    if asked is not None:
        if asked not in styles:
            raise wb.ParameterError(f"'{asked}' is no style with texts enough here: choose from {', '.join(styles)}")
        return asked
    if usual in styles and usual not in but:
        return usual
    return next((one for one in styles if one not in but), styles[0])


def _halves(columns: pd.DataFrame, styles: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """A random half of the texts, bool ``[n]``; texts of one document are on one side: a probe would know it again.

    Documents are dealt in random order, each to the side that has fewer texts of its styles so far.
    """
    if DOCUMENT not in columns:
        return np.asarray(rng.random(len(columns)) < 0.5)
    code = np.unique(styles, return_inverse=True)[1]
    document = np.unique(columns[DOCUMENT].astype(str).to_numpy(), return_inverse=True)[1]
    rows = np.split(np.argsort(document, kind="stable"), np.cumsum(np.bincount(document))[:-1])
    train, dealt = np.zeros(len(columns), dtype=bool), np.zeros((2, int(code.max()) + 1))
    for one in rng.permutation(len(rows)):
        held = code[rows[one]]
        rest, learned = dealt[:, held].sum(axis=1)
        side = int(learned < rest or (learned == rest and rng.random() < 0.5))
        train[rows[one]] = bool(side)
        np.add.at(dealt[side], held, 1)
    return train


def _column(columns: pd.DataFrame, asked: str | None, usual: str, what: str) -> str:
    name = asked or usual
    if name not in columns:
        there = ", ".join(str(one) for one in columns.columns[:12]) or "none"
        raise wb.DataError(f"the data has no column '{name}' of {what}: name one of its columns ({there})")
    return name


def _some(rows: Int64, count: int, rng: np.random.Generator) -> Int64:
    return np.sort(rng.choice(rows, count, replace=False)) if len(rows) > count else rows
