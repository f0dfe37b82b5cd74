# SPDX-License-Identifier: Apache-2.0
"""Numbers, pictures, tables, charts, findings and notes of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import workbench as wb
from plugins.style_transfer import charts
from plugins.style_transfer.findings import findings_of

if TYPE_CHECKING:
    from plugins.style_transfer.analysis import StyleTransfer
    from plugins.style_transfer.placing import Placed
    from plugins.style_transfer.transferring import Transferred


def result_of(found: Transferred, params: StyleTransfer.Params) -> wb.Result:
    """Everything that is kept of a run."""
    curves = curves_of(found)
    distances = distances_of(found)
    images = {name: _plain(getattr(found, name)) for name in ("content", "style", "start")}
    return wb.Result(
        metrics=_metrics(found, distances),
        tables={"curves": curves, "points": points_of(found), "distances": distances},
        arrays={"frames": found.frames, "marks": found.marks},
        images={"result": _plain(found.picture), **images},
        charts={
            "pulls": charts.pulls(found),
            "losses": charts.losses(curves, found),
            "styles": charts.plane(found, found.styles, "styles"),
            "contents": charts.plane(found, found.contents, "contents"),
        },
        findings=findings_of(found, distances),
        notes=_notes(found, params),
    )


def _plain(picture: Any) -> Any:
    return picture[..., 0] if picture.shape[2] == 1 else picture


def curves_of(found: Transferred) -> pd.DataFrame:
    """A row for each look: step, content, style of each layer, variation, weighted sum."""
    frame = pd.DataFrame({"step": found.steps, "content": found.content_curve})
    for at, name in enumerate(found.style_layers):
        frame[f"style: {name}"] = found.style_curve[:, at]
    return frame.assign(style=found.style_curve.mean(axis=1), variation=found.variation_curve, total=found.total)


def points_of(found: Transferred) -> pd.DataFrame:
    """A row for each picture: its places in both planes."""
    return pd.DataFrame(
        {
            "picture": found.names,
            "style_x": found.styles.plane[:, 0],
            "style_y": found.styles.plane[:, 1],
            "content_x": found.contents.plane[:, 0],
            "content_y": found.contents.plane[:, 1],
        }
    )


def distances_of(found: Transferred) -> pd.DataFrame:
    """A row for each picture: its distances to the content and the style picture, in both spaces."""
    content, style = found.names.index("content"), found.names.index("style")

    def to(space: Placed, at: int) -> Any:
        return space.distances[:, at]

    return pd.DataFrame(
        {
            "picture": found.names,
            "content_to_content": to(found.contents, content),
            "content_to_style": to(found.contents, style),
            "style_to_content": to(found.styles, content),
            "style_to_style": to(found.styles, style),
        }
    )


def others_of(distances: pd.DataFrame) -> pd.DataFrame:
    """The other samples among the points."""
    return distances[distances["picture"].str.startswith("row ")]


def _metrics(found: Transferred, distances: pd.DataFrame) -> dict[str, wb.Metric]:
    at = distances.set_index("picture")
    others = others_of(distances)
    layers = len(found.style_layers)
    style, first = found.style_curve[-1], found.style_curve[0]
    metrics = {
        "style_after": wb.Metric(
            float(style.mean()), n=layers, label="Style loss, after", better="lower",
            note=f"Mean over {layers} layers ({style.min():.3g} to {style.max():.3g}); 1 is that of Gram matrices "
            "of 0.",
        ),
        "style_before": wb.Metric(float(first.mean()), n=layers, label="Style loss, before"),
        "content_after": wb.Metric(
            float(found.content_curve[-1]), label="Content loss, after", better="lower",
            note=f"At {found.content_layer}; 1 is that of features of 0. It is 0 at the content picture itself.",
        ),
        "content_before": wb.Metric(float(found.content_curve[0]), label="Content loss, before"),
        "style_distance": wb.Metric(
            float(at["style_to_style"]["result"]), label="Result to style picture, in style", better="lower"
        ),
        "content_distance": wb.Metric(
            float(at["content_to_content"]["result"]), label="Result to content picture, in content", better="lower"
        ),
    }  # fmt: skip
    if len(others):
        for name, column, what in (
            ("others_style", "style_to_style", "Control: other samples to the style picture, in style"),
            ("others_content", "content_to_content", "Control: other samples to the content picture, in content"),
        ):
            values = others[column].to_numpy()
            metrics[name] = wb.Metric(
                float(np.median(values)), low=float(values.min()), high=float(values.max()), level=1.0, n=len(values),
                label=what, note="Median, and the smallest and largest of them: how far pictures are anyway.",
            )  # fmt: skip
    if found.held_out:
        ratios = np.array([after / before for before, after in found.held_out.values() if before > 0])
        if len(ratios):
            metrics["held_out"] = wb.Metric(
                float(ratios.mean()), low=float(ratios.min()), high=float(ratios.max()), level=1.0, n=len(ratios),
                label="Style loss at layers without a pull, after over before", better="lower",
                note=f"At {', '.join(found.held_out)}, and the smallest and largest of them: below 1 the style came "
                "over to layers that nobody pulled at.",
            )  # fmt: skip
    return metrics


def _notes(found: Transferred, params: StyleTransfer.Params) -> list[str]:
    notes = [
        *found.notes,
        "Gram matrices are divided by channels times positions; both losses are shares of what an empty picture would "
        "have, so that a weight means the same at every layer and size. Weights of other programs do not carry over.",
        "Gram matrices do not know where in the picture something is: the style has no layout.",
    ]
    if params.start == "content":
        notes.append(
            "It starts at the content picture, where the content loss and its gradient are 0: style pulls first."
        )
    if params.optimiser == "lbfgs":
        notes.append("L-BFGS is looked at every 5 steps, each of which may take several passes.")
    notes.append(
        "The same seed gives the same picture on one machine; sums in another order (threads, a graphics card) make "
        "small differences that the steps can make larger."
    )
    return notes
