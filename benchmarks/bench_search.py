# SPDX-License-Identifier: Apache-2.0
"""Search over the compendium: how often the right entry comes first, by engine, and how long an answer takes.

Run `python -m benchmarks.bench_search`. Quality on the 109 real problem descriptions of
tests/reference/compendium_queries.jsonl: nDCG@10, right entry first, right entry in the first five; as the entries are,
and with phrasings that are the query word for word taken out, one query at a time; and on the parts B and C of
tests/reference/compendium_queries_second.jsonl, of which no answer was read while the search was made. Rivals in the
same run: rapidfuzz's token_set_ratio, TF-IDF of 3 to 5 letters (scikit-learn), FTS5 with one column. Latency in
processor and wall time at the shipped entries and at 100,000 (of shuffled words, by words alone); time to build an
index. `--quick` leaves out the 100,000.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.compendium.current import current
from workbench.compendium.entry import Entry
from workbench.compendium.search import EntrySearch, meaning
from workbench.compendium.search.lexical import fields_of
from workbench.compendium.search.quality import Labelled, Quality, quality, read_labelled, without
from workbench.compendium.search.words import telling, words_of

REFERENCE = Path(__file__).parents[1] / "tests" / "reference"
QUERIES = REFERENCE / "compendium_queries.jsonl"
SECOND = REFERENCE / "compendium_queries_second.jsonl"
LARGE = 100_000
Rank = Callable[[str], list[str]]
_letters: dict[str, Any] = {}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Quality and latency of search over the compendium.")
    parser.add_argument("--quick", action="store_true", help="leave out the index of 100,000 entries")
    quick = parser.parse_args().quick
    entries, queries, second = list(current()), read_labelled(QUERIES), read_labelled(SECOND, parts=("B", "C"))
    print(f"{len(entries)} entries, {sum(len(one.phrasings) for one in entries):,} phrasings, {len(queries)} queries")
    with tempfile.TemporaryDirectory() as folder:
        engines: dict[str, Callable[[Sequence[Entry]], Rank]] = {
            "rapidfuzz token_set_ratio": fuzzy,
            "TF-IDF char 3-5 (scikit-learn)": letters,
            "FTS5, one column": flat,
            "ours, by words": lambda given: ours(given, Path(folder) / "words", by_meaning=False),
        }
        if meaning.missing() is None:
            engines["ours, by words and meaning"] = lambda given: ours(given, Path(folder) / "both", by_meaning=True)
        print(f"{'engine':34}{'as they are':>24}{'without the query itself':>30}{'second set':>24}")
        for name, engine in engines.items():
            rank = _named(engine(entries), entries)
            seen, other = _told(quality(rank, queries)), _told(quality(rank, second))
            print(f"{name:34}{seen:>24}{_told(unseen(engine, entries, queries)):>30}{other:>24}", flush=True)
        latency(entries, [one.query for one in queries], Path(folder), by_meaning=False)
        if meaning.missing() is None:
            latency(entries, [one.query for one in queries], Path(folder), by_meaning=True)
        if not quick:
            latency(many(entries, LARGE), [one.query for one in queries], Path(folder), by_meaning=False)


def unseen(engine: Callable[[Sequence[Entry]], Rank], entries: Sequence[Entry], queries: Iterable[Labelled]) -> Quality:
    """Quality where no entry has the query itself among its phrasings."""
    known = engine(entries)

    def rank(query: str) -> list[frozenset[str]]:
        left = without(entries, query)
        same = all(len(one.phrasings) == len(two.phrasings) for one, two in zip(entries, left, strict=True))
        return _named(known if same else engine(left), entries)(query)

    return quality(rank, queries)


def ours(entries: Sequence[Entry], folder: Path, *, by_meaning: bool) -> Rank:
    """Our engine."""
    search = EntrySearch(folder, by_meaning=by_meaning)
    search.index(entries)
    return lambda query: [one.id for one in search.search(query).hits]


def fuzzy(entries: Sequence[Entry]) -> Rank:
    """The share of common words, by rapidfuzz."""
    from rapidfuzz import fuzz, process

    texts = {one.id: _text(one) for one in entries}
    return lambda query: [
        name for _, _, name in process.extract(query, texts, scorer=fuzz.token_set_ratio, processor=str.lower, limit=10)
    ]


def letters(entries: Sequence[Entry]) -> Rank:
    """TF-IDF of three to five letters, cosine; fitted once, so that leaving a phrasing out costs one row."""
    from scipy.sparse import vstack

    texts = [_text(one) for one in entries]
    if "made" not in _letters:
        from sklearn.feature_extraction.text import TfidfVectorizer

        _letters["made"] = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit(texts)
    made: Any = _letters["made"]
    rows: dict[str, Any] = _letters.setdefault("rows", {})
    if missing := [one for one in texts if one not in rows]:
        rows.update(zip(missing, made.transform(missing), strict=True))
    matrix = vstack([rows[one] for one in texts])
    return lambda query: [
        entries[place].id for place in np.argsort(-(matrix @ made.transform([query]).T).toarray().ravel())[:10]
    ]


def flat(entries: Sequence[Entry]) -> Rank:
    """SQLite's full-text index with all text in one column, plain BM25."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE entries USING fts5(id UNINDEXED, text, tokenize = 'unicode61')")
    database.executemany("INSERT INTO entries VALUES (?, ?)", [(one.id, _text(one)) for one in entries])

    def rank(query: str) -> list[str]:
        terms = " OR ".join(f'"{one}"' for one in telling(words_of(query)))
        if not terms:
            return []
        found = database.execute("SELECT id FROM entries WHERE entries MATCH ? ORDER BY rank LIMIT 10", (terms,))
        return [str(one) for (one,) in found]

    return rank


def latency(entries: Sequence[Entry], queries: Sequence[str], folder: Path, *, by_meaning: bool) -> None:
    """Print how long an index takes to build and a query to answer."""
    search = EntrySearch(folder / f"latency-{len(entries)}-{by_meaning}", by_meaning=by_meaning)
    began = time.perf_counter()
    search.index(entries)
    built = time.perf_counter() - began
    search.search(queries[0])  # loads what is loaded once
    spent, waited = [], []
    for query in queries:
        start, clock = time.process_time(), time.perf_counter()
        search.search(query)
        spent.append(1000 * (time.process_time() - start))
        waited.append(1000 * (time.perf_counter() - clock))
    kind = "words and meaning" if by_meaning else "words"
    print(
        f"{len(entries):>7,} entries by {kind}: built in {built:.1f} s; a query takes {np.median(spent):.1f} ms (p50), "
        f"{np.percentile(spent, 95):.1f} ms (p95) of processor, {np.median(waited):.1f} and "
        f"{np.percentile(waited, 95):.1f} ms by the clock",
        flush=True,
    )


def many(entries: Sequence[Entry], count: int) -> list[Entry]:
    """As many entries, made of the words of these."""
    draw = random.Random(0)
    pool = [word for one in entries for word in _text(one).split()]
    made = list(entries)
    while len(made) < count:
        model = entries[len(made) % len(entries)]
        words = [draw.choice(pool) for _ in range(40)]
        made.append(
            model.model_copy(
                update={"id": f"made-{len(made)}", "title": " ".join(words[:8]), "symptoms": (" ".join(words[8:24]),),
                        "cause": " ".join(words[24:]), "phrasings": (), "aliases": (), "codes": ()}
            )
        )  # fmt: skip
    return made


def _text(entry: Entry) -> str:
    return "\n".join(text for texts in fields_of(entry).values() for text in texts)


def _named(rank: Rank, entries: Sequence[Entry]) -> Callable[[str], list[frozenset[str]]]:
    names = {one.id: frozenset((one.id, *one.aliases)) for one in entries}
    return lambda query: [names[one] for one in rank(query)]


def _told(given: Quality) -> str:
    return f"{given.ndcg:.3f}  {given.first:.3f}  {given.five:.3f}"


if __name__ == "__main__":
    main()
