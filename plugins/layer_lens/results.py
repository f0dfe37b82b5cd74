# SPDX-License-Identifier: Apache-2.0
"""The result: one row for each step, planes, feature maps, motions, and what must be read with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.layer_lens.charts import charts
from plugins.layer_lens.findings import FEWEST, findings_of
from plugins.layer_lens.measuring import Measured, never_bound
from plugins.layer_lens.motion import Motion
from plugins.layer_lens.pictures import FeatureMaps, sheet_of
from plugins.layer_lens.planes import Plane
from plugins.layers.walk import listed

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from plugins.layer_lens.taps import Walk

STRIP = 12  # steps on the picture of the walk
NOTHING = float("nan")


@dataclass(frozen=True)
class Seen:
    """Everything of one step."""

    measured: Measured
    plane: Plane | None
    maps: FeatureMaps


def result_of(
    sample: wb.Points,
    through: wb.Map[Any, Any],
    walk: Walk,
    seen: Sequence[Seen],
    motions: Mapping[str, Motion],
    moving: NDArray[np.int64],
    shown: int,
    steps: int,
    params: Any,
) -> wb.Result:
    """All parts of the result.

    ``moving`` are the positions of the points that move, ``shown`` is the row of the feature maps, ``steps`` how many
    steps there were before some were left out.
    """
    table = table_of(seen)
    arrays: dict[str, NDArray[Any]] = {"rows": np.asarray(sample.rows, dtype=np.int64)}
    planes = [one.plane for one in seen]
    empty = np.zeros((len(sample), 2))
    arrays["planes"] = np.stack([empty if one is None else one.coordinates for one in planes]).astype(np.float32)
    for at, one in enumerate(seen):
        arrays[f"maps.{at:03d}"] = one.maps.maps.astype(np.float32)
        arrays[f"map_units.{at:03d}"] = one.maps.units.astype(np.int64)
    arrays["moving"] = moving
    for at, motion in enumerate(motions.values()):
        arrays[f"motion.{at:02d}"] = motion.frames
        arrays[f"slopes.{at:02d}"] = motion.slopes
        arrays[f"singular.{at:02d}"] = motion.singular
    tables = {"layers": table, "shown": _shown(shown)}
    if motions:
        tables["motions"] = motions_table(motions)
    measured = [one.measured for one in seen]
    return wb.Result(
        metrics=metrics_of(measured, len(sample)),
        tables=tables,
        arrays=arrays,
        images={"walk": _strip(seen)},
        charts=charts(table),
        findings=findings_of(measured, params),
        notes=notes_of(sample, through, walk, seen, steps, params),
    )


def table_of(seen: Sequence[Seen]) -> pd.DataFrame:
    """One row for each step, in order of execution; NaN where something is not defined."""
    import pandas as pd

    return pd.DataFrame([_row(at, one) for at, one in enumerate(seen, start=1)])


def _row(at: int, one: Seen) -> dict[str, Any]:
    found, plane = one.measured, one.plane
    return {
        "step": at,
        "layer": found.step.key,
        "kind": found.step.kind,
        "shape": " x ".join(str(size) for size in found.step.shape) or "1",
        "width": found.step.width,
        "units": found.units,
        "state": found.state,
        "n": found.n,
        "mean": found.mean,
        "mean_low": found.mean_low,
        "mean_high": found.mean_high,
        "sd": found.sd,
        "low": found.low,
        "high": found.high,
        "zeros": found.zeros,
        "zeros_low": found.zeros_low,
        "zeros_high": found.zeros_high,
        "effective_rank": NOTHING if plane is None else plane.rank,
        "effective_rank_half": NOTHING if plane is None else plane.half,
        "explained": NOTHING if plane is None else plane.explained,
        "numbers_kept": 0 if found.values is None else found.values.shape[1],
        "still": found.still,
        "dead": NOTHING if found.dead is None else int(found.dead.sum()),
        "dead_share": NOTHING if found.dead is None else float(found.dead.mean()),
        "dead_rate_below": NOTHING if found.dead is None else never_bound(found.n),
        "saturated": NOTHING if found.saturated is None else int(found.saturated.sum()),
        "saturated_share": NOTHING if found.saturated is None else float(found.saturated.mean()),
        "scale": one.maps.scale,
    }


def motions_table(motions: Mapping[str, Motion]) -> pd.DataFrame:
    """One row for each dense layer that is kept as a motion."""
    import pandas as pd

    rows = []
    for key, one in motions.items():
        finite = one.slopes[np.isfinite(one.slopes)]
        rows.append(
            {
                "layer": key,
                "entering": one.entering,
                "leaving": one.leaving,
                "points": one.points,
                "lines": one.lines,
                "activation": one.activation,
                "determinant": one.determinant,
                "largest_singular": float(one.singular[0]),
                "smallest_singular": float(one.singular[-1]),
                "full_rank": one.full_rank,
                "homeomorphism": one.homeomorphism,
                "explained": one.explained,
                "slope_low": float(finite.min()) if finite.size else NOTHING,
                "slope_high": float(finite.max()) if finite.size else NOTHING,
                "flat_points": float(np.isneginf(one.slopes).mean()) if one.square else NOTHING,
            }
        )
    return pd.DataFrame(rows)


def _shown(row: int) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"row": [row]})


def metrics_of(measured: Sequence[Measured], n: int) -> dict[str, wb.Metric]:
    """Counts over all layers."""
    found = {"layers": wb.Metric(len(measured), n=n, label="Layers", note="steps walked through, without repeats")}
    for name, label, words in (
        ("dead", "Dead units", f"rectified units above zero at none of {n:,} points; "
         f"the rate of each is below {100 * never_bound(n):.2g} % (95 %)"),
        ("saturated", "Saturated units", "units of bounded activations that are flat at most points (95 %)"),
    ):  # fmt: skip
        parts = [getattr(one, name) for one in measured if getattr(one, name) is not None]
        if parts:
            every = np.concatenate(parts)
            told = f"{words}; of {len(every):,} such units"
            found[f"{name}_units"] = wb.Metric(int(every.sum()), n=n, label=label, note=told, better="lower")
            found[f"{name}_share"] = wb.Metric(
                float(every.mean()), n=n, label=f"{label}, share", note=told, better="lower"
            )
    return found


def _strip(seen: Sequence[Seen]) -> NDArray[Any]:
    """The strongest maps of some steps below each other, one scale for each."""
    at = np.unique(np.linspace(0, len(seen) - 1, STRIP).round().astype(int))
    rows = [sheet_of(_first(seen[one].maps, 8)) for one in at]
    wide = max(one.shape[1] for one in rows)
    padded = [np.pad(one, ((0, 8), (0, wide - one.shape[1]), (0, 0)), constant_values=255) for one in rows]
    return np.concatenate(padded)


def _first(maps: FeatureMaps, count: int) -> FeatureMaps:
    return FeatureMaps(maps.maps[:count], maps.units[:count], maps.scale)


def notes_of(
    sample: wb.Points, through: wb.Map[Any, Any], walk: Walk, seen: Sequence[Seen], steps: int, params: Any
) -> list[str]:
    """What must be read with the numbers."""
    n = len(sample)
    notes = [
        "A unit is a channel of maps, an axis of vectors, the last axis of sequences. Dead: the unit of a rectifier, "
        "above "
        f"zero at no place of any of {n:,} points; its true rate is then below {100 * never_bound(n):.2g} % (exact 95 "
        f"% "
        "limit, about 3 / n).",
        f"Saturated: the slope, as a share of the steepest, is below {params.flat_below:g} at most places of a point, "
        f"and "
        f"that surely (95 %, Wilson) for more than {100 * params.flat_share:.0f} % of the points. Known for tanh, "
        f"sigmoid, "
        "softsign, ReLU6 and hard variants that are layers of their own.",
        f"Effective rank (Roy and Vetterli, 2007): n points give at most n - 1 = {max(n - 1, 0):,}; where half of "
        f"them give "
        "clearly less, more points would give more.",
        "Each plane is turned, and mirrored where that helps, towards the plane before it; each has its own scale.",
    ]
    if sample.source == "prior":
        notes.append(f"The points of {through.source.name} were drawn by the model itself from its prior.")
    if n < FEWEST:
        few = "1 point is" if n == 1 else f"{n} points are"
        notes.append(f"{few} too few to say that a unit is dead: none is reported below {FEWEST}.")
    if walk.repeats:
        notes.append(f"Left out, since they give the same numbers as another step: {listed(walk.repeats)}.")
    if walk.odd:
        notes.append(f"Left out, since they give no real numbers with one row for each point: {listed(walk.odd)}.")
    if steps > len(seen):
        notes.append(f"{len(seen)} of {steps} layers, at even steps; most_layers allows more.")
    wide = [
        one
        for one in seen
        if one.measured.values is not None and one.measured.values.shape[1] < one.measured.step.width
    ]
    if wide:
        notes.append(
            f"Plane and rank of {len(wide)} layers are those of {params.most_units:,} of their numbers, drawn at "
            f"random; "
            "everything else is of all of them."
        )
    return notes
