# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from what was measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.homology.flat_map import flat_map
from plugins.homology.trust import wilson
from plugins.homology.words import of_source
from plugins.modes.charts import composition_chart, diagram_chart
from plugins.modes.findings import findings_of
from plugins.modes.measures import reach_of
from plugins.modes.peaks import NOISE

if TYPE_CHECKING:
    import pandas as pd

    from plugins.modes.analysis import ModesOfDensity
    from plugins.modes.measures import Measured
    from plugins.modes.sample import Classes, Sample

COMPOSED = 40  # modes whose classes are drawn


def result_of(sample: Sample, measured: Measured, params: ModesOfDensity.Params, seed: int) -> wb.Result:
    """Metrics, the tables ``modes``, ``peaks`` and ``classes``, labels of the rows, charts, findings and notes."""
    found = measured.modes
    table, peaks = modes_of(sample, measured), peaks_of(measured)
    placed, kept = flat_map(sample.values.astype(np.float32), seed)
    tables = {"modes": table, "peaks": peaks}
    charts = {"prominence": diagram_chart(peaks, found.threshold)}
    arrays: dict[str, np.ndarray] = {
        "rows": sample.rows,
        "labels": found.labels,
        "log_density": found.density,
        "coordinates": placed,
        "halves": np.array([one.count for one in measured.halves]),
        "normal": np.array([len(one.peaks) for one in measured.normal]),
    }
    if sample.classes is not None:
        tables["classes"] = classes_of(sample.classes, measured)
        charts["classes"] = composition_chart(
            tables["classes"][tables["classes"]["mode"] <= COMPOSED], sample.classes.column
        )
        arrays["column"] = np.array([sample.classes.column])
    return wb.Result(
        metrics=_metrics(sample, measured, kept),
        tables=tables,
        arrays=arrays,
        charts=charts,
        findings=findings_of(sample, measured),
        notes=_notes(sample, measured, params, seed),
    )


def modes_of(sample: Sample, measured: Measured) -> pd.DataFrame:
    """One row for each mode, numbered from 1 by falling prominence.

    The prominence has an interval of 1.96 standard errors of a difference of two log densities, each ``1 / sqrt(k)``;
    it is infinite (and has none) for the highest peak of each piece.
    """
    import pandas as pd

    found = measured.modes
    reach = 1.96 * math.sqrt(2 / found.k)
    sizes = np.bincount(found.labels, minlength=len(found.peaks))
    draws = len(measured.halves)
    low, high = wilson(measured.recurs, draws)
    finite = np.where(np.isfinite(found.prominences), found.prominences, np.nan)
    frame = pd.DataFrame(
        {
            "mode": np.arange(1, len(found.peaks) + 1),
            "size": sizes,
            "share": sizes / len(sample),
            "peak_row": sample.rows[found.peaks],
            "log_density": found.heights,
            "prominence": found.prominences,
            "prominence_low": finite - reach,
            "prominence_high": finite + reach,
            "recurs": measured.recurs / draws,
            "recurs_low": low,
            "recurs_high": high,
        }
    )
    if sample.classes is not None:
        shares = np.array(
            [sample.classes.shares(np.flatnonzero(found.labels == one)) for one in range(len(found.peaks))]
        )
        frame["label"] = [sample.classes.names[at] for at in shares.argmax(axis=1)]
        frame["label_share"] = shares.max(axis=1)
    return frame


def peaks_of(measured: Measured) -> pd.DataFrame:
    """All peaks before merging, and those of the normal points: height, saddle (missing: none) and prominence."""
    import pandas as pd

    found = measured.modes
    kept = len(found.peaks)
    whose = ["mode" if at < kept else "ripple" for at in range(len(found.diagram))]
    parts = [_diagram(found.diagram).assign(kind=whose, mode=[at + 1 if at < kept else 0 for at in range(len(whose))])]
    parts += [_diagram(one.diagram).assign(kind="normal", mode=0, draw=at) for at, one in enumerate(measured.normal)]
    return pd.concat([parts[0].assign(draw=-1), *parts[1:]], ignore_index=True)


def _diagram(pairs: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    saddle = np.where(np.isfinite(pairs[:, 1]), pairs[:, 1], np.nan)
    return pd.DataFrame({"height": pairs[:, 0], "saddle": saddle, "prominence": pairs[:, 0] - pairs[:, 1]})


def classes_of(classes: Classes, measured: Measured) -> pd.DataFrame:
    """How many samples of each class are in each mode, and which share of the class and of the mode that is."""
    import pandas as pd

    found = measured.modes
    known = classes.codes >= 0
    counts = np.zeros((len(found.peaks), len(classes.names)), dtype=np.int64)
    np.add.at(counts, (found.labels[known], classes.codes[known]), 1)
    mode, code = np.nonzero(counts)
    return pd.DataFrame(
        {
            "mode": mode + 1,
            "class": [classes.names[one] for one in code],
            "samples": counts[mode, code],
            "share_of_class": counts[mode, code] / counts.sum(axis=0)[code],
            "share_of_mode": counts[mode, code] / counts.sum(axis=1)[mode],
        }
    )


def _metrics(sample: Sample, measured: Measured, kept: float) -> dict[str, wb.Metric]:
    found, n = measured.modes, len(sample)
    counts = np.array([one.count for one in measured.halves])
    second = found.all_prominences[len(found.peaks) :]
    single, draws = sum(len(one.peaks) == 1 for one in measured.normal), len(measured.normal)
    low, high = wilson(single, draws)
    normal = [float(one.all_prominences[1]) for one in measured.normal if len(one.all_prominences) > 1]
    metrics = {
        "modes": wb.Metric(
            len(found.peaks),
            low=float(np.quantile(counts, 0.025)),
            high=float(np.quantile(counts, 0.975)),
            n=n,
            label="Modes",
            note="The interval holds the middle 95 % of random halves of the samples.",
        ),
        "threshold": wb.Metric(
            found.threshold, n=n, label="Prominence of noise", unit="log density", note=_threshold_words(measured)
        ),
        "largest_ripple": wb.Metric(
            float(second[0]) if len(second) else 0.0,
            n=n,
            label="Most prominent peak that was merged",
            unit="log density",
        ),
        "normal_ripple": wb.Metric(
            max(normal, default=0.0),
            n=n,
            label="Most prominent second peak of normal points",
            unit="log density",
            note=f"Over {len(measured.normal)} clouds of as many normal points of the same covariance: they have one "
            "mode, so that this is noise.",
        ),
        "normal_single": wb.Metric(
            single / draws,
            low=float(low),
            high=float(high),
            n=draws,
            label="Clouds of normal points with one mode",
        ),
        "alike": wb.Metric(
            float(measured.alike.mean()),
            low=float(np.quantile(measured.alike, 0.025)),
            high=float(np.quantile(measured.alike, 0.975)),
            n=n,
            label="Modes of halves against those of all (adjusted Rand index)",
            note="Mean over random halves; the interval holds the middle 95 % of them. 1: every half tells the same.",
        ),
        "dimension": _dimension(measured, n),
        "map_variance": wb.Metric(kept, n=n, label="Share of variance on the map of points"),
    }
    if measured.agreement is not None and sample.classes is not None:
        metrics["adjusted_rand"] = wb.Metric(
            measured.agreement.value,
            low=measured.agreement.low,
            high=measured.agreement.high,
            n=measured.agreement.n,
            label=f"Modes against {sample.classes.column} (adjusted Rand index)",
            note="1: each class is a mode; 0: as good as chance. Interval from random halves, clustered anew (the "
            "jackknife that deletes half).",
        )
    return metrics


def _dimension(measured: Measured, n: int) -> wb.Metric:
    found = measured.modes
    if found.dimension != found.estimated:
        told = f"As it was asked for; neighbours estimate {found.estimated:.3g}."
        return wb.Metric(found.dimension, n=n, label="Dimension of the density", unit="dimensions", note=told)
    reach = reach_of([one.dimension for one in measured.halves])
    return wb.Metric(
        found.dimension,
        low=found.dimension - reach,
        high=found.dimension + reach,
        n=n,
        label="Dimension of the density",
        unit="dimensions",
        note="Estimated from neighbours. Interval of 95 % from random halves (the jackknife that deletes half); "
        "nothing of bias.",
    )


def _threshold_words(measured: Measured) -> str:
    found = measured.modes
    if math.isnan(found.threshold):
        return "A number of modes was asked for, so that there is no threshold."
    error = 1 / math.sqrt(found.k)
    if math.isclose(found.threshold, NOISE * error):
        return (
            f"{NOISE:g} standard errors of a log density from {found.k} neighbours, each 1 / sqrt({found.k}) = "
            f"{error:.3g}. On normal points and cubes of 1 to 16 dimensions the most prominent ripple had 5.2."
        )
    within = "" if found.threshold > NOISE * error else f", within the {NOISE:g} of noise, so that nothing is stated"
    return f"As it was asked for: {found.threshold / error:.3g} standard errors of a log density{within}."


def _notes(sample: Sample, measured: Measured, params: ModesOfDensity.Params, seed: int) -> list[str]:
    found = measured.modes
    return [
        f"{len(sample):,} {of_source(params.space, sample.points.source)}, seed {seed}; {found.k} neighbours of "
        f"each (itself included), density in {found.dimension:.3g} dimensions. Logarithms are natural and of a density "
        "known up to a factor.",
        f"Threshold of prominence: {_threshold_words(measured)}",
        "Modes are of the density of this sample in this space: classes that touch share a mode, and a class of which "
        "there are two kinds has two. Normal points of the same covariance have one mode by construction.",
        *sample.notes,
    ]
