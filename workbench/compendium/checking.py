# SPDX-License-Identifier: Apache-2.0
"""Checking entries: their form, and that every analysis and code of a finding that they name is there."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from registry.errors import EntryError
from workbench.compendium.collection import Compendium, gather

if TYPE_CHECKING:
    from registry.discovery import Catalogue


def problems_of(compendium: Compendium, catalogue: Catalogue) -> list[str]:
    """A sentence for each thing that is wrong with the entries of a compendium."""
    said = list(compendium.problems)
    for held in compendium.held.values():
        entry, where = held.entry, held.origin
        named = [(name, "'analyses'") for name in entry.analyses]
        if entry.verify.analysis is not None:
            named.append((entry.verify.analysis, "'verify'"))
        for place, remedy in enumerate(entry.remedies, start=1):
            if remedy.trial is not None:
                named.append((remedy.trial.analysis, f"the trial of remedy {place}"))
        for name, field in named:
            if name not in catalogue.analyses:
                said.append(f"{where}: '{entry.id}': {field} names the analysis '{name}', which no plugin offers")
        for code in entry.codes:
            if code.partition(".")[0] not in catalogue.analyses:
                said.append(f"{where}: '{entry.id}': the code '{code}' is of no analysis that a plugin offers")
        for place, remedy in enumerate(entry.remedies, start=1):
            if remedy.trial is not None and remedy.trial.analysis in catalogue.analyses:
                said += _trial_problems(where, entry.id, place, remedy.trial, catalogue)
    return said


def of_paths(paths: Sequence[Path], *, known: Container[str] = ()) -> Compendium:
    """The entries of files and of folders (their ``*.md``); they may refer to those of ``known``.

    Raises
    ------
    EntryError
        When a path is neither a file nor a folder.
    """
    return gather(((path, "team") for path in _listed(paths)), known=known)


def _listed(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.md"))
        elif path.is_file():
            yield path
        else:
            raise EntryError(f"'{path}' is neither a file nor a folder")


def _trial_problems(where: str, entry: str, place: int, trial: object, catalogue: Catalogue) -> list[str]:
    """Parameters of a trial that its analysis does not have."""
    from workbench.compendium.entry import Trial

    assert isinstance(trial, Trial)
    known = set(catalogue.analyses[trial.analysis].Params.model_fields)
    unknown = sorted({*trial.common, *trial.before, *trial.after} - known)
    return [
        f"{where}: '{entry}': the trial of remedy {place} sets '{one}', which is no parameter of '{trial.analysis}'"
        for one in unknown
    ]
