# SPDX-License-Identifier: Apache-2.0
"""Stamps: cheap hashes that change whenever what a plugin brings may have changed. Nothing is loaded for them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.runs.key import run_key
from workbench.runs.remembered import LARGE, remember, remembered

if TYPE_CHECKING:
    from registry.analysis import Analysis
    from registry.cards import ModelCard
    from registry.discovery import Catalogue

SCHEMA = 1
MOST_FILES = 500  # of a package that are looked at
ROOMS = ("plugins", "sample_models")  # hold packages that have nothing to do with each other

IMPORT = re.compile(rf"^[ \t]*(?:from|import)[ \t]+({'|'.join(ROOMS)})\.(\w+)", re.MULTILINE)

_hashes: dict[tuple[str, int, int, int], str] = {}
_imported: dict[str, set[str]] = {}


def stamp_of(catalogue: Catalogue, model_name: str) -> str:
    """SHA-256 over the plugin, the source files and the weight files of a model: same stamp, same description."""
    from workbench.points.description import FORMAT

    card = catalogue.model(model_name)
    plugin = catalogue.origin("model", model_name)
    return run_key(
        {
            "schema": [SCHEMA, FORMAT],
            "plugin": [plugin.name, plugin.version, str(plugin.source)],
            "sources": {str(one): file_hash(one) for one in source_files(card.model)},
            "weights": {str(one): file_hash(one) for one in _weights(card)},
            **({"settings": card.settings} if card.settings else {}),
        }
    )


def code_of(catalogue: Catalogue, model_name: str) -> str:
    """SHA-256 over what the files of a model hold, its code and its weight files, wherever they lie.

    For the run key: the fingerprint of a loaded model knows its tensors and classes, but not the functions that its
    maps call, nor a file of settings beside the weights.
    """
    card = catalogue.model(model_name)
    digest = hashlib.sha256()
    for one in [*source_files(card.model), *_weights(card)]:
        digest.update(f"{one.name}\0{file_hash(one)}\0".encode())
    digest.update(str(card.settings).encode())
    return digest.hexdigest()


def source_of(catalogue: Catalogue, analysis: type[Analysis]) -> str:
    """What an analysis comes from, for the run key: its plugin (a distribution with its version) and its files.

    A plugins folder has no version that its author would raise, and an editable installation keeps its version while
    its code changes: so every change of the code makes new keys. The files of the built-in plugins and models that it
    imports from count with its own: their arithmetic is part of what it computes.
    """
    plugin = catalogue.origin("analysis", analysis.name)
    digest = hashlib.sha256()
    for one in with_imports(source_files(analysis)):
        digest.update(file_hash(one).encode())
    return f"{plugin.name if plugin.origin == 'folder' else plugin.source} {digest.hexdigest()[:16]}"


def scorers_of(catalogue: Catalogue, names: list[str] | None) -> dict[str, str] | None:
    """SHA-256 over the files of each scorer, by name, and over what it says is missing; ``None`` of none."""
    if names is None:
        return None
    found = {}
    for name in names:
        scorer = catalogue.scorer(name)
        digest = hashlib.sha256(str(scorer.requires() if scorer.requires is not None else None).encode())
        for one in source_files(scorer.score):
            digest.update(f"{one.name}\0{file_hash(one)}\0".encode())
        found[name] = digest.hexdigest()
    return found


def source_files(target: Any) -> list[Path]:
    """The files that ``target`` (a class, a function or an import string) is made of.

    All Python files of its package where it is in one, else its own file. What is installed counts with the innermost
    package (the rest has a version), what is being written with the whole of it. No module is imported for this but
    the packages above the target.
    """
    file, in_package = _file_of(target)
    if file is None or not file.is_file():
        return []
    if not in_package:
        return [file]
    folder = file.parent
    while "site-packages" not in folder.parts and _is_inner(folder):
        folder = folder.parent
    return sorted(folder.rglob("*.py"))[:MOST_FILES]


def with_imports(files: Sequence[Path]) -> list[Path]:
    """The files, and those of the packages of the rooms that any of them imports from, each once.

    Read off the text of import statements, so that nothing is imported for it.
    """
    found, waiting = list(files), list(files)
    seen: set[str] = set()
    while waiting:
        for package in sorted(_imports(waiting.pop()) - seen):
            seen.add(package)
            more = [one for one in source_files(package) if one not in found]
            found += more
            waiting += more
    return found


def _imports(file: Path) -> set[str]:
    """The packages of the rooms, ``plugins.homology`` say, that a Python file imports from."""
    key = file_hash(file)
    if key not in _imported:
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return set()
        _imported[key] = {".".join(one) for one in IMPORT.findall(text)}
    return _imported[key]


def _is_inner(folder: Path) -> bool:
    """Whether a package is part of a larger one; the built-in plugins and models are one package each."""
    return folder.parent.name not in ROOMS and all((one / "__init__.py").is_file() for one in (folder, folder.parent))


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content, ``""`` where there is none; read again only when the file was touched.

    Large files are remembered beyond this process: weights of gigabytes are not read anew by each command.
    """
    try:
        status = path.stat()
        key = (str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if key not in _hashes:
            _hashes[key] = remembered(key) or _hash(path)
            if status.st_size >= LARGE:
                remember(key, _hashes[key])
    except OSError:
        return ""
    return _hashes[key]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_stamp() -> str:
    """Changes whenever a file of the workbench changes, or torch is installed anew."""
    latest = count = 0
    for package in ("registry", "workbench", "torch"):
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            continue
        folder = Path(found.origin).parent
        for one in [folder / "version.py"] if package == "torch" else folder.rglob("*.py"):
            with contextlib.suppress(FileNotFoundError):
                latest = max(latest, one.stat().st_mtime_ns)
                count += 1
    return f"{count} {latest}"


def _weights(card: ModelCard) -> list[Path]:
    found: list[Path] = []
    for one in card.weights:
        found += sorted(file for file in one.rglob("*") if file.is_file()) if one.is_dir() else [one]
    return found


def _file_of(target: Any) -> tuple[Path | None, bool]:
    """The file that defines ``target``, and whether that is inside a package."""
    if isinstance(target, str):
        name = target.partition(":")[0]
        try:
            found = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            return None, False
        if found is None or found.origin is None:
            return None, False
        is_package = found.submodule_search_locations is not None
        return Path(found.origin), is_package or "." in name
    module = sys.modules.get(getattr(target, "__module__", ""))
    origin = getattr(module, "__file__", None)
    if origin is None:
        code = inspect.unwrap(target).__code__.co_filename if inspect.isfunction(target) else None
        return (Path(code), False) if code else (None, False)
    return Path(origin), bool(getattr(module, "__package__", ""))
