# SPDX-License-Identifier: Apache-2.0
"""The analysis: points there and back, how far off they are, and whether that beats the mean point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import Field, field_validator

import workbench as wb
from plugins.reconstruction import charts
from plugins.reconstruction.errors import RESAMPLES, Estimate, bootstrap_means, estimate, l1, l2
from plugins.reconstruction.sweep import condition_of, parse, values_of

if TYPE_CHECKING:
    import pandas as pd

BATCH = 256


@dataclass(frozen=True)
class Measured:
    """Errors of each point, float64 ``[n, values of the condition]``, and of the mean point in its place, ``[n]``."""

    l1: np.ndarray
    l2: np.ndarray
    mean_l1: np.ndarray
    mean_l2: np.ndarray


class Reconstruction(wb.Analysis):
    """How much of a picture comes back after it was encoded and decoded?

    Measures for each picture (or vector) the mean absolute (L1) and the root mean squared difference (L2) between it
    and its reconstruction, in the units of the space, and sets them against the plainest guess: the mean of the sample
    in place of each picture. Where the decoder has a whole-number condition, such as a number of components, the
    errors are measured along it.
    """

    name = "reconstruction"
    title = "Reconstruction error"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("autoencoder", "error")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    needs_model = True

    class Params(wb.Params):
        """The two maps must lead to each other's start."""

        encode: wb.Pick[wb.Map[wb.Images | wb.Vectors, wb.Vectors]] = Field(description="The map to the code.")
        decode: wb.Pick[wb.Map[wb.Vectors, wb.Images | wb.Vectors]] = Field(description="The map back.")
        limit: int = Field(1000, ge=2, le=100_000, description="Most points measured, taken at random.")
        condition: str = Field(
            "", description="Whole-number condition of the decoder to sweep; empty: its first one, if it has one."
        )
        values: str = Field("", description="Values of the condition, e.g. 1, 5, 20; empty: eight up to its default.")
        examples: int = Field(8, ge=1, le=24, description="Pictures shown, from the best to the worst.")

        @field_validator("values")
        @classmethod
        def _whole_numbers(cls, text: str) -> str:
            parse(text)
            return text

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Measure, with intervals over the sample of pictures."""
        encode, decode = _pair(job.model, params)
        condition = condition_of(decode, params.condition)
        swept = values_of(condition, parse(params.values)) if condition is not None else ()
        settings: list[dict[str, Any]] = [{condition.name: one} for one in swept] if condition is not None else []
        job.progress(0.0, "points")
        sample = job.points(encode.source.name, limit=params.limit)
        if len(sample) < 2:
            raise wb.DataError(f"a reconstruction error needs at least 2 points of '{encode.source.name}', got one")
        mean = sample.values.mean(axis=0, dtype=np.float64)
        measured = _measure(job, sample, encode, decode, [{}, *settings], mean)
        job.progress(0.9, "intervals")
        seed = int(job.rng.integers(2**63))
        whole = _metrics(measured, seed, encode.source)
        result = wb.Result(
            metrics=whole,
            tables={"errors": _table(sample, measured)},
            arrays={"rows": sample.rows},
            charts={"errors": charts.histogram(measured.l2[:, 0], measured.mean_l2)},
            findings=_findings(measured, seed),
            notes=_notes(sample, encode),
        )
        tables, drawn, images = dict(result.tables), dict(result.charts), dict(result.images)
        if condition is not None:
            tables["by_condition"] = _sweep(condition.name, swept, measured, seed)
            drawn["by_condition"] = charts.curve(tables["by_condition"], condition.name, float(measured.mean_l2.mean()))
        if isinstance(encode.source, wb.Images):
            images["examples"] = _examples(job, sample, encode, decode, measured.l2[:, 0], params.examples)
        job.progress(1.0, "done")
        return wb.Result(whole, tables, result.arrays, images, drawn, result.findings, result.notes)


def _pair(model: wb.Model, params: Reconstruction.Params) -> tuple[wb.Map[Any, Any], wb.Map[Any, Any]]:
    encode, decode = model.maps[params.encode], model.maps[params.decode]
    there, back = (encode.source.name, encode.target.name), (decode.target.name, decode.source.name)
    if there != back:
        raise wb.ParameterError(
            f"'{encode.name}' leads from {there[0]} to {there[1]} and '{decode.name}' from {back[1]} to {back[0]}: "
            "choose two maps that lead there and back"
        )
    return encode, decode


def _back(job: wb.Job, batch: np.ndarray, encode: wb.Map[Any, Any], decode: wb.Map[Any, Any], settings: Any) -> Any:
    """The reconstructions of ``batch`` at each of ``settings``, as float32 arrays of its shape."""
    import torch

    from registry.arrays import to_numpy

    with torch.no_grad():
        code = encode.point(torch.from_numpy(np.array(batch, dtype=np.float32)).to(job.device))
        for one in settings:
            back = to_numpy(decode.point(code, **one))
            if back.shape != batch.shape:
                raise wb.MapError(
                    f"map '{decode.name}' gave points of shape {list(back.shape[1:])}, those encoded had "
                    f"{list(batch.shape[1:])}: they cannot be compared"
                )
            yield back


def _measure(
    job: wb.Job,
    sample: wb.Points,
    encode: wb.Map[Any, Any],
    decode: wb.Map[Any, Any],
    settings: list[dict[str, Any]],
    mean: np.ndarray,
) -> Measured:
    n = len(sample)
    absolute, squared = np.empty((n, len(settings))), np.empty((n, len(settings)))
    mean_absolute, mean_squared = np.empty(n), np.empty(n)
    for start in range(0, n, BATCH):
        part = slice(start, min(start + BATCH, n))
        batch = np.asarray(sample.values[part])
        plain = np.broadcast_to(mean, batch.shape)
        mean_absolute[part], mean_squared[part] = l1(batch, plain), l2(batch, plain)
        for column, back in enumerate(_back(job, batch, encode, decode, settings)):
            absolute[part, column], squared[part, column] = l1(batch, back), l2(batch, back)
        job.progress(0.05 + 0.85 * part.stop / n, "encoding and decoding")
    return Measured(absolute, squared, mean_absolute, mean_squared)


def _means(columns: np.ndarray, seed: int) -> list[Estimate]:
    drawn = bootstrap_means(columns, seed)
    return [estimate(float(value), drawn[:, at]) for at, value in enumerate(columns.mean(axis=0))]


def _metrics(measured: Measured, seed: int, space: wb.Space) -> dict[str, wb.Metric]:
    n = len(measured.mean_l2)
    worse = (measured.l2[:, 0] > measured.mean_l2).astype(np.float64)
    columns = [measured.l1[:, 0], measured.l2[:, 0], measured.mean_l1, measured.mean_l2, worse]
    energy = np.stack([measured.l2[:, 0] ** 2, measured.mean_l2**2], axis=1)
    drawn = bootstrap_means(energy, seed)
    left, whole = energy.mean(axis=0)
    note = f"mean over the sample; 95 % bootstrap interval over its points ({RESAMPLES} resamples)"
    labels = {
        "l1": ("Mean absolute error", "lower", note),
        "l2": ("Root mean squared error", "lower", f"of each point, then {note}"),
        "l1_of_mean": ("Mean absolute error, mean point", "", "the mean of this sample in place of each point"),
        "l2_of_mean": (
            "Root mean squared error, mean point",
            "",
            "the mean of this sample in place of each point",
        ),
        "worse_than_mean": ("Nearer to the mean point", "lower", f"share of the points; {note}"),
    }
    metrics = {}
    for (name, (label, better, words)), one in zip(
        labels.items(), _means(np.stack(columns, axis=1), seed), strict=True
    ):
        told = words if name == "worse_than_mean" else f"{words}; {_scale(space)}"
        metrics[name] = _metric(one, n, label, better, told)
    if whole > 0:
        shares = 1 - drawn[:, 0] / np.where(drawn[:, 1] > 0, drawn[:, 1], whole)
        words = "1 - squared error / squared distance from the mean point; below 0 the mean point is nearer"
        label = "Variance that comes back"
        metrics["explained"] = _metric(estimate(1 - left / whole, shares), n, label, "higher", words)
    return metrics


def _scale(space: wb.Space) -> str:
    """What an error of 1 is."""
    if isinstance(space, wb.Images):
        return f"the values of {space.name} go from {space.low:g} to {space.high:g}"
    return f"in the units of {space.name}"


def _metric(one: Estimate, n: int, label: str, better: Any, note: str) -> wb.Metric:
    return wb.Metric(one.value, one.low, one.high, n=n, label=label, better=better, note=note)


def _table(sample: wb.Points, measured: Measured) -> pd.DataFrame:
    import pandas as pd

    own = pd.DataFrame(
        {"row": sample.rows, "l1": measured.l1[:, 0], "l2": measured.l2[:, 0], "l2_of_mean": measured.mean_l2}
    )
    columns = sample.columns.reset_index(drop=True)
    return own.join(columns[[name for name in columns.columns if name not in own.columns]])


def _sweep(name: str, swept: tuple[int, ...], measured: Measured, seed: int) -> pd.DataFrame:
    """One row for each value: mean L1 and L2 with their intervals, and the mean squared error."""
    import pandas as pd

    rows = []
    by_l1, by_l2 = _means(measured.l1[:, 1:], seed), _means(measured.l2[:, 1:], seed)
    for at, value in enumerate(swept):
        first, second = by_l1[at], by_l2[at]
        rows.append(
            {
                name: value,
                "l1": first.value,
                "l1_low": first.low,
                "l1_high": first.high,
                "l2": second.value,
                "l2_low": second.low,
                "l2_high": second.high,
                "mean_squared_error": float(np.square(measured.l2[:, 1 + at]).mean()),
                "n": len(measured.l2),
            }
        )
    return pd.DataFrame(rows)


def _findings(measured: Measured, seed: int) -> list[wb.Finding]:
    """Whether the mean point is nearer than the reconstruction: for the sample as a whole, else for single points."""
    n = len(measured.mean_l2)
    gap = measured.l2[:, 0] - measured.mean_l2
    (one,) = _means(gap[:, None], seed)
    if one.low > 0:
        return [
            wb.Finding(
                "reconstruction.worse-than-mean",
                "Reconstructions are further from their points than the mean point is: their root mean squared error "
                f"is {one.value:.3g} larger on average.",
                value=one.value,
                threshold=0.0,
                low=one.low,
                high=one.high,
                n=n,
                severity="serious",
                wrong_if="the sample is of another kind or range than the model was made for",
                figure="errors",
            )
        ]
    (share,) = _means((gap > 0).astype(np.float64)[:, None], seed)
    if share.low > 0.05:  # beyond one in twenty it is a group of points, not chance ones
        return [
            wb.Finding(
                "reconstruction.some-worse-than-mean",
                f"{share.value:.0%} of the points are nearer to the mean point than to their reconstruction.",
                value=share.value,
                threshold=0.05,
                low=share.low,
                high=share.high,
                n=n,
                wrong_if="these points are of another kind than the model was made for",
                figure="errors",
            )
        ]
    return []


def _notes(sample: wb.Points, encode: wb.Map[Any, Any]) -> list[str]:
    notes = []
    if sample.source == "prior":
        notes.append(
            f"The points of {encode.source.name} were made by the model itself from its prior: a model brings its own "
            "pictures back more easily than real ones. Name a data set."
        )
    return notes


def _examples(
    job: wb.Job,
    sample: wb.Points,
    encode: wb.Map[Any, Any],
    decode: wb.Map[Any, Any],
    error: np.ndarray,
    count: int,
) -> np.ndarray:
    """The sheet of examples at evenly spaced ranks of L2, best first."""
    from plugins.reconstruction.pictures import sheet

    order = np.argsort(error, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(int))]
    originals = np.asarray(sample.values)[chosen]
    (others,) = _back(job, originals, encode, decode, [{}])
    space = encode.source
    assert isinstance(space, wb.Images)  # the caller draws examples of images only
    captions = [f"L2 {error[one]:.3g}" for one in chosen]
    picture, _ = sheet(originals, others, space.low, space.high, captions)
    return np.asarray(picture)
