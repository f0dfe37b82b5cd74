# SPDX-License-Identifier: Apache-2.0
"""All that is measured on decoded draws: what axes change, repeats, missing parts of the data, copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.coverage.neighbours import Float32, Float64, Int64, distances, flat, square, unit_rows
from plugins.coverage.samples import Labels, Pixels, labels_of, pixels
from plugins.coverage.trials import Tables, Trials
from plugins.coverage.trials import measure as measure_cover
from plugins.coverage.ways import carried
from plugins.latent_health.duplicates import Duplicates, duplicates_of, nearest_of
from plugins.latent_health.effects import Effects, effects_of
from plugins.latent_health.ground import Ground, data_of
from plugins.latent_health.memorising import FEWEST as FEWEST_HELD_OUT
from plugins.latent_health.memorising import Memorised, memorised

if TYPE_CHECKING:
    from plugins.latent_health.analysis import LatentHealth

K = 5  # the neighbour that a ball around a real point reaches
FEWEST_REAL = 40
COPIES = 6  # shown


@dataclass(frozen=True)
class Real:
    """Real points, and what draws are set against: their reconstructions, as smooth as draws, or themselves.

    Attributes
    ----------
    values, reference : float32 ``[n, d]``
    rebuilt : whether the reference is reconstructions
    labels : classes of the rows, if there are any
    unit : median distance of real points
    """

    values: Float32
    reference: Float32
    rebuilt: bool
    labels: Labels | None
    unit: float

    @property
    def what(self) -> str:
        """The reference in words."""
        return "reconstructions of the data" if self.rebuilt else "real points"


@dataclass(frozen=True)
class Drawn:
    """Measured on draws; parts that need data are ``None`` without it.

    Attributes
    ----------
    effects : what each axis changes
    duplicates : near duplicates among draws
    real : what they were set against
    cover : share of the reference with a draw near it
    copies : how near to training samples draws lie
    held_out_is : what stands for new samples, in words
    near : nearest distances of each set by its name, float64 ``[n]``
    pairs, copied : pictures of draws nearest to a training sample, and of these samples
    twins : pictures of the two draws of each of the nearest pairs, ``[p, 2, ...]``
    """

    effects: Effects
    duplicates: Duplicates
    real: Real | None
    cover: Trials | None
    copies: Memorised | None
    held_out_is: str
    near: dict[str, Float64]
    pairs: Pixels | None
    copied: Pixels | None
    twins: Pixels | None


def drawn_of(
    job: wb.Job, ground: Ground, params: LatentHealth.Params, progress: Callable[[float], None]
) -> Drawn | None:
    """Everything about draws; ``None``, with a note, where no map leads from the latent space."""
    if not ground.chain:
        ground.notes.append(
            f"No map leads from '{ground.space.name}' to images or vectors (there is no decoder): everything about "
            "draws is left out."
        )
        return None
    effects = effects_of(job, ground, params.steps)
    progress(0.35)
    codes = ground.draw(params.draws)
    made = carried(job, codes, ground.chain)
    values = _flat(made, ground)
    progress(0.5)
    real = _real(job, ground, params)
    progress(0.6)
    between = square(values)
    near = {"draw to the nearest other draw": nearest_of(between)}
    cover = reference = None
    if real is not None:
        reference = square(real.reference)
        tables = Tables(reference, distances(real.reference, values), between)
        labels = None if real.labels is None else real.labels.codes
        classes = 0 if real.labels is None else len(real.labels.names)
        cover = measure_cover(tables, K, params.trials, labels, classes, job.rng)
        near[f"{'reconstruction' if real.rebuilt else 'real point'} to the nearest other"] = nearest_of(reference)
    unit = 0.0 if real is None else real.unit
    found = duplicates_of(between, reference, _apart(codes), unit, params.trials, job.rng)
    progress(0.8)
    copies, held_out_is, pairs, copied = None, "", None, None
    if real is not None:
        copies, held_out_is, pairs, copied = _copies(job, ground, params, made, values)
    if copies is not None:
        near["draw to the nearest training sample"] = copies.generated
        near[f"{held_out_is} to the nearest training sample"] = copies.held_out
    return Drawn(effects, found, real, cover, copies, held_out_is, near, pairs, copied, _twins(made, between, ground))


def _apart(codes: Any) -> Any:
    return square(np.asarray(flat(codes), dtype=np.float32))


def _flat(values: Any, ground: Ground) -> Float32:
    by_angle = getattr(ground.end, "metric", "euclidean") == "cosine"
    return unit_rows(values) if by_angle else np.asarray(flat(values), dtype=np.float32)


def _real(job: wb.Job, ground: Ground, params: LatentHealth.Params) -> Real | None:
    end = ground.end.name
    if not data_of(job, ground.end):
        ground.notes.append(
            f"No data gives real points of '{end}': near duplicates are told by a tenth of the median distance of "
            "draws, and missing modes and copies of training samples are left out."
        )
        return None
    found = job.points(end, limit=params.draws)
    if len(found) < FEWEST_REAL:
        ground.notes.append(
            f"{len(found)} real points of '{end}' are too few to set draws against ({FEWEST_REAL} are needed)."
        )
        return None
    values = _flat(found.values, ground)
    rebuilt = _rebuilt(job, ground, found.values)
    labels, notes = labels_of(found.columns.reset_index(drop=True), params.label)
    ground.notes += notes
    apart = square(values)
    unit = float(np.median(apart[np.triu_indices(len(apart), 1)]))
    return Real(values, values if rebuilt is None else rebuilt, rebuilt is not None, labels, unit)


def _rebuilt(job: wb.Job, ground: Ground, values: Any) -> Float32 | None:
    """Points encoded and decoded again; ``None`` where no encoder starts where the decoder ends."""
    if ground.encode is None or job.model.maps[ground.encode].source.name != ground.end.name:
        return None
    return _flat(carried(job, values, (ground.encode, *ground.chain)), ground)


def _copies(
    job: wb.Job, ground: Ground, params: LatentHealth.Params, made: Float32, values: Float32
) -> tuple[Memorised | None, str, Pixels | None, Pixels | None]:
    rows, known = _split(job, ground, params)
    if rows is None:
        return None, "", None, None
    train, held = rows
    samples = job.points(ground.end.name, rows=train).values
    fresh = job.points(ground.end.name, rows=held).values
    rebuilt = _rebuilt(job, ground, fresh)
    shown = _flat(fresh, ground) if rebuilt is None else rebuilt
    found = memorised(values, shown, _flat(samples, ground), job.rng)
    words = "held-out sample" if known else "sample of the other half"
    words = words if rebuilt is None else f"{words}, rebuilt,"
    if not isinstance(ground.end, wb.Images):
        return found, words, None, None
    first = np.argsort(found.generated, kind="stable")[:COPIES]
    copied = np.asarray(samples)[found.near[first]]
    return found, words, pixels(made[first], ground.end), pixels(copied, ground.end)


def _split(job: wb.Job, ground: Ground, params: LatentHealth.Params) -> tuple[tuple[Int64, Int64] | None, bool]:
    """Rows of training samples and of held-out ones, and whether that is known."""
    assert job.data is not None  # the caller has real points
    rows = np.asarray(job.rows(ground.end.name), dtype=np.int64)
    columns = job.data.columns
    name = params.split or ("split" if "split" in columns else None)
    if name is None:
        order = job.rng.permutation(rows)
        train, held = np.sort(order[: len(order) // 2]), order[len(order) // 2 :]
        ground.notes.append(
            "No column says which rows the model was trained on: draws are set against a random half of the rows, and "
            "the other half stands for new samples. If the model has seen both, copies of either look alike."
        )
    else:
        trained = columns[name].astype(str).str.lower().str.startswith("train").to_numpy()[rows]
        train, held = rows[trained], rows[~trained]
    train = np.sort(job.rng.permutation(train)[: params.training])
    held = np.sort(job.rng.permutation(held)[: params.draws])
    if not len(train) or len(held) < FEWEST_HELD_OUT:
        ground.notes.append(
            f"{len(train):,} training rows and {len(held):,} held-out rows: copies of training samples are left out "
            f"(at least {FEWEST_HELD_OUT} held-out rows are needed)."
        )
        return None, False
    return (train, held), name is not None


def _twins(made: Float32, between: Float32, ground: Ground) -> Pixels | None:
    """The nearest pairs of draws, each draw once."""
    if not isinstance(ground.end, wb.Images):
        return None
    left = between.copy()
    np.fill_diagonal(left, np.inf)
    found = []
    for _ in range(min(COPIES, len(made) // 2)):
        one, other = np.unravel_index(int(left.argmin()), left.shape)
        found.append((int(one), int(other)))
        for at in found[-1]:
            left[at], left[:, at] = np.inf, np.inf
    drawn = pixels(made[np.array(found).ravel()], ground.end)
    return np.asarray(drawn.reshape(len(found), 2, *drawn.shape[1:]))
