# SPDX-License-Identifier: Apache-2.0
"""The compendium: every entry that plugins bring and every one of a team's own, by id, alias and finding code."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.discovery import Catalogue
from registry.errors import EntryError
from workbench.compendium.entry import Entry, read_entry


@dataclass(frozen=True)
class Held:
    """An entry, where it was read from, and who brings it: the name of a plugin, or ``team``."""

    entry: Entry
    path: Path
    origin: str


@dataclass(frozen=True)
class Compendium:
    """All entries, and what is wrong with those that could not be taken.

    Attributes
    ----------
    held : entries by id, in the order of their ids
    problems : a sentence for each file left out and each reference that leads nowhere
    """

    held: Mapping[str, Held] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    _ids: Mapping[str, str] = field(default_factory=dict)
    _codes: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Entry]:
        return (one.entry for one in self.held.values())

    def __len__(self) -> int:
        return len(self.held)

    def entry(self, name: str) -> Entry:
        """The entry with this id or alias; raises :class:`EntryError` naming near ones."""
        if name not in self._ids:
            from rapidfuzz import process

            near = [one for one, _, _ in process.extract(name[:200], list(self._ids), limit=3)]
            raise EntryError(f"there is no entry '{name[:200]}'; the nearest are: {', '.join(near) or 'none'}")
        return self.held[self._ids[name]].entry

    def id_of(self, name: str) -> str | None:
        """The id of the entry with this id or alias; ``None`` where there is none."""
        return self._ids.get(name)

    @property
    def names(self) -> frozenset[str]:
        """Every id and alias."""
        return frozenset(self._ids)

    def of_code(self, code: str) -> Entry | None:
        """The entry that a finding's code leads to; ``None`` where no entry lists it."""
        found = self._codes.get(code)
        return self.held[found].entry if found else None


def gather(files: Iterable[tuple[Path, str]], *, known: Container[str] = ()) -> Compendium:
    """The compendium of these files, each with who brings it; a file that is wrong is left out and said.

    Of two files with one id the first is taken, so that the order decides who wins. Entries may refer to those of
    ``known`` as well, ids and aliases that are elsewhere.
    """
    held: dict[str, Held] = {}
    problems: list[str] = []
    for path, origin in files:
        try:
            entry = read_entry(path)
        except EntryError as error:
            problems.append(f"{origin}: {error}")
            continue
        if entry.id in held:
            first = held[entry.id]
            problems.append(
                f"{origin}: the entry '{entry.id}' is there already, from {first.origin}: give '{path.name}' another id"
            )
            continue
        held[entry.id] = Held(entry, path, origin)
    held = dict(sorted(held.items()))
    ids, codes = {name: name for name in held}, dict[str, str]()
    for one in held.values():
        for alias in one.entry.aliases:
            if alias in ids:
                problems.append(f"{one.origin}: the alias '{alias}' of '{one.entry.id}' is taken by '{ids[alias]}'")
            else:
                ids[alias] = one.entry.id
        if one.entry.state == "refuted":
            continue
        for code in one.entry.codes:
            if code in codes:
                problems.append(f"{one.origin}: the code '{code}' of '{one.entry.id}' is taken by '{codes[code]}'")
            else:
                codes[code] = one.entry.id
    for one in held.values():
        for other in one.entry.see_also:
            if other not in ids and other not in known:
                problems.append(f"{one.origin}: '{one.entry.id}' refers to '{other}', which does not exist")
    return Compendium(held, tuple(problems), ids, codes)


def files_of(catalogue: Catalogue, *folders: Path) -> list[tuple[Path, str]]:
    """Files of entries: those of a team's folders first (``team``), then those of the plugins, by their names."""
    own = [(path, "team") for folder in folders for path in sorted(folder.glob("*.md"))]
    brought = [(path, catalogue.origin("entries", str(path)).name) for path in catalogue.entries]
    return own + brought
