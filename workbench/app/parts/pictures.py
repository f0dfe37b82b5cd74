# SPDX-License-Identifier: Apache-2.0
"""Pictures of points: rows as their data set draws them, or draws from a prior decoded by the model's warm process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.errors import DataError, DoesNotApply, WorkbenchError
from registry.spaces import Images
from workbench.app import engine
from workbench.app.parts import contact_sheet

if TYPE_CHECKING:
    from registry.arrays import Array
    from workbench.points import Description
    from workbench.store import RunRecord, StoredResult


@dataclass(frozen=True)
class PictureRoute:
    """A way from a prior to pictures: the space that is sampled, and the maps that are applied in turn."""

    space: str
    maps: tuple[str, ...]

    @property
    def label(self) -> str:
        """The route as it is read."""
        return " → ".join((self.space, *self.maps))


def routes(description: Description, start: str | None = None) -> list[PictureRoute]:
    """The shortest chain of maps to images from each space that has a prior (or from ``start`` alone)."""
    starts = (
        [start]
        if start is not None
        else [name for name, one in description.spaces.items() if getattr(one, "prior", None) is not None]
    )
    found = []
    for one in starts:
        chain = _shortest(description, one)
        if chain:
            found.append(PictureRoute(one, chain))
    return found


def _shortest(description: Description, start: str) -> tuple[str, ...]:
    """Breadth first from ``start``; the maps of the first way to images, or none."""
    ways: list[tuple[str, tuple[str, ...]]] = [(start, ())]
    seen = {start}
    for space, maps in ways:
        if maps and isinstance(description.spaces[space], Images):
            return maps
        for name, one in description.maps.items():
            if one.source == space and one.target not in seen:
                seen.add(one.target)
                ways.append((one.target, (*maps, name)))
    return ()


def from_prior(
    model: str,
    description: Description,
    route: PictureRoute,
    rows: Array,
    seed: int,
    conditions: Mapping[str, Any] | None = None,
) -> list[contact_sheet.Pixels]:
    """Draws ``rows`` of the prior under ``seed``, mapped to pictures; ``conditions`` are those of the last map."""
    live = engine.live(model)
    batch = live.sample(route.space, rows, seed)
    for name in route.maps[:-1]:
        batch = live.apply(name, batch)
    batch = live.apply(route.maps[-1], batch, **dict(conditions or {}))
    space = description.spaces[description.maps[route.maps[-1]].target]
    assert isinstance(space, Images)
    return list(contact_sheet.to_pixels(batch, space))


def of_data(name: str, rows: Array) -> list[contact_sheet.Pixels]:
    """Rows of a data set as it draws them, uint8 ``[height, width, 1 or 3]``.

    Raises
    ------
    DoesNotApply
        When its rows have no pictures.
    DataError
        When the data set fails at drawing them, or draws something else.
    """
    opened = engine.dataset(name)
    if not opened.has_pictures:
        raise DoesNotApply(f"the rows of {name} have no pictures, so there are none to show")
    try:
        return list(opened.checked_pictures(np.asarray(rows, dtype=np.int64)))
    except DoesNotApply as error:
        raise DoesNotApply(f"data set {name}: {error}") from error
    except WorkbenchError as error:
        raise DataError(f"The data set '{name}' could not draw its rows: {error}") from error


def source_of(run: RunRecord, result: StoredResult) -> str | None:
    """The data set that the rows of a run are rows of; ``None`` for draws from a prior and bare points.

    A run can name data and yet look at draws: at a space to which no map leads from the data. Of data that has changed
    since the run no row is a row of the run any more.
    """
    from workbench.app.parts import provenance

    return None if provenance.changed(run, result) else provenance.data_of(run, result)


def check(run: RunRecord, result: StoredResult) -> None:
    """Raise :class:`DoesNotApply` when the points of a run have no pictures, or their data is not what it was."""
    from workbench.app.parts import provenance

    if told := provenance.changed(run, result):
        raise DoesNotApply(told)
    data = source_of(run, result)
    if data is not None:
        if not engine.dataset(data).has_pictures:
            raise DoesNotApply(f"the rows of {data} have no pictures, so there are none to show")
    elif run.model is None:
        raise DoesNotApply("these are bare points: there is no data set or model that has pictures of them")


def of_rows(run: RunRecord, result: StoredResult, rows: Array) -> list[contact_sheet.Pixels]:
    """Pictures of the run's points ``rows``, uint8 ``[height, width, channels]``; see :func:`check` for its error."""
    check(run, result)
    data = source_of(run, result)
    if data is not None:
        return of_data(data, rows)
    from workbench.app import subjects

    assert run.model is not None
    description = subjects.describe(run.model)
    from workbench.runs import slice_source
    from workbench.runs.draws import read_draws

    drawn = read_draws(slice_source(run, result) or "")
    start = drawn.space if drawn is not None else _sampled(description, run.params.get("space"))
    found = routes(description, start)
    if not found:
        raise DoesNotApply(f"no chain of maps of {run.model} leads from these points to images")
    return from_prior(run.model, description, found[0], rows, drawn.seed if drawn is not None else run.seed)


def _sampled(description: Description, space: Any) -> str | None:
    """The space whose prior was sampled for points of ``space``: itself, or the first that has a prior."""
    if getattr(description.spaces.get(str(space)), "prior", None) is not None:
        return str(space)
    return next((name for name, one in description.spaces.items() if getattr(one, "prior", None) is not None), None)
