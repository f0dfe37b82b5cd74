# SPDX-License-Identifier: Apache-2.0
"""What a run gives: numbers of the layer where the concept counts most, tables, charts, and the rows behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import workbench as wb
from plugins.concept_sensitivity import charts
from plugins.concept_sensitivity.findings import findings_of
from plugins.concept_sensitivity.testing import Measured, all_ranked, interval, welch
from plugins.layers.walk import listed

if TYPE_CHECKING:
    from plugins.concept_sensitivity.analysis import ConceptSensitivity
    from plugins.concept_sensitivity.decisions import Looked
    from plugins.concept_sensitivity.groups import Groups

    Params = ConceptSensitivity.Params


@dataclass(frozen=True)
class Tests:
    """What a run has measured: groups, asked points, and by layer the test, the units looked at and the width."""

    groups: Groups
    asked: Looked
    measured: Mapping[str, Measured]
    units: Mapping[str, NDArray[np.int64]]
    widths: Mapping[str, int]
    without: Mapping[str, str]

    def whole(self, name: str) -> NDArray[np.float32]:
        """The concept's vector at a layer, 0 at units that were not looked at; float32 ``[width]``."""
        vector = np.zeros(self.widths[name], dtype=np.float32)
        vector[self.units[name]] = self.measured[name].vector
        return vector


def decision_in_words(params: Params | Mapping[str, Any]) -> str:
    """The decision as texts call it."""
    given = params if isinstance(params, Mapping) else params.model_dump()
    unit = given["unit"]
    return f"the mean output of {given['through']}" if unit is None else f"output {unit} of {given['through']}"


def result_of(tests: Tests, params: Params, notes: list[str]) -> wb.Result:
    """Tables of layers and repetitions; metrics of the layer where the concept stands out most."""
    layers = layers_of(tests)
    layers.loc[_best(layers), "shown"] = True
    row = layers[layers["shown"]].iloc[0]
    best = str(row["layer"])
    one = tests.measured[best]
    names = list(tests.measured)
    activations, derivatives = tests.asked.activations, tests.asked.derivatives
    arrays: dict[str, Any] = {
        "vector": tests.whole(best),
        "exemplars": tests.groups.concept.rows,
        "asked": tests.groups.asked.rows,
        "decision": tests.asked.decision,
        "projections": np.array([activations[name] @ tests.measured[name].vector for name in names], np.float32),
        "derivatives": np.array([derivatives[name] @ tests.measured[name].vector for name in names], np.float32),
        "random_scores": np.array([each.scores[1:] for each in tests.measured.values()]),
        "random_slopes": np.array([each.slopes[1:] for each in tests.measured.values()]),
    }
    if len(names) > 1:
        arrays |= {f"vector.{at}": tests.whole(name) for at, name in enumerate(names)}
    return wb.Result(
        metrics=metrics_of(one, row, tests),
        tables={"layers": layers, "repetitions": repetitions_of(tests)},
        arrays=arrays,
        charts={
            "scores": charts.scores(layers, arrays["random_scores"]),
            "slopes": charts.slopes(layers, arrays["random_slopes"]),
        },
        findings=findings_of(layers, row, decision_in_words(params), tests.groups.names[0]),
        notes=[*notes_of(tests, layers, params), *notes],
    )


def _best(layers: pd.DataFrame) -> int:
    """Row of the layer with the smallest p of both tests; of ties, of their sum, then of the largest derivative."""
    both = layers[["p", "p_slope"]]
    order = layers.assign(least=both.min(axis=1), sum=both.sum(axis=1), size=layers["slope"].abs())
    return int(order.sort_values(["least", "sum", "size"], ascending=[True, True, False], kind="stable").index[0])


def layers_of(tests: Tests) -> pd.DataFrame:
    """One row a layer, in the order in which they run."""
    scores, slopes = all_ranked(tests.measured)
    rows = []
    for at, (name, one) in enumerate(tests.measured.items()):
        low, high = interval(one.score_halves, one.scores[0])
        slope_low, slope_high = interval(one.slope_halves, one.slopes[0])
        control, control_slope = interval(one.scores[1:]), interval(one.slopes[1:])
        agreement, accuracy = interval(one.agreements), interval(one.accuracies)
        rows.append(
            {
                "layer": name,
                "width": tests.widths[name],
                "score": one.scores[0],
                "low": low,
                "high": high,
                "control": one.scores[1:].mean(),
                "control_low": control[0],
                "control_high": control[1],
                "p": scores.corrected[at],
                "p_alone": scores.alone[at],
                "p_welch": welch(one),
                "slope": one.slopes[0],
                "slope_low": slope_low,
                "slope_high": slope_high,
                "control_slope_low": control_slope[0],
                "control_slope_high": control_slope[1],
                "p_slope": slopes.corrected[at],
                "extreme": one.extreme,
                "agreement": one.agreements.mean(),
                "agreement_low": agreement[0],
                "agreement_high": agreement[1],
                "random_agreement": one.random_agreements.mean(),
                "accuracy": one.accuracies.mean(),
                "accuracy_low": accuracy[0],
                "accuracy_high": accuracy[1],
                "random_accuracy": one.random_accuracies.mean(),
                "random_accuracy_high": interval(one.random_accuracies)[1],
                "step": one.step,
                "exemplars": len(tests.groups.concept),
                "asked": len(tests.groups.asked),
                "random": len(one.scores) - 1,
                "vector": at,
                "shown": False,
            }
        )
    return pd.DataFrame(rows)


def repetitions_of(tests: Tests) -> pd.DataFrame:
    """One row for each halving of the exemplars at each layer: both scores, agreement, accuracy, and those of random
    concepts."""
    frames = []
    for name, one in tests.measured.items():
        halves = one.score_halves.reshape(-1, 2)
        frames.append(
            pd.DataFrame(
                {
                    "layer": name,
                    "repetition": np.arange(len(halves)),
                    "score_first": halves[:, 0],
                    "score_second": halves[:, 1],
                    "control": one.random_score_halves,
                    "agreement": one.agreements,
                    "control_agreement": one.random_agreements,
                    "accuracy": one.accuracies,
                    "control_accuracy": one.random_accuracies,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def metrics_of(one: Measured, row: pd.Series, tests: Tests) -> dict[str, wb.Metric]:
    """Of one layer."""
    n, m, r, k = len(tests.groups.asked), len(tests.groups.concept), len(one.agreements), len(one.scores) - 1
    several = f", corrected for {len(tests.measured)} layers" if len(tests.measured) > 1 else ""
    return {
        "tcav": wb.Metric(
            row["score"],
            row["low"],
            row["high"],
            n=n,
            label="TCAV score",
            note=f"Share of {n:,} points at which the decision rises along the concept at {row['layer']}; interval: "
            f"middle 95 % of {2 * r} halves of the {m:,} exemplars.",
        ),
        "control": wb.Metric(
            row["control"],
            row["control_low"],
            row["control_high"],
            n=k,
            label="Score of random concepts",
            note=f"{k} random sets of {m:,} points in the place of the exemplars; their middle 95 %.",
        ),
        "p": wb.Metric(
            row["p"],
            n=k,
            label="p of the score",
            note=f"Two-sided rank of the score among those of {k} random concepts{several}; the smallest is "
            f"1 / {k + 1}.",
        ),
        "p_welch": wb.Metric(
            row["p_welch"],
            n=r,
            label="p as published (Welch)",
            note="t test of the scores of repetitions against those of random concepts. It takes halves of one set for "
            "independent and calls sets that are no concept sensitive far more often than it says: for comparison.",
        ),
        "slope": wb.Metric(
            row["slope"],
            row["slope_low"],
            row["slope_high"],
            n=n,
            label="Mean derivative along it",
            unit="standard deviations",
            note="Of the decision, by one standard deviation of the layer's points along the concept; it counts by how "
            "much the decision rises, where the score counts at how many points.",
        ),
        "p_slope": wb.Metric(
            row["p_slope"], n=k, label="p of the derivative", note=f"Rank among random concepts{several}."
        ),
        "agreement": wb.Metric(
            row["agreement"],
            row["agreement_low"],
            row["agreement_high"],
            n=r,
            label="Agreement of halves",
            better="higher",
            note=f"Mean cosine of the concept's vectors of two halves of the exemplars that share nothing; of random "
            f"concepts {row['random_agreement']:.2f}.",
        ),
        "accuracy": wb.Metric(
            row["accuracy"],
            row["accuracy_low"],
            row["accuracy_high"],
            n=m,
            label="Held-out accuracy",
            better="higher",
            note="Share of the other half that the vector of one half tells from as many others (chance is 0.5).",
        ),
        "accuracy_random": wb.Metric(
            row["random_accuracy"],
            *interval(one.random_accuracies),
            n=r,
            label="Accuracy of random concepts",
            note="The same where exemplars and others are shuffled.",
        ),
    }


def notes_of(tests: Tests, layers: pd.DataFrame, params: Params) -> list[str]:
    """What must be known before the numbers are read."""
    groups, spent = tests.groups, params.most_units
    notes = [
        f"Decision: {decision_in_words(params)}, asked at {len(groups.asked):,} points. Concept: "
        f"{len(groups.concept):,} exemplars of {groups.names[0]}, against {len(groups.others):,} of {groups.names[1]}.",
        *groups.notes,
    ]
    linear = layers.loc[layers["extreme"] == 1, "layer"].tolist()
    if linear:
        notes.append(
            f"At {listed(linear)} every random concept has score 0 or 1: the decision has (nearly) one derivative for "
            "all points, and the score there means nothing."
        )
    blunt = layers.loc[(layers["extreme"] > 0.05) & (layers["extreme"] < 1), "layer"].tolist()
    if blunt:
        notes.append(
            f"At {listed(blunt)} more than one random concept in twenty has score 0 or 1, so that no score can stand "
            "out; the mean derivative can."
        )
    if tests.without:
        notes.append("Left out: " + "; ".join(f"{name} ({why})" for name, why in tests.without.items()) + ".")
    wide = [name for name in tests.measured if tests.widths[name] > len(tests.units[name])]
    if wide:
        notes.append(f"Of {listed(wide)} {spent:,} units at random were looked at; the vectors are 0 at the others.")
    notes.append(
        "A vector leads to whatever sets the exemplars apart from the others, the concept or what goes with it; and a "
        "decision that rises along it need not use it where the concept never varies."
    )
    return notes
