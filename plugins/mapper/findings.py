# SPDX-License-Identifier: Apache-2.0
"""What stays whatever is chosen, and is not there in normal points: cycles and components."""

from __future__ import annotations

import workbench as wb
from plugins.mapper.measures import OFTEN, Measured, Persisting, persisting

FRAGMENTED = 0.2  # share of the samples that are in no node


def findings_of(measured: Measured, left_out: int, n: int) -> list[wb.Finding]:
    """Findings with the share of random halves in which they are, its interval and the threshold.

    Components are stated only where the samples, joined up to the radius, fall apart by themselves: a lens that jumps
    between neighbours tears the graph of one piece.
    """
    found = []
    cycles, pieces = persisting(measured, "cycles"), persisting(measured, "pieces", 2)
    if cycles is not None and cycles.control == 0:
        found.append(
            wb.Finding(
                "mapper.cycle",
                f"The graph goes round: at least {_many(cycles.count, 'independent cycle')} {_told(cycles, measured)}.",
                value=cycles.halves,
                threshold=OFTEN,
                low=cycles.low,
                high=cycles.high,
                n=len(measured.of("halves")),
                severity="info",
                wrong_if="the lens folds the points, so that a piece parts and joins again along it without a hole",
                figure="stability",
            )
        )
    if pieces is not None and pieces.control == 0 and pieces.count <= measured.joined:
        found.append(
            wb.Finding(
                "mapper.components",
                f"The graph falls apart: at least {_many(pieces.count, 'component')} {_told(pieces, measured)}.",
                value=pieces.halves,
                threshold=OFTEN,
                low=pieces.low,
                high=pieces.high,
                n=len(measured.of("halves")),
                severity="info",
                wrong_if="samples between the components are rare and were not drawn",
                figure="stability",
            )
        )
    share = left_out / n
    if share > FRAGMENTED:
        from plugins.homology.trust import wilson

        low, high = (float(one) for one in wilson(left_out, n))
        if low > FRAGMENTED:
            found.append(
                wb.Finding(
                    "mapper.left-out",
                    f"{left_out:,} of {n:,} samples are in no node: their pieces are too small. The graph is one of "
                    "the others alone.",
                    value=share,
                    threshold=FRAGMENTED,
                    low=low,
                    high=high,
                    n=n,
                    wrong_if="the samples that are left out are outliers that were to be left out",
                    figure="graph",
                )
            )
    return found


def _told(one: Persisting, measured: Measured) -> str:
    return (
        f"in {one.settings:.0%} of {len(measured.of('settings'))} settings of intervals and overlap and in "
        f"{one.halves:.0%} of {len(measured.of('halves'))} random halves of the samples, and in none of "
        f"{len(measured.of('Gaussian'))} clouds of normal points of the same covariance"
    ).replace("%", " %")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
