# SPDX-License-Identifier: Apache-2.0
"""The analysis: codes with known factors, every score on the active axes, controls, intervals, and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

import workbench as wb
from plugins.disentanglement.factors import NO_FACTORS, Factors, factors_of, names_in
from plugins.disentanglement.information import Float64, Int64
from plugins.disentanglement.measuring import Counts, Settings, Trials, trials, whole
from registry.parameters import Subject
from registry.priors import Normal


@dataclass(frozen=True)
class Sample:
    """Codes with their factors.

    Attributes
    ----------
    codes : float64 ``[n, d]`` of all axes, rows that have every factor
    active : int64, the axes that vary enough, in order; ``dropped`` those beyond the most that were asked for
    threshold : the variance that an active axis has at least
    points : what they are of
    """

    codes: Float64
    factors: Factors
    active: Int64
    dropped: Int64
    threshold: float
    points: wb.Points


class Disentanglement(wb.Analysis):
    """Which latent axis holds which known factor of the data, and does each hold one only?

    Takes codes of data whose factors (shape, scale, place ...) are known as columns, and measures how axes and
    factors go together: mutual information, importance for prediction, and the scores MIG, DCI, SAP, modularity, IRS,
    FactorVAE, beta-VAE and explicitness. Axes that do not vary are left out. Beside every score stand the same codes
    under random rotations, which hold the same information in no particular axes, and the same codes with the factors
    of other points.
    """

    name = "disentanglement"
    title = "Disentanglement"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("disentanglement", "factors", "autoencoder")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """The codes, the factors, and how much is computed."""

        space: wb.Pick[wb.Vectors] = Field(description="The codes: a latent space, or a layer.")
        factors: str = Field("", description="Columns that are factors, between commas; empty: all that look like one.")
        categories: str = Field("", description="Columns of numbers that are categories (numbers of persons, say).")
        limit: int = Field(4000, ge=100, le=100_000, description="Most points taken, at random.")
        active: float = Field(
            0.01, ge=0, description="Least variance of an active axis, as a share of the prior's (or of the largest)."
        )
        axes: int = Field(64, ge=2, le=512, description="Most axes taken, those that vary most.")
        bins: int = Field(20, ge=2, le=200, description="Bins of an axis, for mutual information.")
        binning: Literal["range", "quantile"] = Field(
            "range", description="Bins of equal widths, as the papers have it, or of equal counts."
        )
        learner: Literal["boosted", "forest"] = Field(
            "boosted",
            description="What DCI learns with: gradient boosted trees as in the original, or a random forest.",
        )
        trees: int = Field(20, ge=5, le=1000, description="Trees for each factor (the original code has 100).")
        learned: int = Field(2000, ge=100, le=50_000, description="Points that DCI learns from and is tested on.")
        rotations: int = Field(39, ge=0, le=999, description="Random rotations for the quick scores.")
        slow_rotations: int = Field(3, ge=0, le=100, description="Of these, how many also for the scores that learn.")
        halves: int = Field(6, ge=0, le=100, description="Random halves of the points, for the intervals.")
        steps: int = Field(9, ge=3, le=21, description="Pictures along an axis.")

    @classmethod
    def missing(cls, subject: Subject) -> list[str]:
        """What the subject lacks; a data set with two columns of factors among it."""
        lacking = super().missing(subject)
        if len([one for one in subject.columns if one not in NO_FACTORS]) < 2:
            lacking.append("it needs data with at least two columns of known factors")
        return lacking

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Measure, everything random under the seed of the run."""
        from plugins.disentanglement.results import result_of
        from plugins.disentanglement.traversals import traversals_of

        job.progress(0.0, "points")
        sample = sample_of(job, params)
        settings = Settings(
            params.bins, params.binning, params.learner, params.trees, params.learned, seed=int(job.rng.integers(2**31))
        )
        job.progress(0.1, "scores")
        codes = sample.codes[:, sample.active]
        found = whole(codes, sample.factors, settings)
        tried = self._trials(job, codes, sample.factors, settings, params)
        pictures = traversals_of(job, params.space, sample, found, params.steps)
        job.progress(1.0, "done")
        return result_of(sample, found, tried, pictures, params)

    def _trials(
        self, job: wb.Job, codes: Float64, factors: Factors, settings: Settings, params: Params
    ) -> Trials | None:
        """Intervals and controls; ``None`` without an active axis, where there is nothing to vary."""
        if codes.shape[1] == 0:
            return None
        counts = Counts(params.halves, params.rotations, min(params.slow_rotations, params.rotations))
        return trials(
            codes, factors, settings, counts, job.rng, lambda done, stage: job.progress(0.2 + 0.7 * done, stage)
        )


def sample_of(job: wb.Job, params: Disentanglement.Params) -> Sample:
    """The codes and factors of the run.

    Raises
    ------
    DataError
        When there are no factors, or codes that are no numbers.
    """
    points = job.points(params.space, limit=params.limit)
    if not len(points.columns.columns):
        raise wb.DataError(
            f"the points of {params.space} are {points.source}, without columns: disentanglement is measured against "
            "known factors, so name a data set that has them"
        )
    codes = points.flat().astype(np.float64)
    bad = ~np.isfinite(codes).all(axis=1)
    if bad.any():
        raise wb.DataError(
            f"{int(bad.sum()):,} of {len(codes):,} codes in {params.space} hold NaN or infinite numbers, the first "
            f"that of row {int(points.rows[bad.argmax()])}: mend the model, or take a slice without these rows"
        )
    factors = factors_of(points.columns, names_in(params.factors), names_in(params.categories))
    codes = codes[factors.kept]
    variance = codes.var(axis=0)
    threshold = params.active * _scale(points.space, variance)
    active = np.flatnonzero((variance >= threshold) & (np.ptp(codes, axis=0) > 0))
    most = np.sort(active[np.argsort(-variance[active], kind="stable")[: params.axes]])
    return Sample(codes, factors, most, np.setdiff1d(active, most), threshold, points)


def _scale(space: wb.Space, variance: Float64) -> float:
    """The variance that activity is a share of: that of a normal prior, else the largest among the axes."""
    prior = getattr(space, "prior", None)
    if isinstance(prior, Normal):
        return float(np.mean(np.square(prior.std)))
    return float(variance.max(initial=0.0))
