# SPDX-License-Identifier: Apache-2.0
"""Sources: where plugins come from. Nothing of a plugin is imported to find it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import re
import site
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from registry.discovery.catalogue import near_names
from registry.errors import PluginError

GROUP = "workbench"
DISTRIBUTION = "latent-workbench"
_read_again: set[tuple[str, int]] = set()  # .pth files, with the time of their change


@dataclass(frozen=True)
class Candidate:
    """A plugin before it is loaded; ``load`` imports it and gives the object that carries the hooks."""

    name: str
    version: str
    origin: str
    source: str
    load: Callable[[], Any]
    files: Callable[[], Iterable[Path]]  # what its code is in, to see whether it was changed

    @property
    def key(self) -> str:
        """A file name for what is remembered of this plugin."""
        return hashlib.sha256(f"{self.origin}\n{self.name}\n{self.source}".encode()).hexdigest()[:16]


def candidates(plugins_dir: Path | None) -> tuple[list[Candidate], tuple[str, ...]]:
    """Every plugin that is to be loaded, built-ins first, and notes on names that select nothing.

    A plugin that is both installed and in the folder (the same files) is taken once, as installed.

    ``WORKBENCH_PLUGINS=a,b`` keeps only these (empty: none at all), ``WORKBENCH_DISABLE_PLUGINS=a,b`` leaves some out.

    Raises
    ------
    PluginError
        When the plugins folder does not exist.
    """
    found = _entry_points()
    if plugins_dir is not None:
        installed = {file.resolve() for one in found if one.origin != "built-in" for file in one.files()}
        found += [one for one in _folder(plugins_dir) if not installed.intersection(map(Path.resolve, one.files()))]
    notes = []
    names = {one.name for one in found}
    wanted, unwanted = _names("WORKBENCH_PLUGINS"), _names("WORKBENCH_DISABLE_PLUGINS")
    for variable, chosen in (("WORKBENCH_PLUGINS", wanted), ("WORKBENCH_DISABLE_PLUGINS", unwanted)):
        for name in sorted((chosen or set()) - names):
            near = near_names(name, names)
            notes.append(f"{variable} names '{name}', which is not there" + (f": did you mean {near}?" if near else ""))
    kept = [one for one in found if (wanted is None or one.name in wanted) and one.name not in (unwanted or ())]
    return kept, tuple(notes)


def folder_of(plugins_dir: Path | str | None) -> Path | None:
    """The plugins folder: the one given, else ``WORKBENCH_PLUGINS_DIR``, else none."""
    if plugins_dir is not None:
        return Path(plugins_dir).expanduser()
    named = os.environ.get("WORKBENCH_PLUGINS_DIR", "").strip()
    return Path(named).expanduser() if named else None


def _names(variable: str) -> set[str] | None:
    text = os.environ.get(variable)
    return None if text is None else {one.strip() for one in text.split(",") if one.strip()}


def _entry_points() -> list[Candidate]:
    found = []
    points = importlib.metadata.entry_points(group=GROUP)
    _find_new_installs(points)
    for point in points:
        distribution = point.dist
        name, version = (distribution.name, distribution.version) if distribution is not None else ("", "")
        built_in = re.sub(r"[-_.]+", "-", name or "").lower() == DISTRIBUTION
        source = f"{name} {version}: {point.value}"
        origin = "built-in" if built_in else "entry point"
        found.append(Candidate(point.name, version, origin, source, point.load, lambda p=point: _files_of(p)))  # type: ignore[misc]
    return sorted(found, key=lambda one: (one.origin != "built-in", one.name, one.source))


def _find_new_installs(points: Iterable[importlib.metadata.EntryPoint]) -> None:
    """Let this process find packages that were installed after it was started.

    An editable install is found by a ``.pth`` file, and Python reads these at its start alone. Where the top module of
    an entry point is missing they are read again, so that a plugin can be added while the app and the supervisor run.
    """
    if all(_top_of(point) is not None for point in points):
        return
    folders = [Path(one) for one in sys.path if Path(one).name in ("site-packages", "dist-packages")]
    found = frozenset((str(file), file.stat().st_mtime_ns) for folder in folders for file in folder.glob("*.pth"))
    if found - _read_again:
        _read_again.update(found)
        for folder in folders:
            site.addsitedir(str(folder))
        importlib.invalidate_caches()


def _top_of(point: importlib.metadata.EntryPoint) -> ModuleSpec | None:
    """Where the top module of an entry point is; nothing is imported for it."""
    try:
        return importlib.util.find_spec(point.module.partition(".")[0])
    except (ImportError, ValueError):
        return None


def _files_of(point: importlib.metadata.EntryPoint) -> Iterable[Path]:
    spec = _top_of(point)
    if spec is None:
        return
    for place in spec.submodule_search_locations or ():
        yield from Path(place).rglob("*.py")
    if spec.origin and Path(spec.origin).is_file():
        yield Path(spec.origin)


def _folder(folder: Path) -> list[Candidate]:
    if not folder.is_dir():
        raise PluginError(f"the plugins folder '{folder}' does not exist: create it, or name another one")
    found = []
    for path in sorted(folder.resolve().iterdir()):
        if path.name.startswith(("_", ".")) or path.is_symlink():
            continue
        init = path / "__init__.py"
        if path.is_dir() and init.is_file():
            found.append(_in_folder(path.name, init, path))
        elif path.is_file() and path.suffix == ".py":
            found.append(_in_folder(path.stem, path, None))
    return found


def _in_folder(name: str, file: Path, package: Path | None) -> Candidate:
    source = str(package or file)

    def files() -> Iterable[Path]:
        return package.rglob("*.py") if package else [file]

    return Candidate(name, "", "folder", source, lambda: _load_by_path(name, file, package), files)


def module_name(name: str, source: str) -> str:
    """The private name that a plugin of a folder is imported under; it clashes with nothing, nor between folders.

    >>> module_name("my-faces", "/plugins/my-faces.py")
    'workbench_plugin_my_faces_060e8959'
    """
    return f"workbench_plugin_{re.sub(r'[^0-9A-Za-z_]', '_', name)}_{hashlib.sha256(source.encode()).hexdigest()[:8]}"


def _load_by_path(name: str, file: Path, package: Path | None) -> Any:
    """Execute the file afresh under its private name; inside a package, relative imports find its siblings."""
    private = module_name(name, str(package or file))
    for loaded in [one for one in sys.modules if one == private or one.startswith(private + ".")]:
        del sys.modules[loaded]
    places = [str(package)] if package else None
    spec = importlib.util.spec_from_file_location(private, file, submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise PluginError(f"'{file}' cannot be imported as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(private, None)
        raise
    return module
