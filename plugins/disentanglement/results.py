# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from scores and trials."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.disentanglement import charts
from plugins.disentanglement.factors import dependence
from plugins.disentanglement.findings import findings_of
from plugins.disentanglement.importance import completeness_by_factor, disentanglement_by_axis
from plugins.disentanglement.information import gaps, modularity
from plugins.disentanglement.measuring import NAMES, reach
from plugins.disentanglement.scores import separations

if TYPE_CHECKING:
    import pandas as pd

    from plugins.disentanglement.analysis import Disentanglement, Sample
    from plugins.disentanglement.measuring import Scores, Trials
    from plugins.disentanglement.traversals import Traversals

LABELS = {
    "dci_disentanglement": ("DCI disentanglement", "each axis matters for one factor only; by importance"),
    "dci_completeness": ("DCI completeness", "each factor is held by one axis only; by importance"),
    "dci_informativeness": ("DCI informativeness", "accuracy of predicting the factors' levels, held out"),
    "mig": ("Mutual information gap (MIG)", "best minus second-best axis, as a share of the factor's entropy"),
    "modularity": ("Modularity", "each axis informs of one factor only; by mutual information"),
    "sap": ("SAP", "best minus second-best axis: squared correlation with numbers, accuracy for categories"),
    "irs": ("Interventional robustness (IRS)", "how little an axis strays when its best factor is fixed"),
    "factor_vae": ("FactorVAE score", "how often the axis that varies least tells which factor is fixed"),
    "explicitness": ("Explicitness", "area under the curve of a linear classifier, held out; 0.5 is chance"),
    "beta_vae": ("Beta-VAE score", "accuracy of telling linearly which factor pairs have in common"),
}


def result_of(
    sample: Sample, found: Scores, tried: Trials | None, pictures: Traversals, params: Disentanglement.Params
) -> wb.Result:
    """Metrics, tables, arrays, charts, findings and notes."""
    metrics = metrics_table(found, tried, len(sample.codes))
    by_factor = factor_table(sample, found, tried)
    pairs = pair_table(sample, found)
    depends = dependence(sample.factors)
    arrays: dict[str, Any] = {
        "information": found.information,
        "importance": _matrix(found),
        "axes": sample.active.astype(np.int64),
        "rows": np.asarray(sample.points.rows, dtype=np.int64)[sample.factors.kept],
        "dependence": depends,
    }
    if pictures.pictures is not None:
        arrays |= {"traversal": pictures.pictures, "traversal_values": pictures.values}
        arrays["traversal_axes"] = pictures.axes
        arrays["traversal_row"] = np.array([pictures.row], dtype=np.int64)
    drawn: dict[str, Any] = {"scores": charts.scores_chart(metrics, {name: LABELS[name][0] for name in NAMES})}
    if len(sample.active):
        drawn["information"] = charts.heat_map(pairs, "information_share", sample.factors.names)
        drawn["importance"] = charts.heat_map(pairs, "importance", sample.factors.names)
    return wb.Result(
        metrics=_metrics(metrics, sample, len(sample.codes)),
        tables={
            "factors_by_dimension": pairs,
            "factors": by_factor,
            "dimensions": axis_table(sample, found),
            "scores": metrics,
        },
        arrays=arrays,
        charts=drawn,
        findings=findings_of(sample, metrics, by_factor, depends, tried),
        notes=_notes(sample, pictures, params),
    )


def metrics_table(found: Scores, tried: Trials | None, n: int) -> pd.DataFrame:
    """One row for each score: value and interval, and the range of both controls."""
    import pandas as pd

    rows = []
    for name in NAMES:
        value = found.values[name]
        wide = reach(tried.halves.get(name, np.zeros(0))) if tried is not None else math.nan
        row: dict[str, Any] = {
            "score": name,
            "value": value,
            "low": max(0.0, value - wide),
            "high": min(1.0, value + wide),
        }
        if math.isnan(wide):
            row["low"] = row["high"] = math.nan
        for control in ("rotated", "permuted"):
            drawn = getattr(tried, control).get(name, np.zeros(0)) if tried is not None else np.zeros(0)
            some = len(drawn) > 0
            row[control] = float(drawn.mean()) if some else math.nan
            row[f"{control}_low"] = float(drawn.min()) if some else math.nan
            row[f"{control}_high"] = float(drawn.max()) if some else math.nan
            row[f"{control}_trials"] = len(drawn)
        rows.append(row | {"n": n})
    return pd.DataFrame(rows)


def _matrix(found: Scores) -> Any:
    assert found.importances is not None
    return found.importances.matrix


def pair_table(sample: Sample, found: Scores) -> pd.DataFrame:
    """One row for each active axis and factor."""
    import pandas as pd

    entropies = sample.factors.entropies()
    rows = [
        {
            "dimension": int(axis),
            "factor": one.name,
            "information": float(found.information[at, factor]),
            "information_share": float(found.information[at, factor] / entropies[factor]),
            "importance": float(_matrix(found)[at, factor]),
            "separation": float(found.separation[at, factor]),
        }
        for at, axis in enumerate(sample.active)
        for factor, one in enumerate(sample.factors.each)
    ]
    names = ["dimension", "factor", "information", "information_share", "importance", "separation"]
    return pd.DataFrame(rows, columns=names)


def factor_table(sample: Sample, found: Scores, tried: Trials | None) -> pd.DataFrame:
    """One row for each factor: the axes that hold it, and how well it can be read from all."""
    import pandas as pd

    assert found.importances is not None and found.explicit is not None
    entropies = sample.factors.entropies()
    order = np.argsort(-found.information, axis=0, kind="stable")
    complete, gap = completeness_by_factor(found.importances.matrix), gaps(found.information, entropies)
    separated = separations(found.separation)
    rows = []
    for at, one in enumerate(sample.factors.each):
        halves = (
            tried.halves_by_factor[:, :, at] if tried is not None and len(tried.halves_by_factor) else np.zeros((0, 2))
        )
        row: dict[str, Any] = {
            "factor": one.name,
            "kind": one.kind,
            "levels": one.count,
            "entropy": float(entropies[at]),
        }
        for place, word in enumerate(("strongest", "second")):
            there = place < len(sample.active)
            axis = int(order[place, at]) if there else -1
            row[word] = int(sample.active[axis]) if there else -1
            row[f"{word}_share"] = float(found.information[axis, at] / entropies[at]) if there else 0.0
        for column, (name, value) in enumerate((("gap", gap[at]), ("completeness", complete[at]))):
            wide = reach(halves[:, column])
            row |= {name: float(value), f"{name}_low": float(value) - wide, f"{name}_high": float(value) + wide}
        row |= {"separation": float(separated[at]), "explicitness": float(found.explicit[at])}
        rows.append(row | _accuracy(float(found.importances.accuracy[at]), float(found.importances.chance[at]), found))
    return pd.DataFrame(rows)


def _accuracy(accuracy: float, chance: float, found: Scores) -> dict[str, float]:
    """Accuracy with Wilson's interval, and the share of the way from chance to certainty that it goes."""
    assert found.importances is not None
    n, z = found.importances.tested, 1.959964
    middle = (accuracy + z * z / (2 * n)) / (1 + z * z / n)
    wide = z / (1 + z * z / n) * math.sqrt(accuracy * (1 - accuracy) / n + z * z / (4 * n * n))
    named = {"accuracy": accuracy, "accuracy_low": middle - wide, "accuracy_high": middle + wide}
    gains = {
        name.replace("accuracy", "gain"): (value - chance) / (1 - chance) if chance < 1 else math.nan
        for name, value in named.items()
    }
    return {**named, "chance": chance, **gains, "tested": n}


def axis_table(sample: Sample, found: Scores) -> pd.DataFrame:
    """One row for each axis of the space, inactive ones included."""
    import pandas as pd

    pointed, single = disentanglement_by_axis(_matrix(found)), modularity(found.information)
    total = _matrix(found).sum()
    place = {int(axis): at for at, axis in enumerate(sample.active)}
    variance, rows = sample.codes.var(axis=0), []
    for axis, spread in enumerate(variance):
        at = place.get(axis)
        best = int(found.information[at].argmax()) if at is not None else 0
        rows.append(
            {
                "dimension": axis,
                "variance": float(spread),
                "active": at is not None,
                "strongest_factor": sample.factors.each[best].name if at is not None else "",
                "importance_share": float(_matrix(found)[at].sum() / total) if at is not None and total > 0 else 0.0,
                "disentanglement": float(pointed[at]) if at is not None else math.nan,
                "modularity": float(single[at]) if at is not None else math.nan,
            }
        )
    return pd.DataFrame(rows)


def _metrics(table: pd.DataFrame, sample: Sample, n: int) -> dict[str, wb.Metric]:
    found: dict[str, wb.Metric] = {}
    for row in table.to_dict("records"):
        label, words = LABELS[str(row["score"])]
        note = words[0].upper() + words[1:] + "."
        if row["rotated_trials"]:
            note += f" Under {row['rotated_trials']} random rotations {row['rotated']:.3g}"
            note += f" ({row['rotated_low']:.3g} to {row['rotated_high']:.3g})."
        if row["permuted_trials"]:
            note += f" With the factors of other points {row['permuted']:.3g}."
        found[str(row["score"])] = wb.Metric(
            float(row["value"]),
            _or_none(row["low"]),
            _or_none(row["high"]),
            n=n,
            label=label,
            better="higher",
            note=note,
        )
    label = "Active axes"
    note = f"Of {sample.codes.shape[1]:,}; variance of the codes at least {sample.threshold:.3g}."
    found["active_axes"] = wb.Metric(float(len(sample.active) + len(sample.dropped)), n=n, label=label, note=note)
    return found


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _notes(sample: Sample, pictures: Traversals, params: Disentanglement.Params) -> list[str]:
    inactive = np.setdiff1d(np.arange(sample.codes.shape[1]), np.concatenate([sample.active, sample.dropped]))
    notes = [
        f"{len(sample.codes):,} points of {sample.points.source} in {params.space}; factors: "
        + ", ".join(f"{one.name} ({one.kind}, {one.count} levels)" for one in sample.factors.each)
        + ".",
        *sample.factors.notes,
    ]
    if len(inactive):
        notes.append(
            f"Left out of every score as inactive (variance below {sample.threshold:.3g}): "
            f"{_listed(inactive)} of {sample.codes.shape[1]:,} axes. Axes are counted from 0."
        )
    if len(sample.dropped):
        notes.append(f"Left out beyond the {params.axes} axes that vary most: {_listed(sample.dropped)}.")
    if len(sample.active) == 1:
        notes.append("With one active axis a rotation changes nothing: there is no rotation control worth the name.")
    if any(one.kind == "category" for one in sample.factors.each):
        notes.append(
            "SAP mixes two scales: squared correlation for numbers, accuracy of a linear classifier for categories."
        )
    learner = "gradient boosted trees" if params.learner == "boosted" else "random forests"
    notes += [
        f"DCI learns with {learner}, {params.trees} for each factor, on half of "
        f"{min(params.learned, len(sample.codes)):,} points and is tested on the other; importances, and with them "
        "disentanglement and completeness, depend on the "
        "learner and the number of trees. Compare models under the same settings only.",
        f"Mutual information is of {params.bins} bins of equal {'widths' if params.binning == 'range' else 'counts'} "
        "an axis; in so many points independent factors show a little of it too, as the permuted control says.",
        "Intervals are of 95 %, from the spread over random halves of the points (delete-half jackknife); the range of "
        "a control is that of all its trials.",
        "IRS, FactorVAE and beta-VAE scores are high for many entangled codes: read them beside their rotations.",
    ]
    return [*notes, *([pictures.why] if pictures.why else [])]


def _listed(axes: Any) -> str:
    shown = ", ".join(str(int(one)) for one in axes[:12])
    return shown + (f" and {len(axes) - 12:,} more" if len(axes) > 12 else "")
