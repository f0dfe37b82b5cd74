# SPDX-License-Identifier: Apache-2.0
"""Codes of the data, with the spread of the posterior where the encoder gives one, and draws from the prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.coverage.neighbours import Float32, Int64, flat, unit_rows
from plugins.coverage.ways import BATCH, draw

if TYPE_CHECKING:
    from plugins.latent_holes.analysis import LatentHoles


ROUNDING = 1e-6  # of the largest number


@dataclass(frozen=True)
class Codes:
    """Codes of rows of the data.

    Attributes
    ----------
    means, spread : float32 ``[n, d]``, mean and standard deviation of the posterior (``None`` without one)
    rows : int64 ``[n]``, rows of the data
    draw : gives so many fresh draws from the prior, float32 ``[m, d]``
    space, source, metric : of the codes; name of the data; "euclidean" or "cosine" (all points at length 1)
    """

    means: Float32
    spread: Float32 | None
    rows: Int64
    draw: Callable[[int], Float32]
    space: wb.Space
    encoded: wb.Space
    source: str
    metric: str

    def sample(self, rng: np.random.Generator) -> Float32:
        """One sample of the posterior of each row (independent normal axes); the means without a spread."""
        if self.spread is None:
            return self.means
        noise = rng.standard_normal(self.means.shape, dtype=np.float32)
        return _placed(self.means + self.spread * noise, self.metric)


def codes_of(job: wb.Job, params: LatentHoles.Params, fewest: int, *, collapsed: bool = False) -> Codes:
    """Codes by the map that was picked; with ``collapsed`` means that are all one point will do.

    Raises
    ------
    DoesNotApply
        When the codes have no prior, or the run has no data that leads to the map.
    DataError
        With fewer than ``fewest`` rows, or codes that are all one point.
    """
    encode = job.model.maps[params.encode]
    space: Any = encode.target
    if getattr(space, "prior", None) is None:
        raise wb.DoesNotApply(
            f"'{params.encode}' leads to '{space.name}', which has no prior to compare the codes with"
        )
    start = encode.source.name
    sample = job.points(start, limit=params.limit)
    if job.data is None or sample.source == "prior":
        raise wb.DoesNotApply(f"no data gives points of '{start}' to encode: name a data set that fits the model")
    if len(sample) < fewest:
        raise wb.DataError(
            f"at least {fewest} codes are needed, and there are {len(sample)} points of '{start}': take another data "
            "set or slice"
        )
    means, spread = _encoded(job, encode, sample.values)
    if not collapsed and _one_point(means):
        raise wb.DataError(
            f"all {len(means):,} codes of '{params.encode}' are one point, so that there is nothing between them to "
            "call a hole: the code has collapsed, or the data holds one point many times; run latent-health, which "
            "says which, or take other data"
        )
    metric = str(space.metric)
    return Codes(
        means=_placed(means, metric),
        spread=spread,
        rows=np.asarray(sample.rows, dtype=np.int64),
        draw=lambda count: _placed(draw(job, space, count), metric),
        space=space,
        encoded=encode.source,
        source=sample.source,
        metric=metric,
    )


def _one_point(means: Float32) -> bool:
    """Whether posterior means ``[n, ...]`` are equal but for rounding, which batches do in their own ways."""
    span = float((means.max(axis=0) - means.min(axis=0)).max())
    return span <= ROUNDING * max(1.0, float(np.abs(means).max()))


def _placed(values: Float32, metric: str) -> Float32:
    return unit_rows(values) if metric == "cosine" else np.asarray(flat(values), dtype=np.float32)


def _encoded(job: wb.Job, encode: wb.Map[Any, Any], values: Any) -> tuple[Float32, Float32 | None]:
    import torch

    means, spreads = [], []
    for at in range(0, len(values), BATCH):
        batch = torch.from_numpy(np.array(values[at : at + BATCH], dtype=np.float32)).to(job.device)
        with torch.no_grad():
            mean, spread = encode.point_and_spread(batch)
        means.append(mean.float().cpu().numpy())
        if spread is not None:
            spreads.append(spread.float().cpu().numpy())
    return np.concatenate(means), np.concatenate(spreads) if spreads else None
