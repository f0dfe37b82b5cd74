# SPDX-License-Identifier: Apache-2.0
"""What must be read with the result: what was compared, what the p values mean, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugins.contrast.sides import Sides
from workbench.runs.automatic import called, is_automatic

if TYPE_CHECKING:
    import pandas as pd

CIRCULAR = (
    "Where the selection was drawn on a map of these points{where} p and q values of that space, of what it comes "
    "from and of what is computed from it are circular: the groups were chosen by looking at what is tested "
    "(Kriegeskorte and others, Nature Neuroscience 2009; Gao, Bien and Witten, Journal of the American Statistical "
    "Association 2022). Their effects still describe the selection, and labels and attributes that had no part in "
    "making the map are not circular."
)
EFFECT = (
    "The effect is the probability that a point inside has the higher value than one outside (0.5: no difference; a "
    "category counts as 1 where a point has it, as 0 elsewhere). It sees differences in level: where only the spread "
    "differs, look at the ratio of standard deviations in the table."
)
STRONGEST = (
    "Each interval holds for its feature alone: the strongest of many are overestimated on average, since they were "
    "chosen for being strong."
)


def sides_note(sides: Sides, selection: str, against: str | None, seed: int) -> str:
    """How many points of each side were compared."""
    other = _side(against) if against else "of the others"
    counts = []
    for rows, whole, name in (
        (sides.inside, sides.all_inside, _side(selection)),
        (sides.outside, sides.all_outside, other),
    ):
        part = f"{len(rows):,}" if len(rows) == whole else f"{len(rows):,} random ones of {whole:,}"
        counts.append(f"{part} points {name}")
    return f"Compared: {counts[0]} with {counts[1]}, seed {seed}."


def _side(name: str) -> str:
    return f"of {called(name)}" if is_automatic(name) else f"of '{name}'"


def tests_note(features: pd.DataFrame, correction: str) -> str:
    """How many tests were made, and how they were corrected for."""
    columns = int((features["kind"] == "column").sum())
    others = len(features) - columns
    name = " and ".join(part.capitalize() for part in correction.split("-"))
    dependent = (
        "valid for independent and for positively dependent tests, which units of one network mostly are"
        if correction == "benjamini-hochberg"
        else "valid for any dependence of the tests"
    )
    return (
        f"{len(features):,} tests were made ({columns:,} of columns, {others:,} of numbers in spaces and layers); q "
        f"values are those of {name}, {dependent}: the larger of those over all tests and over each of the two groups."
    )


def circular_note(features: pd.DataFrame, drawn_on: str | None) -> list[str]:
    """That p values of what the selection was chosen by are circular."""
    if not (features["kind"] != "column").any():
        return []
    if drawn_on:
        where = f", as here on one of {drawn_on},"
        return [CIRCULAR.format(where=where)]
    return [CIRCULAR.format(where="")]


def left_out_note(untested: pd.DataFrame) -> list[str]:
    """How many features were not tested, by reason."""
    if len(untested) == 0:
        return []
    why = untested["why"].str.replace(r"^the same numbers as .*", "the same numbers as another layer", regex=True)
    counts = untested.assign(why=why).groupby("why", sort=False)["features"].sum().sort_values(ascending=False)
    parts = ", ".join(f"{count:,} ({why})" for why, count in list(counts.items())[:6])
    return [f"Not tested: {parts}; see the table 'not_tested'."]
