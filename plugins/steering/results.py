# SPDX-License-Identifier: Apache-2.0
"""From the steps to metrics, tables, charts and findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.steering import charts
from plugins.steering.findings import findings_of
from plugins.steering.measuring import Step, breaking, recommended

if TYPE_CHECKING:
    import pandas as pd

    from plugins.steering.texts import Groups


def result_of(
    groups: Groups, steps: Sequence[Step], layer: str, vector: Any, length: float, *, kept: bool
) -> wb.Result:
    """The result of a run."""
    table = by_scale(steps)
    made = f"the mean of {len(groups.made_toward)} texts less that of {len(groups.made_away)}"
    if kept:
        made = "a kept direction, which may have been made of some of these texts"
    return wb.Result(
        metrics=metrics_of(groups, steps, vector, length),
        tables={"scales": table, "written": written(groups, steps), "subject": subject(groups, layer)},
        arrays={"direction": np.asarray(vector, dtype=np.float32)},
        charts={
            "effect": charts.effect(table),
            "perplexity": charts.perplexity(table),
            "broken": charts.broken(table),
        },
        findings=findings_of(groups, steps),
        notes=[
            f"{groups.toward} against {groups.away} at {layer}: {made}. Measured on {len(groups.texts_toward)} and "
            f"{len(groups.texts_away)} other texts, {groups.apart}, and on {len(groups.neutral)} neutral ones: "
            f"{groups.whence}.",
            "The effect is on the probability of texts that are there. Whether what the model writes has the style is "
            "for a reader, or a probe of another model, to say.",
            _control(len(steps[-1].random_effects)),
        ],
    )


def _control(draws: int) -> str:
    """What it is worth to be above every random direction.

    >>> _control(3)
    'A direction that means nothing is above 3 random ones in 1 of 4 runs; with random=19 in 1 of 20.'
    """
    told = f"A direction that means nothing is above {draws} random ones in 1 of {draws + 1} runs"
    return f"{told}; with random=19 in 1 of 20." if draws < 19 else f"{told}."


def by_scale(steps: Sequence[Step]) -> pd.DataFrame:
    """One row for each scale, the unsteered one first."""
    import pandas as pd

    rows = []
    for one in sorted(steps, key=lambda step: step.scale):
        effects, ratios = one.random_effects or (0.0,), one.random_ratios or (1.0,)
        rows.append(
            {
                "scale": one.scale,
                **dict(zip(("effect", "effect_low", "effect_high"), one.effect, strict=True)),
                "random_effect": float(np.mean(effects)),
                "random_effect_low": min(effects),
                "random_effect_high": max(effects),
                **dict(zip(("perplexity", "perplexity_low", "perplexity_high"), one.ratio, strict=True)),
                "random_perplexity": float(np.exp(np.mean(np.log(ratios)))),
                "random_perplexity_low": min(ratios),
                "random_perplexity_high": max(ratios),
                "toward": one.toward,
                "away": one.away,
                "full_stops": one.stops,
                "distinct_pairs": one.distinct,
                "broken": one.broken(steps[0]),
            }
        )
    return pd.DataFrame(rows)


def written(groups: Groups, steps: Sequence[Step]) -> pd.DataFrame:
    """What the model wrote after each beginning at each scale."""
    import pandas as pd

    return pd.DataFrame(
        [
            {"scale": one.scale, "beginning": beginning, "written": text}
            for one in sorted(steps, key=lambda step: step.scale)
            for beginning, text in zip(groups.openings, one.written, strict=True)
        ]
    )


def subject(groups: Groups, layer: str) -> pd.DataFrame:
    """What the run was of, filled in: one row."""
    import pandas as pd

    told = {"layer": layer, "column": groups.column, "toward": groups.toward, "away": groups.away}
    return pd.DataFrame([{**told, "neutral": groups.whence}])


def metrics_of(groups: Groups, steps: Sequence[Step], vector: Any, length: float) -> dict[str, wb.Metric]:
    """The numbers of the run; NaN where no scale is recommended, or none breaks the text."""
    best, worst, nan = recommended(steps), breaking(steps), float("nan")
    n = len(groups.texts_toward) + len(groups.texts_away)
    found = {
        "recommended_scale": wb.Metric(
            best.scale if best is not None else nan, label="Recommended scale",
            note="The largest measured scale whose effect is above 0 and above all random directions, before the text "
            "breaks. NaN: there is none.",
        ),
        "breaking_scale": wb.Metric(
            worst.scale if worst is not None else nan, label="Smallest scale that breaks the text",
            note="Perplexity of neutral text doubled, full stops by 0.2 more, or half of the distinct pairs of words "
            "gone. NaN: none of the measured ones.",
        ),
        "direction_length": wb.Metric(
            float(np.linalg.norm(vector)) / length, label="Length of the direction", unit="lengths of the stream",
            note="Beside the median length of the points of the layer.",
        ),
    }  # fmt: skip
    if best is not None:
        found["effect"] = wb.Metric(
            *best.effect, n=n, unit="nats a token", better="higher", label="Effect at the recommended scale",
            note="Change of the log-probability a token of toward texts less that of away texts; bootstrap over texts.",
        )  # fmt: skip
        found["random_effect"] = wb.Metric(
            float(np.mean(best.random_effects)), min(best.random_effects), max(best.random_effects),
            n=len(best.random_effects), unit="nats a token", label="Effect of random directions there",
            note="Mean, least and largest of random directions of the same length.",
        )  # fmt: skip
        found["perplexity_ratio"] = wb.Metric(
            *best.ratio, n=len(groups.neutral), better="lower", label="Perplexity of neutral text there",
            note="Beside the unsteered model; 1 is no change.",
        )  # fmt: skip
    return found
