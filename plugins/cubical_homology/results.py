# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.cubical_homology.charts import counts_chart
from plugins.cubical_homology.measures import NAMES, Measured

if TYPE_CHECKING:
    import pandas as pd

    from plugins.cubical_homology.analysis import CubicalHomology

LEVEL = 0.05


def result_of(sample: wb.Points, found: Measured, params: CubicalHomology.Params) -> wb.Result:
    """Metrics, the tables ``images``, ``bars`` (of the mean images) and ``classes``, charts, findings and notes."""
    classes = classes_table(found)
    arrays: dict[str, Any] = {
        "rows": np.asarray(sample.rows, dtype=np.int64)[found.positions],
        "means": np.stack([image for _, image, _ in found.means]).astype(np.float32),
    }
    return wb.Result(
        metrics=_metrics(classes, found),
        tables={"images": images_table(sample, found), "bars": bars_table(found), "classes": classes},
        arrays=arrays,
        charts={name: counts_chart(classes, name) for name in NAMES},
        findings=findings_of(found, params),
        notes=notes_of(found, params),
    )


def images_table(sample: wb.Points, found: Measured) -> pd.DataFrame:
    """One row for each image: its row in the data, class, counts, total lengths (values of the image) and entropies."""
    import pandas as pd

    names = np.array([*found.classes, ""])
    table = pd.DataFrame({"row": np.asarray(sample.rows)[found.positions], "class": names[found.codes]})
    for at, name in enumerate(NAMES):
        table[name] = found.counts[:, at].astype(np.int64)
        table[f"total_{name}"] = found.total[:, at]
        table[f"entropy_{name}"] = found.entropy[:, at]
        table[f"shuffled_{name}"] = found.shuffled[:, at].astype(np.int64)
    return table


def bars_table(found: Measured) -> pd.DataFrame:
    """The bars of the mean image of all and of each class, longest first; births and deaths are values of the image."""
    import pandas as pd

    rows = []
    for name, _, bars in found.means:
        for dimension, pairs in enumerate(bars):
            lengths = np.abs(pairs[:, 1] - pairs[:, 0])
            for at in np.argsort(-lengths, kind="stable"):
                rows.append(
                    {
                        "group": name,
                        "dimension": dimension,
                        "birth": float(pairs[at, 0]),
                        "death": float(pairs[at, 1]),
                        "length": float(lengths[at]),
                    }
                )
    return pd.DataFrame(rows, columns=["group", "dimension", "birth", "death", "length"])


def classes_table(found: Measured) -> pd.DataFrame:
    """Mean counts of all images and of each class with 95 % intervals (Student's law), and of the control."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    groups = [("", np.ones(len(found.codes), dtype=bool))]
    groups += [(name, found.codes == code) for code, name in enumerate(found.classes)]
    for group, mine in groups:
        for at, name in enumerate(NAMES):
            value, low, high = mean_with_interval(found.counts[mine, at])
            low = max(low, 0.0) if low == low else low  # there are no fewer than none
            rows.append(
                {
                    "group": group,
                    "count": name,
                    "mean": value,
                    "low": low,
                    "high": high,
                    "shuffled": float(found.shuffled[mine, at].mean()),
                    "images": int(mine.sum()),
                }
            )
    return pd.DataFrame(rows)


def mean_with_interval(values: Any) -> tuple[float, float, float]:
    """Mean and 95 % interval by Student's law; no interval of a single value.

    >>> [round(one, 3) for one in mean_with_interval(np.array([1.0, 2.0, 3.0]))]
    [2.0, -0.484, 4.484]
    """
    from scipy.stats import t

    n, value = len(values), float(np.mean(values))
    if n < 2:
        return value, float("nan"), float("nan")
    reach = float(np.std(values, ddof=1) / np.sqrt(n) * t.ppf(0.975, n - 1))
    return value, value - reach, value + reach


def _metrics(classes: pd.DataFrame, found: Measured) -> dict[str, float | wb.Metric]:
    metrics: dict[str, float | wb.Metric] = {}
    for row in classes[classes["group"] == ""].to_dict("records"):
        metrics[str(row["count"])] = wb.Metric(
            float(row["mean"]),
            _or_none(row["low"]),
            _or_none(row["high"]),
            n=int(row["images"]),
            unit="an image",
            label=f"{str(row['count']).capitalize()} of an image",
            note=f"mean; of the same pixels in random order it is {row['shuffled']:.3g}",
        )
    for name, one in zip(NAMES, found.explained, strict=False):
        if one.value == one.value:
            metrics[f"explained_{name}"] = wb.Metric(
                one.value,
                one.low,
                one.high,
                n=len(found.codes),
                label=f"Spread of {name} that the classes explain",
                note=f"eta squared; with the classes in random order up to {one.control:.3g} (95 %), p = {one.p:.3g}",
            )
    return metrics


def findings_of(found: Measured, params: CubicalHomology.Params) -> list[wb.Finding]:
    """Classes that explain more of the counts than classes in random order do."""
    return [
        wb.Finding(
            "cubical-homology.classes-differ",
            f"Classes of {params.by} differ in {name}: they explain {one.value:.0%} of the spread of the number of "
            f"{name}, and {one.control:.1%} at most (95 %) in random order.",
            value=one.value,
            threshold=one.control,
            low=one.low,
            high=one.high,
            n=len(found.codes),
            wrong_if="the classes differ in size, brightness or noise of the images, which make and break blobs and "
            "rings at the prominence that was asked for: look at others",
            figure=name,
        )
        for name, one in zip(NAMES, found.explained, strict=False)
        if one.p <= LEVEL and one.low > one.control
    ]


def notes_of(found: Measured, params: CubicalHomology.Params) -> list[str]:
    """What was looked at, and in which units."""
    which = "high" if params.levels == "high" else "low"
    notes = [
        f"{len(found.codes):,} images; blobs (H0) and rings (H1) of {which} values by cubical complexes over "
        f"Z/{params.field}. Births and deaths are values of the image (mean of its channels); a bar counts from "
        f"{params.prominence:.0%} of the range of the space on. The blob that all end up in counts as well.",
        f"Pixels of {which} values touch along sides and corners, so that a ring may close over a corner.",
        "The control is the same pixels in random order: what their values make without any shape.",
        "The table 'bars' and the array 'means' are of the mean image of all (first) and of each class; a mean image "
        "is no image of the class, and its rings need not be theirs.",
    ]
    if found.dropped:
        notes.append(f"{found.dropped:,} images hold NaN or infinity and are left out.")
    return notes


def _or_none(value: Any) -> float | None:
    return float(value) if value == value else None
