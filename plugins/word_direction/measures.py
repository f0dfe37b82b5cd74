# SPDX-License-Identifier: Apache-2.0
"""Everything that a run measures: both methods on held-out pairs, controls, the other presets, words along the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.word_direction.arithmetic import (
    METHODS,
    HeldOut,
    agreement,
    bootstraps,
    consistency,
    direction,
    folds_of,
    held_out,
    mean_direction,
    random_directions,
    shuffled_pairs,
    turned_pairs,
)
from plugins.word_direction.pairs import PRESETS, Pairs, check, in_vocabulary, of_preset, own

if TYPE_CHECKING:
    from plugins.word_direction.analysis import WordDirection

    Params = WordDirection.Params

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

FEWEST: Final = 6  # pairs
PLACED: Final = 24  # words placed along the direction when none are named
PEERS: Final = 400  # words of a similar frequency that a place is compared with
MOST: Final = 200  # words that can be named


@dataclass(frozen=True)
class Way:
    """One method.

    Attributes
    ----------
    method : "mean" or "pca"
    vector : float64 ``[d]``, length 1
    held : pairs along directions that were found without them
    turned, halves, again : controls and stability, see ``arithmetic``
    """

    method: str
    vector: Float64
    held: HeldOut
    turned: Float64
    halves: Float64
    again: Float64


@dataclass(frozen=True)
class Measured:
    """What :func:`measure` gives; ``step`` is the length of the mean difference, ``middle`` lies between the means."""

    pairs: Pairs
    names: tuple[str, ...]
    ways: list[Way]
    step: float
    middle: Float64
    random: Float64
    consistency: float
    shuffled: Float64
    by_frequency: int
    others: dict[str, tuple[int, float, float]]
    matrix: tuple[list[str], Float64]
    placed: Any
    width: int
    space: str


class Vectors:
    """Vectors of words by position; ``rows [k]`` ascending, ``values [k, d]``."""

    def __init__(self, rows: Int64, values: NDArray[np.float32]) -> None:
        self.rows, self.values = rows, np.asarray(values, dtype=np.float64)

    def at(self, rows: Int64) -> Float64:
        """The vectors of the words at these positions ``[...]``, as ``[..., d]``."""
        return np.asarray(self.values[np.searchsorted(self.rows, rows)])


def pairs_of(params: Params) -> tuple[tuple[str, str], ...]:
    """The pairs of a run, as words."""
    return own(params.pairs) if params.preset == "own" else of_preset(params.preset)


def measure(job: wb.Job, params: Params) -> Measured:
    """Everything that a run measures; raises :class:`workbench.DataError` with too few pairs or unknown words."""
    embed = job.model.maps[params.embed]
    vocabulary = embed.source
    assert isinstance(vocabulary, wb.Items)  # what the pick asks for
    position = {word: at for at, word in reversed(list(enumerate(vocabulary.names)))}
    pairs = in_vocabulary(pairs_of(params), position)
    check(pairs, FEWEST, params.preset)
    presets = {name: in_vocabulary(of_preset(name), position) for name in PRESETS if name != params.preset}
    presets = {name: one for name, one in presets.items() if len(one.rows) >= FEWEST}
    asked = _asked(params.words, position) if params.words.strip() else None
    count = min(params.vocabulary, len(vocabulary.names))
    wanted = [np.arange(count), pairs.rows.ravel(), *(one.rows.ravel() for one in presets.values())]
    rows = np.unique(np.concatenate([*wanted, *([] if asked is None else [asked])]))
    job.progress(0.05, "vectors")
    vectors = Vectors(rows, job.points(embed.target.name, rows=rows).flat())
    first, second = vectors.at(pairs.rows[:, 0]), vectors.at(pairs.rows[:, 1])
    differences = second - first
    if not np.isfinite(differences).all():
        raise wb.DataError("some word vectors hold NaN or infinity: leave these words out")
    if not np.linalg.norm(differences.mean(axis=0)) > 1e-9 * np.linalg.norm(differences, axis=1).max():
        raise wb.DataError("the differences of the pairs cancel: there is no common direction")
    fold = folds_of(pairs.groups, job.rng)
    ways = []
    for at, method in enumerate(METHODS):
        job.progress(0.1 + 0.3 * at, "held-out pairs")
        ways.append(_way(method, first, second, pairs.groups, fold, params.controls, job.rng))
    job.progress(0.7, "other directions")
    step = float(np.linalg.norm(differences.mean(axis=0)))
    middle = (first.mean(axis=0) + second.mean(axis=0)) / 2
    others, matrix = _others(ways[0].vector, presets, vectors, params.preset)
    job.progress(0.85, "words along it")
    placed = _places(vectors, ways[0].vector, middle, step, asked, pairs, vocabulary.names, count, job.rng)
    return Measured(
        pairs,
        vocabulary.names,
        ways,
        step,
        middle,
        random_directions(differences, params.controls, job.rng),
        consistency(first, second),
        shuffled_pairs(first, second, params.controls, job.rng),
        int((pairs.rows[:, 1] > pairs.rows[:, 0]).sum()),
        others,
        matrix,
        placed,
        first.shape[1],
        embed.target.name,
    )


def _way(
    method: str, first: Float64, second: Float64, groups: Int64, fold: Int64, count: int, rng: np.random.Generator
) -> Way:
    differences = second - first
    return Way(
        method,
        direction(differences, method),
        held_out(first, second, fold, method),
        turned_pairs(first, second, fold, method, count, rng),
        agreement(differences, groups, method, min(count, 200), rng),
        bootstraps(differences, groups, method, min(count, 200), rng),
    )


def _asked(words: str, position: dict[str, int]) -> Int64:
    """Positions of the named words; raises :class:`workbench.DataError` for one that the vocabulary lacks."""
    named = list(dict.fromkeys(one for one in re.split(r"[\s,;]+", words) if one))
    places = {one: position.get(one, position.get(one.lower(), -1)) for one in named}
    lacking = [one for one, at in places.items() if at < 0]
    if lacking:
        raise wb.DataError(f"the vocabulary lacks {', '.join(lacking[:6])}: leave them out of 'words'")
    if len(named) > MOST:
        raise wb.DataError(f"{len(named)} words were named: at most {MOST} can be placed")
    return np.array(list(dict.fromkeys(places.values())), dtype=np.int64)


def _others(
    vector: Float64, presets: dict[str, Pairs], vectors: Vectors, name: str
) -> tuple[dict[str, tuple[int, float, float]], tuple[list[str], Float64]]:
    """By preset: pairs, cosine with this direction, share of its pairs that this direction orders; and all cosines."""
    others, ways = {}, {name: vector}
    for other, pairs in presets.items():
        differences = vectors.at(pairs.rows[:, 1]) - vectors.at(pairs.rows[:, 0])
        ways[other] = mean_direction(differences)
        others[other] = (len(differences), float(ways[other] @ vector), float((differences @ vector > 0).mean()))
    table = np.stack(list(ways.values()))
    return others, (list(ways), table @ table.T)


def _places(
    vectors: Vectors, vector: Float64, middle: Float64, step: float, asked: Int64 | None, pairs: Pairs,
    names: tuple[str, ...], count: int, rng: np.random.Generator,
) -> Any:  # fmt: skip
    """Words along the direction, in steps from the middle, beside words of a similar frequency."""
    import pandas as pd

    rows = asked
    if rows is None:
        chosen = np.linspace(0, len(pairs.rows) - 1, min(PLACED // 2, len(pairs.rows))).round().astype(int)
        rows = np.array(list(dict.fromkeys(pairs.rows[np.unique(chosen)].ravel().tolist())), dtype=np.int64)
    whole = (vectors.at(np.arange(count)) - middle) @ vector / step
    places = (vectors.at(rows) - middle) @ vector / step
    percentiles, lows, highs = [], [], []
    for row, place in zip(rows, places, strict=True):
        start = max(min(int(row) - PEERS // 2, count - PEERS), 0)
        near = np.arange(start, min(start + PEERS, count))
        peers = whole[near[near != row]]
        percentiles.append(100 * float((peers < place).mean()))
        low, high = np.quantile(peers, [0.025, 0.975])
        lows.append(float(low))
        highs.append(float(high))
    first, second = set(pairs.rows[:, 0].tolist()), set(pairs.rows[:, 1].tolist())
    return pd.DataFrame(
        {
            "word": [names[one] for one in rows],
            "place": places,
            "percentile": percentiles,
            "peers_low": lows,
            "peers_high": highs,
            "position": rows,
            "of_the_pairs": [
                "second" if one in second and one not in first else "first" if one in first else "no"
                for one in rows.tolist()
            ],
        }
    ).sort_values("place", kind="stable", ignore_index=True)
