# SPDX-License-Identifier: Apache-2.0
"""The analysis: one number of a model, what in the input drives it, by several methods side by side, each checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

import workbench as wb
from plugins.attribution.parameters import AttributionParams

if TYPE_CHECKING:
    from torch import Tensor

POOL = 200  # points of the data that baselines are made of


class Attribution(wb.Analysis):
    """What drives this number: which pixels, which latent units, which channels?

    Asks about one number of a map's output, or of a layer on the way: a latent unit, a class, a region of a decoded
    image, the component along a kept direction, a probe. Several methods answer side by side; one that cannot answer is
    listed with the reason, and a model that breaks the conditions of a method is made fit on a copy where that changes
    nothing else. Every map comes with its checks: does it add up, does it change when the weights are random, does
    taking its places away change the number more than taking random ones, do methods and baselines agree.
    """

    name = "attribution"
    title = "What drives this number?"
    version = "2"
    needs_model = True
    tags: ClassVar[tuple[str, ...]] = (
        "attribution", "saliency", "integrated gradients", "Grad-CAM", "Shapley", "occlusion", "heat map", "pixels",
    )  # fmt: skip
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(AttributionParams):
        """The map, the number, the samples, the methods, and how much is spent."""

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Ask, attribute by every method and baseline, check."""
        from plugins.attribution.asking import Asking, question_of
        from plugins.attribution.baselines import usual
        from plugins.attribution.methods import Settings
        from plugins.attribution.results import result_of
        from plugins.attribution.working import Working, batch_of, cost_in_words, starts_of, work

        job.progress(0.0, "points")
        through = job.model.maps[params.through]
        points = self._points(job, through.source.name, params)
        inputs = batch_of(points, job.device)
        data = self._data(job, through.source.name)
        job.progress(0.02, "question")
        question = question_of(Asking(job, params, through, inputs))
        names = params.baselines or usual(question.space, data)
        starts = starts_of(names, question, inputs, data, job.seed)
        settings = Settings(params.steps, params.draws, params.segments)
        working = Working(question, inputs, starts, data, params.layer, settings, job.seed)
        job.log(cost_in_words(working, params.methods))
        share = 0.5 if params.checks else 0.9
        worked = work(working, params.methods, lambda part, stage: job.progress(0.04 + share * min(1.0, part), stage))
        checked = None
        if params.checks:
            from plugins.attribution.checks import check
            from plugins.attribution.checks.spending import again

            spending = working.spending(worked.attributed)
            job.log(f"checks: about {max(1, round(spending.seconds))} s of one core")
            lesser = replace(working, settings=again(settings, spending.settings))
            checked = check(
                question,
                inputs,
                worked.attributed,
                attribute_with=lesser.values,
                baseline=working.start,
                baseline_name=names[0],
                by_baseline=worked.by_baseline,
                settings=spending.settings,
                spent=spending.words(len(inputs)),
                seed=job.seed,
                progress=lambda part, stage: job.progress(0.54 + 0.42 * part, stage),
            )
        job.progress(0.97, "result")
        return result_of(working, worked, checked, points.rows)

    def _points(self, job: wb.Job, source: str, params: Params) -> wb.Points:
        if not params.rows:
            return job.points(source, limit=params.samples)
        return job.points(source, rows=np.array(sorted(params.rows), dtype=np.int64))

    def _data(self, job: wb.Job, source: str) -> Tensor | None:
        """Points that baselines are made of."""
        from plugins.attribution.working import batch_of

        return batch_of(job.points(source, limit=POOL), job.device)
