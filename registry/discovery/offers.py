# SPDX-License-Identifier: Apache-2.0
"""Offers: calls the hooks of one plugin and checks every item. What is good is kept, what is bad is said."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pluggy

from registry import hookspecs
from registry.analysis import Analysis, check_analysis_class
from registry.cards import DatasetCard, ModelCard, Page
from registry.discovery.catalogue import near_names
from registry.discovery.containment import contained
from registry.errors import PluginError
from registry.model import check_model_class
from registry.parameters import picks_of
from registry.scorers import Scorer


@dataclass
class Offers:
    """What one plugin came to: items by kind, as (name, item), and everything that is wrong with it."""

    items: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def collect(load: Callable[[], Any], seconds: float) -> Offers:
    """Load one plugin and ask it for all that it offers; each call into it has ``seconds``."""
    offers = Offers()
    imported = contained(load, seconds)
    offers.notes += imported.notes
    if imported.error:
        words = "importing it" if imported.overdue else "it cannot be imported"
        offers.errors.append(f"{words}: {imported.error}")
        offers.tracebacks.append(imported.traceback)
        return offers
    for name, function in _hooks(imported.value, seconds, offers):
        if not _ask(name, function, seconds, offers):
            break  # it hangs: the next hook of the same plugin would most likely cost as much
    return offers


def _hooks(plugin: Any, seconds: float, offers: Offers) -> list[tuple[str, Callable[[], Any]]]:
    """The hook implementations of a plugin, those that break the specification left out and said."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    known = [name for name in vars(hookspecs) if name.startswith("workbench_")]
    registered = contained(lambda: manager.register(plugin), seconds)
    if registered.error:
        offers.errors.append(registered.error)
        offers.tracebacks.append(registered.traceback)
        return []
    found: list[tuple[str, Callable[[], Any]]] = []
    for caller in manager.get_hookcallers(plugin) or []:
        if not caller.has_spec():
            near = near_names(caller.name, known)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}"
            offers.errors.append(f"'{caller.name}' is no hook: {hint}")
            continue
        for one in caller.get_hookimpls():
            if one.wrapper or one.hookwrapper:
                offers.errors.append(f"'{caller.name}' is a hook wrapper: hooks that list cannot be wrapped")
            else:
                found.append((caller.name, one.function))
    marked = {one.name for one in manager.get_hookcallers(plugin) or []}
    for name in _unmarked(plugin):
        if name not in marked:
            offers.errors.append(f"'{name}' is not marked as a hook: write @workbench.hookimpl above it")
    if not found and not offers.errors:
        offers.errors.append(
            "it has no hook: mark one with @workbench.hookimpl (a file of helpers is left alone when its name "
            "starts with an underscore)"
        )
    return found


def _unmarked(plugin: Any) -> list[str]:
    """Functions named like hooks that the plugin itself defines; pluggy passes over them in silence."""
    if not inspect.ismodule(plugin):
        return []
    return [
        name
        for name, value in vars(plugin).items()
        if name.startswith("workbench_")
        and inspect.isfunction(value)
        and value.__module__ == plugin.__name__
        and not hasattr(value, f"{hookspecs.PROJECT}_impl")
    ]


def _ask(hook: str, function: Callable[[], Any], seconds: float, offers: Offers) -> bool:
    """Call one hook and check what it returns; ``False`` when it ran out of time."""
    kind = hook.removeprefix("workbench_")
    checked: list[tuple[str, Any]] = []
    wrong: list[str] = []

    def call() -> None:
        listed = function()
        if not isinstance(listed, (list, tuple)):
            raise PluginError(f"it returned {_a(listed)}, expected a list")
        for row, item in enumerate(listed):
            try:
                checked.append((_CHECKS[kind](item), item))
            except Exception as error:  # noqa: BLE001 - one bad item must not hide the good ones
                wrong.append(f"item {row + 1} of '{hook}': {error}")

    outcome = contained(call, seconds)
    offers.notes += outcome.notes
    offers.errors += wrong
    if outcome.error:
        cause = outcome.error.removeprefix("PluginError: ")
        offers.errors.append(f"the hook '{hook}' failed: {cause}")
        offers.tracebacks.append(outcome.traceback)
    else:
        offers.items.setdefault(kind, []).extend(checked)
    return not outcome.overdue


def _a(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _model(item: Any) -> str:
    if not isinstance(item, ModelCard):
        raise PluginError(f"it is {_a(item)}, expected a workbench.ModelCard")
    if isinstance(item.model, type):
        check_model_class(item.model)
    return item.name


def _dataset(item: Any) -> str:
    if not isinstance(item, DatasetCard):
        raise PluginError(f"it is {_a(item)}, expected a workbench.DatasetCard")
    return item.name


def _analysis(item: Any) -> str:
    if isinstance(item, Analysis):
        raise PluginError(f"it is an instance of {type(item).__name__}: list the class, without parentheses")
    check_analysis_class(item)
    picks_of(item.Params)
    return str(item.name)


def _scorer(item: Any) -> str:
    if not isinstance(item, Scorer):
        raise PluginError(f"it is {_a(item)}, expected a workbench.Scorer")
    return item.name


def _entry(item: Any) -> str:
    if not isinstance(item, Path):
        raise PluginError(f"it is {_a(item)}, expected a pathlib.Path")
    if item.suffix != ".md" or not item.is_file():
        raise PluginError(f"'{item}' is no Markdown file that exists")
    return str(item)


def _lock(item: Any) -> str:
    if not isinstance(item, Path):
        raise PluginError(f"it is {_a(item)}, expected a pathlib.Path")
    if item.suffix != ".toml" or not item.is_file():
        raise PluginError(f"'{item}' is no TOML file that exists")
    return str(item)


def _page(item: Any) -> str:
    if not isinstance(item, Page):
        raise PluginError(f"it is {_a(item)}, expected a workbench.Page")
    return item.name


_CHECKS: dict[str, Callable[[Any], str]] = {
    "models": _model,
    "datasets": _dataset,
    "analyses": _analysis,
    "scorers": _scorer,
    "entries": _entry,
    "assets": _lock,
    "pages": _page,
}
