# SPDX-License-Identifier: Apache-2.0
"""What an inversion gives: a table of every start, codes, pictures beside each other, and what it states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.difference_direction.shell import shell_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.editor.inversion import Inversion
    from plugins.editor.inverting import Inverted
    from registry.arrays import Array

RECOVERED: Final = 0.01  # root mean squared difference, of the range of values, below which a picture has come back
APART: Final = 2.0  # the median start is this many times as far off as the best one


def frame_of(space: wb.Vectors) -> tuple[Array, Array]:
    """Centre and standard deviations ``[d]`` of the prior of a space; 0 and 1 where it has none."""
    from registry.priors import Normal, Sphere, Uniform

    prior, size = space.prior, space.size
    centre: Any = 0.0
    spread: Any = 1.0
    if isinstance(prior, Normal):
        centre, spread = prior.mean, prior.std
    elif isinstance(prior, Uniform):
        centre, spread = (prior.low + prior.high) / 2, (prior.high - prior.low) / np.sqrt(12)
    elif isinstance(prior, Sphere):
        spread = prior.radius / np.sqrt(size)
    std = np.broadcast_to(np.asarray(spread, dtype=np.float64), (size,)).copy()
    std[std <= 0] = 1.0
    return np.broadcast_to(np.asarray(centre, dtype=np.float64), (size,)).copy(), std


def result_of(
    job: wb.Job,
    map_: Any,
    sample: wb.Points,
    controls: Array,
    truth: Array | None,
    control_codes: Array,
    found: Inverted,
    params: Inversion.Params,
) -> wb.Result:
    """Numbers, tables, pictures and findings of a run."""
    n = len(sample)
    known = np.full((len(found.codes), map_.source.size), np.nan)
    if truth is not None:
        known[:n] = truth
    known[n:] = control_codes
    table = _table(map_.source, sample, found, known)
    best = table[table["best"]].reset_index(drop=True)
    given, checked = best[best["kind"] == "picture"], best[best["kind"] == "control"]
    if truth is not None:
        checked = given
    metrics = _metrics(given, checked)
    codes = found.codes[np.arange(len(found.codes)), found.best]
    return wb.Result(
        metrics=metrics,
        tables={"inversions": table, "pictures": best},
        arrays={"codes": codes[:n], "rows": sample.rows, "every_code": found.codes[:n]},
        images={"examples": _sheet(job, map_, sample, controls, codes, best)},
        charts=_charts(table, found),
        findings=_findings(map_.source, given, checked, table, own=truth is not None),
        notes=_notes(map_, sample, params, own=truth is not None),
    )


def _table(space: wb.Vectors, sample: wb.Points, found: Inverted, known: Array) -> pd.DataFrame:
    import pandas as pd

    mean, std = frame_of(space)
    n, restarts = found.errors.shape
    flat = found.codes.reshape(n * restarts, -1).astype(np.float64)
    distance = np.linalg.norm((flat - mean) / std, axis=1)
    shell = shell_of(space)
    picture = np.repeat(np.arange(n), restarts)
    own = np.arange(n) >= len(sample)
    number = np.concatenate([sample.rows, np.arange(own.sum())]).astype(np.int64)
    return pd.DataFrame(
        {
            "kind": np.where(own, "control", "picture")[picture],
            "picture": number[picture],
            "restart": np.tile(np.arange(restarts), n),
            "error": found.errors.ravel(),
            "loss": found.losses.ravel(),
            "best": (np.arange(restarts)[None] == found.best[:, None]).ravel(),
            "distance": distance,
            "share_of_prior_below": np.full(len(flat), np.nan) if shell is None else shell.share_below(distance),
            "distance_from_truth": np.linalg.norm((flat - known[picture]) / std, axis=1),
        }
    )


def _mean(values: Array, label: str, note: str, better: Any = "lower") -> wb.Metric:
    """A mean of what is never negative, with its 95 % interval (Student's t); no interval of fewer than two."""
    from scipy.stats import t

    mean, n = float(values.mean()) if len(values) else float("nan"), len(values)
    if n < 2:
        return wb.Metric(mean, n=n, label=label, note=note)
    half = float(t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))  # a bootstrap of so few is too narrow
    told = f"{note}; 95 % interval over pictures (Student's t)"
    return wb.Metric(mean, max(mean - half, 0.0), mean + half, n=n, label=label, note=told, better=better)


def _share(hits: Array, label: str, note: str) -> wb.Metric:
    """A share with its 95 % interval (Wilson), which says something of 4 in 4 as well."""
    from plugins.homology.trust import wilson

    low, high = (float(one[0]) for one in wilson([int(hits.sum())], len(hits)))
    told = f"{note}; 95 % interval over pictures (Wilson)"
    return wb.Metric(float(hits.mean()), low, high, n=len(hits), label=label, note=told, better="higher")


def _metrics(given: pd.DataFrame, checked: pd.DataFrame) -> dict[str, wb.Metric]:
    error = "root mean squared difference of the best start, as a share of the range of values"
    metrics = {
        "error": _mean(given["error"].to_numpy(), "Error", error),
        "distance": _mean(
            given["distance"].to_numpy(), "Distance from the centre", "in standard deviations of the prior", ""
        ),
    }
    if len(checked):
        metrics["error_of_own"] = _mean(checked["error"].to_numpy(), "Error of the model's own pictures", error)
        back = checked["error"].to_numpy() < RECOVERED
        note = f"share of the model's own pictures that come back to within {RECOVERED:g} of the range"
        metrics["recovered"] = _share(back, "Own pictures recovered", note)
        metrics["distance_from_truth"] = _mean(
            checked["distance_from_truth"].to_numpy(), "Distance from the true code", "in standard deviations"
        )
    return metrics


def _charts(table: pd.DataFrame, found: Inverted) -> dict[str, Any]:
    from plugins.editor.inversion_charts import course_chart, errors_chart

    charts = {"errors": errors_chart(table)}
    if found.traced.shape[2] > 1:
        charts["course"] = course_chart(found)
    return charts


def _sheet(job: wb.Job, map_: Any, sample: wb.Points, controls: Array, codes: Array, best: pd.DataFrame) -> Array:
    """Originals, what came back and the difference, at most eight pictures and then four controls."""
    import torch

    from plugins.reconstruction.pictures import sheet

    shown = [*range(min(len(sample), 8)), *range(len(sample), min(len(codes), len(sample) + 4))]
    originals = np.concatenate([np.asarray(sample.values), controls]) if len(controls) else np.asarray(sample.values)
    with torch.no_grad():
        back = map_.point(torch.from_numpy(codes[shown]).to(job.device)).cpu().numpy()
    captions = [
        f"{'own' if kind == 'control' else 'row'} {number}: {error:.3f}"
        for kind, number, error in best.loc[shown, ["kind", "picture", "error"]].itertuples(index=False)
    ]
    picture, _ = sheet(originals[shown], back, map_.target.low, map_.target.high, captions)
    return np.asarray(picture)


def _findings(
    space: wb.Vectors, given: pd.DataFrame, checked: pd.DataFrame, table: pd.DataFrame, *, own: bool
) -> list[wb.Finding]:
    findings = []
    spread = table.groupby(["kind", "picture"])["error"].agg(["min", "median"])
    ratio = float((spread["median"] / spread["min"].clip(lower=1e-6)).median())
    if ratio > APART and float(spread["median"].median()) > RECOVERED:
        findings.append(
            wb.Finding(
                "inversion.starts-disagree",
                f"The search ends in different places: the median start is {ratio:.2g} times as far off as the best.",
                value=ratio,
                threshold=APART,
                n=len(spread),
                wrong_if="there were too few steps for any start to settle",
                figure="errors",
            )
        )
    shell = shell_of(space)
    if shell is not None and len(given):
        outside = given["distance"].to_numpy() > shell.outer
        if outside.any():
            findings.append(
                wb.Finding(
                    "inversion.outside-the-shell",
                    f"{int(outside.sum())} of {len(given)} codes lie further out than 99 % of the prior: edits start "
                    "where the model has seen nothing.",
                    value=float(outside.mean()),
                    threshold=0.0,
                    n=len(given),
                    wrong_if="the prior is not what the model was trained with",
                    figure="errors",
                )
            )
    if (
        not own
        and len(checked)
        and float(given["error"].median()) > max(APART * float(checked["error"].max()), RECOVERED)
    ):
        findings.append(
            wb.Finding(
                "inversion.not-drawn-by-the-model",
                f"The pictures come back with an error of {given['error'].median():.3g}, the model's own with "
                f"{checked['error'].max():.3g} at most: the model cannot draw them.",
                value=float(given["error"].median()),
                threshold=float(APART * checked["error"].max()),
                n=len(given),
                severity="serious",
                wrong_if="the pictures are framed or scaled otherwise than those of the training",
                figure="examples",
            )
        )
    return findings


def _notes(map_: Any, sample: wb.Points, params: Inversion.Params, *, own: bool) -> list[str]:
    notes = [
        "Best start: that of the smallest loss. The same seed gives the same codes on the same machine and number of "
        "threads."
    ]
    if own:
        notes.append(
            "The pictures are draws of the model itself, so that their true codes are known; name data to invert it."
        )
    elif not params.controls:
        notes.append(
            "No pictures of the model's own were inverted beside these: how well the search does is not known."
        )
    if map_.source.prior is None:
        notes.append(f"{map_.source.name} has no prior: starts are standard normal.")
    return notes
