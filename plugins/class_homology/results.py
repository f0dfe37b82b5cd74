# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import workbench as wb
from plugins.class_homology.charts import matrices, plane_chart
from plugins.class_homology.findings import counted, findings_of, most_often
from plugins.class_homology.tables import classes_table, loops_table, pairs_table

if TYPE_CHECKING:
    import pandas as pd

    from plugins.class_homology.analysis import ClassHomology
    from plugins.class_homology.classes import Single
    from plugins.class_homology.ground import Ground
    from plugins.class_homology.measures import Trials
    from plugins.class_homology.strongest import Strongest
    from plugins.homology.clouds import Cloud, Group


def result_of(
    cloud: Cloud,
    groups: Sequence[Group],
    single: Sequence[Single],
    ground: Ground,
    trials: Trials,
    strongest: Sequence[Strongest | None],
    params: ClassHomology.Params,
    notes: Sequence[str],
) -> wb.Result:
    """Metrics, the tables ``classes``, ``pairs`` and ``loops``, the samples of loops, matrices, findings and notes."""
    classes = classes_table(groups, single, trials)
    pairs = pairs_table(groups, trials, strongest)
    loops = loops_table(groups, trials, strongest, pairs)
    arrays: dict[str, Any] = {"rows": cloud.rows}
    for number, found in enumerate(strongest):
        if found is None:
            continue
        sample = ground.positions[found.chosen]
        arrays[f"sample_{number}"] = sample
        arrays[f"cycle_{number}"] = sample[found.loop.cycle.positions]
        arrays[f"label_{number}"] = found.labels
        arrays[f"circular_{number}"] = found.circular
        arrays[f"plane_{number}"] = found.plane
    return wb.Result(
        metrics=_metrics(classes, pairs, params.draws),
        tables={"classes": classes, "pairs": pairs, "loops": loops},
        arrays=arrays,
        charts={**matrices(classes, pairs), **_strongest(loops, arrays)},
        findings=findings_of(groups, single, pairs, params.by, params.draws),
        notes=_notes(cloud, ground, trials, params, notes),
    )


def strongest_loop(loops: pd.DataFrame) -> dict[Any, Any] | None:
    """The row of the strongest loop: one that joins its pair before one that does not, then by draws and length."""
    rows = loops.to_dict("records")
    order = ("joined_by_loop", "joins", "recurrence", "relative_length")
    return max(rows, key=lambda row: tuple(row[name] for name in order), default=None)


def _strongest(loops: pd.DataFrame, arrays: dict[str, Any]) -> dict[str, Any]:
    row = strongest_loop(loops)
    if row is None:
        return {}
    sample, cycle, label, plane = (arrays[f"{name}_{row['loop']}"] for name in ("sample", "cycle", "label", "plane"))
    names = [str(row["second"] if one else row["first"]) for one in label]
    return {"strongest": plane_chart(plane, names, places(sample, cycle))}


def places(sample: Any, cycle: Any) -> list[int]:
    """Where in a sample the samples of a cycle stand.

    >>> places([7, 3, 9], [9, 7])
    [2, 0]
    """
    at = {int(one): place for place, one in enumerate(sample)}
    return [at[int(one)] for one in cycle]


def _metrics(classes: pd.DataFrame, pairs: pd.DataFrame, draws: int) -> dict[str, float | wb.Metric]:
    rows = pairs.to_dict("records")
    best = most_often(rows)
    apart = max((one for one in rows if one["join"] == one["join"]), key=lambda one: float(one["join"]), default=None)
    n = int(classes["points"].sum())
    found: dict[str, float | wb.Metric] = {
        "pairs": wb.Metric(float(len(pairs)), n=n, label="Pairs of classes looked at"),
        "joined_pairs": wb.Metric(
            float(pairs["joined_by_loop"].sum()),
            n=n,
            label="Pairs joined by a loop",
            note="more than noise by the universal null (adjusted for all pairs) or in most draws, and more often than "
            "in any control",
        ),
        "largest_share": wb.Metric(
            float(best["loop_share"]),
            float(best["loop_share_low"]),
            float(best["loop_share_high"]),
            n=draws,
            label="Most draws with a loop: " + (_named(best) if best["loop_share"] > 0 else "no pair"),
            note="share of random draws in which a loop that stands out joins the pair; 95 % interval (Wilson)",
        ),
        "blob_loops": wb.Metric(
            float(pairs["blob_share"].mean()),
            n=draws * len(pairs),
            label="Loops of normal clouds",
            note="share of draws, all pairs together, in which normal clouds of the same means and covariances show a "
            "loop that joins them: the rate of false alarms of one draw",
        ),
        "classes_in_pieces": wb.Metric(
            float((classes["pieces"] > 1).sum()), n=n, label="Classes that fall into pieces"
        ),
        "classes_with_loops": wb.Metric(
            float((classes["loops"] > 0).sum()),
            n=n,
            label="Classes with a loop of their own",
            note="that is more than noise by one of the two tests; adjusted within a class, not for their number",
        ),
        "differing_pairs": wb.Metric(
            float(pairs["shapes_differ"].sum()),
            n=n,
            label="Pairs that differ in shape",
            note="distance of their diagrams beyond that of two halves of one class; interval adjusted (Bonferroni) "
            "for all pairs, measures and dimensions",
        ),
    }
    if apart is not None:
        found["widest_gap"] = wb.Metric(
            float(apart["join"]),
            _or_none(apart["join_low"]),
            _or_none(apart["join_high"]),
            n=int(apart["n"]),
            label=f"Widest gap: {apart['first']} and {apart['second']}",
            note="scale at which most of both are one piece, over the larger of the scales at which most of each is; 1 "
            "says that they touch",
        )
    return found


def _notes(
    cloud: Cloud, ground: Ground, trials: Trials, params: ClassHomology.Params, notes: Sequence[str]
) -> list[str]:
    draws = trials.real.shape[1]
    told = [
        *cloud.notes,
        *notes,
        f"Each of {draws} draws takes {trials.points:,} random points of every class, so that all classes are seen "
        f"with the same number; {counted(len(trials.pairs))} tried.",
        "A loop joins a pair when it stands out in the union of both (a gap in length of more than 2), neither class "
        "has it by itself at the middle of its bar, and a short cycle around it is an arc of the one and an arc of the "
        "other. A single sample of the other class within an arc does not count.",
        "p: universal null distribution on one larger random sample of the pair, adjusted (Bonferroni) for all its "
        f"loops and for {counted(len(trials.pairs))}. Shares of draws are not adjusted: their controls are shown "
        "beside.",
        "Controls: normal points of the mean and covariance of each class, and two random halves of one class. Labels "
        "in random order are no control, for they do not change the loops of a union.",
        "The scale at which two classes join counts most (half) of each, for the last points of a class join at scales "
        "that outliers decide.",
        f"Diagrams are those of {trials.half:,} points of each class in {trials.apart.shape[1]} of the draws, in units "
        "of the median distance within the class: classes that differ in size alone are the same.",
    ]
    if ground.table is not None:
        told.append(
            f"Distances of pairs run along the graph of {params.neighbours} nearest neighbours of all "
            f"{len(ground.values):,} points looked at, through other classes too; those of a class by itself along its "
            "own graph. There is no covering radius in them."
        )
    return told


def _or_none(value: Any) -> float | None:
    return float(value) if value == value else None


def _named(row: dict[Any, Any]) -> str:
    return f"{row['first']} and {row['second']}"
