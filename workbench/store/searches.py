# SPDX-License-Identifier: Apache-2.0
"""Searches that found nothing, kept where somebody asked for that: each may become an alias of an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from registry.errors import StoreError
from workbench.store import schema
from workbench.store.base import Base
from workbench.store.clock import now
from workbench.store.encoding import text as clean

_missed = schema.missed_search
LONGEST: Final = 400


@dataclass(frozen=True)
class MissedSearch:
    """A search that found nothing: its words as they were last typed, how often, and when first and last."""

    id: int
    text: str
    count: int
    first: datetime
    last: datetime


class Searches(Base):
    """Searches that found nothing."""

    def keep_missed_search(self, text: str) -> None:
        """Keep a search that found nothing; one that differs in case or white space only is counted with it."""
        words = " ".join(clean(text).split())[:LONGEST]
        if not words:
            return
        folded, present = words.casefold()[:LONGEST], now()
        with self._database.write() as connection:
            known = connection.execute(sa.select(_missed.c.id).where(_missed.c.folded == folded)).scalar()
            if known is None:
                row = {"folded": folded, "text": words, "count": 1, "first": present, "last": present}
                connection.execute(sa.insert(_missed).values(row))
            else:
                values = {"text": words, "count": _missed.c.count + 1, "last": present}
                connection.execute(sa.update(_missed).where(_missed.c.id == known).values(values))

    def missed_searches(self, limit: int = 200) -> list[MissedSearch]:
        """Searches that found nothing, the most frequent and then the latest first."""
        query = sa.select(_missed).order_by(_missed.c["count"].desc(), _missed.c.last.desc()).limit(limit)
        with self._database.read() as connection:
            return [
                MissedSearch(
                    row["id"],
                    row["text"],
                    row["count"],
                    datetime.fromisoformat(row["first"]),
                    datetime.fromisoformat(row["last"]),
                )
                for row in connection.execute(query).mappings()
            ]

    def forget_missed_search(self, id: int) -> None:
        """Forget one; raises :class:`StoreError` where there is none of this number."""
        with self._database.write() as connection:
            if not connection.execute(sa.delete(_missed).where(_missed.c.id == int(id))).rowcount:
                raise StoreError(f"there is no kept search of number {id}")
