# SPDX-License-Identifier: Apache-2.0
"""The parts of the result: lengths with intervals over pairs, the table ``paths``, strips, charts and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.interpolation import charts
from plugins.interpolation.findings import findings_of
from plugins.interpolation.pictures import strips

if TYPE_CHECKING:
    import pandas as pd

    from plugins.geometry.frame import Float64
    from plugins.interpolation.analysis import Interpolation
    from plugins.interpolation.measuring import Measured

WORDS: Final = {
    "blend": "pixel blend",
    "lerp": "straight (lerp)",
    "slerp": "spherical (slerp)",
    "geodesic": "geodesic",
    "circle": "circle",
    "walk": "random walk",
}


def result_of(found: Measured, params: Interpolation.Params, seed: int) -> wb.Result:
    """Metrics ``length_linear``, ``length_geodesic``, ``speed_ratio`` and more, the table ``paths``."""
    table = paths_table(found)
    first = found.pairs[0]
    arrays = {"rows": np.array([one.rows for one in found.pairs], dtype=np.int64)}
    for name, path in first.paths.items():
        if path.codes is not None:
            arrays[f"codes_{name}"] = np.stack(
                [one.paths[name].codes for one in found.pairs if name in one.paths]  # type: ignore[misc]
            ).astype(np.float32)
        if path.pictures is not None:
            arrays[f"pictures_{name}"] = np.stack(
                [one.paths[name].pictures for one in found.pairs if name in one.paths]
            )
    images = {}
    if first.paths["lerp"].pictures is not None:
        images["strips"] = strips({WORDS[name]: one.pictures for name, one in first.paths.items()})
    return wb.Result(
        metrics=_metrics(found),
        tables={"paths": table, "certificates": certificates_table(found)},
        arrays=arrays,
        images=images,
        charts={"length": charts.length(found, WORDS), "distance": charts.distance(found, WORDS)},
        findings=findings_of(found),
        notes=_notes(found, params),
    )


def paths_table(found: Measured) -> pd.DataFrame:
    """One row for each path of each pair."""
    import pandas as pd

    rows = []
    for number, pair in enumerate(found.pairs):
        for name, one in pair.paths.items():
            far = one.distance
            rows.append(
                {
                    "pair": number,
                    "first": pair.rows[0],
                    "second": pair.rows[1],
                    "path": name,
                    "length": one.length,
                    "energy": one.energy,
                    "change": one.energy,
                    "speed_ratio": one.speed_ratio,
                    "innermost": np.nan if far is None else float(far.min()),
                    "outermost": np.nan if far is None else float(far.max()),
                    "innermost_percentile": np.nan if far is None else 100 * float(found.frame.share_below(far.min())),
                    "outermost_percentile": np.nan if far is None else 100 * float(found.frame.share_below(far.max())),
                }
            )
    return pd.DataFrame(rows)


def certificates_table(found: Measured) -> pd.DataFrame:
    """What proves the geodesic of each pair."""
    import pandas as pd

    return pd.DataFrame(
        {
            "pair": number,
            "ratio": one.paths["geodesic"].length / one.paths["lerp"].length
            if one.paths["lerp"].length > 0
            else np.nan,
            "speed_ratio": one.certificate.fine.speed_ratio,
            "energy_excess": one.certificate.energy_excess,
            "refinement_error": one.certificate.refinement_error,
            "iterations": one.certificate.iterations,
            "start": one.certificate.start,
        }
        for number, one in enumerate(found.pairs)
    )


def mean_of(values: Float64) -> tuple[float, float | None, float | None]:
    """Mean with its 95 % interval by Student's law; none for a single value."""
    from scipy.stats import t

    value = float(values.mean())
    if len(values) < 2:
        return value, None, None
    reach = float(t.ppf(0.975, len(values) - 1)) * float(values.std(ddof=1)) / len(values) ** 0.5
    return value, value - reach, value + reach


def _metrics(found: Measured) -> dict[str, wb.Metric]:
    n = len(found.pairs)
    unit = f"in the units of {found.map.target.name}"

    def metric(values: Any, label: str, note: str, least: float = 0.0) -> wb.Metric:
        value, low, high = mean_of(np.asarray(values, dtype=np.float64))
        low = None if low is None else max(low, least)
        return wb.Metric(value, low=low, high=high, n=n, label=label, note=note)

    lengths = {
        name: np.array([one.paths[name].length for one in found.pairs if name in one.paths])
        for name in ("blend", "lerp", "slerp", "geodesic")
    }
    speed = np.array([one.certificate.fine.speed_ratio for one in found.pairs])
    metrics = {
        "length_linear": metric(lengths["lerp"], "Length, straight line", f"Decoded length of lerp, {unit}."),
        "length_geodesic": metric(
            lengths["geodesic"], "Length, geodesic", f"Decoded length of the shortest path found, {unit}."
        ),
        "length_blend": metric(
            lengths["blend"],
            "Length, pixel blend",
            "Distance of both outputs: no path can be shorter.",
        ),
        "length_ratio": metric(
            lengths["geodesic"] / np.where(lengths["lerp"] > 0, lengths["lerp"], np.nan),
            "Geodesic over straight length",
            "1: straight lines are shortest already, as for a linear decoder. Control: the same search finds "
            f"{found.control:.4f} for a random linear decoder when it starts off the line.",
        ),
        "speed_ratio": metric(
            np.where(np.isfinite(speed), speed, np.nan),
            "Speed ratio of the geodesic",
            "Longest over shortest segment, in the metric that the geodesic is shortest in; 1 for a geodesic.",
            least=1.0,
        ),
        "refinement_error": metric(
            [one.certificate.refinement_error for one in found.pairs],
            "Refinement error of the geodesic",
            "Relative difference of its length from the limit of ever more segments (Richardson's rule).",
        ),
        "energy_excess": metric(
            [one.certificate.energy_excess for one in found.pairs],
            "Energy over squared length, less 1",
            "0 where the speed is even.",
        ),
        "ratio_of_a_linear_decoder": wb.Metric(
            found.control, label="Control: ratio of a linear decoder", note="Must be 1 if the search works."
        ),
    }
    if len(lengths["slerp"]):
        metrics["length_slerp"] = metric(
            lengths["slerp"], "Length, spherical line", f"Decoded length of slerp, {unit}."
        )
    return metrics


def _notes(found: Measured, params: Interpolation.Params) -> list[str]:
    frame = found.frame
    law = (
        f"the chi law of {frame.shell.size:,} axes (half of the draws lie nearer than {frame.quantile(0.5):.3g})"
        if frame.shell is not None
        else "the distances of the sample itself, for the prior is not normal or there is none"
    )
    notes = [
        f"{len(found.pairs):,} pairs of codes of {found.source} in {found.map.source.name}, decoded by "
        f"{found.map.name}; lengths are sums of roots of summed squares, and intervals are over pairs.",
        f"Geodesics: L-BFGS on {found.segments} and then {2 * found.segments} segments, from the straight and the "
        "spherical line, whichever led lower. A search finds a local minimum: a shorter path may exist.",
        f"Distances from the centre are in standard deviations of the prior and compared with {law}."
        if frame.shell is not None
        else f"Distances from the centre are compared with {law}.",
        "The change of a path is the mean squared speed of its output over a path of time 1, the perceptual path "
        "length of this one path with the output itself as distance. Circle and random walk end elsewhere.",
        "A geodesic of a decoder need not keep to where the data is: it may cross a hole where outputs change little.",
    ]
    notes.append(
        f"The geodesic is the shortest path where a step of the code itself counts too, {params.ridge:.3g} of what it "
        "changes in the output on average (parameter 'ridge'); its certificate is of this metric, its length of the "
        "output alone. With 0 a path may run far off along axes that the decoder hardly uses, and no search ends."
        if params.ridge > 0
        else "The geodesic is that of the output alone (ridge 0): it may run far off along axes that the decoder "
        "hardly uses, where the search does not end and an even speed does not prove that it has."
    )
    if found.stochastic:
        notes.append(
            "The map gives a distribution: lengths are of mean and standard deviation together, the expected metric."
        )
    for number, one in enumerate(found.pairs):
        notes += [f"Pair {number}: no {WORDS[name]}, because {why}." for name, why in one.missing.items()]
    return notes
