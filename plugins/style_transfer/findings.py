# SPDX-License-Identifier: Apache-2.0
"""What stands out: a style that was not reached, a content that was lost, a search that had not ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd

    from plugins.style_transfer.transferring import Transferred

LEFT: Final = 0.5  # of the style loss
FALLS: Final = 0.05  # of the weighted sum, in the last tenth of the steps
FEW: Final = 20  # looks below which nothing is said of convergence


def findings_of(found: Transferred, distances: pd.DataFrame) -> list[wb.Finding]:
    """With number, threshold, range and sample."""
    return [*_style(found), *_content(distances), *_convergence(found)]


def _style(found: Transferred) -> list[wb.Finding]:
    first, last = found.style_curve[0], found.style_curve[-1]
    if found.weights.style <= 0 or first.mean() <= 0:
        return []
    left = float(last.mean() / first.mean())
    if left <= LEFT:
        return []
    ratios = last[first > 0] / first[first > 0]
    return [
        wb.Finding(
            "style-transfer.style-not-reached",
            f"{left:.0%} of the style loss is left: the picture has hardly taken on the style.",
            value=left,
            threshold=LEFT,
            low=float(ratios.min()),
            high=float(ratios.max()),
            n=len(ratios),
            wrong_if="the start had the style already (the interval is the range over layers)",
            figure="losses",
        )
    ]


def _content(distances: pd.DataFrame) -> list[wb.Finding]:
    from plugins.style_transfer.results import others_of

    others = others_of(distances)["content_to_content"].to_numpy()
    if len(others) < 3:
        return []
    own = float(distances.loc[distances["picture"] == "result", "content_to_content"].iloc[0])
    typical = float(np.median(others))
    if typical <= 0 or own < typical:
        return []
    return [
        wb.Finding(
            "style-transfer.content-lost",
            f"The result is as far from the content picture, in content, as other samples are ({own:.2f}, median of "
            f"these {typical:.2f}): the content is lost.",
            value=own,
            threshold=typical,
            low=own / float(others.max()) * typical if others.max() > 0 else None,
            high=own / float(others.min()) * typical if others.min() > 0 else None,
            n=len(others),
            wrong_if="the other samples show the same as the content picture (the interval is over them)",
            figure="contents",
        )
    ]


def _convergence(found: Transferred) -> list[wb.Finding]:
    total = found.total
    if len(total) < FEW or total[0] <= 0:
        return []
    tenth = max(1, len(total) // 10)
    falls = float(1 - total[-1] / total[-1 - tenth]) if total[-1 - tenth] > 0 else 0.0
    if falls <= FALLS:
        return []
    return [
        wb.Finding(
            "style-transfer.not-converged",
            f"In the last tenth of the steps the weighted sum still fell by {falls:.0%}: more steps would change the "
            "picture.",
            value=falls,
            threshold=FALLS,
            n=len(total),
            severity="info",
            wrong_if="the picture is wanted as it is: a search that is stopped early is a choice too",
            figure="pulls",
        )
    ]
