# SPDX-License-Identifier: Apache-2.0
"""The data of a run: found by name or path, and matched to a space of the model."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.data import Dataset
from registry.errors import DataError, DoesNotApply
from registry.spaces import Space

if TYPE_CHECKING:
    from registry.discovery import Catalogue
    from workbench.points import Description
    from workbench.store import Store

POINTS = "points"  # what the one space of a file of bare points is called


@dataclass(frozen=True)
class Opened:
    """An opened data set.

    Attributes
    ----------
    name : its name, or its absolute path; what a worker opens it by
    label : how it is called in keys: the name, or the file's name without its folders
    space : the name of its own space, for runs without a model
    path : absolute path where it was given by one
    is_points : whether it is a file of bare points
    is_default : whether nobody asked for it (it is the model's own)
    """

    name: str
    label: str
    dataset: Dataset
    space: str
    path: str | None = None
    is_points: bool = False
    is_default: bool = False


def open_data(store: Store, catalogue: Catalogue, name: str) -> Opened:
    """The data set called ``name``: of a plugin, added to the store, or at a path.

    Raises :class:`DataError` naming near matches when there is none.
    """
    added = {one.name: one for one in store.datasets()}
    if name in catalogue.datasets:
        return _opened(name, name, catalogue.dataset(name).open())
    if name in added:
        return _opened(name, name, _open_path(Path(added[name].path), **dict(added[name].options or {})))
    path = Path(name).expanduser()
    if path.exists():
        whole = path.resolve()
        return _opened(str(whole), whole.name, _open_path(whole), path=str(whole))
    known = [*catalogue.datasets, *added]
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known) or 'none'}"
    raise DataError(f"there is no data set or file '{name}': {hint}")


def open_points(name: str) -> Opened:
    """A file of bare points; its one space is called ``points``. Raises :class:`DataError` when it cannot be read."""
    path = Path(name).expanduser().resolve()
    if not path.exists():
        raise DataError(f"there is no file of points '{name}'")
    return Opened(str(path), path.name, _open_path(path), POINTS, str(path), is_points=True)


def starts_at(description: Description, dataset: Dataset) -> Space | None:
    """The space of the model that the rows of ``dataset`` are points of, ``None`` where there is none."""
    from workbench.data.fitting import starting_space

    return starting_space(dataset.space, description.spaces.values())


def leads_to(description: Description, dataset: Dataset, picked: str) -> bool:
    """Whether points of the space (or of the source of the map) called ``picked`` come from the rows of ``dataset``."""
    from workbench.points import plan

    space = description.maps[picked].source if picked in description.maps else picked
    try:
        return plan(description, space, dataset.space).source == "data"
    except DoesNotApply:
        return False


def _opened(name: str, label: str, dataset: Dataset, path: str | None = None) -> Opened:
    return Opened(name, label, dataset, dataset.space.name or POINTS, path)


def _open_path(path: Path, **options: Any) -> Dataset:
    from workbench.data import open_path

    return open_path(path, **options)
