# SPDX-License-Identifier: Apache-2.0
"""What is found: a decoder that returns training sentences."""

from __future__ import annotations

from typing import Final

import workbench as wb

OFTEN: Final = 0.1  # share of told texts that are training texts, above which it is said


def findings_of(copied: wb.Metric) -> list[wb.Finding]:
    """A finding when the whole interval of the share lies above the threshold."""
    if copied.low is None or copied.low <= OFTEN:
        return []
    return [
        wb.Finding(
            "thought-decoding.memorised",
            f"{100 * copied.value:.0f} % of what the decoder tells are sentences of its training texts",
            value=copied.value,
            threshold=OFTEN,
            low=copied.low,
            high=copied.high,
            n=copied.n,
            wrong_if="held-out texts are copies of training texts, or so short that anyone would write them",
            figure="pairs",
        )
    ]
