# SPDX-License-Identifier: Apache-2.0
"""What the run states of the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb

if TYPE_CHECKING:
    from plugins.latent_arithmetic.measuring import Measured

SETTLED: Final = 0.9  # cosine to the change of endlessly many exemplars
CHANCE: Final = 0.05
SHELL: Final = 0.005  # share of the draws of a prior that lie further in, or further out


def findings_of(measured: Measured) -> list[wb.Finding]:
    """Too few exemplars, off the shell, no better than random; each with its number, interval and threshold."""
    return [one for one in (_settled(measured), _shell(measured), _random(measured)) if one is not None]


def _settled(measured: Measured) -> wb.Finding | None:
    change = measured.change
    if change is None:
        return None
    value, low, high = change.settled
    if not value < SETTLED:
        return None
    enough = change.enough
    need = f"about {enough:,.0f} would give 0.9" if np.isfinite(enough) else "no number of them is known to be enough"
    return wb.Finding(
        "latent-arithmetic.k-too-small",
        f"With {measured.used} exemplars a group the change has not settled: its cosine to that of endlessly many is "
        f"about {value:.2f}; {need}.",
        value=value,
        threshold=SETTLED,
        low=low,
        high=high,
        n=change.n,
        wrong_if="the exemplars are pairs that differ in one thing only, so that what they share cancels, or the "
        "group was chosen along this very change",
        figure="settling",
    )


def _shell(measured: Measured) -> wb.Finding | None:
    shell = measured.shell
    if shell is None:
        return None
    distance = float(np.linalg.norm(shell.standardised(measured.result[None])))
    below = float(shell.share_below(np.array([distance]))[0])
    if SHELL <= below <= 1 - SHELL:
        return None
    inner = below < SHELL
    from scipy.stats import chi

    threshold = float(chi.ppf(SHELL if inner else 1 - SHELL, shell.size))
    low, high = np.quantile(measured.lengths, [0.025, 0.975])
    side = "nearer to the centre" if inner else "further out"
    return wb.Finding(
        "latent-arithmetic.off-the-shell",
        f"The sum lies {distance:.1f} standard deviations from the centre of the prior, {side} than 99.5 % of its "
        f"draws (radius {np.sqrt(shell.size):.1f}): "
        + ("an average is no draw." if inner else "a sum of several means grows longer."),
        value=distance,
        threshold=threshold,
        low=float(low),
        high=float(high),
        n=len(measured.lengths),
        wrong_if="the model was trained on codes from elsewhere than its prior, or brings codes to one length itself",
        figure="lengths",
    )


def _random(measured: Measured) -> wb.Finding | None:
    scored = measured.scored
    if scored is None or scored.attribute is None:
        return None
    row = scored.table.iloc[scored.attribute]
    if not row["p"] > CHANCE:
        return None
    up = not row["wanted"] < 0
    return wb.Finding(
        "latent-arithmetic.no-better-than-random",
        f"The sum changes {str(row['title']).lower()} by {row['change']:.3g}, and sums of random exemplars do so as "
        f"much in {row['p']:.0%} of the trials (from {row['random_low']:.3g} to {row['random_high']:.3g}).",
        value=float(row["change"]),
        threshold=float(row["random_high" if up else "random_low"]),
        low=float(row["change_low"]),
        high=float(row["change_high"]),
        n=int(row["n"]),
        wrong_if="the scorer does not measure what the groups differ in",
        figure="scores",
    )
