# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from what was found and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.directions import charts
from plugins.directions.findings import findings_of
from plugins.directions.measuring.contract import FAR, MATCHED, Measured

if TYPE_CHECKING:
    import pandas as pd

    from plugins.directions.analysis import Directions
    from plugins.directions.ground import Standing
    from plugins.directions.search import Searched

LONGEST: Final = 96  # pixels of the longer side that are kept of a traversal's picture


def result_of(standing: Standing, searched: Searched, measured: Measured, params: Directions.Params) -> wb.Result:
    """Metrics, the tables ``directions``, ``rescoring``, ``attributes``, ``layers``; vectors, traversals, charts."""
    table = directions_table(measured)
    rescoring = rescoring_table(measured)
    tables = {
        "directions": table,
        "rescoring": rescoring,
        "curves": curves_table(measured),
        "attributes": attributes_table(measured, standing),
    }
    if "ganspace" in params.methods and params.layer is None and "layers" in vars(standing):
        tables["layers"] = standing.layers
    interaction = standing.interaction(measured)
    if len(interaction):
        tables["interaction"] = interaction
    vectors = np.stack([one.vector for one in measured.candidates])
    arrays: dict[str, Any] = {
        "vectors": vectors.astype(np.float32),
        "scales": measured.scales,
        "steps": measured.steps,
        "cosines": (vectors @ vectors.T).astype(np.float32),
        "random_effects": measured.chance.effects,
        "codes": standing.codes(standing.measuring[: params.examples]).astype(np.float32),
        "rows": np.asarray(standing.points.rows, dtype=np.int64)[standing.measuring],
        "traversals": traversals(measured),
        "changes": np.stack([one.changes[0] for one in measured.journeys]).astype(np.float32),
    }
    return wb.Result(
        metrics=metrics_of(table, measured),
        tables=tables,
        arrays=arrays,
        charts={
            "matrix": charts.matrix(rescoring, table),
            "effects": charts.effects(table),
            "curves": charts.curves(tables["curves"], table),
        },
        findings=findings_of(table, measured, searched),
        notes=_notes(standing, searched, measured, params),
    )


def directions_table(measured: Measured) -> pd.DataFrame:
    """One row for each direction, the purest effect beyond chance first."""
    import pandas as pd

    table = pd.DataFrame(measured.rows)
    titles = {one.name: one.title for one in measured.readers}
    table.insert(list(table.columns).index("attribute") + 1, "attribute_title", table["attribute"].map(titles))
    table.insert(0, "vector", range(len(table)))
    order = np.lexsort((-table["effect"].abs() * table["selectivity"].fillna(0), ~table["beyond_random"]))
    return table.iloc[order].reset_index(drop=True)


def rescoring_table(measured: Measured) -> pd.DataFrame:
    """The effect of every direction on every attribute, with its interval."""
    import pandas as pd

    rows = []
    for at, (one, effects) in enumerate(zip(measured.candidates, measured.effects, strict=True)):
        for place, reader in enumerate(measured.readers):
            rows.append(
                {
                    "vector": at,
                    "direction": one.name,
                    "attribute": reader.name,
                    "title": reader.title,
                    "effect": float(effects.mean[place]),
                    "low": float(effects.low[place]),
                    "high": float(effects.high[place]),
                    "random_effect": float(measured.chance.typical[place]),
                    "own": place == measured.own[at],
                }
            )
    return pd.DataFrame(rows)


def curves_table(measured: Measured) -> pd.DataFrame:
    """Change of each direction's own attribute by step, in its standard deviations, with its interval."""
    import pandas as pd

    rows = [
        {"vector": at, "direction": one.name, "step": float(step), "change": mean, "low": low, "high": high}
        for at, one in enumerate(measured.candidates)
        for step, (mean, low, high) in zip(measured.steps, measured.curves[at].tolist(), strict=True)
    ]
    return pd.DataFrame(rows)


def attributes_table(measured: Measured, standing: Standing) -> pd.DataFrame:
    """What measured each attribute, how it varies over unmoved pictures, and how much of it hangs on a line."""
    import pandas as pd

    left = dict(zip((one.name for one in standing.readers), standing.left_after_erasure().tolist(), strict=True))

    return pd.DataFrame(
        {
            "attribute": [one.name for one in measured.readers],
            "title": [one.title for one in measured.readers],
            "unit": [one.unit for one in measured.readers],
            "measured_by": [one.source for one in measured.readers],
            "probe_quality": [one.quality for one in measured.readers],
            "mean": measured.level,
            "standard_deviation": measured.spread,
            "random_effect": measured.chance.typical,
            "left_after_erasure": [left[one.name] for one in measured.readers],
            "n": measured.n,
        }
    )


def traversals(measured: Measured) -> Any:
    """Pictures uint8 ``[k, few, steps, height, width, 1 or 3]``; large ones averaged down to 96 pixels."""
    stacked = np.stack([one.pictures for one in measured.journeys])
    bands = stacked.mean(axis=3, keepdims=True) if stacked.shape[3] == 2 else stacked[:, :, :, :3]
    factor = -(-max(bands.shape[4:]) // LONGEST)
    if factor > 1:
        height, width = (side // factor * factor for side in bands.shape[4:])
        cut = bands[..., :height, :width]
        cut = cut.reshape(*cut.shape[:4], height // factor, factor, width // factor, factor)
        bands = cut.mean(axis=(5, 7))
    pixels = (bands * 255).round().astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(pixels, 3, -1))


def metrics_of(table: pd.DataFrame, measured: Measured) -> dict[str, wb.Metric]:
    """How many directions are better than chance, the best of them, and how well they are told apart."""
    k = len(table)
    beyond = int(table["beyond_random"].sum())
    best = table.iloc[0]
    found = {
        "directions_beyond_random": wb.Metric(
            beyond,
            n=k,
            label="Directions better than random ones",
            note=f"of {k} tried: p at most .05 after correction for their number, on {measured.n} codes"
            + ("" if _some_kept(measured) else " that none was found with"),
        ),
        "best_effect": wb.Metric(
            float(best["effect"]),
            float(best["effect_low"]),
            float(best["effect_high"]),
            n=measured.n,
            unit="standard deviations per step",
            label=f"Effect of {best['direction']} on {best['attribute_title']}",
            note=f"the first of the table; a random direction has {best['random_effect']:.2g}",
            better="higher",
        ),
        "best_selectivity": wb.Metric(
            float(best["selectivity"]),
            float(best["selectivity_low"]),
            float(best["selectivity_high"]),
            n=measured.n,
            label=f"Selectivity of {best['direction']}",
            note=f"share of its own attribute in all {len(measured.readers)} that it changes; depends on which "
            "attributes were asked about",
            better="higher",
        ),
    }
    accuracy, low, high = measured.accuracy
    if accuracy == accuracy:
        found["recognised"] = wb.Metric(
            accuracy,
            low,
            high,
            n=k * (measured.n // 2),
            label="Directions told apart",
            note=f"share of changed pictures whose direction a classifier names, on codes that it did not learn from; "
            f"chance is {1 / k:.1%}",
            better="higher",
        )
    return found


def _notes(standing: Standing, searched: Searched, measured: Measured, params: Directions.Params) -> list[str]:
    of = "draws from the prior" if standing.points.source == "prior" else f"codes of {standing.points.source}"
    notes = [
        f"Found with {len(standing.finding):,} {of}, measured on {measured.n} others; none is in both. A step is one "
        "standard deviation of the codes along the direction, an effect is in standard deviations of the attribute "
        "over "
        "unmoved pictures.",
        "Attributes are what the scorers and probes tell, and nothing else: what none of them measures (identity, "
        "expression, taste) may change along any direction without a number here.",
        f"A direction that was told nothing is named for the attribute that it changes most, chosen on half of the "
        "codes "
        f"and measured on the other half. p values are against {params.random} random directions, times "
        f"{len(measured.candidates)} directions"
        + (f" and {len(measured.readers)} attributes where one was chosen." if len(measured.readers) > 1 else "."),
        "left_after_erasure: share of an attribute's variance that is left in the pictures once its linear trace is "
        "taken "
        "out of the codes (LEACE), the counter-test: near 0 it hangs on one straight direction, near 1 on none.",
        f"Identity is compared in pixels where the attribute has changed by {MATCHED:g} standard deviation, so that a "
        "direction without effect does not look as if it kept everything. 1 is the same picture, 0 as far as two "
        "pictures usually are.",
        f"Unusual: share of codes moved by {FAR:g} steps either way that lie where one in a hundred "
        + ("draws of the prior does." if _has_shell(standing) else "of the codes themselves does."),
        "Stability: mean cosine with what the method finds on random halves of the points. SeFa reads weights alone "
        "and "
        "the axes are given, so they have none. A sign is fixed by rule: along a direction its own attribute rises.",
    ]
    if _some_kept(measured):
        notes.append(
            "Directions that were kept by name were found before this run, perhaps with codes that measure them here: "
            "what is measured of them is held out only where that is known to be otherwise."
        )
    for found, _ in searched.found:
        notes += [one for one in found.notes if found.attribute is None]
        if "agreement" in found.extra:
            notes.append(
                f"Local bases of single codes agree with the mean one by {np.mean(found.extra['agreement']):.2f} "
                f"(random subspaces: {found.extra['chance']:.2f}, 1 is the same everywhere)."
            )
    return [*dict.fromkeys([*notes, *searched.notes, *standing.notes, *measured.notes])]


def _some_kept(measured: Measured) -> bool:
    return any(one.method == "kept" for one in measured.candidates)


def _has_shell(standing: Standing) -> bool:
    from plugins.difference_direction.shell import shell_of

    return shell_of(standing.points.space) is not None
