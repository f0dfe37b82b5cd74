# SPDX-License-Identifier: Apache-2.0
"""Are captured activations those that layers gave? Kept by reference, what works in place overwrites them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

import workbench as wb

if TYPE_CHECKING:
    import torch


class CapturedActivations(wb.Analysis):
    """Are the activations that a hook keeps still those that the layer gave, once the pass is over?

    A hook that keeps the tensor it sees keeps a view of memory that a later layer may write into (an activation
    function that works in place). Every layer that the map drives is looked at twice: when it gives its output, and
    when the pass is over.
    """

    name = "captured-activations"
    title = "Captured activations"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("hooks", "activations", "in-place")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """A map and a way of keeping."""

        through: wb.Pick[wb.Map[wb.Images | wb.Vectors, wb.Space]] = Field(
            description="The map whose layers are captured."
        )
        keep: Literal["copy", "reference"] = Field(
            "copy", description="copy: the numbers. reference: the tensor itself, as a hook that only appends does."
        )
        limit: int = Field(32, ge=1, le=1000, description="Points passed through, taken at random.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """One pass; the layers whose kept output is not what they gave."""
        import pandas as pd
        import torch

        through = job.model.maps[params.through]
        batch = job.points(through.source.name, limit=params.limit).tensor()
        given: dict[str, torch.Tensor] = {}
        kept: dict[str, torch.Tensor] = {}

        def hook(name: str) -> Any:
            def keep(module: torch.nn.Module, inputs: Any, output: Any) -> None:
                if isinstance(output, torch.Tensor) and output.is_floating_point():
                    given[name] = output.detach().clone()
                    kept[name] = output.detach().clone() if params.keep == "copy" else output.detach()

            return keep

        with torch.no_grad(), ExitStack() as stack:
            for name, module in job.model.layers().items():
                if not any(module.children()):
                    stack.callback(module.register_forward_hook(hook(name)).remove)
            through(batch)
        if not given:
            raise wb.DoesNotApply(f"the map '{params.through}' drives no layer that gives real numbers")
        rows = [
            (name, _changed(given[name], kept[name]), float((given[name] < 0).float().mean()),
             float((kept[name] < 0).float().mean()))
            for name in given
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["layer", "share_overwritten", "negative_given", "negative_kept"])
        wrong = int((frame["share_overwritten"] > 0).sum())
        return wb.Result(
            metrics={
                "layers_overwritten": wb.Metric(wrong, n=len(frame), label="layers overwritten", better="lower"),
                "share_overwritten": wb.Metric(
                    float(frame["share_overwritten"].mean()), n=len(frame), better="lower",
                    label="mean share of a layer's numbers that were overwritten",
                ),
            },
            tables={"layers": frame},
            findings=[_finding(frame, wrong)] if wrong else [],
            notes=[f"{len(batch)} points, {len(frame)} layers without children, one pass of '{params.through}'."],
        )  # fmt: skip


def _changed(one: torch.Tensor, other: torch.Tensor) -> float:
    same = (one == other) | (one.isnan() & other.isnan())
    return float((~same).float().mean())


def _finding(frame: Any, wrong: int) -> wb.Finding:
    worst = frame.sort_values("share_overwritten", ascending=False).iloc[0]
    return wb.Finding(
        "captured-activations.overwritten",
        f"{wrong} of {len(frame)} layers were overwritten after the hook saw them: of '{worst['layer']}', "
        f"{100 * worst['share_overwritten']:.0f} % of the numbers",
        value=float(np.round(worst["share_overwritten"], 6)),
        threshold=0.0,
        n=len(frame),
        severity="serious",
        wrong_if="the layer's output was meant to be read after the activation function",
    )
