# SPDX-License-Identifier: Apache-2.0
"""Checks of the data that the kit is given: that the pictures of its rows are pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from registry.conformance.probe import ROWS, Probe
from registry.conformance.report import Check
from registry.errors import DataError, DoesNotApply


def check_pictures(probe: Probe) -> Iterator[Check]:
    """The data draws as many pictures as it is asked for, uint8 and of one size."""
    data = probe.data
    if data is None or not len(data):
        yield Check("pictures", "data", "does not apply", words="no data was given")
        return
    rows = np.linspace(0, len(data) - 1, min(ROWS, len(data))).astype(np.int64)
    try:
        drawn = data.checked_pictures(rows)
    except DoesNotApply as error:
        yield Check("pictures", "data", "does not apply", words=str(error))
    except DataError as error:
        yield Check("pictures", "data", "fail", words=str(error))
    else:
        height, width, channels = drawn.shape[1:]
        words = f"{len(drawn)} pictures of {height} x {width} pixels, {channels} channels"
        yield Check("pictures", "data", "pass", float(len(drawn)), None, words)
