# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import pydantic
from pydantic import Field

import workbench as wb

FEWEST = 200  # images below which nothing is trained


class VaeTraining(wb.Analysis):
    """What does an objective make of the latent axes of a small variational autoencoder?

    A small network is trained on the images, from scratch, under the objective that the parameters say: weight of the
    divergence, its slow rise (annealing), a floor under it (free bits), the variance of the observations, and how much
    of an image the decoder can tell without its code. On rows that were held out it is then measured which axes are
    active, what divergence and information each carries, and the evidence lower bound in nats. It makes posterior
    collapse, and its remedies, a matter of half a minute.
    """

    name = "vae-training"
    title = "Training a small VAE"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("VAE", "posterior collapse", "free bits", "KL annealing", "beta", "training")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """With the defaults about five seconds on one processor core."""

        space: wb.Pick[wb.Images] = Field(description="Images to train on; of colours the mean is taken.")
        limit: int = Field(5000, ge=FEWEST, le=50_000, description="Most images, of which a fifth is held out.")
        side: int = Field(14, ge=4, le=28, description="Pixels on a side, to which larger images are averaged.")
        axes: int = Field(8, ge=1, le=64, description="Latent axes.")
        hidden: int = Field(128, ge=4, le=1024, description="Units of each hidden layer: the capacity.")
        context: int = Field(
            0,
            ge=0,
            le=5,
            description="How many pixels above and to the left the decoder sees of the image itself, so that it needs "
            "its code the less; 0: the code alone.",
        )
        likelihood: Literal["bernoulli", "gaussian"] = Field(
            "bernoulli", description="Of a pixel: ink or none (cut at half), or grey with noise."
        )
        variance: float = Field(
            0.1, gt=0, le=100, description="Variance of the noise (gaussian), in squares of the range of a pixel."
        )
        learn_variance: bool = Field(False, description="Learn the variance with the weights (gaussian).")
        beta: float = Field(1.0, ge=0, le=100, description="Weight of the divergence; 1 is the evidence lower bound.")
        annealing: float = Field(
            0.0, ge=0, le=1, description="Share of the training in which the weight rises from 0 to its value."
        )
        free_bits: float = Field(
            0.0, ge=0, le=10, description="Nats of divergence of each axis that cost nothing; 0: all cost."
        )
        encoder_steps: int = Field(
            1, ge=1, le=20, description="Steps of the encoder for each of the decoder, in the first fifth."
        )
        steps: int = Field(1200, ge=10, le=50_000, description="Steps of the decoder.")
        batch: int = Field(100, ge=10, le=2000, description="Images of a step.")
        rate: float = Field(2e-3, gt=0, le=0.1, description="Rate of Adam.")
        threshold: float = Field(
            0.01, gt=0, le=1, description="An axis is active if its means vary more than this (the prior's is 1)."
        )

        @pydantic.model_validator(mode="after")
        def _fits(self) -> Self:
            if self.learn_variance and self.likelihood != "gaussian":
                raise ValueError("only the gaussian likelihood has a variance to learn")
            if self.context and self.likelihood != "bernoulli":
                raise ValueError("a decoder that sees the image is there for the bernoulli likelihood only")
            return self

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Prepare, train, measure on the rows that were held out."""
        from plugins.vae_training.images import images_of
        from plugins.vae_training.measures import measure
        from plugins.vae_training.results import result_of
        from plugins.vae_training.training import train

        job.progress(0.0, "images")
        sample = job.points(params.space, limit=params.limit)
        if len(sample) < FEWEST:
            raise wb.DataError(f"at least {FEWEST} images are needed to train on, got {len(sample):,}: take more")
        images = images_of(sample, params.side, binary=params.likelihood == "bernoulli")
        order = job.rng.permutation(len(images))
        held_out, training = images[order[: len(order) // 5]], images[order[len(order) // 5 :]]
        trained = train(job, training, held_out, params)
        job.progress(0.93, "measuring")
        measured = measure(trained.network, held_out, params.threshold, job.generator, job.rng)
        return result_of(sample, trained, measured, held_out, params)
