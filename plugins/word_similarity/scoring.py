# SPDX-License-Identifier: Apache-2.0
"""How alike the vectors of each pair are, and how that goes with the ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.word_similarity.correlation import Correlation, bootstrapped, permuted

if TYPE_CHECKING:
    from plugins.word_similarity.analysis import WordSimilarity
    from plugins.word_similarity.sets import Pairs

    Params = WordSimilarity.Params

Float64 = NDArray[np.float64]
FEWEST = 10  # pairs with both words known, below which nothing is measured


@dataclass(frozen=True)
class Scored:
    """A set, scored.

    Attributes
    ----------
    pairs : the set
    likeness : float64 ``[m]``; NaN where a word is not known or has no direction
    ranks : int64 ``[m, 2]``, positions of the words in the vocabulary, -1 for those that are not known
    known : correlation over the pairs with both words
    every : the same over all pairs, those that are not known with the median likeness
    chance : correlations ``[shuffles]`` with the ratings dealt out at random
    unknown : the words that the vocabulary lacks, in order
    lowered : words that were found only in lower case
    """

    pairs: Pairs
    likeness: Float64
    ranks: NDArray[np.int64]
    known: Correlation
    every: Correlation
    chance: Float64
    unknown: tuple[str, ...]
    lowered: int


def score_all(job: wb.Job, params: Params, sets: Sequence[Pairs]) -> list[Scored]:
    """Every set scored with the vectors of the run.

    Raises
    ------
    DataError
        When fewer than 10 pairs of a set have both words in the vocabulary, or vectors are not finite.
    """
    embed = job.model.maps[params.embed]
    vocabulary = embed.source
    assert isinstance(vocabulary, wb.Items)  # what the pick asks for
    position = {word: at for at, word in reversed(list(enumerate(vocabulary.names)))}
    places = [places_of(one, position) for one in sets]
    wanted = np.unique(np.concatenate([one.ravel() for one in places]))
    wanted = wanted[wanted >= 0]
    if len(wanted) == 0:
        raise wb.DataError("no word of the pairs is in the vocabulary: are they of its language?")
    vectors = np.asarray(job.points(embed.target.name, rows=wanted).flat(), dtype=np.float64)
    if not np.isfinite(vectors).all():
        raise wb.DataError("some word vectors hold NaN or infinity: leave these words out")
    if params.correction != "none":
        vectors = corrected(vectors, job, params, embed.target.name, len(vocabulary.names))
    scored = []
    for at, (one, ranks) in enumerate(zip(sets, places, strict=True)):
        job.progress(0.3 + 0.6 * at / len(sets), one.title)
        scored.append(score(one, ranks, vectors, wanted, params, job.rng, position))
    return scored


def places_of(pairs: Pairs, position: dict[str, int]) -> NDArray[np.int64]:
    """Positions ``[m, 2]`` of the words, as they are written, else in lower case; -1 for those not known."""
    return np.array([[_place(word, position) for word in pair] for pair in pairs.words], dtype=np.int64).reshape(-1, 2)


def _place(word: str, position: dict[str, int]) -> int:
    return position.get(word, position.get(word.lower(), -1))


def corrected(vectors: Float64, job: wb.Job, params: Params, space: str, words: int) -> Float64:
    """The vectors less the mean, and less the top components, of the first words of the vocabulary."""
    first = np.asarray(job.points(space, rows=np.arange(min(params.vocabulary, words))).flat(), dtype=np.float64)
    mean = first.mean(axis=0)
    moved = vectors - mean
    count = 0 if params.correction == "mean" else int(params.correction.removeprefix("top-"))
    if count:
        centred = first - mean
        axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :count]
        moved = moved - moved @ axes @ axes.T
    return np.asarray(moved)


def score(
    pairs: Pairs,
    ranks: NDArray[np.int64],
    vectors: Float64,
    rows: NDArray[np.int64],
    params: Params,
    rng: np.random.Generator,
    position: dict[str, int],
) -> Scored:
    """One set scored: ``vectors [k, d]`` are those of the words at ``rows [k]`` (ascending)."""
    known = (ranks >= 0).all(axis=1)
    likeness = np.full(len(ranks), np.nan)
    at = np.searchsorted(rows, np.maximum(ranks, rows[0]))
    likeness[known] = alike(vectors[at[known, 0]], vectors[at[known, 1]], params.likeness)
    usable = np.isfinite(likeness)
    if usable.sum() < FEWEST:
        raise wb.DataError(
            f"{int(usable.sum())} of the {len(ranks):,} pairs of {pairs.title} have both words in the vocabulary: at "
            f"least {FEWEST} are needed; take a larger vocabulary or another set"
        )
    filled = np.where(usable, likeness, np.median(likeness[usable]))
    words = [word for pair in pairs.words for word in pair]
    lacking = tuple(dict.fromkeys(word for word in words if _place(word, position) < 0))
    lowered = len({word for word in words if word not in position and word.lower() in position})
    return Scored(
        pairs,
        likeness,
        ranks,
        bootstrapped(likeness[usable], pairs.ratings[usable], rng),
        bootstrapped(filled, pairs.ratings, rng),
        permuted(likeness[usable], pairs.ratings[usable], rng, params.shuffles),
        lacking,
        lowered,
    )


def alike(first: Float64, second: Float64, how: str) -> Float64:
    """How alike rows are: cosine, product, or distance with a minus; NaN for the cosine of a row of zeros."""
    if how == "euclidean":
        return np.asarray(-np.linalg.norm(first - second, axis=1))
    product = (first * second).sum(axis=1)
    if how == "dot":
        return np.asarray(product)
    lengths: Any = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    found = np.full(len(product), np.nan)
    np.divide(product, lengths, out=found, where=lengths > 0)
    return found
