# SPDX-License-Identifier: Apache-2.0
"""The points that a run looked at, in their own space, and pictures of any points of such a space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from registry.errors import DoesNotApply
from registry.spaces import Images
from workbench.app import engine
from workbench.app.parts import contact_sheet, pictures, provenance

if TYPE_CHECKING:
    from registry.arrays import Array
    from registry.data import Dataset
    from registry.spaces import Space
    from workbench.store import RunRecord, StoredResult

#: Name of the array in which an analysis keeps the points of its space, in the order of its rows.
KEPT = "points"


def width(run: RunRecord, result: StoredResult) -> int:
    """Numbers of one point; raises :class:`DoesNotApply` when the points cannot be had."""
    if KEPT in result.arrays:
        return int(result.array(KEPT).shape[1])
    _check_same(run, result)
    opened = _dataset(run)
    return int(np.prod([one or 1 for one in opened.space.row_shape or (0,)]))


def values(run: RunRecord, result: StoredResult, positions: Any) -> Array:
    """Points at these places of the run's sample, float32 ``[m, d]``: as kept in its result, or rows of its data.

    Raises
    ------
    DoesNotApply
        When the result holds none and they are not rows of a data set (they would have to be computed again).
    """
    chosen = np.asarray(positions, dtype=np.int64)
    if KEPT in result.arrays:
        return np.asarray(result.array(KEPT)[chosen], dtype=np.float32)
    _check_same(run, result)
    batch = _dataset(run).batch(np.asarray(result.array("rows"))[chosen])
    return np.asarray(batch, dtype=np.float32).reshape(len(chosen), -1)


def _check_same(run: RunRecord, result: StoredResult) -> None:
    if told := provenance.changed(run, result):
        raise DoesNotApply(told)


def _dataset(run: RunRecord) -> Dataset:
    """The data whose rows are themselves the points of the run's space."""
    name = run.points or run.data
    space = str(run.params.get("space"))
    if name is None:
        raise DoesNotApply("this run did not keep its points: run it again, with fewer points if they are many")
    from workbench.app import subjects

    opened = subjects.opened(name)
    if run.model is None:
        return opened.dataset
    from workbench.data import fit
    from workbench.runs.datasets import starts_at

    start = starts_at(subjects.describe(run.model), opened.dataset)
    if start is None or start.name != space:
        raise DoesNotApply(
            f"this run did not keep its points of {space}: run it again, with fewer points if they are many"
        )
    return fit(opened.dataset, start)


def space_of(run: RunRecord) -> Space:
    """The space that the run looked at; raises :class:`DoesNotApply` when it is not known any more."""
    from workbench.app import subjects

    name = str(run.params.get("space"))
    if run.model is None:
        return _dataset(run).space
    description = subjects.describe(run.model)
    found = description.spaces.get(name) or description.layers.get(name)
    if found is None:
        raise DoesNotApply(f"{run.model} has no space {name} any more")
    return found


def check_decoding(run: RunRecord) -> None:
    """Raise :class:`DoesNotApply` when no chain of maps leads from the run's space to pictures."""
    space = space_of(run)
    if isinstance(space, Images):
        return
    if run.model is None:
        raise DoesNotApply("there is no model that could decode these points")
    from workbench.app import subjects

    if not pictures.routes(subjects.describe(run.model), space.name):
        raise DoesNotApply(f"no chain of maps of {run.model} leads from {space.name} to pictures")


def decoded(run: RunRecord, points: Any) -> list[contact_sheet.Pixels]:
    """Pictures of any points ``[m, d]`` of the run's space: the points themselves, or decoded by the live model.

    Raises
    ------
    DoesNotApply
        As :func:`check_decoding`.
    ModelError
        When the model fails.
    """
    check_decoding(run)
    space, given = space_of(run), np.asarray(points, dtype=np.float32)
    if isinstance(space, Images):
        if space.height is None or space.width is None:
            raise DoesNotApply(f"pictures of {space.name} come in several sizes, so a vector is none of them")
        shaped = given.reshape(len(given), space.channels, space.height, space.width)
        return list(contact_sheet.to_pixels(shaped, space))
    from workbench.app import subjects

    assert run.model is not None
    description = subjects.describe(run.model)
    route = pictures.routes(description, space.name)[0]
    live = engine.live(run.model)
    batch: Any = given
    for name in route.maps:
        batch = live.apply(name, batch)
    target = description.spaces[description.maps[route.maps[-1]].target]
    assert isinstance(target, Images)
    return list(contact_sheet.to_pixels(batch, target))
