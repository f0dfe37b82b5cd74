# SPDX-License-Identifier: Apache-2.0
"""Words: SQLite's full-text index (FTS5) of the entries, a column for each of their fields, ranked by weighted BM25."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Final

from workbench.compendium.search.words import joined_of, parts_of, telling, words_of, written_words

if TYPE_CHECKING:
    from workbench.compendium.entry import Entry

#: Columns and their weights in BM25.
WEIGHTS: Final[Mapping[str, float]] = {
    "title": 2.0, "symptoms": 2.0, "errors": 2.0, "tags": 2.0, "cause": 0.5, "remedies": 0.5, "verify": 0.25,
    "phrasings": 2.0,
}  # fmt: skip
#: Terms of a query that are searched for, the rarest when there are more.
MOST_TERMS: Final = 40
#: In an index of more entries than MANY, terms are taken as long as those that have them are WORK entries together.
MANY, WORK, FEWEST_TERMS = 5000, 40_000, 3
#: Entries that the words of a query bring.
CANDIDATES: Final = 200
_TABLES: Final = f"""
CREATE VIRTUAL TABLE entries USING fts5({", ".join(WEIGHTS)}, content='', tokenize="porter unicode61 tokenchars '_'");
CREATE TABLE ids (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE words (word TEXT PRIMARY KEY, entries INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_RANK: Final = f"bm25(entries, {', '.join(str(one) for one in WEIGHTS.values())})"
_FIND: Final = f"""
SELECT ids.id, found.score FROM (
    SELECT rowid, {_RANK} AS score FROM entries WHERE entries MATCH ? ORDER BY score LIMIT ?
) AS found JOIN ids ON ids.position = found.rowid ORDER BY found.score, ids.id"""
_PLAIN: Final = re.compile(r"[\"\x00]")


class Lexical:
    """An index of words. It lies in a file, or in memory where ``path`` is ``None``.

    One connection serves all threads of the process, one at a time: a query takes about a millisecond.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = RLock()
        self._database: sqlite3.Connection | None = None
        self.words: dict[str, int] = {}
        self.length = 0

    def build(self, entries: Iterable[Entry], fingerprint: str) -> None:
        """Index entries, unless the file holds just these already.

        A file is made beside the old one and takes its place at once; where none can be written the index is in memory.
        """
        with self._lock:
            self.close()
            if self.path is None or not self._reopen(self.path, fingerprint):
                self._database = self._made(entries, fingerprint)
            rows = self._rows("SELECT word, entries FROM words")
            self.words = dict(rows)
            self.length = int(self._rows("SELECT count(*) FROM ids")[0][0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def search(self, terms: Sequence[str], *, beginning: str = "", limit: int = CANDIDATES) -> dict[str, float]:
        """Weighted BM25, higher is better, of the entries that have at least one of the terms.

        Parameters
        ----------
        terms : words, or several words with blanks between, which must then stand side by side
        beginning : the first letters of one more word
        """
        wanted = [f'"{one}"' for one in (_PLAIN.sub(" ", term).strip() for term in terms) if one]
        start = _PLAIN.sub(" ", beginning).strip()
        if start:
            wanted.append(f'"{start}" *')
        if not wanted or not self.length:
            return {}
        return {name: -score for name, score in self._rows(_FIND, (" OR ".join(wanted), limit))}

    def rarest(self, terms: Sequence[str], share: float = 1.0) -> list[str]:
        """As many of the terms as are searched for, in their order; where there are more, those in fewest entries.

        In a large index a term costs as much as there are entries that have it: the rarest are taken, three at least,
        until they have ``share`` of :data:`WORK` entries.
        """
        if len(terms) <= MOST_TERMS and self.length <= MANY:
            return list(terms)
        costs = [max((self.words.get(word, 0) for word in words_of(one)), default=0) for one in terms]
        order = sorted(range(len(terms)), key=lambda place: (costs[place] or self.length, place))[:MOST_TERMS]
        if self.length > MANY:
            spent, kept = 0.0, list[int]()
            for place in order:
                spent += costs[place]
                if len(kept) >= FEWEST_TERMS and spent > WORK * share:
                    break
                kept.append(place)
            order = kept
        return [terms[place] for place in sorted(order)]

    def _rows(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[str, int]]:
        with self._lock:
            if self._database is None:
                return []
            return self._database.execute(statement, values).fetchall()

    def _reopen(self, path: Path, fingerprint: str) -> bool:
        if not path.is_file():
            return False
        database = None
        with suppress(sqlite3.Error):
            database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
            found = database.execute("SELECT value FROM meta WHERE name = 'fingerprint'").fetchone()
            if found is not None and found[0] == fingerprint:
                self._database = database
                return True
        if database is not None:
            database.close()
        return False

    def _made(self, entries: Iterable[Entry], fingerprint: str) -> sqlite3.Connection:
        given = list(entries)
        if self.path is not None:
            with suppress(OSError, sqlite3.Error):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".search-")
                os.close(handle)
                try:
                    database = sqlite3.connect(name)
                    _fill(database, given, fingerprint)
                    database.close()
                    Path(name).replace(self.path)
                finally:
                    Path(name).unlink(missing_ok=True)
                if self._reopen(self.path, fingerprint) and self._database is not None:
                    return self._database
        database = sqlite3.connect(":memory:", check_same_thread=False)
        _fill(database, given, fingerprint)
        return database


def fields_of(entry: Entry) -> dict[str, tuple[str, ...]]:
    """The texts of an entry that are searched, by column."""
    return {
        "title": (entry.title,),
        "symptoms": entry.symptoms,
        "errors": entry.errors,
        "tags": (*entry.tags, *entry.libraries, entry.area, *entry.analyses, entry.id),
        "cause": (entry.cause,),
        "remedies": tuple(one.text for one in entry.remedies),
        "verify": (entry.verify.text,),
        "phrasings": entry.phrasings,
    }


def _fill(database: sqlite3.Connection, entries: Sequence[Entry], fingerprint: str) -> None:
    database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
    places = ", ".join("?" * (len(WEIGHTS) + 1))
    counted: Counter[str] = Counter()
    for position, entry in enumerate(entries):
        fields = fields_of(entry)
        columns = [_indexed(fields[name]) for name in WEIGHTS]
        database.execute(
            f"INSERT INTO entries (rowid, {', '.join(WEIGHTS)}) VALUES ({places})",
            (position, *columns),
        )
        database.execute("INSERT INTO ids VALUES (?, ?)", (position, entry.id))
        counted.update(telling({word for column in columns for word in words_of(column)}))
    database.executemany("INSERT INTO words VALUES (?, ?)", counted.items())
    database.execute("INSERT INTO meta VALUES ('fingerprint', ?)", (fingerprint,))
    database.commit()


def _indexed(texts: Iterable[str]) -> str:
    """Texts with the parts of their identifiers behind them, and with words with hyphens written as one."""
    whole = "\n".join(texts).replace("\x00", " ")
    parts = [*(part for word in written_words(whole) for part in parts_of(word)), *joined_of(whole)]
    return f"{whole}\n{' '.join(parts)}" if parts else whole
