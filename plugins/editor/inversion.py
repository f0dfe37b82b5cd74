# SPDX-License-Identifier: Apache-2.0
"""The analysis `inversion`: codes of pictures for a model without an encoder, beside those of its own pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np
from pydantic import Field, field_validator

import workbench as wb

if TYPE_CHECKING:
    from registry.arrays import Array

MOST: Final = 64


class Inversion(wb.Analysis):
    """Which code gives this picture, where the model has no encoder?

    The code whose decoded picture is nearest to the given one, found by optimisation from several random starts, with
    the error that is left at each, how far from the centre of the prior the code lies, and the same done for pictures
    that the model itself has drawn: those can be met exactly, so what is left of them is the fault of the search, and
    what a real picture is further off is what the model cannot draw.
    """

    name = "inversion"
    title = "Inversion of pictures"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("encoder", "editing", "GAN")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    needs_model = True

    class Params(wb.Params):
        """Without data the pictures are the model's own, and their true codes are known."""

        decode: wb.Pick[wb.Map[wb.Vectors, wb.Images]] = Field(description="The map from codes to pictures.")
        rows: str = Field("", description="Rows of the data (or numbers of draws), e.g. 3, 14; empty: at random.")
        limit: int = Field(2, ge=1, le=MOST, description="Pictures taken at random where no rows are named.")
        restarts: int = Field(3, ge=1, le=32, description="Random starts for each picture.")
        controls: int = Field(2, ge=0, le=MOST, description="Pictures of the model's own, inverted beside them.")
        optimiser: Literal["adam", "lbfgs", "adam+lbfgs"] = Field("lbfgs", description="How the code is searched.")
        steps: int = Field(300, ge=1, le=5000, description="Steps of Adam, or most steps of L-BFGS.")
        rate: float = Field(0.1, gt=0, le=2, description="Rate of Adam, in standard deviations of the prior.")
        prior_weight: float = Field(
            0.0, ge=0, le=10, description="Weight that draws the code to the centre of the prior; 0: none."
        )
        features: wb.Pick[wb.Vectors] | None = Field(
            None, description="Space or layer read off the picture that is compared as well; empty: pixels alone."
        )
        feature_weight: float = Field(1.0, ge=0, le=1000, description="Weight of these features.")

        @field_validator("rows")
        @classmethod
        def _numbers(cls, text: str) -> str:
            rows_of(text)
            return text

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Invert pictures and controls from the same number of starts, everything random under the seed of the run."""
        from plugins.editor.inversion_results import result_of

        map_: Any = job.model.maps[params.decode]  # from vectors to images: its pick asks for that
        job.progress(0.0, "pictures")
        rows = rows_of(params.rows)
        sample = job.points(map_.target.name, limit=params.limit, rows=np.array(rows) if rows else None)
        if len(sample) > MOST:
            raise wb.ParameterError(f"'rows' names {len(sample)} pictures: {MOST} at most can be inverted in a run")
        own = sample.source == "prior"
        truth = _truth(job, map_, sample) if own else None
        count = 0 if own else params.controls
        controls, codes = _controls(job, map_, count)
        found = _inverted(job, map_, np.concatenate([np.asarray(sample.values), controls]), params)
        job.progress(1.0, "done")
        return result_of(job, map_, sample, controls, truth, codes, found, params)


def rows_of(text: str) -> list[int]:
    """Row numbers, ascending; raises :class:`ValueError` for anything else.

    >>> rows_of("14, 3")
    [3, 14]
    """
    parts = [one for one in re.split(r"[\s,;]+", text.strip()) if one]
    if not all(re.fullmatch(r"[0-9]{1,12}", one) for one in parts):
        raise ValueError("rows are whole numbers with commas between them, e.g. 3, 14")
    return sorted({int(one) for one in parts})


def _truth(job: wb.Job, map_: Any, sample: wb.Points) -> Array | None:
    """The codes that the sample was drawn from, where it came straight from the prior of the map's source."""
    drawn = job.points(map_.source.name, rows=sample.rows)
    if drawn.source != "prior":
        return None
    import torch

    with torch.no_grad():
        again = map_.point(drawn.tensor()).cpu().numpy()
    near = np.allclose(again, np.asarray(sample.values), atol=1e-3 * (map_.target.high - map_.target.low))
    return drawn.flat() if near else None


def _controls(job: wb.Job, map_: Any, count: int) -> tuple[Array, Array]:
    """Pictures decoded from draws of the prior (standard normal where there is none), and their codes."""
    import torch

    codes = map_.source.example(max(count, 1), job.generator)
    with torch.no_grad():
        made = map_.point(codes.to(job.device))
    return made.cpu().numpy()[:count], codes.numpy()[:count]


def _inverted(job: wb.Job, map_: Any, targets: Array, params: Inversion.Params) -> Any:
    import torch

    from plugins.editor.inversion_results import frame_of
    from plugins.editor.inverting import Problem, Setting, invert

    reader = None if params.features is None else _reader(job.model, map_.target.name, params.features)
    mean, std = frame_of(map_.source)
    pair = [torch.from_numpy(one.astype(np.float32)).to(job.device) for one in (mean, std)]
    problem = Problem(
        lambda codes: _mean(map_(codes)),
        torch.from_numpy(np.array(targets, dtype=np.float32)).to(job.device),
        pair[0],
        pair[1],
        map_.target.high - map_.target.low,
        reader,
    )
    weight = params.feature_weight if reader is not None else 0.0
    setting = Setting(params.optimiser, params.steps, params.rate, params.prior_weight, weight)
    drawn = map_.source.example(len(targets) * params.restarts, job.generator)
    starts = drawn.reshape(len(targets), params.restarts, -1).to(job.device)
    asked = {one: one.requires_grad for net in job.model.modules().values() for one in net.parameters()}
    try:
        for one in asked:  # gradients of weights are not wanted, and cost as much again
            one.requires_grad_(False)
        return invert(problem, starts, setting, progress=lambda share: job.progress(0.05 + 0.9 * share, "inverting"))
    finally:
        for one, was in asked.items():
            one.requires_grad_(was)


def _mean(out: Any) -> Any:
    from registry.arrays import is_distribution

    return out.mean if is_distribution(out) else out


def _reader(model: wb.Model, space: str, features: str) -> Any:
    """Pictures to flat features: the target of a map from them, or a layer that such a map drives."""
    ways = model.maps_from(space)
    for one in ways:
        if one.target.name == features:
            return lambda batch, one=one: _mean(one(batch)).flatten(1)
    module = model.layers().get(features)
    if module is None or not ways:
        led = ", ".join(one.target.name for one in ways) or "nowhere"
        raise wb.ParameterError(f"'features' = '{features}' cannot be read off {space}: maps from there lead to {led}")

    def read(batch: Any) -> Any:
        held: list[Any] = []
        # a copy: a later layer may write into the memory of what this one gave
        handle = module.register_forward_hook(lambda _module, _inputs, out: held.append(out.clone()))
        try:
            ways[0](batch)
        finally:
            handle.remove()
        if not held:
            raise wb.ParameterError(f"'features' = '{features}' is not driven by map '{ways[0].name}'")
        return held[-1].flatten(1)

    return read
