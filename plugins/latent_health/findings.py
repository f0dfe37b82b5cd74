# SPDX-License-Identifier: Apache-2.0
"""What stands out: collapsed axes, holes, codes off the shell, repeated or missing draws, copies of training data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import workbench as wb
from plugins.latent_health.norms import OUTSIDE, Norms
from plugins.space_comparison.trials import mean_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_health.drawn import Drawn
    from plugins.latent_health.encoded import Encoded

MARGIN = 0.05  # a share beyond what is expected that is worth telling
MOST_INACTIVE = 0.5  # share of inactive axes above which it is more than spare axes
SERIOUS = 0.5
MISSED = 0.5  # of the coverage that the data gives itself, below which modes are missing
FEWEST_OF_CLASS = 30  # rows below which nothing is told of a class


def findings_of(
    encoded: Encoded | None, norms: tuple[Norms, ...], drawn: Drawn | None, classes: pd.DataFrame | None
) -> list[wb.Finding]:
    """All findings, those of codes first."""
    told: list[wb.Finding] = []
    if encoded is not None:
        told += [*_collapse(encoded), *_gaps(encoded)]
    told += _shell(norms)
    if drawn is not None:
        told += [*_modes(drawn, classes), *_copies(drawn)]
    return told


def _collapse(encoded: Encoded) -> list[wb.Finding]:
    axes, size = encoded.axes, len(encoded.axes.active)
    active, low, high = (float(one[0]) for one in (axes.units.value, axes.units.low, axes.units.high))
    share, least, most = (1 - one / size for one in (active, high, low))
    if not least > 0:
        return []
    n = len(encoded.codes.rows)
    numbers = {"value": share, "low": least, "high": most, "n": n, "figure": "dimensions"}
    wrong = (
        "the data is all of one kind, the spread of the codes is small in the units of the prior, or the axes are "
        "spare (more than the data needs), which does no harm"
    )
    if active == 0:
        statement = (
            f"Total posterior collapse: none of the {size} latent axes varies with the data, so that the code says "
            "nothing of it."
        )
        return [_collapsed(statement, numbers, 1.0, "serious", wrong)]
    statement = (
        f"{size - active:.0f} of {size} latent axes are inactive: their posterior means hardly vary with the data"
    )
    if axes.total is not None:
        carried = float(axes.total.value[0])
        statement += f" (the {active:.0f} others carry {carried:.3g} nats)" if carried == carried else ""
    if least > MOST_INACTIVE:
        return [_collapsed(f"Posterior collapse: {statement}.", numbers, MOST_INACTIVE, "warning", wrong)]
    return [_collapsed(f"{statement}.", numbers, 0.0, "info", wrong)]


def _collapsed(statement: str, numbers: dict[str, object], threshold: float, severity: str, wrong: str) -> wb.Finding:
    return wb.Finding(
        "latent-health.posterior-collapse",
        statement,
        threshold=threshold,
        severity=severity,  # type: ignore[arg-type]
        wrong_if=wrong,
        **numbers,  # type: ignore[arg-type]
    )


def _gaps(encoded: Encoded) -> list[wb.Finding]:
    shares = encoded.shares
    more = shares.of_sample(shares.uncovered - shares.perfect)
    near_everywhere = not shares.of_sample(shares.at_prior_distance - shares.perfect).low > 0
    if near_everywhere or not more.low > MARGIN:
        return []
    return [
        wb.Finding(
            "latent-health.gaps",
            f"Gaps in the latent space: {shares.uncovered.mean():.0%} of the prior is farther from all {encoded.what} "
            f"than they are from each other; {shares.perfect.mean():.0%} would be if they followed it.",
            value=more.value,
            threshold=MARGIN,
            low=more.low,
            high=more.high,
            n=shares.size,
            severity="serious" if more.low > SERIOUS else "warning",
            wrong_if="the codes are crowded in clumps that the model decodes well between, or the data is only part of "
            "what the model was trained on",
            figure="aggregate",
        )
    ]


def _shell(norms: tuple[Norms, ...]) -> list[wb.Finding]:
    found = [one for one in norms if one.name in ("posterior samples", "codes")]
    if not found:
        return []
    shares = found[0].shares()
    value, low, high = shares["outside"]
    if not low > MARGIN:
        return []
    return [
        wb.Finding(
            "latent-health.outside-shell",
            f"{value:.0%} of the {found[0].name} lie outside the shell in which {1 - OUTSIDE:.0%} of draws from the "
            f"prior lie: {shares['inside'][0]:.0%} nearer to the centre, {shares['beyond'][0]:.0%} farther out.",
            value=value,
            threshold=MARGIN,
            low=low,
            high=high,
            n=len(found[0].distance),
            severity="serious" if low > SERIOUS else "warning",
            wrong_if="the data is of another kind or range than the model was made for, or the declared prior is not "
            "the one it was trained with",
            figure="norms",
        )
    ]


def _modes(drawn: Drawn, classes: pd.DataFrame | None) -> list[wb.Finding]:
    told = []
    share, control = drawn.duplicates.share(), drawn.duplicates.control_share()
    if share.low > MARGIN and (drawn.real is not None or share.low > control.high + MARGIN):
        what = "codes that they were made of" if drawn.real is None else drawn.real.what
        beside = f", and {control.value:.0%} of the {what}"
        told.append(
            wb.Finding(
                "latent-health.mode-collapse",
                f"Mode collapse: {share.value:.0%} of the draws have a near duplicate among {drawn.duplicates.size:,} "
                f"others{beside}.",
                value=share.value,
                threshold=MARGIN,
                low=share.low,
                high=min(share.high, 1.0),
                n=drawn.duplicates.size,
                severity="serious" if share.low > SERIOUS else "warning",
                wrong_if="draws are smoother than what they are compared with, so that they are near to each other and "
                "show different things: look at the nearest pairs",
                figure="nearest",
            )
        )
    if drawn.cover is None or drawn.real is None:
        return told
    ratio = drawn.cover.numbers[:, 3] / drawn.cover.control[:, 3].mean()
    mean = mean_of(ratio, drawn.cover.size, len(drawn.cover.real_covered))
    covered, by_data = drawn.cover.numbers[:, 3].mean(), drawn.cover.control[:, 3].mean()
    wrong = (
        "the data is of another kind than the model was trained on, or draws differ from it in sharpness or noise alone"
    )
    if mean.high < MISSED:
        told.append(
            wb.Finding(
                "latent-health.mode-collapse",
                f"Missing modes: draws come near {covered:.0%} of the {drawn.real.what}; {by_data:.0%} have another "
                "one as near.",
                value=mean.value,
                threshold=MISSED,
                low=mean.low,
                high=mean.high,
                n=drawn.cover.size,
                wrong_if=wrong,
                figure="nearest" if classes is None else "classes",
            )
        )
    return [*told, *_missing_classes(drawn, classes, wrong)]


def _missing_classes(drawn: Drawn, classes: pd.DataFrame | None, wrong: str) -> list[wb.Finding]:
    """Of classes with enough rows, those whose coverage is surely below half of what the data gives itself."""
    if classes is None or drawn.real is None or drawn.real.labels is None:
        return []
    rows = classes[(classes["n"] >= FEWEST_OF_CLASS) & (classes["coverage_high"] < MISSED * classes["control_low"])]
    if rows.empty:
        return []
    worst = rows.sort_values("coverage", kind="stable").iloc[0]
    named = ", ".join(str(one) for one in rows.sort_values("coverage", kind="stable")["class"].tolist()[:8])
    return [
        wb.Finding(
            "latent-health.mode-collapse",
            f"Missing modes: draws hardly come near {drawn.real.labels.column} {named} (covered: "
            f"{worst['coverage']:.0%} of {worst['class']}; by the other half of the data {worst['control']:.0%}).",
            value=float(worst["coverage"]),
            threshold=MISSED * float(worst["control_low"]),
            low=float(worst["coverage_low"]),
            high=float(worst["coverage_high"]),
            n=int(worst["n"]),
            wrong_if=wrong,
            figure="classes",
        )
    ]


def _copies(drawn: Drawn) -> list[wb.Finding]:
    one = drawn.copies
    if one is None or not one.low > MARGIN:
        return []
    return [
        wb.Finding(
            "latent-health.memorised",
            f"{one.share:.0%} of the draws are nearer to a training sample than all but {one.expected:.1%} of what was "
            f"held out ({one.training:,} training samples).",
            value=one.share,
            threshold=MARGIN,
            low=one.low,
            high=one.high,
            n=len(one.generated),
            severity="serious" if one.low > SERIOUS else "warning",
            wrong_if="draws are smoother or more usual than the data, which brings them nearer to everything: look at "
            "the nearest pairs",
            figure="nearest",
        )
    ]
