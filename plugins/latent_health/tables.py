# SPDX-License-Identifier: Apache-2.0
"""Tables of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.coverage.neighbours import Int64
from plugins.coverage.samples import Labels
from plugins.coverage.trials import Trials
from plugins.homology.trust import wilson
from plugins.latent_health.drawn import Drawn
from plugins.latent_health.encoded import Encoded
from plugins.latent_health.ground import Ground
from plugins.latent_health.norms import OUTSIDE, Norms
from plugins.space_comparison.trials import Mean, mean_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_health.analysis import LatentHealth


def dimensions_table(
    ground: Ground, encoded: Encoded | None, drawn: Drawn | None, params: LatentHealth.Params
) -> pd.DataFrame:
    """One row for each axis in its order: what it carries of the data, and what it changes in draws."""
    import pandas as pd

    found: dict[str, Any] = {"dimension": np.arange(ground.size, dtype=np.int64), "name": list(ground.names)}
    if encoded is not None:
        axes, n = encoded.axes, len(encoded.codes.rows)
        if axes.kl is not None and axes.kl_rows is not None:
            found |= {"kl": axes.kl.value, "kl_low": axes.kl.low, "kl_high": axes.kl.high}
        found |= {
            "mean_variance": axes.variance.value,
            "mean_variance_low": axes.variance.low,
            "mean_variance_high": axes.variance.high,
        }
        if axes.spread is not None:
            found["spread"] = axes.spread
        found |= {"active": axes.active, "active_in_resamples": axes.surely}
        if axes.kl_rows is not None:
            telling = (axes.kl_rows > params.epsilon).sum(axis=0)
            low, high = wilson(telling, n)
            found |= {"delta_active": telling / n, "delta_active_low": low, "delta_active_high": high}
            found["collapsed"] = telling / n <= params.delta
        found["n"] = np.full(ground.size, n, dtype=np.int64)
    if drawn is not None:
        effects = drawn.effects
        found |= {"effect": effects.value, "effect_low": effects.low, "effect_high": effects.high}
    return pd.DataFrame(found)


def order_of(table: pd.DataFrame) -> Int64:
    """Axes from the most to the least active: by divergence, else by variance of the codes, else by effect."""
    by = next(one for one in ("kl", "mean_variance", "effect") if one in table)
    values = table[by].to_numpy(dtype=np.float64)
    return np.argsort(-np.where(np.isnan(values), np.inf, values), kind="stable").astype(np.int64)


def aggregate_table(encoded: Encoded) -> pd.DataFrame:
    """The aggregated posterior against the prior, each measure beside what the prior gives against itself."""
    import pandas as pd

    shift, shares = encoded.shift, encoded.shares
    rows: list[dict[str, Any]] = []

    def add(measure: str, words: str, value: Mean, control: Mean, n: int) -> None:
        rows.append(
            {"measure": measure, "words": words, "value": value.value, "low": value.low, "high": value.high}
            | {"control": control.value, "control_low": control.low, "control_high": control.high, "n": n}
        )

    add("mean_shift", "shift of the mean", shift.of_codes(shift.mean), shift.of_draws(shift.mean_control), shift.size)
    covariance = shift.of_codes(shift.covariance), shift.of_draws(shift.covariance_control)
    add("covariance_shift", "shift of the covariance", *covariance, shift.size)
    perfect = shares.of_draws(shares.perfect)
    uncovered = shares.of_sample(shares.uncovered), perfect
    add("uncovered_prior_mass", "prior far from codes", *uncovered, shares.size)
    near = shares.of_sample(shares.at_prior_distance), perfect
    add("uncovered_at_prior_distance", "prior far from codes, distance of draws", *near, shares.size)
    add("codes_outside_prior", "codes far from draws", shares.of_sample(shares.outside), perfect, shares.size)
    return pd.DataFrame(rows)


def shell_table(norms: tuple[Norms, ...]) -> pd.DataFrame:
    """Shares of each set nearer to the centre of the prior than the shell, and farther from it."""
    import pandas as pd

    rows = []
    for one in norms:
        row: dict[str, Any] = {"set": one.name}
        for name, (value, low, high) in one.shares().items():
            row |= {name: value, f"{name}_low": low, f"{name}_high": high}
        middle = float(np.median(one.distance))
        rows.append(row | {"median": middle, "expected_outside": OUTSIDE, "n": len(one.distance)})
    return pd.DataFrame(rows)


def classes_table(cover: Trials, labels: Labels) -> pd.DataFrame:
    """Share of each class with a draw near it, and with a point of the other half near it."""
    import pandas as pd

    rows = []
    total = len(labels.codes)
    for at, name in enumerate(labels.names):
        row: dict[str, Any] = {"class": name, "n": int((labels.codes == at).sum())}
        for column, values in (("coverage", cover.by_class[:, at]), ("control", cover.control_by_class[:, at])):
            there = values[~np.isnan(values)]
            mean = mean_of(there, cover.size, total) if len(there) else Mean(np.nan, np.nan, np.nan)
            row |= {column: mean.value, f"{column}_low": max(mean.low, 0.0), f"{column}_high": min(mean.high, 1.0)}
        rows.append(row)
    return pd.DataFrame(rows)


def nearest_table(drawn: Drawn) -> pd.DataFrame:
    """Quantiles of the nearest distances of each set, at even shares."""
    import pandas as pd

    shares = np.concatenate([[0.01], np.linspace(0.02, 0.98, 49), [0.99]])
    frames = [
        pd.DataFrame({"set": name, "share": shares, "distance": np.quantile(values, shares), "n": len(values)})
        for name, values in drawn.near.items()
    ]
    return pd.concat(frames, ignore_index=True)
