# SPDX-License-Identifier: Apache-2.0
"""The parts of the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.coverage.neighbours import Float64
from plugins.homology.trust import wilson
from plugins.latent_holes import charts
from plugins.latent_holes.codes import Codes
from plugins.latent_holes.discrepancy import Discrepancy
from plugins.latent_holes.findings import findings_of
from plugins.latent_holes.flat import flat_map_of
from plugins.latent_holes.holes import Holes
from plugins.latent_holes.pictures import Pictures
from plugins.latent_holes.shares import Shares, hole_mass
from plugins.latent_holes.voids import WHAT, Voids
from plugins.space_comparison.trials import Mean

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_holes.analysis import LatentHoles

KINDS = ["code", "draw near codes", "draw in a hole", "centre of a hole"]


@dataclass(frozen=True)
class Found:
    """All that was measured; ``samples`` are ``None`` where the encoder gives no spread.

    ``beside`` are the masses of the holes of draws alone, as `control_of` gives them.
    """

    codes: Codes
    means: Shares
    samples: Shares | None
    apart: Discrepancy
    voids: Voids
    holes: Holes
    beside: Float64
    shown: Pictures


def result_of(found: Found, params: LatentHoles.Params) -> wb.Result:
    """Metrics, tables, arrays, charts, pictures, findings and notes."""
    shares, voids = shares_table(found), voids_table(found.voids)
    place = _map_table(found)
    arrays: dict[str, Any] = {
        "rows": found.codes.rows,
        "coordinates": place[["x", "y"]].to_numpy(dtype=np.float32),
        "kind": place["code"].to_numpy(dtype=np.int64),
        "near": found.codes.rows[found.holes.near],
        "centres": found.holes.centres,
    }
    images: dict[str, Any] = {}
    for name, value in (("hole_pictures", found.shown.centres), ("near_pictures", found.shown.near)):
        if value is not None:
            arrays[name] = value
    sheet = _sheet(found.shown)
    if sheet is not None:
        images["holes"] = sheet
    return wb.Result(
        metrics=_metrics(found, shares, params),
        tables={"shares": shares, "voids": voids, "holes": holes_table(found)},
        arrays=arrays,
        images=images,
        charts={
            "shares": charts.shares_chart(shares),
            "voids": charts.voids_chart(voids),
            "map": charts.map_chart(place[["x", "y", "point"]], KINDS),
        },
        findings=findings_of(found),
        notes=_notes(found, params),
    )


def shares_table(found: Found) -> pd.DataFrame:
    """Every share with its interval; ``kind`` is what it is of: codes, or a control."""
    import pandas as pd

    rows: list[dict[str, Any]] = []

    def add(name: str, words: str, kind: str, mean: Mean, n: int) -> None:
        rows.append({"name": name, "words": words, "kind": kind, "value": mean.value} | _cut(mean) | {"n": n})

    for suffix, said, shares in (
        ("", "posterior means", found.means),
        ("_samples", "posterior samples", found.samples),
    ):
        if shares is None:
            continue
        said = said if found.samples is not None else "codes"
        n = shares.size
        add(f"uncovered_prior_mass{suffix}", f"prior far from {said}", "codes", shares.of_sample(shares.uncovered), n)
        mean = shares.of_sample(shares.at_prior_distance)
        add(f"uncovered_at_prior_distance{suffix}", f"prior far from {said}, distance of draws", "codes", mean, n)
        mean = shares.of_draws(shares.same_radius)
        add(f"uncovered_by_draws{suffix}", f"prior far from draws, distance of {said}", "control", mean, n)
        add(f"codes_outside_prior{suffix}", f"{said} far from prior", "codes", shares.of_sample(shares.outside), n)
    shares = found.means
    add("uncovered_if_perfect", "prior far from draws", "control", shares.of_draws(shares.perfect), shares.size)
    return pd.DataFrame(rows)


def _cut(mean: Mean) -> dict[str, float]:
    """The interval of a share within what a share can be."""
    return {"low": max(mean.low, 0.0) if mean.low == mean.low else mean.low, "high": min(mean.high, 1.0)}


def voids_table(voids: Voids) -> pd.DataFrame:
    """One row for each subset, dimension and set: the longest bar, and how many stand out."""
    import pandas as pd

    rows = []
    for points, counts, longest in (
        ("codes", voids.codes, voids.codes_longest),
        ("prior", voids.prior, voids.prior_longest),
    ):
        for at in range(counts.shape[1]):
            for subset in range(len(counts)):
                rows.append(
                    {
                        "points": points,
                        "dimension": at + 1,
                        "what": WHAT[at + 1],
                        "subset": subset,
                        "longest": longest[subset, at],
                        "standing_out": int(counts[subset, at]),
                    }
                )
    return pd.DataFrame(rows)


def holes_table(found: Found) -> pd.DataFrame:
    """One row for each hole, the largest first; beside it what the hole of the same rank of draws alone holds."""
    import pandas as pd

    holes = found.holes
    beside = found.beside[:, : len(holes.radius)]
    return pd.DataFrame(
        {
            "hole": np.arange(1, len(holes.radius) + 1, dtype=np.int64),
            "mass": holes.mass,
            "mass_low": holes.low,
            "mass_high": holes.high,
            "mass_of_draws": beside.mean(axis=0),
            "mass_of_draws_most": beside.max(axis=0),
            "distance": holes.radius,
            "in_typical_distances": holes.radius / holes.typical if holes.typical > 0 else np.nan,
            "place": np.where(holes.beyond, "beyond the codes", "between codes"),
            "n": np.full(len(holes.radius), holes.fresh, dtype=np.int64),
        }
    )


def _metrics(found: Found, shares: pd.DataFrame, params: LatentHoles.Params) -> dict[str, wb.Metric]:
    metrics = {}
    q = params.quantile
    for row in shares.to_dict("records"):
        words = str(row["words"])
        has = row["low"] == row["low"]
        metrics[str(row["name"])] = wb.Metric(
            float(row["value"]),
            low=float(row["low"]) if has else None,
            high=float(row["high"]) if has else None,
            n=int(row["n"]),
            label=words[:1].upper() + words[1:],
            better="lower" if row["kind"] == "codes" else "",
            note=f"Share farther than the distance that {q:.3g} of held-out ones keep to the nearest of {row['n']:,}; "
            f"{1 - q:.3g} if both are distributed alike. Mean of {params.trials} trials.",
        )
    for suffix, of in (("", found.means), ("_samples", found.samples)):
        if of is None:
            continue
        mean = of.of_sample(of.uncovered)
        low, high = (hole_mass(one, q) for one in (mean.low, mean.high))
        metrics[f"hole_mass{suffix}"] = wb.Metric(
            hole_mass(mean.value, q),
            low=low if low == low else None,
            high=high if high == high else None,
            n=of.size,
            label="Uncovered beyond chance" + (" (posterior samples)" if suffix else ""),
            better="lower",
            note="(uncovered share - (1 - q)) / q: what is uncovered beyond that of held-out codes. Below 0: "
            "chance, or codes that reach beyond the prior. A rim as wide as the typical distance is left out.",
        )
        metrics[f"typical_distance{suffix}"] = wb.Metric(
            float(of.radius.mean()),
            n=of.size,
            label="Typical distance" + (" (posterior samples)" if suffix else ""),
            note=f"Distance that {q:.3g} of held-out codes keep to the nearest of {of.size:,} others; draws from the "
            f"prior: {of.prior_radius.mean():.4g}.",
        )
    apart = found.apart
    metrics["mmd2"] = wb.Metric(
        apart.value,
        n=apart.n,
        label="Squared MMD of codes and prior",
        better="lower",
        note=f"Unbiased, Gaussian kernel of width {apart.width:.3g}; p = {apart.p:.3g} "
        f"by {apart.permutations} permutations.",
    )
    metrics["mmd_p"] = wb.Metric(
        apart.p,
        n=apart.n,
        label="p value of MMD",
        note="Small where codes and draws from the prior can be told apart; how far apart they are it does not say.",
    )
    metrics |= _void_metrics(found.voids)
    return metrics


def _void_metrics(voids: Voids) -> dict[str, wb.Metric]:
    metrics = {}
    draws = len(voids.codes)
    for points, counts in (("codes", voids.codes), ("prior", voids.prior)):
        for at in range(counts.shape[1]):
            hits = int((counts[:, at] > 0).sum())
            low, high = wilson([hits], draws)
            metrics[f"{points}_with_h{at + 1}"] = wb.Metric(
                hits / draws,
                low=float(low[0]),
                high=float(high[0]),
                n=draws,
                label=f"Subsets of {points} in which {WHAT[at + 1]} stand out",
                note=f"Gap rule, {draws} subsets of {voids.half:,} points each. Subsets of the same codes overlap: the "
                "interval is of the draws, not of other data.",
            )
    return metrics


def _map_table(found: Found) -> pd.DataFrame:
    """Codes, draws and centres of holes on the principal components of the codes; the last drawn lie on top."""
    import pandas as pd

    holes, codes = found.holes, found.codes.means
    most = min(len(holes.draws), max(len(codes), 1000))
    places = [*flat_map_of(codes, [codes, holes.draws[:most], holes.centres])]
    inside = (holes.away[:most] > holes.typical).astype(np.int64)
    kind = np.concatenate([np.zeros(len(codes), np.int64), 1 + inside, np.full(len(holes.centres), 3, np.int64)])
    together = np.concatenate(places)
    return pd.DataFrame(
        {"x": together[:, 0], "y": together[:, 1], "code": kind, "point": [KINDS[one] for one in kind.tolist()]}
    )


def _sheet(shown: Pictures) -> Any:
    """For reports: each hole's decoded centre, a white gap, and the nearest samples; one line a hole."""
    if shown.centres is None:
        return None
    lines = []
    for at, centre in enumerate(shown.centres):
        cells = [centre]
        if shown.near is not None and shown.near.shape[2:] == shown.centres.shape[1:]:
            gap = np.full((centre.shape[0], 8, centre.shape[2]), 255, dtype=np.uint8)
            cells = [centre, gap, *shown.near[at]]
        lines.append(np.concatenate([np.pad(one, ((2, 2), (2, 2), (0, 0)), constant_values=255) for one in cells], 1))
    sheet = np.concatenate(lines, axis=0)
    factor = max(1, round(72 / shown.centres.shape[1]))
    sheet = sheet.repeat(factor, axis=0).repeat(factor, axis=1)
    return sheet if sheet.shape[2] == 3 else np.repeat(sheet, 3, axis=2)


def _notes(found: Found, params: LatentHoles.Params) -> list[str]:
    codes, means = found.codes, found.means
    notes = [
        f"{len(codes.rows):,} rows of {codes.source} encoded by {params.encode} to {codes.space.name} "
        f"({codes.means.shape[1]:,} axes, {codes.metric} distance); each trial takes {means.size:,} codes, as many "
        "held-out ones and as many draws.",
        f"The typical distance is what {params.quantile:.3g} of held-out codes keep to the nearest of the others. It "
        "shrinks as there are more codes: compare equal counts only.",
        "Where many axes count, all points are far from each other and codes keep to a thin part of the space: the "
        "control 'prior far from draws, distance of codes' says how much of the prior its own draws would leave bare.",
        "A hole is told only where the prior is uncovered at the distance that draws keep from each other, too.",
    ]
    if found.samples is not None:
        notes.append(
            "Findings rest on posterior samples (independent normal axes with the spread that the encoder gives): the "
            "prior is to be filled by the posteriors, not by their means, which are always narrower."
        )
    else:
        notes.append("The encoder gives no spread: the codes themselves are set against the prior.")
    if not means.radius.min() > 0:
        notes.append(
            "Most posterior means are equal, so that their typical distance is 0 and every draw lies farther: the "
            "shares measured by it say nothing. The code has collapsed, or the data holds the same points many times; "
            "latent-health tells which axes carry anything."
        )
    if not len(found.holes.radius):
        notes.append("No draw is uncovered: there is no hole to show.")
    return notes
