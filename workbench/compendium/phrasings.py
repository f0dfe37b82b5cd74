# SPDX-License-Identifier: Apache-2.0
"""A team's own phrasings of entries: searches that found nothing, each kept with the entry that answers it.

They lie in one file beside the team's entries, so that an entry that a plugin ships stays as it was shipped.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from registry.errors import EntryError

FILE: Final = "phrasings.yaml"
_LONGEST: Final = 400
_MOST_BYTES: Final = 2**20


def read_phrasings(path: Path) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Phrasings by the id of their entry, and a sentence for each thing that is wrong with the file."""
    if not path.is_file():
        return {}, ()
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}, (f"team: '{path.name}' is larger than {_MOST_BYTES // 1024} KiB and is left out",)
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, RecursionError, ValueError, TypeError, AttributeError, LookupError) as error:
        return {}, (f"team: '{path.name}' cannot be read as YAML: {' '.join(str(error).split())[:200]}",)
    if not isinstance(given, Mapping):
        return ({}, ()) if given is None else ({}, (f"team: '{path.name}' must be lists by the id of an entry",))
    kept: dict[str, tuple[str, ...]] = {}
    problems = []
    for name, phrasings in given.items():
        if isinstance(phrasings, list) and all(_is_phrasing(one) for one in phrasings):
            kept[str(name)] = tuple(dict.fromkeys(one.strip() for one in phrasings))
        else:
            problems.append(f"team: '{path.name}': '{name}' must have a list of texts of 1 to {_LONGEST} characters")
    return kept, tuple(problems)


def add_phrasing(folder: Path, entry_id: str, phrasing: str) -> None:
    """Keep ``phrasing`` with an entry, in the file of a team's folder.

    Raises
    ------
    EntryError
        When the phrasing is empty or longer than 400 characters, or the file cannot be read or written.
    """
    said = " ".join(phrasing.split())
    if not _is_phrasing(said):
        raise EntryError(f"a phrasing has 1 to {_LONGEST} characters, and this one has {len(said):,}")
    path = folder / FILE
    kept, problems = read_phrasings(path)
    if problems:
        raise EntryError(f"nothing is added to '{path.name}' while it is wrong: {problems[0]}")
    kept[entry_id] = tuple(dict.fromkeys((*kept.get(entry_id, ()), said)))
    plain: dict[str, Any] = {name: list(phrasings) for name, phrasings in sorted(kept.items())}
    write_text(path, yaml.safe_dump(plain, allow_unicode=True, width=110))


def write_text(path: Path, text: str) -> None:
    """Write a file whole: who reads it meanwhile sees the old or the new one.

    Raises
    ------
    EntryError
        When it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EntryError(f"'{path}' cannot be written: {error.strerror or error}") from error


def _is_phrasing(given: Any) -> bool:
    return isinstance(given, str) and 0 < len(given.strip()) <= _LONGEST
