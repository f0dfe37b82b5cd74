# SPDX-License-Identifier: Apache-2.0
"""The analysis: find directions in several ways, and measure all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

import workbench as wb
from plugins.directions.search import Method

if TYPE_CHECKING:
    from plugins.directions.finding.found import Found
    from plugins.directions.measuring.readers import Reader


class Directions(wb.Analysis):
    """Which directions of a latent space change what, how purely, and better than chance?

    Finds directions without labels (principal components of a layer, weights, derivatives) and for every attribute that
    can be told off pictures, then moves the same held-out codes along each of them, decodes, and measures: the effect
    on every attribute, what leaks into others, whether it runs evenly, what of the picture stays, whether codes stay
    usual, whether the direction comes back on other points; all beside random directions, corrected for the number
    tried.
    """

    name = "directions"
    title = "Directions"
    version = "1"
    needs_model = True
    tags: ClassVar[tuple[str, ...]] = ("direction", "GANSpace", "SeFa", "Jacobian", "InterFaceGAN", "disentanglement")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Ways of finding, attributes, and how far to go."""

        space: wb.Pick[wb.Vectors] = Field(description="The latent space; maps must lead from it to pictures.")
        methods: tuple[Method, ...] = Field(
            ("ganspace", "sefa", "jacobian", "regression"),
            description="ganspace: components of a layer; sefa: weights; jacobian: derivatives; axes: the axes "
            "themselves; regression, boundary, svm, mean-difference: for each attribute.",
        )
        scorers: tuple[wb.Scored, ...] = Field(
            (), description="Attributes by scorers; empty: all that apply to these pictures."
        )
        by: wb.Pick[wb.Column] | None = Field(
            None, description="Column whose values or classes are attributes as well, read off pictures by probes."
        )
        toward: wb.Pick[wb.Slice] | None = Field(None, description="Group that a direction should lead to.")
        away: wb.Pick[wb.Slice] | None = Field(None, description="Group that it leads from; empty: all others.")
        kept: tuple[wb.Kept, ...] = Field((), description="Directions kept by name that are measured as well.")
        count: int = Field(4, ge=1, le=32, description="Directions of each method that is told nothing.")
        layer: wb.Pick[wb.Layer] | None = Field(
            None, description="For ganspace; empty: the deepest layer whose components still follow the code."
        )
        share: float = Field(
            0.2, gt=0, le=0.5, description="For boundary, svm and mean-difference: share of surest points at each end."
        )
        normalise: bool = Field(False, description="For sefa: every output counts alike, as in the authors' code.")
        limit: int = Field(1200, ge=40, le=100_000, description="Codes to find directions with.")
        codes: int = Field(32, ge=16, le=2000, description="Other codes to measure them with.")
        random: int = Field(30, ge=10, le=500, description="Random directions that all are set against.")
        reach: float = Field(3.0, gt=0, le=20, description="How far to go, in standard deviations of the codes.")
        steps: int = Field(7, ge=3, le=21, description="Steps of a traversal, an odd number.")
        examples: int = Field(4, ge=1, le=16, description="Codes whose traversals are shown.")

        @field_validator("steps")
        @classmethod
        def _odd(cls, value: int) -> int:
            if value % 2 == 0:
                raise ValueError("choose an odd number, so that the unmoved picture stands in the middle")
            return value

        @field_validator("methods")
        @classmethod
        def _once(cls, value: tuple[Method, ...]) -> tuple[Method, ...]:
            return tuple(dict.fromkeys(value))

        @model_validator(mode="after")
        def _something(self) -> Self:
            if not self.methods and not self.kept:
                raise ValueError("name at least one method, or a direction that was kept")
            if self.away is not None and self.toward is None:
                raise ValueError("'away' is what a direction leads from: name in 'toward' what it leads to")
            if (
                self.away is None
                and self.toward is not None
                and not {"boundary", "svm", "mean-difference"} & set(self.methods)
            ):
                raise ValueError("'toward' is told to boundary, svm and mean-difference: add one to the methods")
            return self

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Find on one part of the codes, measure on the other."""
        from plugins.directions.ground import stand
        from plugins.directions.measuring.contract import candidates_of, measure
        from plugins.directions.results import result_of
        from plugins.directions.search import search

        job.progress(0.0, "codes and their attributes")
        standing = stand(job, params, _part(job, 0.02, 0.15, "reading attributes"))
        found = search(
            standing.ground(),
            params.methods,
            params.count,
            share=params.share,
            normalise=params.normalise,
            rng=job.rng,
            progress=_part(job, 0.15, 0.4, "finding directions"),
        )
        found.found += [(one, np.full(1, np.nan)) for one in _kept(job, params, standing.readers)]
        candidates = candidates_of(found.found)
        if not candidates:
            raise wb.DataError(f"no method found a direction: {' '.join(found.notes)}")
        steps = np.linspace(-params.reach, params.reach, params.steps)
        measured = measure(
            standing.decode,
            standing.codes(standing.measuring),
            candidates,
            standing.readers,
            steps=steps,
            random=params.random,
            rng=job.rng,
            unusual=standing.unusual,
            few=params.examples,
            progress=_part(job, 0.4, 0.96, "measuring directions"),
        )
        job.progress(0.97, "result")
        return result_of(standing, found, measured, params)


def _kept(job: wb.Job, params: Directions.Params, readers: Sequence[Reader]) -> list[Found]:
    """The directions that were named, as found; told their attribute where it is one that is read here."""
    from plugins.directions.finding.found import Found, unit

    names = {one.name for one in readers}
    found = []
    for name in params.kept:
        one = job.direction(name)
        attribute = str(one.card.get("attribute") or one.how.get("attribute") or "")
        length = float(np.linalg.norm(one.vector.astype(np.float64)))
        told = attribute if attribute in names else None
        found.append(
            Found(
                "kept", unit(one.vector), np.array([length]), "length as it was kept", told, extra={"name": str(name)}
            )
        )
    return found


def _part(job: wb.Job, start: float, end: float, stage: str) -> Callable[[float], None]:
    return lambda fraction: job.progress(start + (end - start) * min(max(fraction, 0.0), 1.0), stage)
