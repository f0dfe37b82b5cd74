# SPDX-License-Identifier: Apache-2.0
"""What stands out: prior mass without codes, a loop or void of the codes, codes that the prior does not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import workbench as wb
from plugins.homology.trust import wilson
from plugins.latent_holes.shares import Shares

if TYPE_CHECKING:
    from plugins.latent_holes.results import Found

MARGIN = 0.05  # a share beyond that of a perfect encoder that is worth telling
SERIOUS = 0.5
SHAPES = {1: "loop", 2: "void"}


def findings_of(found: Found) -> list[wb.Finding]:
    """Judged on posterior samples where the encoder gives a spread: only they can fill the prior."""
    shares, what = (
        (found.samples, "posterior samples") if found.samples is not None else (found.means, "codes of the data")
    )
    return [*_uncovered(shares, what), *_outside(shares, what), *_voids(found, what)]


def _uncovered(shares: Shares, what: str) -> list[wb.Finding]:
    more = shares.of_sample(shares.uncovered - shares.perfect)
    clumps = not shares.of_sample(shares.at_prior_distance - shares.perfect).low > 0  # near codes everywhere
    repeated = not shares.radius.min() > 0  # most codes are there twice: their distance is none to measure by
    if clumps or repeated or not more.low > MARGIN:
        return []
    return [
        wb.Finding(
            "latent-holes.uncovered-prior",
            f"Hole in the latent map: {shares.uncovered.mean():.0%} of the prior is farther from all {what} than they "
            f"are from each other, and {shares.perfect.mean():.0%} would be if they were distributed as the prior is "
            f"(at the distance of draws from each other: {shares.at_prior_distance.mean():.0%}).",
            value=more.value,
            threshold=MARGIN,
            low=more.low,
            high=more.high,
            n=shares.size,
            severity="serious" if more.low > SERIOUS else "warning",
            wrong_if="the codes are crowded in clumps that the model decodes well between, or the data is only a part "
            "of what the model was trained on",
            figure="shares",
        )
    ]


def _outside(shares: Shares, what: str) -> list[wb.Finding]:
    more = shares.of_sample(shares.outside - shares.perfect)
    if not more.low > MARGIN:
        return []
    return [
        wb.Finding(
            "latent-holes.codes-outside-prior",
            f"{shares.outside.mean():.0%} of the {what} are farther from all draws from the prior than these are "
            f"from each other, and {shares.perfect.mean():.0%} would be if they were distributed as the prior is.",
            value=more.value,
            threshold=MARGIN,
            low=more.low,
            high=more.high,
            n=shares.size,
            severity="serious" if more.low > SERIOUS else "warning",
            wrong_if="the data is of another kind or range than the model was made for",
            figure="shares",
        )
    ]


def _voids(found: Found, what: str) -> list[wb.Finding]:
    told = []
    voids = found.voids
    draws = len(voids.codes)
    for at in range(voids.codes.shape[1]):
        hits, same = int((voids.codes[:, at] > 0).sum()), int((voids.prior[:, at] > 0).sum())
        (low, of_prior), (high, most) = wilson([hits, same], draws)
        if not (low > most and hits > draws / 2):
            continue
        told.append(
            wb.Finding(
                "latent-holes.void",
                f"The {what} leave a {SHAPES[at + 1]}: one stands out in {hits} of {draws} random subsets, "
                f"and in {same} of {draws} sets of draws from the prior.",
                value=hits / draws,
                threshold=float(most),
                low=float(low),
                high=float(high),
                n=voids.half,
                wrong_if=f"a few points make the {SHAPES[at + 1]}: look at the homology of the space, which trims them",
                figure="voids",
            )
        )
    return told
