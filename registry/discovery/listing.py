# SPDX-License-Identifier: Apache-2.0
"""Listing: finds every plugin, asks each what it offers, and settles who owns a name that is claimed twice."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from registry.discovery.catalogue import KINDS, SINGULAR, Catalogue, PluginRecord
from registry.discovery.containment import time_limit
from registry.discovery.journal import Journal, state_folder
from registry.discovery.offers import Offers, collect
from registry.discovery.sources import Candidate, candidates, folder_of
from registry.discovery.trial import how_it_ends

_one_at_a_time = threading.Lock()  # output, working directory and sys.path belong to the whole process


def discover(plugins_dir: Path | None = None) -> Catalogue:
    """Everything that the installed plugins, and those of the plugins folder, offer.

    Built-ins come first, then other distributions (entry-point group ``workbench``), then the folder (each ``*.py``
    file or package; by default ``WORKBENCH_PLUGINS_DIR``). A plugin may fail in any way: it is then ``broken``, what is
    bad of it is left out and what is good stays. A name claimed twice is left out for all who claim it, except that a
    built-in keeps its name. Each call into a plugin has 10 s (``WORKBENCH_PLUGIN_TIMEOUT``).

    Raises
    ------
    PluginError
        When the plugins folder does not exist or the time limit is no number.
    """
    with _one_at_a_time:
        folder = folder_of(plugins_dir)
        found, notes = candidates(folder)
        seconds = time_limit()
        journal = Journal(state_folder())
        journal.settle()
        offered = [_list_one(one, journal, seconds, folder) for one in found]
        return _merge(found, offered, notes)


def _list_one(candidate: Candidate, journal: Journal, seconds: float, folder: Path | None) -> Offers:
    why = journal.quarantined(candidate, lambda: how_it_ends(candidate, folder, seconds))
    if why is not None:
        return Offers(errors=[why])
    with journal.listing(candidate):
        return collect(candidate.load, seconds)


def _merge(found: list[Candidate], offered: list[Offers], notes: tuple[str, ...]) -> Catalogue:
    listed: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    owner: dict[tuple[str, str], int] = {}
    for kind in KINDS:
        claims: dict[str, list[tuple[int, Any]]] = {}
        for row, offers in enumerate(offered):
            for name, item in offers.items.get(kind, []):
                claims.setdefault(name, []).append((row, item))
        for name, claimed in claims.items():
            kept = _settle(kind, name, claimed, found, offered)
            if kept is not None:
                owner[kind, name] = kept[0]
                listed[kind][name] = kept[1]
    records = []
    for row, (candidate, offers) in enumerate(zip(found, offered, strict=True)):
        names = {kind: tuple(name for name in listed[kind] if owner[kind, name] == row) for kind in KINDS}
        records.append(_record(candidate, offers, {kind: some for kind, some in names.items() if some}))
    return Catalogue(
        models=listed["models"],
        datasets=listed["datasets"],
        analyses=listed["analyses"],
        scorers=listed["scorers"],
        entries=list(listed["entries"].values()),
        assets=list(listed["assets"].values()),
        pages=listed["pages"],
        plugins=records,
        notes=notes,
    )


def _settle(
    kind: str, name: str, claimed: list[tuple[int, Any]], found: list[Candidate], offered: list[Offers]
) -> tuple[int, Any] | None:
    """Who keeps a name: its only claimant, else the only built-in among them, else nobody. Others are told."""
    if len(claimed) == 1:
        return claimed[0]
    built_in = [one for one in claimed if found[one[0]].origin == "built-in"]
    kept = built_in[0] if len(built_in) == 1 else None
    rows = list(dict.fromkeys(row for row, _ in claimed))
    for row in rows:
        if kept is not None and row == kept[0]:
            continue
        others = [f"the plugin '{found[one].name}' ({found[one].source})" for one in rows if one != row]
        if not others:
            words = f"it lists the {SINGULAR[kind]} '{name}' twice: neither is listed"
        elif kept is not None:
            words = f"the {SINGULAR[kind]} '{name}' is a built-in's name: choose another one"
        else:
            words = f"the {SINGULAR[kind]} '{name}' is also brought by {' and '.join(others)}: neither is listed"
        offered[row].errors.append(words)
    return kept


def _record(candidate: Candidate, offers: Offers, names: dict[str, tuple[str, ...]]) -> PluginRecord:
    error = f"the plugin '{candidate.name}': {'; '.join(offers.errors)}" if offers.errors else ""
    return PluginRecord(
        name=candidate.name,
        version=candidate.version,
        origin=candidate.origin,
        source=candidate.source,
        offers=names,
        status="broken" if error else "ok",
        error=error,
        traceback="\n".join(one for one in offers.tracebacks if one),
        notes=tuple(dict.fromkeys(offers.notes)),
    )
