# SPDX-License-Identifier: Apache-2.0
"""The words of the lists in a vocabulary, the test on them, and the same test with random lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.association_test.published import PUBLISHED, Lists
from plugins.association_test.testing import (
    PValues,
    bootstrap,
    effect_size,
    matched,
    p_values,
    unit_rows,
    without_each,
)

if TYPE_CHECKING:
    from plugins.association_test.analysis import AssociationTest

    Params = AssociationTest.Params

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

FEWEST: Final = 3  # known words of each list
QUICK: Final = 20_000  # random divisions of the published tests that stand beside


@dataclass(frozen=True)
class Found:
    """The words of four lists that a vocabulary has.

    Attributes
    ----------
    lists : as they were given
    words : the words that are known, by list
    rows : their positions, by list
    missing : those that are not, by list
    """

    lists: Lists
    words: tuple[tuple[str, ...], ...]
    rows: tuple[Int64, ...]
    missing: tuple[tuple[str, ...], ...]

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """Known words of the four lists."""
        first, second, third, fourth = (len(one) for one in self.words)
        return first, second, third, fourth


@dataclass(frozen=True)
class Measured:
    """The test of a run.

    Attributes
    ----------
    found : the words
    cosines : float64 ``[n + m, a + b]``, of targets and attributes
    effect, low, high : effect size and its interval
    p : of the permutation test
    without : effect size when each word is left out
    random_targets, random_attributes : effect sizes ``[controls]`` with random words in place of these lists
    others : by name of a published test: its words, effect and p; the run's own among them
    """

    found: Found
    cosines: Float64
    effect: float
    low: float
    high: float
    p: PValues
    without: Float64
    random_targets: Float64
    random_attributes: Float64
    others: dict[str, tuple[Found, float, PValues] | str]

    @property
    def associations(self) -> Float64:
        """Of each target word: mean cosine with the first attributes less that with the second."""
        a = self.found.sizes[2]
        return np.asarray(self.cosines[:, :a].mean(axis=1) - self.cosines[:, a:].mean(axis=1))


def lists_of(params: Params) -> Lists:
    """The four lists of a run."""
    if params.test != "own":
        return PUBLISHED[params.test]
    given = (params.first, params.second, params.attributes_first, params.attributes_second)
    words = tuple(tuple(dict.fromkeys(one.replace(",", " ").split())) for one in given)
    return Lists("Own lists", ("first list", "second list", "first attributes", "second attributes"), words)  # type: ignore[arg-type]


def find(lists: Lists, position: dict[str, int]) -> Found:
    """The words that are known, as written or else in lower case; a word is counted once in a list.

    Raises
    ------
    DataError
        When a list has fewer than three known words, or the two lists of targets or of attributes share one.
    """
    words, rows, missing = [], [], []
    for name, listed in zip(lists.names, lists.words, strict=True):
        at = {word: position.get(word, position.get(word.lower(), -1)) for word in listed}
        known = {row: word for word, row in reversed(at.items()) if row >= 0}
        kept = [word for word in at if known.get(at[word]) == word]
        if len(kept) < FEWEST:
            lacking = ", ".join(word for word, row in at.items() if row < 0)
            raise wb.DataError(
                f"{lists.title}: {len(kept)} words of '{name}' are in the vocabulary (it lacks {lacking or 'none'}): "
                f"at least {FEWEST} are needed"
            )
        words.append(tuple(kept))
        rows.append(np.array([at[word] for word in kept], dtype=np.int64))
        missing.append(tuple(word for word, row in at.items() if row < 0))
    for first, second in ((0, 1), (2, 3)):
        shared = np.intersect1d(rows[first], rows[second])
        if len(shared):
            twice = words[first][int(np.flatnonzero(rows[first] == shared[0])[0])]
            raise wb.DataError(f"'{twice}' is in both '{lists.names[first]}' and '{lists.names[second]}': take it out")
    return Found(lists, tuple(words), tuple(rows), tuple(missing))


def measure(job: wb.Job, params: Params) -> Measured:
    """Everything that a run measures."""
    embed = job.model.maps[params.embed]
    vocabulary = embed.source
    assert isinstance(vocabulary, wb.Items)  # what the pick asks for
    position = {word: at for at, word in reversed(list(enumerate(vocabulary.names)))}
    found = find(lists_of(params), position)
    others = published_found(position)
    count = min(params.vocabulary, len(vocabulary.names))
    extra = [row for one in (found, *(each for each in others.values() if isinstance(each, Found))) for row in one.rows]
    rows = np.unique(np.concatenate([np.arange(count), *extra]))
    job.progress(0.05, "vectors")
    vectors = np.asarray(job.points(embed.target.name, rows=rows).flat())
    table = Vectors(rows, vectors)
    table.check(found, vocabulary.names)
    cosines = table.cosines(found)
    sizes = found.sizes
    n, _, a, _ = sizes
    values = cosines[:, :a].mean(axis=1) - cosines[:, a:].mean(axis=1)
    job.progress(0.2, "permutations")
    p = p_values(values[:n], values[n:], job.rng, params.draws)
    low, high = bootstrap(cosines, sizes, job.rng)
    job.progress(0.5, "random lists")
    targets, attributes = controls(table, found, count, params.controls, job.rng)
    job.progress(0.8, "published tests")
    beside: dict[str, tuple[Found, float, PValues] | str] = {}
    for name, one in others.items():
        if isinstance(one, str):
            beside[name] = one
            continue
        each = table.cosines(one)
        along = each[:, : one.sizes[2]].mean(axis=1) - each[:, one.sizes[2] :].mean(axis=1)
        halves = along[: one.sizes[0]], along[one.sizes[0] :]
        beside[name] = (one, effect_size(*halves), p_values(*halves, job.rng, QUICK))
    return Measured(
        found, cosines, effect_size(values[:n], values[n:]), low, high, p, without_each(cosines, sizes), targets,
        attributes, beside,
    )  # fmt: skip


def published_found(position: dict[str, int]) -> dict[str, Found | str]:
    """The published tests in a vocabulary; a sentence for those that it has too few words of."""
    found: dict[str, Found | str] = {}
    for name, one in PUBLISHED.items():
        try:
            found[name] = find(one, position)
        except wb.DataError as error:
            found[name] = str(error)
    return found


class Vectors:
    """Unit vectors of words by their position; ``rows [k]`` ascending, ``vectors [k, d]``."""

    def __init__(self, rows: Int64, vectors: NDArray[np.float32]) -> None:
        self.rows = rows
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
        self.usable = np.isfinite(lengths) & (lengths > 0)
        self.unit = np.zeros(vectors.shape)
        self.unit[self.usable] = unit_rows(vectors[self.usable])

    def at(self, rows: Int64) -> Float64:
        """Unit vectors of the words at these positions."""
        return np.asarray(self.unit[np.searchsorted(self.rows, rows)])

    def cosines(self, found: Found) -> Float64:
        """Of all targets and all attributes, in the order of the lists."""
        first, second, third, fourth = found.rows
        return np.asarray(self.at(np.concatenate([first, second])) @ self.at(np.concatenate([third, fourth])).T)

    def check(self, found: Found, names: tuple[str, ...]) -> None:
        """Raise :class:`workbench.DataError` for a word whose vector has no direction."""
        for row in np.concatenate(found.rows):
            if not self.usable[np.searchsorted(self.rows, row)]:
                raise wb.DataError(f"the vector of '{names[row]}' is zero or not finite: take the word out")


def controls(table: Vectors, found: Found, words: int, count: int, rng: np.random.Generator) -> tuple[Float64, Float64]:
    """Effect sizes with random targets, and with random attributes, of the same sizes and frequencies."""
    n, m, a, b = found.sizes
    taken = np.concatenate([*found.rows, table.rows[~table.usable]])
    targets, attributes = found.rows[0].tolist() + found.rows[1].tolist(), np.concatenate(found.rows[2:])
    own_targets, own_attributes = table.at(np.array(targets)), table.at(attributes)
    by_attributes = own_attributes[:a].mean(axis=0) - own_attributes[a:].mean(axis=0)
    first, second = np.empty(count), np.empty(count)
    for at in range(count):
        drawn = table.at(matched(np.array(targets), taken, words, rng)) @ by_attributes
        first[at] = effect_size(drawn[:n], drawn[n:])
        other = table.at(matched(attributes, taken, words, rng))
        values = own_targets @ (other[:a].mean(axis=0) - other[a:].mean(axis=0))
        second[at] = effect_size(values[:n], values[n:])
    return first, second
