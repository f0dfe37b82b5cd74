# SPDX-License-Identifier: Apache-2.0
"""What a search answers, and the one door behind which an engine of search stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from workbench.compendium.entry import Entry

#: Entries that an answer brings when nothing else is asked for.
LIMIT: Final = 10
#: Entries shown where no entry fits.
NEAREST: Final = 3


@dataclass(frozen=True)
class Facets:
    """What hits are narrowed to; ``None`` leaves all.

    Attributes
    ----------
    area, library, grade : fields of an entry; an entry has the grade of its strongest remedy
    ids : only these entries, as those that findings of a store lead to
    """

    area: str | None = None
    library: str | None = None
    grade: str | None = None
    ids: frozenset[str] | None = None

    def take(self, entry: Entry) -> bool:
        """Whether an entry is among what is asked for."""
        return (
            (self.area is None or entry.area == self.area)
            and (self.library is None or self.library.lower() in {one.lower() for one in entry.libraries})
            and (self.grade is None or entry.grade == self.grade)
            and (self.ids is None or entry.id in self.ids)
        )


@dataclass(frozen=True)
class Highlight:
    """A statement of an entry that matched, and which characters of it did (from, to)."""

    field: str
    text: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Hit:
    """An entry that may be the answer.

    Attributes
    ----------
    id, aliases, title, area, grade : of the entry
    score : higher is better; comparable within one answer
    parts : what the score is made of: ``words``, ``synonyms``, ``meaning``, ``common``, ``error``, ``phrasing``,
        ``context``, ``name``
    reason : why it matched, in a few words
    highlights : the statements that matched best, at most three
    """

    id: str
    aliases: tuple[str, ...]
    title: str
    score: float
    area: str = ""
    grade: str = ""
    parts: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Entries for a query, best first.

    Attributes
    ----------
    query : as it was asked
    hits : at most as many as asked for; never hidden because they do not fit
    fits : whether the first is a confident match
    did_you_mean : the query with mistyped words put right, where there are any
    opens : the id of the entry that the query names (by id, alias or finding code)
    context : what was added to the query
    searched : what was searched for in place of a longer text, such as the last error of a log
    """

    query: str
    hits: tuple[Hit, ...] = ()
    fits: bool = False
    did_you_mean: str | None = None
    opens: str | None = None
    context: str | None = None
    searched: str | None = None

    @property
    def nearest(self) -> tuple[Hit, ...]:
        """The three first hits: what is shown where none fits."""
        return self.hits[:NEAREST]


class SearchBackend(Protocol):
    """An engine of search: it is given entries, and answers queries."""

    def index(self, entries: Iterable[Entry]) -> None:
        """Take these entries in place of any before."""

    def search(
        self, query: str, *, facets: Facets = ..., context: str | None = None, limit: int = LIMIT, typing: bool = False
    ) -> Answer:
        """The entries for a query of any length and content; ``typing`` takes the last word as a beginning."""
