# SPDX-License-Identifier: Apache-2.0
"""The parts of the result of a geometry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.geometry import charts
from plugins.geometry.findings import findings_of
from plugins.geometry.shape import Float64, interval_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.geometry.analysis import Geometry
    from plugins.geometry.measuring import Measured


def result_of(found: Measured, params: Geometry.Params, seed: int) -> wb.Result:
    """Metrics, the tables ``points`` and ``plane``, the array ``magnification`` of each row, findings, notes."""
    arrays = {
        "rows": np.asarray(found.points.rows, dtype=np.int64),
        "magnification": found.shape.magnification,
        "log_magnification": found.shape.log_magnification,
        "singular_values": found.values,
        "turning": found.turning,
    }
    drawn = {"magnification": charts.histogram(found), "spectrum": charts.spectrum(found)}
    tables = {"points": points_table(found)}
    images = {}
    if found.region is not None and found.area is not None:
        arrays |= {"plane_magnification": found.area.magnification, "plane_basis": found.region.basis}
        if len(found.region.low) == 2:
            drawn["plane"] = charts.plane(found)
        tables["plane"] = plane_table(found, params.grid)
        if found.pictures is not None:
            arrays["plane_pictures"] = found.pictures
            images["plane"] = sheet(found.pictures)
    return wb.Result(
        metrics=_metrics(found, params, seed),
        tables=tables,
        arrays=arrays,
        images=images,
        charts=drawn,
        findings=findings_of(found, seed),
        notes=_notes(found, params),
    )


def points_table(found: Measured) -> pd.DataFrame:
    """One row for each code."""
    import pandas as pd

    one = found.shape
    table = pd.DataFrame(
        {
            "row": found.points.rows,
            "log_magnification": one.log_magnification,
            "condition": one.condition,
            "local_rank": one.participation,
            "rank": one.rank,
            "largest": one.largest,
            "smallest": one.smallest,
            "weak": one.weak,
            "turning": found.turning,
            "stretching": found.stretching,
        }
    )
    return pd.concat([table, found.points.columns.reset_index(drop=True).add_prefix("label_")], axis=1)


def plane_table(found: Measured, grid: int) -> pd.DataFrame:
    """Nodes of the plane: places along its directions, and magnification."""
    import pandas as pd

    assert found.region is not None and found.area is not None
    places = np.meshgrid(*found.region.axes(grid), indexing="ij")
    columns = {name: one.ravel() for name, one in zip(("along", "across"), places, strict=False)}
    return pd.DataFrame({**columns, "magnification": found.area.magnification.ravel()})


def sheet(pictures: Any) -> Any:
    """Pictures ``[rows, columns, h, w, c]`` of the plane as one, second direction upwards, uint8 ``[.., .., 3]``."""
    if pictures.ndim == 4:
        pictures = pictures[:, None]
    turned = pictures.transpose(1, 0, 2, 3, 4)[::-1]
    rows = [np.concatenate(list(row), axis=1) for row in turned]
    whole = np.concatenate(rows, axis=0)
    factor = max(1, round(448 / max(whole.shape[:2])))
    large = whole.repeat(factor, axis=0).repeat(factor, axis=1)
    return np.repeat(large, 3, axis=2) if large.shape[2] == 1 else large


def _metrics(found: Measured, params: Geometry.Params, seed: int) -> dict[str, wb.Metric]:
    n = len(found.points)
    one = found.shape
    kept = "the largest singular values" if found.partial is not None else "all singular values that are not zero"

    def metric(values: Float64, label: str, note: str, quantile: float | None = None) -> wb.Metric:
        value, low, high = interval_of(values, seed, quantile)
        bounds = (None, None) if np.isnan(low) else (low, high)
        return wb.Metric(value, low=bounds[0], high=bounds[1], n=n, label=label, note=note)

    metrics = {
        "magnification_mean": metric(
            one.magnification,
            "Magnification, mean",
            f"Root of the determinant of J^T J: the product of {kept}. In many axes a few codes make the mean: read "
            "its logarithm then.",
        ),
        "log_magnification_mean": metric(
            one.log_magnification, "Magnification, mean of natural logarithms", f"The sum of logarithms of {kept}."
        ),
        "condition_median": metric(
            one.condition,
            "Condition number, median",
            "Largest over smallest singular value; over the codes where it is finite.",
            0.5,
        ),
        "local_rank_mean": metric(
            one.participation,
            "Local rank, mean",
            "Participation ratio (sum of s^2)^2 / sum of s^4 of the singular values: how many directions count.",
        ),
        "turning_median": metric(
            found.turning,
            "Turning, median",
            f"Radians that a decoded straight line turns for each unit of the code, over steps of {params.step:g}; "
            f"root mean square of {params.directions} random directions. 0 for a linear decoder.",
            0.5,
        ),
        "stretching_median": metric(
            found.stretching,
            "Stretching, median",
            "Relative change of the speed of a decoded straight line for each unit of code. 0 for a linear decoder.",
            0.5,
        ),
    }
    if found.area is not None and found.region is not None:
        what = "Area" if len(found.region.low) == 2 else "Length"
        metrics["volume"] = wb.Metric(
            found.area.value,
            label=f"{what} of the decoded {'plane' if what == 'Area' else 'line'}",
            note=f"Integral of the magnification over the region, Simpson's rule on {params.grid} nodes a side; half "
            f"as many steps give a value {found.area.error:.2g} away.",
        )
        metrics["volume_error"] = wb.Metric(
            found.area.error, label=f"{what}: refinement error", note="Difference from the grid of half as many steps."
        )
    return metrics


def _notes(found: Measured, params: Geometry.Params) -> list[str]:
    n, size = len(found.points), found.points.flat().shape[1]
    notes = [
        f"{n:,} codes of {found.points.source} in {found.map.source.name} ({size:,} axes), decoded by "
        f"{found.map.name} to {found.outputs:,} numbers. Lengths of the output are roots of sums of squares, in the "
        f"units of {found.map.target.name}.",
    ]
    if found.partial is not None:
        notes.append(
            f"With {size:,} axes only the {found.values.shape[1]} largest singular values were found, by "
            f"{found.partial.iterations} subspace iterations (largest relative residual "
            f"{float(found.partial.residual.max()):.1g}): the magnification is the product of these, and there is no "
            "condition number."
        )
    deficient = int((found.shape.rank < size).sum())
    if deficient and found.partial is None:
        notes.append(
            f"At {deficient:,} of {n:,} codes the Jacobian has fewer non-zero singular values than there are axes "
            f"(median rank {int(np.median(found.shape.rank))}): there the magnification is the product of those that "
            "are not zero, and the condition number is infinite."
        )
    if found.stochastic:
        notes.append(
            "The map gives a distribution: the metric is the expected one of a normal decoder, that of its mean plus "
            "that of its standard deviation."
        )
    if found.why:
        notes.append(found.why)
    if found.corners:
        notes.append(
            f"The plane goes through rows {', '.join(f'{one:,}' for one in found.corners)} and a quarter of their "
            "extent beyond."
        )
    notes.append(
        "Units matter: an axis in other units gives another magnification. Compare places in one space, not spaces."
    )
    notes.append(
        "The local rank is not the intrinsic dimension of the codes: that is estimated from neighbours (analysis "
        "intrinsic-dimension), and those estimates are too low in many dimensions."
    )
    return notes
