# SPDX-License-Identifier: Apache-2.0
"""Cards: what a plugin lists of its models, data sets and pages; cheap to make, nothing is loaded."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.errors import ModelError, PluginError

if TYPE_CHECKING:
    from registry.data import Dataset
    from registry.model import Model

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def check_name(name: Any, what: str) -> None:
    """Raise :class:`PluginError` unless ``name`` is lower-case letters, digits, dots, dashes or underscores."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PluginError(f"{name!r} cannot name {what}: use lower-case letters, digits, '.', '-' and '_'")


def check_target(target: object, card: str) -> None:
    if isinstance(target, str) and not all(part.strip() for part in target.partition(":")):
        raise PluginError(f"the card '{card}' names '{target}': write 'package.module:Name'")


def resolve(target: str | Callable[..., Any]) -> Callable[..., Any]:
    """What an import string ``package.module:name`` points to; a callable is given back as it is.

    >>> resolve("registry.priors:normal")()
    Normal(mean=0.0, std=1.0)
    """
    if not isinstance(target, str):
        return target
    module, _, name = target.partition(":")
    found = getattr(importlib.import_module(module), name, None)
    if not callable(found):
        raise PluginError(f"'{target}' does not lead to anything that can be called: write 'package.module:Name'")
    return found  # type: ignore[no-any-return]


@dataclass(frozen=True)
class ModelCard:
    """A model as it is listed.

    Attributes
    ----------
    name
        Unique; lower-case letters, digits, dots, dashes, underscores.
    model
        The :class:`Model` subclass, a function ``device -> Model``, or an import string ``"package.module:Name"``
        (the module is then imported only when a job needs the model).
    licence, provenance, tags, title
        Shown with the model wherever it appears.
    description
        Shown as text; by default the docstring of the class (an import string needs its own words).
    weights
        Files that decide what the model computes. Named here, a changed file is noticed without loading the model.
    settings
        What else decides what the model computes, where one class or function makes several models: plain values by
        name (kept as JSON). Named here, a change is noticed without loading the model.
    data
        Name of the data set that the model was trained on or is at home with.
    requires
        A function that says in one sentence what is missing for the model to load, or ``None`` when all is there.
    fetch
        A function that brings what is missing. It is called only when a reader, shown licence and provenance, asks.
    """

    name: str
    model: type[Model] | Callable[[str], Model] | str
    licence: str = ""
    title: str = ""
    description: str = ""
    provenance: str = ""
    tags: tuple[str, ...] = ()
    weights: tuple[Path, ...] = ()
    settings: Mapping[str, Any] | str = ""
    data: str | None = None
    requires: Callable[[], str | None] | None = None
    fetch: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "a model")
        if not (isinstance(self.model, str) or callable(self.model)):
            raise PluginError(f"the card '{self.name}' gives a {type(self.model).__name__} as its model: give a class")
        check_target(self.model, self.name)
        for text in ("licence", "title", "description", "provenance"):
            if not isinstance(getattr(self, text), str):
                raise PluginError(f"the {text} of the card '{self.name}' must be text")
        object.__setattr__(self, "tags", tuple(self.tags))
        object.__setattr__(self, "weights", tuple(Path(one) for one in self.weights))
        if self.settings and not isinstance(self.settings, str):
            object.__setattr__(self, "settings", json.dumps(dict(self.settings), sort_keys=True, default=str))
        if not self.description and isinstance(self.model, type):
            object.__setattr__(self, "description", inspect.getdoc(self.model) or "")

    def missing(self) -> str | None:
        """What is missing for the model to load, in one sentence; ``None`` when all is there."""
        return self.requires() if self.requires is not None else None

    def load(self, device: str = "cpu") -> Model:
        """The model on ``device`` (``"cpu"``, ``"cuda:0"``); raises :class:`ModelError` when that fails."""
        from registry.model import Model

        lacking = self.missing()
        if lacking:
            raise ModelError(f"the model '{self.name}' cannot be loaded: {lacking}")
        made = resolve(self.model)(device)
        if not isinstance(made, Model):
            raise ModelError(f"the model '{self.name}' is a {type(made).__name__}, expected a workbench.Model")
        for module in made.modules().values():
            module.eval()
        return made


@dataclass(frozen=True)
class DatasetCard:
    """A data set as it is listed: ``data`` is a function without arguments that opens it, or an import string."""

    name: str
    data: Callable[[], Dataset] | str
    licence: str = ""
    title: str = ""
    description: str = ""
    provenance: str = ""
    tags: tuple[str, ...] = ()
    requires: Callable[[], str | None] | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "a data set")
        if not (isinstance(self.data, str) or callable(self.data)):
            raise PluginError(f"the card '{self.name}' gives a {type(self.data).__name__} as its data: give a function")
        check_target(self.data, self.name)
        object.__setattr__(self, "tags", tuple(self.tags))

    def missing(self) -> str | None:
        """What is missing for the data to open, in one sentence; ``None`` when all is there."""
        return self.requires() if self.requires is not None else None

    def open(self) -> Dataset:
        """The data set, opened."""
        from registry.data import Dataset
        from registry.errors import DataError

        lacking = self.missing()
        if lacking:
            raise DataError(f"the data set '{self.name}' cannot be opened: {lacking}")
        opened = resolve(self.data)()
        if not isinstance(opened, Dataset):
            raise DataError(f"the data set '{self.name}' is a {type(opened).__name__}, expected a workbench.Dataset")
        return opened


@dataclass(frozen=True)
class Page:
    """A page that a plugin adds to the app: ``draw`` is an import string of a function without arguments."""

    name: str
    title: str
    draw: str
    icon: str = ":material/extension:"

    def __post_init__(self) -> None:
        check_name(self.name, "a page")
        if not isinstance(self.draw, str) or ":" not in self.draw:
            raise PluginError(f"the page '{self.name}' must name its function as 'package.module:function'")
