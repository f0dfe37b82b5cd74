# SPDX-License-Identifier: Apache-2.0
"""What stands out: data that no draw comes near, draws off the data, a class that is missing, another shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd

MARGIN = 0.05  # a share lacking that is worth telling
SERIOUS = 0.5
LEVEL = 0.05
SHAPES = ("pieces", "loops", "voids")
WRONG_SAMPLE = "the data is of another kind or range than the model was made for"


def findings_of(
    measures: pd.DataFrame, classes: pd.DataFrame | None, column: str, distances: pd.DataFrame | None, where: str
) -> list[wb.Finding]:
    """Coverage and recall first, then precision, classes and shapes."""
    by_name = measures.set_index("measure")
    found = [
        *_not_covered(by_name, where),
        *_off_data(by_name, where),
    ]
    if classes is not None:
        found += _classes(classes, column)
    if distances is not None:
        found += _shapes(distances, where)
    return found


def _not_covered(measures: Any, where: str) -> list[wb.Finding]:
    worse = max(("coverage", "recall"), key=lambda one: _low(measures.loc[one]))
    row = measures.loc[worse]
    if not _low(row) > MARGIN:
        return []
    words = {
        "coverage": f"{1 - row['value']:.0%} of the real points have no draw nearer than their neighbour number "
        f"{int(row['k'])}; of two halves of the data {1 - row['control']:.0%} have none (coverage in {where})",
        "recall": f"{1 - row['value']:.0%} of the real points lie nowhere among the draws, and "
        f"{1 - row['control']:.0%} nowhere among other real points (recall in {where})",
    }
    return [
        wb.Finding(
            "coverage.not-covered",
            words[worse] + ".",
            value=float(row["shortfall"]),
            threshold=MARGIN,
            low=_low(row),
            high=float(row["shortfall_high"]),
            n=int(row["n"]),
            severity="serious" if _low(row) > SERIOUS else "warning",
            wrong_if=f"distances in {where} say little of what the samples are, as those of blurred pictures do "
            f"(compare in a space that means something), or {WRONG_SAMPLE}",
            figure="measures",
        )
    ]


def _off_data(measures: Any, where: str) -> list[wb.Finding]:
    row = measures.loc["precision"]
    if not _low(row) > MARGIN:
        return []
    return [
        wb.Finding(
            "coverage.off-data",
            f"{1 - row['value']:.0%} of the draws lie nowhere among the data, and {1 - row['control']:.0%} of "
            f"other real points do (precision in {where}).",
            value=float(row["shortfall"]),
            threshold=MARGIN,
            low=_low(row),
            high=float(row["shortfall_high"]),
            n=int(row["n"]),
            severity="serious" if _low(row) > SERIOUS else "warning",
            wrong_if=f"the sample of the data is too small to show all it holds, or {WRONG_SAMPLE}",
            figure="measures",
        )
    ]


def _classes(classes: pd.DataFrame, column: str) -> list[wb.Finding]:
    told = []
    for row in classes.to_dict("records"):
        if not float(row["lacking_low"]) > MARGIN:
            continue
        told.append(
            wb.Finding(
                "coverage.missing-class",
                f"Samples of {column} {row['class']} are covered less than the others: {row['coverage']:.0%} "
                f"have a draw near them, and {row['control']:.0%} another real point.",
                value=float(row["lacking"]),
                threshold=MARGIN,
                low=float(row["lacking_low"]),
                high=float(row["lacking_high"]),
                n=int(row["n"]),
                severity="serious" if float(row["coverage_high"]) < MARGIN else "warning",
                wrong_if="the class has more variety than the others, so that equally many draws leave more of it bare",
                figure="classes",
            )
        )
    return told


def _shapes(distances: pd.DataFrame, where: str) -> list[wb.Finding]:
    told = []
    for dimension in sorted(set(distances["dimension"])):
        rows = distances[distances["dimension"] == dimension].to_dict("records")
        row = max(rows, key=lambda one: float(one["excess_low"]) if one["excess_low"] == one["excess_low"] else -1.0)
        if not float(row["excess_low"]) > 0:
            continue
        control = max(row["halves_of_real"], row["halves_of_generated"])
        name = {"bottleneck": "bottleneck", "wasserstein": "Wasserstein"}[str(row["measure"])]
        told.append(
            wb.Finding(
                "coverage.shape-differs",
                f"The shape of samples differs from the shape of data in its {SHAPES[int(row['dimension'])]}: "
                f"the {name} distance is {row['real_generated']:.3g} median distances of the data, and "
                f"{control:.3g} between two halves of one set (in {where}).",
                value=float(row["excess"]),
                threshold=0.0,
                low=float(row["excess_low"]),
                high=float(row["excess_high"]),
                n=int(row["n"]),
                wrong_if="one set is only smaller than the other, as blurred pictures are: the Betti curves are then "
                "the same but for their scale",
                figure=str(row["measure"]),
            )
        )
    return told


def _low(row: Any) -> float:
    return float(row["shortfall_low"])
