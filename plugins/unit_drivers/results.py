# SPDX-License-Identifier: Apache-2.0
"""What a run gives: tables of units and attributes, the chosen unit's ends and maps, charts, findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import workbench as wb
from plugins.contrast.columns import is_category
from plugins.unit_drivers import charts
from plugins.unit_drivers.attributes import MOST_CLASSES, Attributes
from plugins.unit_drivers.findings import findings_of
from plugins.unit_drivers.ground import Ground
from plugins.unit_drivers.maps import ClassMaps
from plugins.unit_drivers.relating import Related

if TYPE_CHECKING:
    from plugins.unit_drivers.analysis import UnitDrivers as UnitDrivers

LEVEL: Final = 0.05


@dataclass(frozen=True)
class Found:
    """Everything that a run has measured.

    Attributes
    ----------
    known : samples that have every attribute
    column : whose classes were used, ``""`` where there were none
    preferred : the table of selectivity
    unit : the number of the chosen unit
    maps, why : its maps, or why it has none
    """

    ground: Ground
    attributes: Attributes
    relation: Related | None
    known: int
    column: str
    preferred: pd.DataFrame
    unit: int
    maps: ClassMaps | None
    why: str

    @property
    def at(self) -> int:
        """The chosen unit's place among those looked at."""
        return int(np.flatnonzero(self.ground.units == self.unit)[0])


def chosen_unit(ground: Ground, relation: Related | None, named: int | None) -> int:
    """The named unit; else the one that follows an attribute most; else the one that varies most."""
    if named is not None:
        return named
    if relation is not None and np.isfinite(relation.rho).any():
        return int(ground.units[int(np.nanargmax(np.nanmax(np.abs(np.nan_to_num(relation.rho)), axis=1)))])
    return int(ground.units[int(ground.values.std(axis=0).argmax())])


def classes_of(columns: pd.DataFrame, by: str | None) -> tuple[str, NDArray[Any]]:
    """The column of classes, and the class of each sample as text, ``""`` where it has none.

    Raises
    ------
    ParameterError
        When a named column has more than 20 classes, or fewer than 2.
    """
    for name in [by] if by is not None else [one for one in columns.columns if str(one) not in ("split", "row")]:
        column = columns[name]
        count = column.dropna().astype(str).nunique()
        if 2 <= count <= MOST_CLASSES and (by is not None or is_category(column, column)):
            return str(name), np.where(column.notna(), column.astype(str), "").astype(str)
        if by is not None:
            raise wb.ParameterError(
                f"the column '{by}' has {count} value{'s' * (count != 1)} among these samples: 2 to {MOST_CLASSES} "
                "make classes"
            )
    return "", np.full(len(columns), "", dtype=str)


def relations_of(found: Found) -> pd.DataFrame:
    """One row for each unit and attribute."""
    one, ground = found.relation, found.ground
    if one is None:
        return pd.DataFrame()
    count = len(found.attributes.names)
    return pd.DataFrame(
        {
            "unit": np.repeat(ground.units, count),
            "attribute": list(found.attributes.names) * len(ground.units),
            **{name: getattr(one, name).ravel() for name in ("rho", "low", "high", "p")},
            "n": one.n,
        }
    )


def units_table(found: Found) -> pd.DataFrame:
    """One row for each unit: how it varies, what it follows most, which class it tells apart."""
    ground, one = found.ground, found.relation
    values = ground.values.astype(np.float64)
    table = pd.DataFrame(
        {
            "unit": ground.units,
            "mean": values.mean(axis=0),
            "deviation": values.std(axis=0, ddof=1),
            "zero": (values == 0).mean(axis=0),
            "changes": np.ptp(values, axis=0) > 1e-9 * (1 + np.abs(values).max(axis=0)),
        }
    )
    if one is not None:
        best = np.abs(np.nan_to_num(one.rho)).argmax(axis=1)
        each = np.arange(len(ground.units))
        table["attribute"] = [found.attributes.names[at] for at in best]
        for name in ("rho", "low", "high", "p"):
            table[name] = getattr(one, name)[each, best]
    if len(found.preferred):
        renamed = {"class": "class", "auc": "auc", "low": "auc_low", "high": "auc_high", "p": "auc_p"}
        table = table.merge(found.preferred[["unit", *renamed]].rename(columns=renamed), on="unit")
    return table


def result_of(found: Found) -> wb.Result:
    """Tables, arrays, charts, findings and notes."""
    ground = found.ground
    units, relations = units_table(found), relations_of(found)
    values = ground.values[:, found.at]
    order = np.argsort(values, kind="stable")
    arrays: dict[str, Any] = {
        "rows": np.asarray(ground.points.rows, dtype=np.int64),
        "units": ground.units,
        "values": ground.values,
        "order": order.astype(np.int64),
    }
    shown: dict[str, Any] = {"values": charts.histogram(values, f"{ground.word} {found.unit}")}
    if found.relation is not None:
        shown["relations"] = charts.relations(relations, units)
        shown["unit"] = charts.unit(relations[relations["unit"] == found.unit], found.relation.chance)
    if len(found.preferred):
        shown["selectivity"] = charts.selectivity(found.preferred, found.column, ground.word)
    tables = {"units": units}
    if len(relations):
        tables["relations"] = relations
    if found.maps is not None:
        one = found.maps
        arrays |= {"maps": one.means.astype(np.float32), "errors": one.errors.astype(np.float32)}
        arrays["inputs"] = one.inputs.astype(np.float32)
        tables["classes"] = pd.DataFrame({"class": one.names, "n": one.counts})
        if one.means.ndim == 2:
            shown["class-values"] = charts.class_values(one)
    return wb.Result(
        metrics=metrics_of(found, units),
        tables=tables,
        arrays=arrays,
        charts=shown,
        findings=findings_of(found, units),
        notes=notes_of(found),
    )


def metrics_of(found: Found, units: pd.DataFrame) -> dict[str, wb.Metric]:
    """Of all units, and of the chosen one."""
    n, word = len(found.ground.values), found.ground.word
    metrics = {
        "unit": wb.Metric(found.unit, label=f"The {word} shown"),
        "changing": wb.Metric(
            float(units["changes"].mean()), n=n, label=f"Share of {word}s that change",
            note=f"Of {len(units):,} looked at"
            + ("." if units["changes"].all() else f"; the others are the same for all {n:,} samples."),
        ),
    }  # fmt: skip
    if found.relation is not None:
        row = units[units["unit"] == found.unit].iloc[0]
        metrics["following"] = wb.Metric(
            float((units["p"] < LEVEL).mean()), n=found.relation.n,
            label=f"Share of {word}s that follow an attribute",
            note=f"p below {LEVEL}, corrected for all pairs by {found.relation.shuffles} shuffles.",
        )  # fmt: skip
        metrics["rho"] = wb.Metric(
            float(row["rho"]), _finite(row["low"]), _finite(row["high"]), n=found.relation.n,
            label=f"Rank correlation with {row['attribute']}",
            note=f"Of {word} {found.unit}; the largest of all pairs by chance is {found.relation.chance:.2f}.",
        )  # fmt: skip
        metrics["chance"] = wb.Metric(
            found.relation.chance, n=found.relation.n, label="Largest rank correlation by chance",
            note="Among all pairs, with shuffled rows; the middle one of the shuffles.",
        )  # fmt: skip
    if len(found.preferred):
        row = units[units["unit"] == found.unit].iloc[0]
        metrics["auc"] = wb.Metric(
            float(row["auc"]), _finite(row["auc_low"]), _finite(row["auc_high"]), n=n,
            label=f"{found.column} = {row['class']} above the others",
            note=f"How often {word} {found.unit} is larger at a sample of that class than at another; interval for the "
            "best of all classes.",
        )  # fmt: skip
    if found.maps is not None:
        for name, mean, words in (
            ("within", found.maps.within, "one class"),
            ("between", found.maps.between, "two classes"),
        ):
            metrics[f"maps_{name}"] = wb.Metric(
                mean.value, _finite(mean.low), _finite(mean.high), n=sum(found.maps.counts),
                label=f"Likeness of maps of halves of {words}", note="Rank correlation of the mean maps.",
            )  # fmt: skip
    return metrics


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def notes_of(found: Found) -> list[str]:
    """What must be known before the numbers are read."""
    ground = found.ground
    notes = [*ground.notes, *found.attributes.notes]
    if found.relation is None:
        notes.append("No column or score of these samples can be set against the units.")
    elif found.known < len(ground.values):
        notes.append(f"{len(ground.values) - found.known:,} samples lack an attribute, and were left out of the table.")
    if found.maps is None:
        notes.append(f"There are no maps of {ground.word} {found.unit}: {found.why}.".replace("..", "."))
    else:
        measured = f", baseline: {found.maps.baseline}" if found.maps.method == "integrated-gradients" else ""
        notes.append(
            f"Maps by {found.maps.method.replace('-', ' ')}{measured}. They have no check of "
            "their own here: run the analysis 'attribution' on the unit for these."
        )
    notes.append("A unit that follows an attribute need not use it: whatever goes with the attribute would do.")
    return notes
