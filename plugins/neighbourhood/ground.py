# SPDX-License-Identifier: Apache-2.0
"""The points that neighbourhoods are measured of: their names, their frequency, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb

if TYPE_CHECKING:
    from plugins.neighbourhood.analysis import Neighbourhood

    Params = Neighbourhood.Params

VOCABULARY: Final = 1000  # items from which an order of frequency is taken for granted
NAMED: Final = ("name", "item", "word", "text", "caption", "title")
LONGEST: Final = 60


@dataclass(frozen=True)
class Ground:
    """Distinct points with what is known of them.

    Attributes
    ----------
    space, source : names of the space and of what the points come from
    points : float32 ``[n, d]``; distinct, and none of length 0 where angles are compared
    rows : int64 ``[n]``, rows of the data, items or draws
    metric : how near two points are
    names : by point
    frequency : float64 ``[n]``, the larger the more frequent; ``None`` where nothing is known
    notes : what was left out
    """

    space: str
    source: str
    points: NDArray[np.float32]
    rows: NDArray[np.int64]
    metric: Literal["cosine", "euclidean"]
    names: list[str]
    frequency: NDArray[np.float64] | None
    ordered: bool
    notes: list[str] = field(default_factory=list)


def space_of(job: wb.Job, asked: str | None) -> str:
    """The space that was asked for, else the first space of vectors that is no layer, else that of the data.

    Raises
    ------
    DoesNotApply
        When the model has no space of vectors, or the data holds none.
    """
    if asked is not None:
        return asked
    try:
        spaces = job.model.spaces
    except wb.DoesNotApply:
        return _of_data(job)
    for name, one in spaces.items():
        if isinstance(one, wb.Vectors) and not isinstance(one, wb.Layer):
            return name
    raise wb.DoesNotApply("the model has no space of vectors of its own: name a layer with 'space'")


def _of_data(job: wb.Job) -> str:
    if job.data is None or not isinstance(job.data.space, wb.Vectors):
        raise wb.DoesNotApply("the data holds no vectors: name a model whose maps take it to a space of vectors")
    return job.data.space.name or "points"


def ground_of(job: wb.Job, params: Params, fewest: int) -> Ground:
    """The points of a run, copies and points without a direction left out.

    Raises
    ------
    DataError
        When fewer than ``fewest`` different points are left, or fewer than twice the neighbours.
    """
    from plugins.layers.distances import first_of_equals

    space = space_of(job, params.space)
    sample = job.points(space, limit=params.limit)
    flat = np.asarray(sample.flat(), dtype=np.float32)
    metric: Literal["cosine", "euclidean"] = (
        params.metric if params.metric != "auto" else "cosine" if _metric(sample.space) == "cosine" else "euclidean"
    )
    notes = []
    kept = np.sort(first_of_equals(flat))
    if len(kept) < len(flat):
        notes.append(f"{len(flat) - len(kept):,} points that equal another one were left out.")
    if metric == "cosine":
        long = np.linalg.norm(flat[kept].astype(np.float64), axis=1) > 0
        if not long.all():
            notes.append(f"{int((~long).sum()):,} points of length 0 were left out: they have no direction.")
        kept = kept[long]
    if len(kept) < max(fewest, 2 * params.neighbours):
        raise wb.DataError(
            f"at least {max(fewest, 2 * params.neighbours)} different points of '{space}' are needed, got {len(kept)}: "
            "take more points, fewer neighbours or another space"
        )
    rows = np.asarray(sample.rows)[kept]
    columns = sample.columns.iloc[kept]
    frequency, ordered = _frequency(params, columns, sample, rows)
    return Ground(space, sample.source, flat[kept], rows, metric, _names(columns, rows, sample.source),
                  frequency, ordered, notes)  # fmt: skip


def _metric(space: Any) -> str:
    return str(getattr(space, "metric", "euclidean"))


def _frequency(params: Params, columns: Any, sample: wb.Points, rows: Any) -> tuple[NDArray[np.float64] | None, bool]:
    """How frequent each point is, and whether that is by the order of the items."""
    import pandas as pd

    if params.counts is not None:
        counts = pd.to_numeric(columns[params.counts], errors="coerce").to_numpy(dtype=np.float64)
        if not np.isfinite(counts).all():
            raise wb.DataError(f"the column '{params.counts}' has rows without a number: choose one of counts")
        return counts, False
    if params.frequency == "order" or (
        params.frequency == "auto" and sample.source == "items" and _vocabulary(sample) >= VOCABULARY
    ):
        return -rows.astype(np.float64), True
    return None, False


def _vocabulary(sample: wb.Points) -> int:
    """How many items there are, as far as the sample tells."""
    return int(np.asarray(sample.rows).max()) + 1


def _names(columns: Any, rows: Any, source: str) -> list[str]:
    """What each point is called: by the first column that names, else by its row."""
    for one in NAMED:
        if one in columns:
            return [str(each)[:LONGEST] for each in columns[one]]
    what = "draw" if source == "prior" else "row"
    return [f"{what} {one}" for one in rows]
