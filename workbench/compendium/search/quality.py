# SPDX-License-Identifier: Apache-2.0
"""How good a search is: nDCG@10 and how often the right entry comes first, on queries with known answers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.compendium.entry import Entry


@dataclass(frozen=True)
class Labelled:
    """A query, the ids (or aliases) of the entries that answer it, and which of them does so best."""

    query: str
    relevant: tuple[str, ...]
    primary: str


@dataclass(frozen=True)
class Quality:
    """Means over queries: nDCG@10 (gain 2 for the best entry, 1 for another right one), right in the first 1 and 5."""

    ndcg: float
    first: float
    five: float
    n: int


def read_labelled(path: Path, *, parts: Collection[str] | None = None) -> list[Labelled]:
    """Queries from a file of JSON lines with ``query``, ``relevant`` and ``primary``.

    ``parts`` are the values of ``half`` that are taken, where only some of the queries are wanted.
    """
    given = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    given = [one for one in given if parts is None or one.get("half") in parts]
    return [Labelled(one["query"], tuple(one["relevant"]), one["primary"]) for one in given]


def quality(rank: Callable[[str], Sequence[frozenset[str]]], queries: Iterable[Labelled]) -> Quality:
    """The quality of a ranking.

    Parameters
    ----------
    rank : gives for a query the hits, best first, each as the ids that it answers to (its own and its aliases)
    queries : what is asked; entries that stand for two labelled ids count once
    """
    gains, firsts, fives, count = 0.0, 0, 0, 0
    for one in queries:
        hits = list(rank(one.query))[:10]
        right = [bool(names & set(one.relevant)) for names in hits]
        gains += _ndcg(hits, one)
        firsts += bool(right[:1] == [True])
        fives += any(right[:5])
        count += 1
    if not count:
        raise ValueError("there are no queries")
    return Quality(gains / count, firsts / count, fives / count, count)


def without(entries: Iterable[Entry], query: str) -> list[Entry]:
    """The entries without phrasings that are the query word for word: what a search finds that has never seen it."""
    bare = " ".join(query.lower().split())
    return [
        one.model_copy(update={"phrasings": tuple(p for p in one.phrasings if " ".join(p.lower().split()) != bare)})
        for one in entries
    ]


def _ndcg(hits: Sequence[frozenset[str]], one: Labelled) -> float:
    gains = [2.0 if one.primary in names else 1.0 if names & set(one.relevant) else 0.0 for names in hits]
    found = sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))
    best = sum(
        gain / math.log2(place + 2) for place, gain in enumerate([2.0, *[1.0] * (len(set(one.relevant)) - 1)][:10])
    )
    return min(1.0, found / best)
