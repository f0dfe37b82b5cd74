# SPDX-License-Identifier: Apache-2.0
"""The parts of the result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.coverage.neighbours import Int64
from plugins.coverage.samples import Pixels
from plugins.latent_health import charts
from plugins.latent_health.drawn import Drawn
from plugins.latent_health.effects import traversal
from plugins.latent_health.encoded import Encoded
from plugins.latent_health.findings import findings_of
from plugins.latent_health.ground import Ground
from plugins.latent_health.metrics import metrics_of
from plugins.latent_health.norms import Norms
from plugins.latent_health.tables import aggregate_table, classes_table, nearest_table, shell_table

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_health.analysis import LatentHealth


@dataclass(frozen=True)
class Strips:
    """Traversals of the most and the least active axis: numbers of the axes, uint8 ``[2, steps, h, w, c]`` pictures."""

    axes: tuple[int, int]
    pictures: Pixels


@dataclass(frozen=True)
class Found:
    """All that was measured; ``order`` has the axes from the most to the least active."""

    ground: Ground
    encoded: Encoded | None
    norms: tuple[Norms, ...]
    drawn: Drawn | None
    dimensions: pd.DataFrame
    order: Int64
    strips: Strips | None


def strips_of(job: wb.Job, ground: Ground, encoded: Encoded | None, order: Int64, steps: int) -> Strips | None:
    """From the code of the first row, or a draw: the most active axis, then the least."""
    first = ground.draw(1)[0] if encoded is None else encoded.codes.means[0]
    start = np.asarray(first, dtype=np.float64)
    axes = int(order[0]), int(order[-1])
    drawn = [traversal(job, ground, start, axis, steps) for axis in axes]
    return None if drawn[0] is None or drawn[1] is None else Strips(axes, np.stack([drawn[0], drawn[1]]))


def result_of(found: Found, params: LatentHealth.Params) -> wb.Result:
    """Metrics, tables, arrays, pictures, charts, findings and notes."""
    encoded, drawn = found.encoded, found.drawn
    tables: dict[str, Any] = {"dimensions": found.dimensions}
    drawings: dict[str, Any] = {"dimensions": charts.dimensions_chart(found.dimensions, found.order, params.threshold)}
    arrays: dict[str, Any] = {"order": found.order}
    classes = None
    if encoded is not None:
        arrays["rows"] = encoded.codes.rows
        if encoded.axes.kl_rows is not None:
            arrays["kl"] = encoded.axes.kl_rows.astype(np.float32)
        tables["aggregate"] = aggregate_table(encoded)
        drawings["aggregate"] = charts.aggregate_chart(tables["aggregate"])
    if found.norms:
        tables["shell"] = shell_table(found.norms)
        drawings["norms"] = charts.norms_chart(found.norms, found.ground.size)
    if drawn is not None:
        tables["nearest"] = nearest_table(drawn)
        drawings["nearest"] = charts.nearest_chart(tables["nearest"], float(drawn.duplicates.threshold.mean()))
        if drawn.cover is not None and drawn.real is not None and drawn.real.labels is not None:
            classes = tables["classes"] = classes_table(drawn.cover, drawn.real.labels)
            drawings["classes"] = charts.classes_chart(classes, drawn.real.labels.column)
        shown = (("twins", drawn.twins), ("copies", drawn.pairs), ("copied", drawn.copied))
        arrays |= {name: values for name, values in shown if values is not None}
    images: dict[str, Any] = {}
    if found.strips is not None:
        arrays["traversals"] = found.strips.pictures
        arrays["traversed"] = np.array(found.strips.axes, dtype=np.int64)
        images["traversals"] = _sheet(found.strips.pictures)
    return wb.Result(
        metrics=metrics_of(encoded, found.norms, drawn, params),
        tables=tables,
        arrays=arrays,
        images=images,
        charts=drawings,
        findings=findings_of(encoded, found.norms, drawn, classes),
        notes=_notes(found, params),
    )


def _sheet(strips: Pixels) -> Any:
    """For reports: the most active axis above the least active one."""
    rows = [
        np.concatenate([np.pad(one, ((2, 2), (2, 2), (0, 0)), constant_values=255) for one in strip], axis=1)
        for strip in strips
    ]
    sheet = np.concatenate(rows, axis=0)
    factor = max(1, round(72 / strips.shape[2]))
    sheet = sheet.repeat(factor, axis=0).repeat(factor, axis=1)
    return sheet if sheet.shape[2] == 3 else np.repeat(sheet, 3, axis=2)


def _notes(found: Found, params: LatentHealth.Params) -> list[str]:
    ground, encoded, drawn = found.ground, found.encoded, found.drawn
    notes = list(ground.notes)
    if encoded is not None:
        n = len(encoded.codes.rows)
        notes.append(
            f"{n:,} rows of {encoded.codes.source} encoded by {ground.encode} to {ground.space.name} ({ground.size:,} "
            "axes). Codes are in deviations of the prior, so that thresholds mean the same for every prior."
        )
        if encoded.axes.kl is not None:
            notes.append(
                "Posteriors are read as independent normal axes with the mean and deviation that the encoder gives. "
                "Inactive axes alone are no fault: an objective switches off what the data does not need."
            )
        if encoded.information is not None:
            info = encoded.information
            notes.append(
                f"The mutual information lies between two bounds, both by chance a little off (the lower one may be "
                f"below 0). The lower one cannot exceed ln n = {info.ceiling:.2f} nats: near that it says only that "
                "the truth is larger."
            )
        if encoded.samples is not None:
            notes.append(
                "Codes of all rows together are posterior samples: the prior is to be filled by the posteriors, not by "
                "their means, which are always narrower."
            )
    if drawn is not None:
        told = "draws" if drawn.real is None else f"draws and {drawn.real.what}"
        notes.append(
            f"{len(drawn.duplicates.generated)} trials of {drawn.duplicates.size:,} {told} against as many others, by "
            "Euclidean distance of the output: what the eye calls the same picture may be far by it, and the reverse."
        )
        if math.isnan(drawn.duplicates.support[0]):
            notes.append("No pair of draws is a near duplicate: there are more different ones than can be told.")
        if drawn.real is not None and drawn.real.rebuilt:
            notes.append(
                "Draws are set against reconstructions, which are as smooth as draws are. If reconstructions are all "
                "alike, so is what is compared with them: see the active axes first."
            )
    return notes
