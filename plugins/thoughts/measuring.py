# SPDX-License-Identifier: Apache-2.0
"""Tables of what is asked: neighbours, sums and paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.thoughts.asked import Sum
from plugins.thoughts.corpus import Corpus, same
from plugins.thoughts.paths import Float64, angle_between, spherical, straight, unit

if TYPE_CHECKING:
    import pandas as pd

Vectors = Mapping[str, Float64]
Tell = Callable[[NDArray[np.float32]], list[str]]
Read = Callable[[Sequence[str]], NDArray[Any]]
WAYS: Final = {"spherical": spherical, "straight": straight}
CANCELLED: Final = 1e-6


def neighbours(corpus: Corpus, sentences: Sequence[str], vectors: Vectors, count: int) -> pd.DataFrame:
    """The nearest texts to each sentence that read differently: text, rank, neighbour, cosine, row, random_above."""
    import pandas as pd

    rows = []
    for text in sentences:
        found, cosines = corpus.nearest(vectors[text], count, leave_out=[text])
        rows += [
            (text, rank, corpus.texts[row], float(cosine), int(row), corpus.random_above(float(cosine)))
            for rank, (row, cosine) in enumerate(zip(found, cosines, strict=True), 1)
        ]
    return pd.DataFrame(rows, columns=["text", "rank", "neighbour", "cosine", "row", "random_above"])


def total(one: Sum, vectors: Vectors) -> Float64:
    """The weighted sum of the unit thoughts of a sum ``[d]``.

    Raises
    ------
    ParameterError
        When its sentences cancel out.
    """
    found = sum((term.weight * vectors[term.word] for term in one.terms), np.zeros(1))
    if float(np.linalg.norm(found)) < CANCELLED * max(abs(term.weight) for term in one.terms):
        raise wb.ParameterError(f"the sentences of the sum '{one.text[:80]}' cancel out: nothing is left to look for")
    return np.asarray(found, dtype=np.float64)


def answers(corpus: Corpus, sums: Sequence[Sum], vectors: Vectors, count: int) -> pd.DataFrame:
    """Answers to each sum among the texts and its own sentences, twice: with these left out, and with none left out."""
    import pandas as pd

    rows = []
    for one in sums:
        query = unit(total(one, vectors)[None])[0]
        inputs = [term.word for term in one.terms]
        found, cosines = corpus.nearest(query, count, leave_out=inputs)
        left = [(corpus.texts[row], float(cosine)) for row, cosine in zip(found, cosines, strict=True)]
        own = {same(text): (text, float(vectors[text] @ query)) for text in inputs}
        every = sorted([*left, *own.values()], key=lambda pair: -pair[1])
        for rank in range(min(count, len(left))):
            text, cosine = left[rank]
            plain, plain_cosine = every[rank]
            rows.append((one.text, rank + 1, text, cosine, plain, plain_cosine, same(plain) in own))
    names = ["expression", "rank", "suppressed", "suppressed_cosine", "unsuppressed", "unsuppressed_cosine"]
    return pd.DataFrame(rows, columns=[*names, "returned_input"])


def sums_table(corpus: Corpus, sums: Sequence[Sum], vectors: Vectors, tell: Tell | None, read: Read) -> pd.DataFrame:
    """Each sum in short: length, nearest text, that of its added sentences alone, and what the way back tells."""
    import pandas as pd

    rows = []
    for one in sums:
        whole = total(one, vectors)
        inputs = [term.word for term in one.terms]
        row, cosine = corpus.nearest(whole, 1, leave_out=inputs)
        added = Sum(one.text, tuple(term for term in one.terms if term.weight > 0)) if _adds(one) else one
        base, _ = corpus.nearest(total(added, vectors), 1, leave_out=inputs)
        rows.append(
            {
                "expression": one.text,
                "length": float(np.linalg.norm(whole)),
                "nearest": corpus.texts[row[0]],
                "cosine": float(cosine[0]),
                "nearest_to_added_alone": corpus.texts[base[0]],
                "subtraction_changes_answer": int(base[0]) != int(row[0]),
            }
        )
    found = pd.DataFrame(rows)
    if tell is not None and rows:
        wholes = unit(np.stack([total(one, vectors) for one in sums]))
        found = _told(found, wholes, tell, read)
    return found


def _adds(one: Sum) -> bool:
    return any(term.weight > 0 for term in one.terms) and any(term.weight < 0 for term in one.terms)


def _told(table: pd.DataFrame, points: Float64, tell: Tell, read: Read) -> pd.DataFrame:
    told = tell(points.astype(np.float32))
    again = unit(np.asarray(read(told)))
    return table.assign(told=told, told_cosine=(again * unit(points)).sum(axis=1))


def path_points(pair: tuple[str, str], vectors: Vectors, steps: int) -> dict[str, Float64]:
    """Points ``[steps, d]`` of both ways between two sentences."""
    first, second = vectors[pair[0]], vectors[pair[1]]
    return {name: way(first, second, steps) for name, way in WAYS.items()}


def path_table(
    corpus: Corpus, pair: tuple[str, str], points: Mapping[str, Float64], tell: Tell | None, read: Read
) -> pd.DataFrame:
    """Step by step: angle from the first sentence, length, the nearest text that is neither end, and what is told.

    On both ways the ends are the sentences themselves; an end of the path may be the nearest only at the ends.
    """
    import pandas as pd

    parts = []
    for way, places in points.items():
        rows = []
        for step, point in enumerate(places):
            row, cosine = corpus.nearest(point, 1, leave_out=pair)
            rows.append(
                {
                    "first": pair[0],
                    "second": pair[1],
                    "way": way,
                    "step": step,
                    "share": step / (len(places) - 1),
                    "angle": float(np.degrees(angle_between(places[0], unit(point[None])[0]))),
                    "length": float(np.linalg.norm(point)),
                    "nearest": corpus.texts[row[0]],
                    "cosine": float(cosine[0]),
                    "further": corpus.further(float(cosine[0])),
                }
            )
        frame = pd.DataFrame(rows)
        parts.append(frame if tell is None else _told(frame, unit(places), tell, read))
    return pd.concat(parts, ignore_index=True)
