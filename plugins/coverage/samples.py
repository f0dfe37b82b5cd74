# SPDX-License-Identifier: Apache-2.0
"""The two sets of points, the classes of the real ones, and pictures of those that stand out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.coverage.neighbours import Float32, Int64, flat, unit_rows
from plugins.coverage.ways import carried, draw, to_comparison, way, with_prior

if TYPE_CHECKING:
    import pandas as pd

    from plugins.coverage.analysis import Coverage
    from plugins.coverage.trials import Tables, Trials

FEWEST_CLASSES, MOST_CLASSES = 2, 40
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Samples:
    """Real points and generated ones, where they are compared and as they are shown.

    Attributes
    ----------
    real, generated : float32 ``[n, d]`` in the space of the comparison
    shown, made : float32 ``[n, ...]``, the same points in the space that the data is in
    rows : int64 ``[n]``, rows of the data
    columns : of these rows
    space : that of ``shown``; ``where`` is the name of that of the comparison, ``metric`` its metric
    source : name of the data
    prior : the space that was drawn from
    """

    real: Float32
    generated: Float32
    shown: Float32
    made: Float32
    rows: Int64
    columns: pd.DataFrame
    space: wb.Space
    where: str
    metric: str
    source: str
    prior: str


@dataclass(frozen=True)
class Labels:
    """Classes of the real points: column, names, and int64 ``[n]`` codes (-1: none)."""

    column: str
    names: tuple[str, ...]
    codes: Int64


@dataclass(frozen=True)
class Pictures:
    """Positions of what stands out, and pictures of it, uint8 ``[m, height, width, channels]`` where there are any.

    Attributes
    ----------
    missed, off : positions among the real and among the generated points, the farthest first
    missed_pictures, missed_nearest : of real points that are not covered, and of the generated ones nearest to them
    off_pictures, off_nearest : of generated points off the data, and of the real ones nearest to them
    """

    missed: Int64
    off: Int64
    missed_pictures: Pixels | None
    missed_nearest: Pixels | None
    off_pictures: Pixels | None
    off_nearest: Pixels | None


def samples_of(job: wb.Job, params: Coverage.Params, fewest: int) -> Samples:
    """Rows of the data and as many decoded draws.

    Raises
    ------
    DoesNotApply
        When the map does not start at a prior, or the run has no data of the kind that the map makes.
    DataError
        With fewer than ``fewest`` rows.
    ParameterError
        When decoded draws cannot be taken to the space of the comparison.
    """
    model = job.model
    made_by = model.maps[params.generate]
    found = way(model.maps, with_prior(model.spaces), made_by.source.name)
    if found is None:
        raise wb.DoesNotApply(
            f"'{params.generate}' starts at '{made_by.source.name}', which has no prior and is reached from none: "
            "there is nothing to draw"
        )
    start, before = found
    end = made_by.target.name
    real = job.points(end, limit=params.limit)
    if job.data is None or real.source == "prior":
        raise wb.DoesNotApply(f"no real points of '{end}' to compare with: name a data set that fits it")
    if len(real) < fewest:
        raise wb.DataError(
            f"at least {fewest} real points of '{end}' are needed, got {len(real)}: take another data set or slice"
        )
    made = carried(job, draw(job, model.spaces[start], len(real), params.truncation), (*before, params.generate))
    shown = np.asarray(real.values, dtype=np.float32)
    if shown.shape[1:] != made.shape[1:]:
        raise wb.DataError(
            f"the data has points of shape {list(shown.shape[1:])}, '{params.generate}' makes {list(made.shape[1:])}"
        )
    names, layer, metric = to_comparison(job, end, params.compare_in, shown[:2])
    here, there = (_as_compared(carried(job, one, names, layer), metric) for one in (shown, made))
    return Samples(
        here, there, shown, made, np.asarray(real.rows, dtype=np.int64), real.columns, made_by.target,
        params.compare_in or end, metric, real.source, start,
    )  # fmt: skip


def _as_compared(values: Float32, metric: str) -> Float32:
    return unit_rows(values) if metric == "cosine" else np.asarray(flat(values), dtype=np.float32)


def labels_of(columns: pd.DataFrame, wanted: str | None) -> tuple[Labels | None, list[str]]:
    """The classes, and notes on what was left out.

    Raises
    ------
    ParameterError
        When the column asked for has too many values.
    """
    name = wanted
    if name is None:
        name = next((str(one) for one in columns if FEWEST_CLASSES <= columns[one].nunique() <= MOST_CLASSES), None)
        if name is None:
            return None, []
    count = columns[name].nunique()
    if count > MOST_CLASSES:
        raise wb.ParameterError(
            f"'label' = '{name}' has {count:,} values in the sample: choose a column with at most {MOST_CLASSES}"
        )
    values = columns[name].astype("category").cat.remove_unused_categories()
    codes = np.array(values.cat.codes, dtype=np.int64)
    names = tuple(str(one) for one in values.cat.categories)
    notes = [f"{int((codes < 0).sum()):,} real points have no {name}."] if (codes < 0).any() else []
    return Labels(name, names, codes), notes


def pictures_of(both: Samples, tables: Tables, found: Trials, most: int) -> Pictures:
    """The real points farthest from any draw, and the draws farthest from any real point; only those in no ball."""
    missed = _farthest(found.real_ratio, most)
    off = _farthest(found.generated_ratio, most)
    if not isinstance(both.space, wb.Images):
        return Pictures(missed, off, None, None, None, None)
    near = tables.between[missed].argmin(axis=1) if len(missed) else missed
    back = tables.between[:, off].argmin(axis=0) if len(off) else off
    drawn = [
        pixels(values[chosen], both.space) if len(chosen) else None
        for values, chosen in ((both.shown, missed), (both.made, near), (both.made, off), (both.shown, back))
    ]
    return Pictures(missed, off, *drawn)


def _farthest(ratio: Any, most: int) -> Int64:
    value = np.where(np.isnan(ratio), -np.inf, ratio)
    order = np.argsort(-value, kind="stable")[:most].astype(np.int64)
    return order[value[order] > 1]


def pixels(batch: Any, space: wb.Images) -> Pixels:
    """Images ``[n, channels, height, width]`` as uint8 ``[n, height, width, 1 or 3]``."""
    scaled = (np.asarray(batch, dtype=np.float32) - space.low) / (space.high - space.low)
    drawn = np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return np.asarray(drawn[..., :3] if drawn.shape[3] >= 3 else drawn[..., :1])
