# SPDX-License-Identifier: Apache-2.0
"""What stands out: latent axes that the training has left unused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import workbench as wb

if TYPE_CHECKING:
    from plugins.vae_training.measures import Measured

MOST_INACTIVE = 0.5  # share of inactive axes above which it is more than spare axes


def findings_of(measured: Measured, axes: int) -> list[wb.Finding]:
    """Posterior collapse where the interval of the share of inactive axes lies above one half; else spare axes."""
    share, low, high = (1 - one / axes for one in (measured.active, measured.active_high, measured.active_low))
    if not low > 0:
        return []
    severity: Literal["info", "warning", "serious"] = (
        "serious" if measured.active == 0 else "warning" if low > MOST_INACTIVE else "info"
    )
    carried = float(measured.divergence.sum(1).mean())
    if measured.active == 0:
        statement = f"Total posterior collapse: the training left all {axes} latent axes inactive."
    elif severity == "warning":
        statement = f"Posterior collapse: the training left {axes - measured.active} of {axes} latent axes inactive."
    else:
        statement = f"The training left {axes - measured.active} of {axes} latent axes inactive."
    return [
        wb.Finding(
            "vae-training.posterior-collapse",
            f"{statement} All axes together carry {carried:.3g} nats.",
            value=share,
            threshold=0.0 if severity == "info" else MOST_INACTIVE,
            low=low,
            high=high,
            n=len(measured.means),
            severity=severity,
            wrong_if="the training is not over (see how the number of active axes runs), the images are all of one "
            "kind, or the axes are spare, which does no harm",
            figure="axes",
        )
    ]
