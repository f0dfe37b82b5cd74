# SPDX-License-Identifier: Apache-2.0
"""What a sum can be made of on the page: spaces, where their points come from, slices, columns, scores, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.latent_arithmetic.terms import Term, rows_written
from workbench.app import engine, subjects
from workbench.app.parts import pictures
from workbench.runs.draws import Draws, read_draws

if TYPE_CHECKING:
    from workbench.points import Description
    from workbench.store import SliceRecord

MOST_CLASSES = 60


@dataclass(frozen=True)
class Place:
    """A space of a model, and what its points are.

    Attributes
    ----------
    model, space, description : which space of which model
    data : the data set whose rows the points come from; ``None`` where they are draws of a prior or items
    start : the space that a prior or the items are of
    items : names of the items, where that is what the points come from
    slices : of the data, and of draws from priors of the model
    """

    model: str
    space: str
    description: Description
    data: str | None
    start: str
    items: tuple[str, ...]
    slices: tuple[SliceRecord, ...]

    @property
    def columns(self) -> dict[str, list[str]]:
        """Columns of the data with their values, those with more than 60 left out."""
        found = engine.columns_of(self.data)
        if found is None:
            return {}
        every = {str(name): sorted(set(found[name].dropna().astype(str)), key=_order) for name in found.columns}
        return {name: values for name, values in every.items() if 1 < len(values) <= MOST_CLASSES}

    @property
    def scorers(self) -> dict[str, str]:
        """Scorers of the pictures that the space is decoded to, by name, with their titles."""
        found = pictures.routes(self.description, self.space)
        if not found:
            return {}
        target = self.description.spaces[self.description.maps[found[0].maps[-1]].target]
        assert isinstance(target, wb.Images)  # where a route to pictures ends
        scorers = engine.catalogue().scorers
        return {name: one.label for name, one in scorers.items() if one.lacks(target) is None}

    def drawn(self, terms: list[Term], seed: int) -> Draws | None:
        """The draws that the rows of these terms are, where they are draws: those of their slices, else under seed."""
        known = {one.name: one for one in self.slices}
        for term in terms:
            for one in term.conditions:
                of = read_draws(known[one.what].data) if one.kind == "slice" and one.what in known else None
                if of is not None:
                    return of
        return None if self.data is not None or self.items else Draws(self.model, self.start, seed)

    def rows(self, term: Term) -> np.ndarray[Any, Any] | None:
        """Exemplars of a term as far as they are known without a run; ``None`` where a score decides."""
        if any(one.kind in ("high", "low") for one in term.conditions):
            return None
        known = {one.name: one for one in self.slices}
        found: np.ndarray[Any, Any] | None = None
        for one in term.conditions:
            if one.kind == "slice":
                rows = known[one.what].rows() if one.what in known else np.empty(0, dtype=np.int64)
            elif one.kind == "rows":
                rows = np.array(rows_written(one.what), dtype=np.int64)
            elif one.kind == "items":
                rows = np.array([self.items.index(name) for name in one.what.split("|") if name in self.items])
            else:
                column, _, value = one.what.partition("=")
                table = engine.columns_of(self.data)
                told: Any = [] if table is None or column not in table else table[column].astype(str).to_numpy()
                rows = np.flatnonzero(np.asarray(told) == value)
            found = rows if found is None else np.intersect1d(found, rows)
        return found

    def pictures_of(self, rows: Any, draws: Draws | None) -> list[Any]:
        """Pictures of exemplars, uint8 ``[h, w, c]``; none for items."""
        chosen = np.asarray(rows, dtype=np.int64)
        if draws is None:
            return pictures.of_data(self.data, chosen) if self.data is not None else []
        route = pictures.routes(self.description, draws.space)
        return pictures.from_prior(self.model, self.description, route[0], chosen, draws.seed) if route else []


def spaces_of(description: Description) -> list[str]:
    """Spaces of vectors that a sum can be made in: those that lead to pictures first, then the others."""
    vectors = [name for name, one in description.spaces.items() if isinstance(one, wb.Vectors)]
    return sorted(vectors, key=lambda one: not pictures.routes(description, one))


def place_of(model: str, space: str, description: Description) -> Place:
    """What the points of a space of a model are.

    Raises
    ------
    DoesNotApply
        When nothing leads to the space.
    """
    from workbench.points import plan

    own = subjects.own_data(model)
    data_space = engine.dataset(own).space if own is not None else None
    route = plan(description, space, data_space)
    data = own if route.source == "data" else None
    names = route.start.names if isinstance(route.start, wb.Items) and route.source == "items" else ()
    return Place(model, space, description, data, route.start.name, names, tuple(subjects.slices_of(data, model)))


def _order(value: str) -> tuple[int, float, str]:
    try:
        return 0, float(value), value
    except ValueError:
        return 1, 0.0, value
