# SPDX-License-Identifier: Apache-2.0
"""What a run gives: metrics, tables of hubs, corrections, frequency and axes, charts and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

import workbench as wb
from plugins.homology.trust import wilson
from plugins.neighbourhood import charts
from plugins.neighbourhood.findings import findings_of
from plugins.neighbourhood.hubs import robin_hood

if TYPE_CHECKING:
    from plugins.neighbourhood.analysis import Neighbourhood
    from plugins.neighbourhood.ground import Ground
    from plugins.neighbourhood.measures import Measured

    Params = Neighbourhood.Params

TOP: Final = 20  # hubs in the table
AXES: Final = 10  # axes in the table


def result_of(ground: Ground, found: Measured, params: Params, seed: int) -> wb.Result:
    """Everything that the page shows."""
    steps = steps_table(found)
    tables: dict[str, pd.DataFrame] = {
        "hubs": hubs_table(ground, found),
        "steps": steps,
        "clouds": clouds_table(found),
        "axes": axes_table(found),
    }
    kinds = charts.KINDS
    drawn: dict[str, Any] = {
        "occurrences": charts.occurrences(
            {
                kinds[0]: found.found.counts,
                kinds[1]: np.concatenate([one.counts for one in found.matched]),
                kinds[2]: np.concatenate([one.counts for one in found.spherical]),
            },
            params.neighbours,
        ),
        "anisotropy": charts.anisotropy(steps),
        "distances": charts.distances(
            {kinds[0]: found.distances.relative, kinds[2]: found.distances_spherical.relative}
        ),
    }
    if found.frequency is not None:
        tables["frequency"] = frequency_table(found)
        drawn["frequency"] = charts.frequency(tables["frequency"], params.neighbours)
    return wb.Result(
        metrics=metrics_of(ground, found),
        tables=tables,
        arrays={"rows": ground.rows, "occurrences": found.found.counts},
        charts=drawn,
        findings=findings_of(ground, found),
        notes=notes_of(ground, found, params, seed),
    )


def metrics_of(ground: Ground, found: Measured) -> dict[str, wb.Metric]:
    """Numbers with their intervals; those of normal clouds with the range over the clouds."""
    n, first, centred = len(ground.points), found.steps[0], found.steps[1]
    counts, k = found.found.counts, found.found.neighbours
    orphans = int((counts == 0).sum())
    low, high = (float(one) for one in wilson(orphans, n))
    contrast = found.distances.contrast
    metrics = {
        "mean_cosine": _cosine(first.cosine, "mean cosine of two points", "over all pairs; interval: jackknife"),
        "mean_cosine_centred": _cosine(centred.cosine, "mean cosine, mean of the cloud taken away", ""),
        "hub_skewness": wb.Metric(
            first.skewness, first.low, first.high, n=n, better="lower", label="hubness: skewness of the counts",
            note=f"of how often a point is among the {k} nearest of another; interval: points resampled",
        ),
        "hub_skewness_gaussian": _clouds(found.spherical, n, "hubness of normal clouds, the same in all axes"),
        "hub_skewness_matched": _clouds(found.matched, n, "hubness of normal clouds, same mean and covariance"),
        "hub_skewness_centred": wb.Metric(
            centred.skewness, centred.low, centred.high, n=n, better="lower", label="hubness, mean taken away",
        ),
        "robin_hood": wb.Metric(
            robin_hood(counts), n=n, better="lower", label="places that would have to move (Robin Hood index)",
            note="share of all places in lists of neighbours; 0: every point is a neighbour equally often",
        ),
        "nobodys_neighbour": wb.Metric(
            orphans / n, low, high, n=n, better="lower", label="points that are nobody's neighbour",
        ),
        "contrast": wb.Metric(
            float(np.median(contrast)) if len(contrast) else np.nan, n=len(contrast), better="higher",
            label="(farthest - nearest) / nearest, median",
            note="near 0 all points are equally far; points whose nearest is a copy are left out",
        ),
        "distance_variation": wb.Metric(
            found.distances.variation, better="higher", label="spread of distances over their mean",
            note=f"{found.distances_spherical.variation:.3f} in a normal cloud of as many points and axes",
        ),
        "top_axis_share": wb.Metric(
            float(found.axes.variance.max()), label="share of the variance on one axis",
            note=f"{1 / len(found.axes.variance):.4f} where all {len(found.axes.variance):,} axes are equal",
        ),
        "effective_axes": wb.Metric(
            found.axes.participation, label="axes that the variance is spread over",
            note=f"participation ratio, of {len(found.axes.variance):,} axes",
        ),
    }  # fmt: skip
    if found.frequency is not None:
        frequency, (share, first_share, last_share) = found.frequency, found.frequency.share
        metrics |= {
            "frequency_correlation": _rank(frequency.occurrence, "frequency and times a neighbour"),
            "frequency_length": _rank(frequency.length, "frequency and length of the vector"),
            "frequency_around": _rank(frequency.around, "own frequency and that of the neighbours"),
            "neighbours_frequent": wb.Metric(
                share, first_share, last_share, n=n, label="places held by the most frequent tenth",
                note="0.1 where frequency plays no part",
            ),
        }  # fmt: skip
    return metrics


def _cosine(one: Any, label: str, note: str) -> wb.Metric:
    return wb.Metric(one.value, one.low, one.high, n=one.n, label=label, note=note)


def _clouds(clouds: list[Any], n: int, label: str) -> wb.Metric:
    values = [one.skewness for one in clouds]
    return wb.Metric(float(np.mean(values)), min(values), max(values), n=n, label=label,
                     note=f"lowest and highest of {len(values)} clouds of as many points")  # fmt: skip


def _rank(one: Any, label: str) -> wb.Metric:
    return wb.Metric(one.value, one.low, one.high, n=one.n, label=f"rank correlation: {label}")


def hubs_table(ground: Ground, found: Measured) -> pd.DataFrame:
    """The points that are neighbours most often."""
    counts = found.found.counts
    top = np.argsort(-counts, kind="stable")[:TOP]
    table = pd.DataFrame(
        {
            "point": [ground.names[one] for one in top],
            "row": ground.rows[top],
            "times_a_neighbour": counts[top],
            "share_of_points": 100 * counts[top] / (len(counts) - 1),
            "length": found.lengths[top],
            "cosine_to_mean" if ground.metric == "cosine" else "distance_to_mean": found.to_mean[top],
        }
    )
    if ground.frequency is not None:
        ranks = np.empty(len(counts), dtype=np.int64)
        ranks[np.argsort(-ground.frequency, kind="stable")] = np.arange(1, len(counts) + 1)
        table["frequency_rank_in_sample"] = ranks[top]
    return table


def steps_table(found: Measured) -> pd.DataFrame:
    """Mean cosine and hubness after each correction."""
    return pd.DataFrame(
        [
            {
                "points": one.name,
                "mean_cosine": one.cosine.value,
                "low": one.cosine.low,
                "high": one.cosine.high,
                "isotropic_low": one.isotropic[0],
                "isotropic_high": one.isotropic[1],
                "hub_skewness": one.skewness,
                "hub_skewness_low": one.low,
                "hub_skewness_high": one.high,
            }
            for one in found.steps
        ]
    )


def clouds_table(found: Measured) -> pd.DataFrame:
    """Hubness of the points and of every normal cloud."""
    clouds = [(charts.KINDS[0], found.found)]
    clouds += [(charts.KINDS[1], one) for one in found.matched]
    clouds += [(charts.KINDS[2], one) for one in found.spherical]
    return pd.DataFrame(
        [
            {
                "points": kind,
                "hub_skewness": one.skewness,
                "robin_hood": robin_hood(one.counts),
                "most": int(one.counts.max()),
                "nobodys_neighbour": float((one.counts == 0).mean()),
            }
            for kind, one in clouds
        ]
    )


def axes_table(found: Measured) -> pd.DataFrame:
    """The axes with most of the variance, and what each gives to the mean cosine."""
    order = np.argsort(-found.axes.variance, kind="stable")[:AXES]
    return pd.DataFrame(
        {
            "axis": order,
            "share_of_variance": 100 * found.axes.variance[order],
            "part_of_mean_cosine": found.axes.contribution[order],
        }
    )


def frequency_table(found: Measured) -> pd.DataFrame:
    """Times a neighbour and length by tenth of frequency."""
    assert found.frequency is not None
    names = ["points", "occurrence", "occurrence_low", "occurrence_high", "length", "length_low", "length_high"]
    table = pd.DataFrame(found.frequency.table, columns=names)
    table["points"] = table["points"].astype(int)
    table.insert(0, "tenth", np.arange(1, len(table) + 1))
    return table


def notes_of(ground: Ground, found: Measured, params: Params, seed: int) -> list[str]:
    """What must be read with the numbers."""
    n, width = ground.points.shape
    of = "" if ground.space == "points" else f" of {ground.space}"
    how = "by angle" if ground.metric == "cosine" else "by Euclidean distance"
    notes = [
        f"{n:,} points{of} in {width:,} axes, the {params.neighbours} nearest of each {how}, among these "
        f"points alone. Seed {seed}.",
        *ground.notes,
        "Hubness grows with the sample and with the dimensions that points fill: compare it with the clouds, and only "
        "for equal numbers of points and neighbours.",
        "Subtracting the mean brings the mean cosine near 0 whatever the points are: that it is then near 0 is no "
        "evidence of isotropy. Look at the strongest axes too.",
    ]
    if ground.frequency is not None and ground.ordered:
        notes.append("Frequency is taken from the order of the items, the most frequent first.")
    if np.asarray(ground.points).min() >= 0 and found.steps[0].cosine.value > 0:
        notes.append("No coordinate is negative, so that every cosine is at least 0, whatever the points hold.")
    if params.limit < 20_000 and n >= params.limit:
        notes.append("A sample of the points: other words and hubs may be found with a larger 'limit'.")
    return notes
