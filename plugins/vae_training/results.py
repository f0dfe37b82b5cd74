# SPDX-License-Identifier: Apache-2.0
"""The result: numbers with intervals, what each axis carries, the way of the training, and pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.vae_training.charts import axes_chart, curve_chart
from plugins.vae_training.findings import findings_of

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from plugins.vae_training.analysis import VaeTraining
    from plugins.vae_training.measures import Measured
    from plugins.vae_training.training import Trained
    from registry.arrays import Array

SHOWN = 10  # pictures in a strip
ENLARGED = 4


def result_of(
    sample: wb.Points, trained: Trained, measured: Measured, held_out: torch.Tensor, params: VaeTraining.Params
) -> wb.Result:
    """Everything that the page shows."""
    axes, curve = axes_table(measured, params.threshold), curve_table(trained.curve)
    n = len(measured.means)
    return wb.Result(
        metrics=metrics_of(measured, trained, params),
        tables={"axes": axes, "training": curve},
        arrays={"means": measured.means.astype(np.float32), "divergence": measured.divergence.astype(np.float32)},
        images={"reconstructions": strip_of(trained, held_out)},
        charts={"axes": axes_chart(axes), "training": curve_chart(curve, params.axes)},
        findings=findings_of(measured, params.axes),
        notes=[
            f"Trained on {len(sample) - n:,} images of '{sample.source}' at {params.side} x {params.side} pixels, from "
            f"scratch; measured on {n:,} others. Intervals are over these held-out rows for this one training: another "
            "seed trains another network, so compare objectives over several seeds.",
            "In the picture: held-out images above, below them what the decoder makes of the mean of their codes"
            + (" pixel after pixel, without seeing the image" if params.context else "")
            + ".",
        ],
    )


def metrics_of(measured: Measured, trained: Trained, params: VaeTraining.Params) -> dict[str, float | wb.Metric]:
    """Numbers with their intervals over held-out rows."""
    n, size = len(measured.means), params.axes
    gain = measured.shuffled - measured.reconstruction
    metrics: dict[str, float | wb.Metric] = {
        "active_units": wb.Metric(
            float(measured.active),
            low=measured.active_low,
            high=measured.active_high,
            n=n,
            unit=f"of {size} axes",
            label="active axes",
            note=f"axes whose means vary more than {params.threshold:g} (Burda et al. 2016); resampled rows",
            better="higher",
        ),
        "elbo": _mean(measured.bound, "nats", "evidence lower bound", "weight 1, whatever was trained", "higher"),
        "reconstruction": _mean(measured.reconstruction, "nats", "reconstruction", "minus log likelihood", "lower"),
        "divergence": _mean(measured.divergence.sum(1), "nats", "divergence from the prior", "sum over the axes", ""),
        "mutual_information": _mean(
            measured.information,
            "nats",
            "information of the code on the row",
            f"among {len(measured.information):,} rows, so at most {math.log(len(measured.information)):.2f} nats",
            "higher",
        ),
        "gain_from_code": _mean(
            gain, "nats", "gain from the code", "reconstruction with the code of another row, less that with its own",
            "higher",
        ),
    }  # fmt: skip
    if params.likelihood == "gaussian":
        variance = float(trained.network.log_variance.detach().exp())
        how = "learned" if params.learn_variance else "fixed"
        metrics["observation_variance"] = wb.Metric(variance, label="variance of the noise", note=how)
    return metrics


def _mean(values: Array, unit: str, label: str, note: str, better: str) -> wb.Metric:
    from scipy import stats

    n = len(values)
    half = float(stats.t.ppf(0.975, n - 1)) * float(values.std(ddof=1)) / math.sqrt(n)
    middle = float(values.mean())
    return wb.Metric(middle, middle - half, middle + half, n=n, unit=unit, label=label, note=note, better=better)  # type: ignore[arg-type]


def axes_table(measured: Measured, threshold: float) -> pd.DataFrame:
    """A row for each axis, the one with most divergence first."""
    import pandas as pd
    from scipy import stats

    n = len(measured.means)
    middle = measured.divergence.mean(0)
    half = float(stats.t.ppf(0.975, n - 1)) * measured.divergence.std(0, ddof=1) / math.sqrt(n)
    table = pd.DataFrame(
        {
            "axis": np.arange(len(middle)),
            "divergence": middle,
            "low": middle - half,
            "high": middle + half,
            "variance": measured.variances,
            "active": measured.variances > threshold,
            "n": n,
        }
    )
    return table.sort_values("divergence", ascending=False, kind="stable").reset_index(drop=True)


def curve_table(curve: Array) -> pd.DataFrame:
    """The held-out rows on the way: step, reconstruction and divergence in nats, active axes."""
    import pandas as pd

    table = pd.DataFrame(curve, columns=["step", "reconstruction", "divergence", "active"])
    return table.astype({"step": "int64", "active": "int64"})


def strip_of(trained: Trained, held_out: torch.Tensor) -> Array:
    """Held-out images above, their reconstructions below, uint8 ``[height, width]``."""
    import torch

    shown = held_out[:SHOWN]
    with torch.no_grad():
        mean, _ = trained.network.encode(shown)
    rows = [shown, trained.network.pictures(mean)]
    lines = [np.concatenate(list(np.pad(one[:, 0].cpu().numpy(), ((0, 0), (1, 1), (1, 1)))), axis=1) for one in rows]
    whole = (np.concatenate(lines, axis=0) * 255).round().astype(np.uint8)
    return np.asarray(whole.repeat(ENLARGED, 0).repeat(ENLARGED, 1))
