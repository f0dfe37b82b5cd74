# SPDX-License-Identifier: Apache-2.0
"""Functions that answer what a page asks for later: by page and key, a bounded number of them."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from workbench.app.served import grants

Maker = TypeVar("Maker", bound=Callable[..., Any])

#: Makers that one page may have, and all pages together; past that the one not published for longest goes.
PAGE_LIMIT: Final = 64
LIMIT: Final = 1024
#: Answers kept for each maker.
ANSWERS: Final = 256
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(eq=False)
class Entry(Generic[Maker]):
    """One maker, whose it is, and what it answered so far."""

    session: str
    maker: Maker
    length: int | None = None
    _answers: OrderedDict[int, bytes] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def answer(self, position: int) -> bytes | None:
        """What was kept for a position."""
        with self._lock:
            found = self._answers.get(position)
            if found is not None:
                self._answers.move_to_end(position)
            return found

    def keep(self, position: int, content: bytes) -> None:
        """Keep an answer; the one unused for longest goes when there are too many."""
        with self._lock:
            self._answers[position] = content
            while len(self._answers) > ANSWERS:
                self._answers.popitem(last=False)


class Makers(Generic[Maker]):
    """The makers of one kind. The id of a maker is the same whenever a page publishes under the same key."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: OrderedDict[str, Entry[Maker]] = OrderedDict()
        self._lock = Lock()

    def publish(self, key: str, maker: Maker, length: int | None = None) -> str | None:
        """Let the current page ask a maker; give its path, or None where no server has the routes.

        The maker published before under the same key is replaced, and its answers are forgotten.
        """
        session = grants.session()
        if session is None:
            return None
        name = hashlib.sha256(f"{self.kind}\0{grants.sign(session)}\0{key}".encode()).hexdigest()[:32]
        with self._lock:
            self._entries[name] = Entry(session, maker, length)
            self._entries.move_to_end(name)
            self._make_room(session)
        return grants.address(self.kind, name)

    def find(self, name: str, session: str) -> Entry[Maker] | None:
        """The maker of this id when it is of this page."""
        if _ID.fullmatch(name) is None:
            return None
        with self._lock:
            found = self._entries.get(name)
        return found if found is not None and found.session == session else None

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def _make_room(self, session: str) -> None:
        closed = {one for one in {entry.session for entry in self._entries.values()} if grants.gone(one)}
        for name in [name for name, entry in self._entries.items() if entry.session in closed]:
            del self._entries[name]
        own = [name for name, entry in self._entries.items() if entry.session == session]
        for name in itertools.chain(own[:-PAGE_LIMIT], list(self._entries)[: max(0, len(self._entries) - LIMIT)]):
            self._entries.pop(name, None)
