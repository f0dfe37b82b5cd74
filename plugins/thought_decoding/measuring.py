# SPDX-License-Identifier: Apache-2.0
"""Each held-out text through its vector and back: what is told, what is recalled, and how near both lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.thought_decoding.bleu import counts
from plugins.thoughts.analysis import read_texts
from plugins.thoughts.corpus import same
from plugins.thoughts.paths import Float64, unit
from plugins.words.neighbours import Table

BATCH = 4
TOLD_NOTHING = "."


@dataclass(frozen=True)
class Kept:
    """Training texts, with their vectors ``[n, d]``, and all texts of the training part, without."""

    texts: list[str]
    vectors: NDArray[np.float32]
    all_texts: list[str]


@dataclass(frozen=True)
class Measured:
    """Of n held-out texts.

    Attributes
    ----------
    original, told, recalled : the texts
    similarity_tell, similarity_recall, similarity_random : cosine of the original's vector with that of what was told,
        recalled, and of a kept text taken at random; float64 ``[n]``
    bleu_tell, bleu_recall : counts of each pair, float64 ``[n, 10]``
    copied : whether what was told is a kept text, bool ``[n]``
    """

    original: list[str]
    told: list[str]
    recalled: list[str]
    similarity_tell: Float64
    similarity_recall: Float64
    similarity_random: Float64
    bleu_tell: Float64
    bleu_recall: Float64
    copied: NDArray[np.bool_]


def measure(
    job: wb.Job,
    embed: wb.Map[Any, Any],
    tell: wb.Map[Any, Any],
    recall: wb.Map[Any, Any] | None,
    texts: Sequence[str],
    kept: Kept,
) -> Measured:
    """Tell and recall each text; ``recall`` is a map, or ``None`` for the nearest of ``kept``."""
    import torch

    vectors = read_texts(embed, texts)
    told: list[str] = []
    recalled: list[str] = []
    back = _nearest(kept) if recall is None else lambda some: list(recall.point(some))
    with torch.no_grad():
        for start in range(0, len(texts), BATCH):
            some = torch.from_numpy(vectors[start : start + BATCH]).to(job.device)
            told += tell.point(some)
            recalled += back(some)
            job.progress(0.3 + 0.6 * len(told) / len(texts), f"told {len(told)} of {len(texts)}")
    again = read_texts(embed, [one if one.strip() else TOLD_NOTHING for one in told])
    chosen = job.rng.integers(len(kept.texts), size=len(texts))
    return Measured(
        original=list(texts),
        told=told,
        recalled=recalled,
        similarity_tell=cosines(vectors, again),
        similarity_recall=cosines(vectors, read_texts(embed, recalled)),
        similarity_random=cosines(vectors, kept.vectors[chosen]),
        bleu_tell=np.stack([counts(one, other) for one, other in zip(told, texts, strict=True)]),
        bleu_recall=np.stack([counts(one, other) for one, other in zip(recalled, texts, strict=True)]),
        copied=copied(told, again, kept.all_texts, None if recall is None else back, job.device),
    )


def cosines(first: NDArray[Any], second: NDArray[Any]) -> Float64:
    """Cosine of each row with the same row of the other, float64 ``[n]``."""
    return np.asarray((unit(first) * unit(second)).sum(axis=1))


def copied(
    told: Sequence[str],
    vectors: NDArray[np.float32],
    kept: Sequence[str],
    recall: Callable[[Any], list[str]] | None,
    device: str,
) -> NDArray[np.bool_]:
    """Whether each told text is a kept one, but for case and marks.

    Where ``recall`` looks among more texts than are listed here, what it gives for the told text's own vector counts.
    """
    import torch

    known = {same(one) for one in kept}
    found = [same(one) in known for one in told]
    if recall is not None:
        for start in range(0, len(told), BATCH):
            nearest = recall(torch.from_numpy(vectors[start : start + BATCH]).to(device))
            for place, one in enumerate(nearest, start):
                found[place] |= same(one) == same(told[place])
    return np.array(found, dtype=bool)


def _nearest(kept: Kept) -> Callable[[Any], list[str]]:
    table = Table(kept.vectors)

    def recall(some: Any) -> list[str]:
        rows, _ = table.nearest(some.cpu().numpy(), 1)
        return [kept.texts[row] for row in rows[:, 0]]

    return recall
