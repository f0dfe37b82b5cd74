# SPDX-License-Identifier: Apache-2.0
"""The field's synonyms: one versioned list, ``synonyms.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from workbench.compendium.search.words import words_of


@dataclass(frozen=True)
class Synonyms:
    """Phrases that mean the same, each as its words with blanks between."""

    version: int
    groups: tuple[tuple[str, ...], ...]

    def of(self, query: str) -> list[str]:
        """What else is said for phrases that stand in the query.

        >>> "posterior collapse" in synonyms().of("KL vanishing in my model")
        True
        """
        whole = f" {' '.join(words_of(query))} "
        found: dict[str, None] = {}
        for group in self.groups:
            if any(f" {one} " in whole for one in group):
                found.update(dict.fromkeys(one for one in group if f" {one} " not in whole))
        return list(found)


@lru_cache(maxsize=1)
def synonyms() -> Synonyms:
    """The list that comes with the workbench."""
    given = tomllib.loads(files("workbench.compendium.search").joinpath("synonyms.toml").read_text(encoding="utf-8"))
    groups = tuple(tuple(dict.fromkeys(_plain(one) for one in group)) for group in given["same"])
    return Synonyms(int(given["version"]), groups)


def _plain(phrase: str) -> str:
    return phrase if "_" in phrase else " ".join(words_of(phrase))
