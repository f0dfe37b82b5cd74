# SPDX-License-Identifier: Apache-2.0
"""Pairs of points: rows of the data on one side, their captions or another space of the same rows on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import workbench as wb
from registry.parameters import Subject

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

FEWEST: Final = 5  # pairs
BATCH: Final = 64  # texts
CAPTIONS: Final = ("caption", "description", "text")
HELD_OUT: Final = frozenset({"true", "1", "1.0", "test", "held_out", "held-out", "held out", "yes"})


class PairParams(wb.Params):
    """What is paired with what."""

    texts: wb.Pick[wb.Map[wb.Texts, wb.Vectors]] | None = Field(
        None, description="The map of texts; empty: the only one that there is."
    )
    column: wb.Pick[wb.Column] | None = Field(
        None, description="Column with the text of each row; empty: caption, description or text."
    )
    space: wb.Pick[wb.Vectors] | None = Field(
        None, description="Where the rows themselves are; empty: the space that the map of texts ends in."
    )
    first_column: wb.Pick[wb.Column] | None = Field(
        None, description="A column of other texts that stands for the rows, in place of their points in 'space'."
    )
    other: wb.Pick[wb.Vectors] | None = Field(
        None, description="A second space of the same rows, in place of texts, reached by the same data."
    )
    limit: int = Field(2000, ge=FEWEST, le=4000, description="Most pairs looked at, taken at random.")


@dataclass(frozen=True)
class Pairs:
    """Row i of one side belongs to row i of the other.

    Attributes
    ----------
    first, second : float64 ``[n, d]`` and ``[n, e]``; none is zero. Equal texts have exactly equal vectors
    rows : int64 ``[n]``, rows of the data
    first_words, second_words : what a reader is shown for each; ``None`` where there are no texts
    alike : int64 ``[2, n]``: rows of one number are the same thing, on the first and on the second side
    names : what the two sides are called
    source : what the rows are of
    notes : what was left out
    """

    first: Float64
    second: Float64
    rows: Int64
    first_words: tuple[str, ...] | None
    second_words: tuple[str, ...] | None
    alike: Int64
    names: tuple[str, str]
    source: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.first)

    def same(self) -> NDArray[np.bool_]:
        """Which pairs are the same thing on either side, bool ``[n, n]``."""
        one, other = self.alike
        return np.asarray((one[:, None] == one) | (other[:, None] == other))

    def taken(self, at: Any) -> Pairs:
        """These pairs alone, positions ``[m]``."""
        words = [None if one is None else tuple(one[k] for k in at) for one in (self.first_words, self.second_words)]
        return replace(
            self,
            first=self.first[at],
            second=self.second[at],
            rows=self.rows[at],
            first_words=words[0],
            second_words=words[1],
            alike=self.alike[:, at],
        )


def lacking(subject: Subject) -> list[str]:
    """What a subject lacks for pairs, one clause each: texts with a map for them, or a second space."""
    if not subject.has_model:
        return ["it needs a model"]
    texts = any(
        isinstance(subject.spaces.get(one.source), wb.Texts) and isinstance(subject.spaces.get(one.target), wb.Vectors)
        for one in subject.maps.values()
    )
    if (texts and subject.columns) or len(_own_spaces(subject.spaces)) > 1:
        return []
    return ["it needs a map from texts to vectors and data with a column of captions, or two spaces of vectors"]


def pairs_of(job: wb.Job, params: PairParams) -> Pairs:
    """The pairs that the parameters name.

    Raises
    ------
    DataError
        When captions are missing, no texts, or fewer than 5 pairs are left.
    ParameterError
        When it cannot be told which map, column or space is meant.
    """
    texts = None if params.other is not None else _text_map(job, params.texts)
    if texts is None:
        return _of_spaces(job, params)
    embed = job.model.maps[texts]
    space = params.space or embed.target.name
    rows = job.rows(space)
    if job.data is None or not len(job.data.columns.columns):
        raise wb.DataError("the data has no column of captions: name a data set whose rows have texts")
    frame = job.data.columns
    column = params.column or _caption_column(frame)
    wanted = [column] if params.first_column is None else [params.first_column, column]
    if params.first_column == column or (params.first_column is None and _is_text_itself(job, column, space, embed)):
        raise wb.ParameterError(
            f"both sides are the texts of '{column}' through the same map, so that each would find itself: choose "
            "another column or space"
        )
    said = {name: _texts(frame, name, rows) for name in wanted}
    there = np.array([all(one[at] for one in said.values()) for at in range(len(rows))], dtype=bool)
    notes = []
    if not there.all():
        notes.append(f"{int((~there).sum()):,} of {len(rows):,} rows have no text in '{column}' and were left out.")
    chosen = _sampled(np.flatnonzero(there), params.limit, job.rng)
    if len(chosen) < FEWEST:
        raise wb.DataError(f"{len(chosen)} rows have a text in '{column}': at least {FEWEST} pairs are needed")
    taken = rows[chosen]
    job.progress(0.1, "texts")
    second = tuple(said[column][at] for at in chosen)
    second_vectors, second_alike = _encoded(job, texts, second)
    job.progress(0.3, "points")
    if params.first_column is not None:
        first: tuple[str, ...] | None = tuple(said[params.first_column][at] for at in chosen)
        assert first is not None
        first_vectors, first_alike = _encoded(job, texts, first)
        names = (str(params.first_column), column)
    else:
        points = job.points(space, rows=taken)
        first_vectors, first_alike = _vectors(points, space)
        first = tuple(str(one) for one in frame["name"].iloc[taken]) if "name" in frame.columns else None
        names = ("picture" if job.data.has_pictures else "row", column)
    source = job.points(space, rows=taken[:1]).source
    found = Pairs(
        first_vectors, second_vectors, taken, first, second, np.stack([first_alike, second_alike]), names, source
    )
    return _without_zeros(replace(found, notes=tuple(notes)))


def _of_spaces(job: wb.Job, params: PairParams) -> Pairs:
    """The same rows in two spaces."""
    own = _own_spaces(job.model.spaces)
    space = params.space or next((one for one in own if one != params.other), None)
    other = params.other or next((one for one in own if one != space), None)
    if space is None or other is None:
        raise wb.ParameterError("two spaces are needed: name them with 'space' and 'other'")
    if space == other:
        raise wb.ParameterError(f"both sides are '{space}', so that each would find itself: choose another space")
    first = job.points(space, limit=params.limit)
    second = job.points(other, rows=first.rows)
    if first.source != second.source:
        raise wb.DataError(
            f"the points of '{space}' come from {first.source} and those of '{other}' from {second.source}: they are "
            "not the same things in two spaces"
        )
    one, one_alike = _vectors(first, space)
    two, two_alike = _vectors(second, other)
    column = params.column if params.column in first.columns else None
    words = None if column is None else tuple(str(each) for each in first.columns[column])
    found = Pairs(
        one, two, np.asarray(first.rows), words, words, np.stack([one_alike, two_alike]), (space, other), first.source
    )
    return _without_zeros(found)


def split_of(frame: Any, column: str, rows: Int64) -> NDArray[np.bool_]:
    """Which rows a column marks as held out, bool ``[n]``: True, 1, "test", "held_out" or "yes".

    >>> import pandas as pd
    >>> split_of(pd.DataFrame({"split": ["train", "test"]}), "split", np.array([0, 1])).tolist()
    [False, True]
    """
    return np.array([str(one).strip().lower() in HELD_OUT for one in frame[column].iloc[rows]], dtype=bool)


def groups_of(pairs: Pairs) -> Int64:
    """Numbers ``[n]`` such that pairs that are the same thing on either side, also by way of others, have one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(pairs)
    one, other = (np.unique(each, return_inverse=True)[1].reshape(-1) for each in pairs.alike)
    links = coo_matrix((np.ones(n), (one, int(one.max()) + 1 + other)), shape=(2 * n, 2 * n))
    _, parts = connected_components(links, directed=False)
    return np.asarray(parts[one], dtype=np.int64)


def _text_map(job: wb.Job, asked: str | None) -> str | None:
    if asked is not None:
        return str(asked)
    there = [
        name
        for name, one in job.model.maps.items()
        if isinstance(one.source, wb.Texts) and isinstance(one.target, wb.Vectors)
    ]
    if len(there) > 1:
        raise wb.ParameterError(f"the model has several maps of texts: choose one with 'texts': {', '.join(there)}")
    return there[0] if there else None


def _own_spaces(spaces: Any) -> list[str]:
    """Spaces of vectors that are no layers."""
    return [name for name, one in spaces.items() if isinstance(one, wb.Vectors) and not isinstance(one, wb.Layer)]


def _caption_column(frame: Any) -> str:
    for name in CAPTIONS:
        if name in frame.columns:
            return name
    raise wb.ParameterError(
        "which column holds the captions cannot be told: choose one with 'column': "
        + ", ".join(map(str, frame.columns))
    )


def _is_text_itself(job: wb.Job, column: str, space: str, embed: Any) -> bool:
    """Whether the rows are texts, and the column is those."""
    return (
        job.data is not None
        and isinstance(job.data.space, wb.Texts)
        and column == "text"
        and space == embed.target.name
    )


def _texts(frame: Any, name: str, rows: Int64) -> list[str]:
    """The texts of a column, "" where there is none."""
    cells = frame[name].iloc[rows].tolist()
    texts = [one.strip() if isinstance(one, str) else "" for one in cells]
    if not any(texts):
        what = "holds no text" if any(isinstance(one, str) for one in cells) else "holds numbers, and no texts"
        raise wb.DataError(f"the column '{name}' {what}: choose a column of captions")
    return texts


def _sampled(there: Int64, limit: int, rng: np.random.Generator) -> Int64:
    return there if len(there) <= limit else np.sort(rng.choice(there, limit, replace=False))


def _encoded(job: wb.Job, name: str, texts: Sequence[str]) -> tuple[Float64, Int64]:
    """Vectors of texts ``[n, d]`` and which of them are equal; each different text is encoded once."""
    import torch

    from registry.arrays import to_numpy

    embed = job.model.maps[name]
    order = sorted(dict.fromkeys(texts), key=lambda one: (len(one), one))  # near lengths together: little padding
    parts = []
    with torch.no_grad():
        for start in range(0, len(order), BATCH):
            parts.append(np.asarray(to_numpy(embed.point(order[start : start + BATCH])), dtype=np.float64))
            job.progress(0.1 + 0.2 * start / len(order), "texts")
    at = {one: place for place, one in enumerate(order)}
    alike = np.array([at[one] for one in texts], dtype=np.int64)
    return np.concatenate(parts)[alike], alike


def _vectors(points: wb.Points, name: str) -> tuple[Float64, Int64]:
    values = np.asarray(points.flat(), dtype=np.float64)
    wrong = ~np.isfinite(values).all(axis=1)
    if wrong.any():
        raise wb.DataError(
            f"{int(wrong.sum()):,} of {len(values):,} points of '{name}' hold NaN or infinity (first: row "
            f"{int(points.rows[wrong][0])}): leave these rows out with a slice"
        )
    _, alike = np.unique(np.ascontiguousarray(points.flat()), axis=0, return_inverse=True)
    return values, np.asarray(alike, dtype=np.int64).reshape(-1)


def _without_zeros(pairs: Pairs) -> Pairs:
    """The pairs whose vectors both have a direction."""
    zero = (~pairs.first.any(axis=1), ~pairs.second.any(axis=1))
    kept = np.flatnonzero(~(zero[0] | zero[1]))
    if len(kept) < FEWEST:
        raise wb.DataError(
            f"{len(kept)} of {len(pairs)} pairs have vectors that are not zero on both sides: at least {FEWEST} are "
            "needed"
        )
    if len(kept) == len(pairs):
        return pairs
    told = (
        f"{len(pairs) - len(kept):,} pairs were left out, for a vector of zeros has no angle to any other "
        f"({int(zero[0].sum()):,} of the side {pairs.names[0]}, {int(zero[1].sum()):,} of the side {pairs.names[1]})."
    )
    return replace(pairs.taken(kept), notes=(*pairs.notes, told))
