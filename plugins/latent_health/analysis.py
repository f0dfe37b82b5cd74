# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

import workbench as wb
from registry.parameters import Subject

FEWEST = 20  # codes or draws below which nothing is measured


class LatentHealth(wb.Analysis):
    """Is the latent space in use, does the prior fit the codes, and does the model draw new and different things?

    With an encoder that gives a distribution: what each axis carries (divergence from the prior, variance of the
    means, active or collapsed), how much the code tells of the data, and whether all codes together are distributed as
    the prior is (kernel test, moments, holes, the shell). With a decoder: what each axis changes, whether draws repeat,
    whether they miss parts of the data, and whether they are copies of training samples. What a model does not have
    is left out, and a note says so. Beside each number stands what the prior, or the data, gives against itself.
    """

    name = "latent-health"
    title = "Health of the latent space"
    version = "2"
    tags: ClassVar[tuple[str, ...]] = (
        *("active units", "posterior collapse", "KL", "prior", "holes", "mode collapse"),
        *("memorisation", "VAE", "GAN"),
    )
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """With the defaults 2,000 codes and 1,000 decoded draws."""

        space: wb.Pick[wb.Vectors] | None = Field(
            None,
            description="The latent space, with a prior; empty: where the encoder ends, or the first with a prior.",
        )
        encode: wb.Pick[wb.Map[wb.Images | wb.Vectors, wb.Vectors]] | None = Field(
            None, description="The map to the codes; empty: the first that ends at the latent space, if there is one."
        )
        decode: wb.Pick[wb.Map[wb.Vectors, wb.Images | wb.Vectors]] | None = Field(
            None,
            description="The map that makes samples; empty: the first on the shortest way to images, or to vectors.",
        )
        limit: int = Field(2000, ge=FEWEST, le=10_000, description="Most codes, of rows taken at random.")
        threshold: float = Field(
            0.01,
            gt=0,
            le=1,
            description="An axis is active if its means vary more than this, in variances of the prior.",
        )
        epsilon: float = Field(
            0.01, gt=0, le=10, description="Divergence in nats below which an axis tells nothing of a row."
        )
        delta: float = Field(
            0.01, ge=0, le=0.5, description="Share of rows that an axis may tell something of, and still be collapsed."
        )
        quantile: float = Field(
            0.95,
            ge=0.5,
            le=0.999,
            description="Share of held-out codes that lie at a typical distance from the others.",
        )
        trials: int = Field(10, ge=3, le=100, description="Random halves that are compared.")
        permutations: int = Field(200, ge=19, le=10_000, description="Permutations for the p value of MMD.")
        draws: int = Field(1000, ge=FEWEST, le=5000, description="Decoded draws from the prior.")
        training: int = Field(10_000, ge=FEWEST, le=100_000, description="Most training samples draws are set against.")
        label: wb.Pick[wb.Column] | None = Field(
            None, description="Column of classes that draws may miss; empty: the first with 2 to 40 values."
        )
        split: wb.Pick[wb.Column] | None = Field(
            None, description="Column that says 'train' for training rows; empty: the column 'split' if there is one."
        )
        steps: int = Field(7, ge=3, le=15, description="Pictures of a traversal, from -3 to 3 deviations of the prior.")

    @classmethod
    def missing(cls, subject: Subject) -> list[str]:
        """Also asks for a space with a prior, and a map to or from it."""
        from plugins.coverage.ways import way, with_prior

        lacking = super().missing(subject)
        priors = with_prior(subject.spaces)
        if not lacking and not priors:
            lacking.append("it needs a space of vectors with a prior")
        if not lacking and not any(
            one.target in priors or way(subject.maps, priors, one.source) is not None for one in subject.maps.values()
        ):
            lacking.append("it needs a map to a space with a prior, or from one")
        return lacking

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """The posterior, then what is drawn; each part where the model and the data have what it needs."""
        from plugins.latent_health.drawn import drawn_of
        from plugins.latent_health.encoded import encoded_of, loose_norms
        from plugins.latent_health.ground import ground_of
        from plugins.latent_health.results import Found, result_of, strips_of
        from plugins.latent_health.tables import dimensions_table, order_of

        ground = ground_of(job, params)
        job.progress(0.0, "codes")
        encoded = encoded_of(job, ground, params, lambda done: job.progress(0.4 * done, "posterior"))
        norms = loose_norms(job, ground, params) if encoded is None else encoded.norms
        drawn = drawn_of(job, ground, params, lambda done: job.progress(0.4 + 0.55 * done, "draws"))
        job.progress(0.96, "traversals")
        dimensions = dimensions_table(ground, encoded, drawn, params)
        order = order_of(dimensions)
        strips = None if drawn is None else strips_of(job, ground, encoded, order, params.steps)
        return result_of(Found(ground, encoded, norms, drawn, dimensions, order, strips), params)
