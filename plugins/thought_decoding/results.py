# SPDX-License-Identifier: Apache-2.0
"""From the measurements to a result: means with paired intervals, examples, the finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.trust import wilson
from plugins.thought_decoding.bleu import VARIANT, bleu, resampled
from plugins.thought_decoding.charts import means_chart, pairs_chart
from plugins.thought_decoding.findings import findings_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.thought_decoding.analysis import ThoughtDecoding
    from plugins.thought_decoding.measuring import Measured

COPIED = "told texts that are training texts"
COSINE = "cosine of the vector of the original with that of what came back; mean over texts"


def result_of(
    found: Measured,
    job: wb.Job,
    params: ThoughtDecoding.Params,
    rows: NDArray[np.int64],
    tell: wb.Map[Any, Any],
    recall: wb.Map[Any, Any] | None,
) -> wb.Result:
    """Metrics with intervals, a table of all texts, charts, findings and notes."""
    job.progress(0.95, "intervals")
    metrics = measures(found, params.resamples, job.rng)
    table = examples(found, rows)
    return wb.Result(
        metrics=metrics,
        tables={"examples": table},
        arrays={"rows": np.asarray(rows, dtype=np.int64)},
        charts={"similarity": means_chart(metrics), "pairs": pairs_chart(table)},
        findings=findings_of(metrics["copied_rate"]),
        notes=notes(metrics, params, tell, recall),
    )


def measures(found: Measured, resamples: int, rng: np.random.Generator) -> dict[str, wb.Metric]:
    """All numbers; differences are of pairs, resampled together."""
    n = len(found.told)
    draws = rng.integers(n, size=(resamples, n))

    def mean(values: NDArray[np.float64], label: str, better: Any = "higher") -> wb.Metric:
        low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
        return wb.Metric(float(values.mean()), float(low), float(high), n=n, label=label, note=COSINE, better=better)

    def corpus(counted: NDArray[np.float64], label: str) -> wb.Metric:
        low, high = np.quantile(resampled(counted, draws), (0.025, 0.975))
        return wb.Metric(
            float(bleu(counted.sum(axis=0))), float(low), float(high), n=n, label=label, note=VARIANT, better="higher"
        )

    gain = resampled(found.bleu_tell, draws) - resampled(found.bleu_recall, draws)
    low, high = wilson(int(found.copied.sum()), n)
    metrics = {
        "similarity_tell": mean(found.similarity_tell, "similarity of what is told"),
        "similarity_recall": mean(found.similarity_recall, "similarity of what is recalled"),
        "similarity_random": mean(found.similarity_random, "similarity of a random training text", ""),
        "similarity_gain": mean(found.similarity_tell - found.similarity_recall, "told less recalled, pair by pair"),
        "bleu_tell": corpus(found.bleu_tell, "BLEU of what is told"),
        "bleu_recall": corpus(found.bleu_recall, "BLEU of what is recalled"),
        "copied_rate": wb.Metric(
            float(found.copied.mean()), float(low), float(high), n=n, label=COPIED, better="lower"
        ),
    }  # fmt: skip
    value = metrics["bleu_tell"].value - metrics["bleu_recall"].value
    low, high = np.quantile(gain, (0.025, 0.975))
    metrics["bleu_gain"] = wb.Metric(
        value, float(low), float(high), n=n, label="BLEU told less recalled, pairs resampled together", better="higher"
    )
    return metrics


def examples(found: Measured, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Each text: original, told, recalled, their similarities, whether it was copied, and its row."""
    import pandas as pd

    return pd.DataFrame(
        {
            "original": found.original,
            "told": found.told,
            "recalled": found.recalled,
            "similarity_tell": found.similarity_tell,
            "similarity_recall": found.similarity_recall,
            "copied": found.copied,
            "row": rows,
        }
    )


def notes(
    metrics: dict[str, wb.Metric],
    params: ThoughtDecoding.Params,
    tell: wb.Map[Any, Any],
    recall: wb.Map[Any, Any] | None,
) -> list[str]:
    """What the reader must know to trust the numbers."""
    gain, wording = metrics["similarity_gain"], metrics["bleu_gain"]
    said = [
        f"Told ('{tell.name}') {_against(gain)} recalled in similarity ({gain.value:+.3f}, {gain.low:+.3f} to "
        f"{gain.high:+.3f}) and {_against(wording)} it in BLEU ({wording.value:+.2f}, {wording.low:+.2f} to "
        f"{wording.high:+.2f})."
    ]
    said.append(
        f"Recalled: the map '{recall.name}'. {recall.description.splitlines()[0] if recall.description else ''}".strip()
        if recall is not None
        else "Recalled: the nearest training text of the data by the same vectors."
    )
    said.append(
        "Similarity is measured with the map that made the thought. A decoder that searches with that map (writes many "
        "texts and keeps the nearest) is better by this measure than by any reader's: look at the examples and at BLEU."
    )
    said.append(f"BLEU: {VARIANT}. Intervals are of 95 %, by {params.resamples:,} resamples of texts, seed of the run; "
                "texts of one document count as independent.")  # fmt: skip
    return said


def _against(metric: wb.Metric) -> str:
    assert metric.low is not None and metric.high is not None
    return "beats" if metric.low > 0 else "falls behind" if metric.high < 0 else "cannot be told from"
