# SPDX-License-Identifier: Apache-2.0
"""Numbers, tables, pictures and charts of what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.latent_arithmetic import charts, sums
from plugins.latent_arithmetic.decoding import shown
from plugins.latent_arithmetic.findings import SETTLED, findings_of
from plugins.latent_arithmetic.measuring import CHOICES, Measured
from plugins.latent_arithmetic.sheet import equation

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_arithmetic.analysis import LatentArithmetic
    from registry.arrays import Array


def result_of(measured: Measured, params: LatentArithmetic.Params) -> wb.Result:
    """Everything of a run."""
    tables: dict[str, pd.DataFrame] = {"terms": _terms(measured), "nearest": _nearest(measured)}
    arrays: dict[str, Array] = {
        "sum": measured.result.astype(np.float32),
        "sum_as_it_is": measured.raw.astype(np.float32),
        "means": np.stack([one.mean for one in measured.groups]).astype(np.float32),
        "rows_nearest": measured.near_rows,
    }
    drawn: dict[str, Any] = {}
    images: dict[str, Array] = {}
    if measured.change is not None:
        arrays["change"] = measured.change.vector.astype(np.float32)
    if measured.curve is not None and len(measured.curve):
        tables["settling"] = measured.curve
        drawn["settling"] = charts.settling(measured.curve, measured.used, SETTLED)
    if measured.shell is not None:
        drawn["lengths"] = charts.lengths(measured.shell, _marks(measured))
    if measured.scored is not None:
        tables["scores"] = measured.scored.table
        drawn["scores"] = charts.scores(measured.scored.table)
    if measured.pictures is not None:
        arrays |= _pictures(measured)
        images["sum"] = equation(*parts_of(tables["terms"], arrays))
    return wb.Result(
        metrics=_metrics(measured, params),
        tables=tables,
        arrays=arrays,
        images=images,
        charts=drawn,
        findings=findings_of(measured),
        notes=[*_notes(measured, params), *measured.notes],
    )


def parts_of(terms: pd.DataFrame, arrays: Any) -> tuple[Any, Array, Array, Array]:
    """What the drawing of the sum is made of, from the tables and arrays of a result."""
    of = np.asarray(arrays["exemplar_of"])
    exemplars, means = np.asarray(arrays["exemplar_pictures"]), np.asarray(arrays["mean_pictures"])
    rows = [
        (int(one["sign"]), str(one["label"]), exemplars[of[:, 0] == place], means[place])
        for place, one in enumerate(terms.to_dict("records"))
    ]
    cloud = np.asarray(arrays["cloud_pictures"])
    return rows, cloud[4], np.asarray(arrays["pixel_sum_picture"]), cloud


def _pictures(measured: Measured) -> dict[str, Array]:
    seen = measured.pictures
    assert seen is not None and measured.cloud_codes is not None
    found = {
        "mean_pictures": shown(seen.means),
        "exemplar_pictures": shown(seen.exemplars),
        "exemplar_of": np.array(seen.exemplar_of, dtype=np.int64),
        "sum_picture": shown(seen.as_it_is)[0],
        "pixel_sum_picture": shown(seen.pixel_sum)[0],
        "cloud": measured.cloud_codes.astype(np.float32),
        "cloud_pictures": shown(seen.cloud),
        "nearest_pictures": shown(seen.nearest),
    }
    if seen.rescaled is not None:
        found["rescaled_picture"] = shown(seen.rescaled)[0]
    if seen.by_number is not None:
        pictures = shown(seen.by_number)
        found["numbers"] = np.array(measured.by_number, dtype=np.int64)
        found["pictures_by_number"] = pictures.reshape(len(measured.by_number), CHOICES, *pictures.shape[1:])
    return found


def _terms(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for place, one in enumerate(measured.groups):
        length = float("nan")
        if measured.shell is not None:
            length = float(np.linalg.norm(measured.shell.standardised(one.mean[None])))
        rows.append(
            {
                "sign": one.term.sign,
                "term": str(one.term),
                "label": measured.source.label(one.term),
                "role": "changed" if place == measured.parts.base else "change",
                "group": len(one.rows),
                "used": len(one.chosen),
                "distance": length,
                "exemplars": ", ".join(measured.source.called(int(row)) for row in one.rows[one.chosen][:12]),
            }
        )
    return pd.DataFrame(rows)


def _nearest(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    near = measured.near
    rank = np.cumsum(~near.inputs)
    of = {int(row): measured.source.label(one.term) for one in measured.groups for row in one.rows[one.chosen]}
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(near.positions) + 1),
            "rank_without_inputs": np.where(near.inputs, 0, rank),
            "point": [measured.source.called(int(row)) for row in measured.near_rows],
            "row": measured.near_rows,
            "distance": near.distances,
            "is_input": near.inputs,
            "input_of": [of.get(int(row), "") for row in measured.near_rows],
        }
    )


def _marks(measured: Measured) -> list[tuple[str, float]]:
    """Distances from the centre: of the means, of the sum, of what one is to expect."""
    shell = measured.shell
    assert shell is not None

    def away(code: Any) -> float:
        return float(np.linalg.norm(shell.standardised(code[None])))

    found = [(f"mean of {measured.source.label(one.term)}", away(one.mean)) for one in measured.groups]
    found.append(("sum", away(measured.raw)))
    if not np.array_equal(measured.raw, measured.result):
        found.append(("sum, rescaled", away(measured.result)))
    return found


def _metrics(measured: Measured, params: LatentArithmetic.Params) -> dict[str, wb.Metric]:
    found: dict[str, wb.Metric] = {}
    change, shell = measured.change, measured.shell
    if change is not None:
        value, low, high = change.settled
        found["settled"] = wb.Metric(
            value, low, high, n=change.n, label="Cosine to endless exemplars", better="higher",
            note="expected of the change with the exemplars used: D / sqrt(D^2 + V), with D the length of the true "
            "change and V the summed variance of the groups, each divided by its number of exemplars; the interval is "
            "that of D, by a bootstrap of 200 resamples",
        )  # fmt: skip
        found["change_length"] = wb.Metric(
            change.distance, change.low, change.high, n=change.n, label="Length of the true change",
            note="of all exemplars of each group, less what sampling adds; in units of the space",
        )  # fmt: skip
        found["exemplars_for_90"] = wb.Metric(
            change.enough, n=change.n, label="Exemplars for cosine 0.9", better="lower",
            note="of each group, by the same formula; not defined where the groups do not differ",
        )  # fmt: skip
    if shell is not None:
        distance = float(np.linalg.norm(shell.standardised(measured.result[None])))
        raw = float(np.linalg.norm(shell.standardised(measured.raw[None])))
        low, high = np.quantile(measured.lengths, [0.025, 0.975])
        expected = sums.expected_length(measured.used, len(measured.groups), shell.size)
        found["distance"] = wb.Metric(
            raw, float(low), float(high), n=len(measured.lengths), label="Distance from the prior's centre",
            unit="standard deviations",
            note=f"of the sum as it is; middle 95 % over other choices of exemplars. Draws lie near "
            f"{np.sqrt(shell.size):.1f}; a sum of {len(measured.groups)} means of {measured.used} independent draws is "
            f"expected at {expected:.1f}",
        )  # fmt: skip
        found["nearer"] = wb.Metric(
            100 * float(shell.share_below(np.array([distance]))[0]), n=len(measured.lengths), unit="%",
            label="Draws that lie nearer to the centre",
            note="than the sum" + (" brought to the shell" if params.rescale else "") + ", by the chi distribution",
        )  # fmt: skip
    if measured.scored is not None and measured.scored.attribute is not None:
        row = measured.scored.table.iloc[measured.scored.attribute]
        unit = str(row["unit"])
        found["change"] = wb.Metric(
            float(row["change"]), _finite(row["change_low"]), _finite(row["change_high"]), n=int(row["n"]),
            label=f"Change of {str(row['title']).lower()}", unit=unit,
            note="from the group that is changed to the sum, read off the decoded pictures by the scorer "
            f"{row['scorer']}; middle 95 % over {measured.scored.trials} other choices of as many exemplars",
        )  # fmt: skip
        found["p_random"] = wb.Metric(
            float(row["p"]), n=int(row["n"]), label="p, random exemplars", better="lower",
            note=f"share of sums of random exemplars (this one included) that change it as much; they gave "
            f"{row['random_low']:.3g} to {row['random_high']:.3g}",
        )  # fmt: skip
    if measured.pictures is not None:
        gap = np.abs(np.clip(measured.pictures.result, 0, 1) - np.clip(measured.pictures.pixel_sum, 0, 1))
        found["pixel_gap"] = wb.Metric(
            float(gap.mean()), n=int(gap.size), label="Difference from the sum of pictures", unit="share of white",
            note="mean absolute difference of the decoded sum and the same sum of decoded pictures; 0 of a linear "
            "decoder whose signs add up to 1",
        )  # fmt: skip
    return found


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _notes(measured: Measured, params: LatentArithmetic.Params) -> list[str]:
    parts, groups = measured.parts, measured.groups
    used = " ".join(
        f"{'+' if one.term.sign > 0 else '-'} mean of {len(one.chosen)} of {len(one.rows):,} {measured.source.word}s "
        f"({measured.source.label(one.term)})"
        for one in groups
    )
    notes = [f"The sum: {used}."]
    if parts.base is not None and len(groups) > 1:
        base = measured.source.label(groups[parts.base].term)
        notes.append(
            f"The last plus, {base}, is what the others change; the same sum can be read with another term there."
        )
    elif parts.total not in (0, 1):
        notes.append(
            f"The signs add up to {parts.total}, so the sum is no average of points: it depends on where the origin "
            "of the space is."
        )
    shared = [
        f"{measured.source.label(one.term)} and {measured.source.label(other.term)}"
        for place, one in enumerate(groups)
        for other in groups[place + 1 :]
        if np.intersect1d(one.rows, other.rows).size
    ]
    if shared:
        notes.append(f"Groups that share {measured.source.word}s: {'; '.join(shared)}.")
    if measured.change is None and not all(one.fixed for one in groups):
        notes.append("A group of one exemplar has no spread: how the change settles cannot be told.")
    elif measured.curve is not None and not len(measured.curve):
        notes.append("Groups of fewer than two exemplars a half: how the change settles cannot be shown.")
    if measured.scored is not None:
        notes.append(
            f"Scores were read off {len(measured.scored.table)} scorers and none was corrected for that number; the "
            "one named above was "
            + ("asked for." if params.attribute else "chosen because it tells the exemplars of the groups apart best.")
        )
    return notes
