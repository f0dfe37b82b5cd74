# SPDX-License-Identifier: Apache-2.0
"""The analysis: exemplars, their means, the sum, and everything that says whether it means anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, field_validator

import workbench as wb
from plugins.latent_arithmetic.terms import check_terms, listed, slices_in


class LatentArithmetic(wb.Analysis):
    """What is the mean of these, minus the mean of those, plus the mean of these others?

    Averages exemplars in a latent space, adds and subtracts the means, and decodes the sum: next to it the same sum of
    pictures, its neighbours, and the exemplars. Shows how the sum settles as more exemplars are averaged, how far it
    lies from where the prior draws, what it does to every score beside sums of random exemplars, and what is nearest
    to it with and without its own exemplars. In a space of items (words) the answer is the nearest item.
    """

    name = "latent-arithmetic"
    title = "Latent arithmetic"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("direction", "arithmetic", "analogy", "exemplars", "DCGAN")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """The terms of the sum and how many exemplars each is made of."""

        space: wb.Pick[wb.Vectors] = Field(description="Where the sum is made: a latent space, a layer, word vectors.")
        terms: tuple[str, ...] = Field(
            description="A sign and a group each: +smiling (a slice), -class:digit=7, +rows:3.14.20-25, +items:king, "
            "+high:slant or -low:slant (by a scorer); '&' joins conditions, as in +class:digit=7&high:slant. The last "
            "plus is what the others change."
        )
        k: int | None = Field(
            3,
            ge=1,
            le=100_000,
            description="Exemplars of each group, taken at random; empty: all. Listed rows all count.",
        )
        rescale: bool = Field(False, description="Bring sums to the shell where a normal prior draws.")
        cloud: float = Field(0.25, gt=0, le=10, description="Noise of the neighbours, in standard deviations.")
        share: float = Field(0.2, gt=0, le=0.5, description="Share of the points that is high or low by a scorer.")
        candidates: int = Field(500, ge=10, le=100_000, description="Points that a scorer chooses them from.")
        scorers: tuple[wb.Scored, ...] = Field((), description="Scores of the pictures; empty: all that apply.")
        attribute: str | None = Field(
            None, description="The score that the sum should change; empty: the one that tells the groups apart best."
        )
        random: int = Field(99, ge=19, le=2000, description="Sums of random exemplars that the sum is set against.")
        limit: int = Field(2000, ge=20, le=100_000, description="Most points of a group, and of the comparison.")

        @field_validator("terms", mode="before")
        @classmethod
        def _one_by_one(cls, value: Any) -> Any:
            return listed(value)

        @field_validator("terms")
        @classmethod
        def _terms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            try:
                return check_terms(value)
            except wb.ParameterError as error:
                raise ValueError(str(error)) from None

        @classmethod
        def slices_named(cls, values: Mapping[str, Any]) -> dict[str, str]:
            """The slices in the terms."""
            return slices_in(values.get("terms"))

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Choose exemplars, add, decode and measure; everything random under the seed of the run."""
        from plugins.latent_arithmetic.measuring import measure
        from plugins.latent_arithmetic.results import result_of

        measured = measure(job, params)
        job.progress(0.97, "result")
        return result_of(measured, params)
