# SPDX-License-Identifier: Apache-2.0
"""Asking the compendium: the entries for a question, a symptom, an error message or a log."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.compendium.current import current_of, team_folders
from workbench.compendium.search.answers import LIMIT, Answer, Facets
from workbench.compendium.search.engine import EntrySearch

if TYPE_CHECKING:
    from workbench.compendium.collection import Compendium
    from workbench.store import Store

FOLDER: Final = "search"
_MOST: Final = 8
_kept: dict[Path | None, tuple[Compendium, EntrySearch]] = {}
_lock = threading.RLock()


def ask(
    query: str,
    *,
    context: str | None = None,
    area: str | None = None,
    library: str | None = None,
    grade: str | None = None,
    limit: int = LIMIT,
    store: Store | Path | None = None,
) -> Answer:
    """The entries of the compendium for a query, best first.

    Parameters
    ----------
    query : a symptom, a question in one's own words, an error message, a pasted traceback, a finding's code, an id
    context : the analysis, page or library that one is in: added to the query, and its entries come a little earlier
    area, library, grade : only entries of this area, of this library, with a remedy of this grade
    limit : at most so many hits
    store : whose team's entries are asked as well; by default that of ``$WORKBENCH_STORE``, else of the home folder

    Examples
    --------
    >>> import workbench as wb
    >>> answer = wb.ask("KL term goes to zero and the decoder ignores z")    # doctest: +SKIP
    >>> answer.fits, answer.hits[0].id                                        # doctest: +SKIP
    (True, 'posterior-collapse')
    """
    facets = Facets(area, library, grade)
    return search_of(_root(store)).search(query, facets=facets, context=context, limit=limit)


def from_log(log: str, *, context: str | None = None, limit: int = LIMIT, store: Store | Path | None = None) -> Answer:
    """The entries for what a log ends with: its last error line, and the library that raised it.

    A text in which no line is an error is asked as it is, from its end.
    """
    from workbench.compendium.search.error_strings import last_error

    found = last_error(log)
    if found is None:
        return ask(log[-2000:], context=context, limit=limit, store=store)
    answer = ask(found.message, context=context or found.library, limit=limit, store=store)
    return Answer(
        log,
        answer.hits,
        answer.fits,
        answer.did_you_mean,
        answer.opens,
        answer.context,
        answer.searched or found.message,
    )


def search_of(root: Path | None) -> EntrySearch:
    """The search over the shipped entries and those of the team whose store lies at ``root``, kept up to date."""
    compendium = current_of(team_folders(root))
    with _lock:
        known = _kept.pop(root, None)
        if known is not None and known[0] is compendium:
            _kept[root] = known
            return known[1]
        search = known[1] if known is not None else EntrySearch((root or _cache()) / FOLDER)
        search.index(compendium)
        _kept[root] = (compendium, search)
        while len(_kept) > _MOST:
            _kept.pop(next(iter(_kept)))[1].close()
        return search


def root_of(location: str | None = None) -> Path | None:
    """The folder of a store, found without opening it; ``None`` where there is none yet."""
    from workbench.store.store import DEFAULT

    given = location or os.environ.get("WORKBENCH_STORE") or str(DEFAULT)
    if given.startswith(("postgresql:", "postgresql+psycopg:")):
        given = os.environ.get("WORKBENCH_ARTIFACTS", "")
    root = Path(given).expanduser().absolute()
    return root if given and root.is_dir() else None


def _root(store: Store | Path | None) -> Path | None:
    if store is None:
        return root_of()
    return store if isinstance(store, Path) else store.root


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "latent-workbench"
