# SPDX-License-Identifier: Apache-2.0
"""All that is measured on codes of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.coverage.neighbours import Float64, flat
from plugins.latent_health.aggregate import Shift, shift_of
from plugins.latent_health.ground import Ground, data_of
from plugins.latent_health.norms import Norms, norms_of
from plugins.latent_health.posterior import Axes, Information, axes_of, mutual_information
from plugins.latent_holes.analysis import LatentHoles
from plugins.latent_holes.codes import Codes, codes_of
from plugins.latent_holes.shares import Shares, measure

if TYPE_CHECKING:
    from plugins.latent_health.analysis import LatentHealth


@dataclass(frozen=True)
class Encoded:
    """Measured on codes; parts without what they need are ``None``.

    Attributes
    ----------
    codes : rows with means and spread
    axes : numbers of each axis
    information : bounds of the mutual information
    means, samples : shares of the prior far from posterior means, and from samples of the posterior
    shift : of the aggregated posterior from the prior
    norms : of means, samples and draws
    """

    codes: Codes
    axes: Axes
    information: Information | None
    means: Shares
    samples: Shares | None
    shift: Shift
    norms: tuple[Norms, ...]

    @property
    def what(self) -> str:
        """What stands for the aggregated posterior."""
        return "posterior samples" if self.samples is not None else "codes of the data"

    @property
    def shares(self) -> Shares:
        """Shares of the prior far from it."""
        return self.samples if self.samples is not None else self.means


def encoded_of(
    job: wb.Job, ground: Ground, params: LatentHealth.Params, progress: Callable[[float], None]
) -> Encoded | None:
    """Everything about codes; ``None``, with a note, where there are none.

    Raises
    ------
    DataError
        With fewer than 20 rows, NaN or infinity among codes or deviations, or a deviation below 0.
    """
    from plugins.latent_health.analysis import FEWEST

    if ground.encode is None:
        ground.notes.append(
            f"No map leads to '{ground.space.name}' (there is no encoder): divergences, active axes and the fit of the "
            "prior to the data are left out."
        )
        return None
    start = job.model.maps[ground.encode].source
    if not data_of(job, start):
        ground.notes.append(
            f"The run has no data of '{start.name}' to encode: everything about codes of it is left out."
        )
        return None
    taken = LatentHoles.Params.read({"encode": ground.encode, "limit": params.limit})
    codes = codes_of(job, taken, FEWEST, collapsed=True)  # a collapse is what this analysis is to say
    if codes.metric == "cosine" and codes.spread is not None:
        ground.notes.append("Codes are compared by angle alone: the spread of the posterior is left out.")
        codes = replace(codes, spread=None)
    means, spread = _standardised(codes, ground)
    progress(0.2)
    axes = axes_of(means, spread, ground.normal, params.threshold, job.rng)
    _note_kl(ground, codes, axes)
    information = None
    if spread is not None and (spread > 0).all():
        information = mutual_information(means, spread, job.rng)
    progress(0.4)
    sizes = params.quantile, params.trials
    of_means = measure(lambda: codes.means, codes.draw, *sizes, job.rng)
    progress(0.6)
    of_samples = None if spread is None else measure(lambda: codes.sample(job.rng), codes.draw, *sizes, job.rng)
    progress(0.8)
    shift = shift_of(
        lambda: codes.sample(job.rng), codes.draw, ground.standardised, params.trials, params.permutations, job.rng
    )
    return Encoded(codes, axes, information, of_means, of_samples, shift, _norms(job, codes, ground, means, spread))


def _standardised(codes: Codes, ground: Ground) -> tuple[Float64, Float64 | None]:
    means = ground.standardised(codes.means)
    if codes.spread is None:
        ground.notes.append(
            f"'{ground.encode}' gives points without a spread: divergences, mutual information and collapsed rows are "
            "left out, and the codes themselves are set against the prior."
        )
        return means, None
    spread = codes.spread.reshape(len(codes.spread), -1).astype(np.float64)
    if not np.isfinite(spread).all() or (spread < 0).any():
        bad = int((~np.isfinite(spread) | (spread < 0)).any(axis=1).sum())
        raise wb.DataError(
            f"'{ground.encode}' gave a deviation that is no number from 0 up in {bad} of {len(spread)} rows"
        )
    return means, spread / np.where(ground.std > 0, ground.std, 1.0)


def _note_kl(ground: Ground, codes: Codes, axes: Axes) -> None:
    n, d = codes.means.shape
    if codes.spread is not None and not ground.normal:
        ground.notes.append(
            f"The prior of '{ground.space.name}' is not normal: divergences have no closed form and are left out."
        )
    if axes.kl is not None and np.isnan(axes.kl.value).any():
        ground.notes.append(
            f"On {int(np.isnan(axes.kl.value).sum())} axes a posterior has no spread: its divergence is infinite, and "
            "left out."
        )
    if n <= d:
        ground.notes.append(
            f"{n:,} rows and {d:,} axes: the covariance of the codes has no full rank, so that its shift is large by "
            "chance. Compare it with its control only."
        )


def _norms(job: wb.Job, codes: Codes, ground: Ground, means: Float64, spread: Float64 | None) -> tuple[Norms, ...]:
    if not ground.normal or codes.metric == "cosine":
        ground.notes.append(
            f"'{ground.space.name}' has no normal prior, or compares by angle alone: there is no shell."
        )
        return ()
    drawn = norms_of("draws", ground.standardised(codes.draw(_controls(ground))))
    if spread is None:
        return norms_of("codes", means), drawn
    sampled = ground.standardised(codes.sample(job.rng))
    return norms_of("posterior means", means), norms_of("posterior samples", sampled), drawn


def _controls(ground: Ground) -> int:
    """Draws whose norms are the control: many, for they cost little, and fewer where there are very many axes."""
    return max(1000, min(20_000, 20_000_000 // ground.size))


def loose_norms(job: wb.Job, ground: Ground, params: LatentHealth.Params) -> tuple[Norms, ...]:
    """Where no encoder was used: norms of the run's own codes, if its data is codes, and of draws from the prior."""
    if not ground.normal:
        return ()
    drawn = norms_of("draws", ground.standardised(ground.draw(_controls(ground))))
    if not data_of(job, ground.space):
        return (drawn,)
    codes = job.points(ground.space.name, limit=params.limit)
    return norms_of("codes", ground.standardised(flat(codes.values))), drawn
