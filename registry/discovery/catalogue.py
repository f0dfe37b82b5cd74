# SPDX-License-Identifier: Apache-2.0
"""Catalogue: everything that the plugins offer, by name, and a record of every plugin."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from registry.analysis import Analysis
from registry.cards import DatasetCard, ModelCard, Page
from registry.errors import DataError, ModelError, PluginError, WorkbenchError
from registry.scorers import Scorer

KINDS = ("models", "datasets", "analyses", "scorers", "entries", "assets", "pages")
SINGULAR = dict(zip(KINDS, ("model", "data set", "analysis", "scorer", "entry", "lock of assets", "page"), strict=True))
_PLURAL = dict(zip(("model", "dataset", "analysis", "scorer", "entry", "asset", "page"), KINDS, strict=True))
Item = TypeVar("Item")


@dataclass(frozen=True)
class PluginRecord:
    """One plugin as it was found.

    Attributes
    ----------
    name : the name of its entry point, or of its file or folder
    version : of its distribution; empty for a plugin of the plugins folder
    origin : ``"built-in"``, ``"entry point"`` or ``"folder"``
    source : distribution and import path (``acme-faces 1.2: acme.plugin``), or the path of the file
    offers : names by kind (``models``, ``datasets``, ``analyses``, ``scorers``, ...) of what is listed
    status : ``"ok"``, or ``"broken"`` when anything is wrong; what is good of a broken plugin is listed all the same
    error : what is wrong, in sentences that name the plugin and the cause; empty when nothing is
    traceback : where the plugin's own code raised, for its author
    notes : what is not wrong but should be known (it wrote to the standard output, it changed ``sys.path``)
    """

    name: str
    version: str
    origin: str
    source: str
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    status: str = "ok"
    error: str = ""
    traceback: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """What can be used: models, data sets, analyses, scorers and pages by name, entries, locks, and the plugins.

    ``notes`` are sentences about the listing as a whole (a name in ``WORKBENCH_PLUGINS`` that is not there).
    """

    models: dict[str, ModelCard] = field(default_factory=dict)
    datasets: dict[str, DatasetCard] = field(default_factory=dict)
    analyses: dict[str, type[Analysis]] = field(default_factory=dict)
    scorers: dict[str, Scorer] = field(default_factory=dict)
    entries: list[Path] = field(default_factory=list)
    assets: list[Path] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    plugins: list[PluginRecord] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def model(self, name: str) -> ModelCard:
        """The card of the model ``name``; raises :class:`ModelError` with the names that are near it."""
        return self._find(self.models, name, "models", ModelError)

    def dataset(self, name: str) -> DatasetCard:
        """The card of the data set ``name``; raises :class:`DataError` with the names that are near it."""
        return self._find(self.datasets, name, "datasets", DataError)

    def analysis(self, name: str) -> type[Analysis]:
        """The analysis ``name``; raises :class:`PluginError` with the names that are near it."""
        return self._find(self.analyses, name, "analyses", PluginError)

    def scorer(self, name: str) -> Scorer:
        """The scorer ``name``; raises :class:`PluginError` with the names that are near it."""
        return self._find(self.scorers, name, "scorers", PluginError)

    def origin(self, kind: str, name: str) -> PluginRecord:
        """The plugin that brings ``name``; ``kind`` is ``"models"`` (or ``"model"``), ``"analyses"``, ...

        Raises
        ------
        PluginError
            When there is no such kind, or nothing of that kind and name is listed.
        """
        plural = _PLURAL.get(kind, kind)
        if plural not in KINDS:
            raise PluginError(f"'{kind}' is no kind of offer: use one of {', '.join(KINDS)}")
        for record in self.plugins:
            if name in record.offers.get(plural, ()):
                return record
        raise PluginError(f"no plugin brings the {SINGULAR[plural]} '{name}'")

    def broken(self) -> list[PluginRecord]:
        """The plugins that something is wrong with."""
        return [one for one in self.plugins if one.status == "broken"]

    def _find(self, known: Mapping[str, Item], name: str, kind: str, error: type[WorkbenchError]) -> Item:
        if name in known:
            return known[name]
        sentence = f"there is no {SINGULAR[kind]} '{name}'"
        near = near_names(name, known)
        if near:
            sentence += f": did you mean {near}?"
        elif known:
            sentence += f": there are {', '.join(sorted(known))}"
        broken = self.broken()
        if broken:
            names = ", ".join(one.name for one in broken[:5]) + (" ..." if len(broken) > 5 else "")
            sentence += f" (broken plugins, which may have brought it: {names}; 'workbench plugins' says why)"
        raise error(sentence)


def near_names(name: str, known: Iterable[str]) -> str:
    """The names near ``name``, quoted, for a message; empty when none is near.

    >>> near_names("mnist-ave", ["mnist-vae", "faces"])
    "'mnist-vae'"
    """
    return " or ".join(f"'{one}'" for one in difflib.get_close_matches(name, list(known), n=3, cutoff=0.6))
