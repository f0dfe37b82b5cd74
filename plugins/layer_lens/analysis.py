# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

import workbench as wb

if TYPE_CHECKING:
    import torch

    from plugins.layer_lens.motion import Motion
    from plugins.layer_lens.pictures import FeatureMaps
    from plugins.layer_lens.taps import Walk

PROBED = 3  # points on which the order of the layers is learned
WIDEST = 4096  # numbers that enter or leave a dense layer that is shown as a motion
WIDEST_SQUARE = 1024  # of a square one, whose path is a matrix for every frame


class LayerLens(wb.Analysis):
    """What does each layer do?

    Walks through a network as through a row of spaces, in one pass: for every layer that a map runs, the feature maps
    of one point, the data as a plane (two principal components), the spread of its numbers, and units that are dead (a
    rectifier's, never above zero) or saturated (where the activation is all but flat). Dense layers are shown as a
    motion of the very points: multiply by W, add b, apply the nonlinearity.
    """

    name = "layer-lens"
    title = "Layer lens"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("layers", "feature maps", "activations", "dead units", "saturation", "PCA")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    needs_model = True

    class Params(wb.Params):
        """What is walked through, and how much of it is kept."""

        through: wb.Pick[wb.Map[wb.Images | wb.Vectors | wb.Scalars | wb.Items, wb.Space]] = Field(
            description="The map whose layers are walked through, in the order in which they run."
        )
        shown: int | None = Field(
            None, ge=0, description="Row (or draw) whose feature maps are shown; empty: the first of the sample."
        )
        limit: int = Field(500, ge=1, le=5000, description="Most points looked at, taken at random.")
        most_maps: int = Field(16, ge=1, le=64, description="Feature maps kept of a layer: the strongest channels.")
        flat_below: float = Field(
            0.05, gt=0, lt=1, description="A unit is saturated at a point where its slope is below this share of the "
            "steepest.",
        )  # fmt: skip
        flat_share: float = Field(
            0.5, ge=0.5, lt=1, description="A unit counts as saturated when it surely is at more than this share of "
            "points.",
        )  # fmt: skip
        most_layers: int = Field(120, ge=1, le=400, description="Most layers shown; of more, those at even steps.")
        most_units: int = Field(
            2048, ge=16, le=65_536, description="Most numbers of a layer for plane and rank; of more, some at random."
        )
        most_motions: int = Field(12, ge=0, le=64, description="Most dense layers kept as a motion.")
        moving: int = Field(400, ge=2, le=2000, description="Most points that move.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Capture and count in one pass, then draw planes and motions, and say what stands out."""
        import numpy as np
        import torch

        from plugins.layer_lens.measuring import Counter
        from plugins.layer_lens.pictures import feature_maps
        from plugins.layer_lens.planes import plane_of
        from plugins.layer_lens.results import Seen, result_of
        from plugins.layer_lens.taps import find_walk, watch
        from plugins.layers.walk import batch_of, units_of

        through = job.model.maps[params.through]
        job.progress(0.0, "points")
        sample = job.points(through.source.name, limit=params.limit)
        if len(sample) < 1:
            raise wb.DataError(f"no points of '{through.source.name}': the sample is empty")
        shown, row = _shown(job, through.source.name, sample, params.shown)
        batch = batch_of(sample)
        device = str(job.device)
        walk = find_walk(job.model, through, batch[:PROBED].to(device))
        if not walk.steps:
            raise wb.DoesNotApply(f"the map '{through.name}' runs no layer that gives a tensor of real numbers")
        count = _thin(walk, params.most_layers)
        seed = int(job.rng.integers(2**31))
        counters = {
            one.key: Counter(
                one, len(batch), units_of(one.width, params.most_units, seed + at), params.flat_below, params.flat_share
            )
            for at, one in enumerate(walk.steps)
        }
        steps = {one.key: one for one in walk.steps}
        entering = [one.key for one in walk.steps if one.kind == "Linear" and len(one.shape) == 1]
        entering = entering[: params.most_motions]
        moving = np.unique(np.linspace(0, len(batch) - 1, params.moving).round().astype(np.int64))
        held: dict[str, list[torch.Tensor]] = {key: [] for key in entering}

        def see(key: str, inputs: Any, output: torch.Tensor) -> None:
            start = int(counters[key].at)
            counters[key].see(output)
            if key in held:
                here = moving[(moving >= start) & (moving < start + len(output))] - start
                held[key].append(inputs[0].detach()[torch.from_numpy(here).to(output.device)].float().cpu())

        def show(key: str, inputs: Any, output: torch.Tensor) -> None:
            maps[key] = feature_maps(steps[key], output, params.most_maps)

        size = _batch_size(walk, len(batch))
        parts = (batch[at : at + size] for at in range(0, len(batch), size))
        for done in watch(through, parts, walk, see, device):
            job.progress(0.05 + 0.7 * done / len(batch), "layers")
        maps: dict[str, FeatureMaps] = {}
        list(watch(through, [batch_of(shown)], walk, show, device))
        seen: list[Seen] = []
        before = None
        for at, step in enumerate(walk.steps):
            job.progress(0.75 + 0.15 * at / len(walk.steps), step.key)
            measured = counters.pop(step.key).done()
            plane = None
            if measured.values is not None and measured.n > 1:
                plane = plane_of(measured.values, before)
                before = plane.coordinates if measured.state == "measured" else before
            seen.append(Seen(measured, plane, maps[step.key]))
        job.progress(0.92, "motions")
        motions = _motions(walk, {key: torch.cat(some) for key, some in held.items()})
        job.progress(0.96, "result")
        result = result_of(sample, through, walk, seen, motions, moving, row, count, params)
        if left := [key for key in held if key not in motions]:
            said = (
                f"Not shown as a motion: {', '.join(left)}; weights or points that are not finite, or more than "
                f"{WIDEST:,} numbers on a side ({WIDEST_SQUARE:,} of a square layer)."
            )
            return replace(result, notes=[*result.notes, said])
        return result


def _shown(job: wb.Job, space: str, sample: wb.Points, wanted: int | None) -> tuple[wb.Points, int]:
    import numpy as np

    row = int(sample.rows[0]) if wanted is None else wanted
    try:
        return job.points(space, rows=np.array([row], dtype=np.int64)), row
    except IndexError:
        raise wb.ParameterError(f"'shown' = {row}: there is no such row") from None


def _thin(walk: Walk, most: int) -> int:
    """Keep at most so many steps, at even places; gives how many there were."""
    import numpy as np

    count = len(walk.steps)
    if count > most:
        kept = np.unique(np.linspace(0, count - 1, most).round().astype(int))
        walk.steps[:] = [walk.steps[at] for at in kept]
    return count


def _batch_size(walk: Walk, n: int) -> int:
    """Points in a batch: as many as 64 million numbers in all its layers, for what is seen is reduced at once."""
    total = sum(one.width for one in walk.steps)
    return int(max(1, min(n, 256, 64 * 2**20 // max(total, 1))))


def _motions(walk: Walk, held: Mapping[str, torch.Tensor]) -> dict[str, Motion]:
    """The motion of the points that came to each dense layer.

    Left out where NaN or infinity is in weights or points, and where the decompositions would not end or fit.
    """
    import torch

    from plugins.layer_lens.motion import motion_of
    from plugins.layer_lens.nonlinearities import ELEMENTWISE

    found = {}
    for key, points in held.items():
        layer = next(one.module for one in walk.steps if one.key == key)
        if not isinstance(layer, torch.nn.Linear):
            continue
        parts = (points, layer.weight, *([] if layer.bias is None else [layer.bias]))
        sides = layer.weight.shape
        most = WIDEST_SQUARE if sides[0] == sides[1] else WIDEST
        if max(sides) > most or not all(bool(torch.isfinite(one).all()) for one in parts):
            continue
        after = next((one.module for one in walk.steps if one.after == key), None)
        found[key] = motion_of(
            layer.weight.detach().double().cpu().numpy(),
            None if layer.bias is None else layer.bias.detach().double().cpu().numpy(),
            after if type(after).__name__ in ELEMENTWISE else None,
            points.double().numpy(),
        )
    return found
