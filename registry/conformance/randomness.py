# SPDX-License-Identifier: Apache-2.0
"""Checks that a map gives the same for the same: under one seed, and whatever else is in the batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from registry.conformance.probe import ROWS, NoPoints, Probe, difference, largest, rows_of
from registry.conformance.report import Check


def check_determinism(probe: Probe) -> Iterator[Check]:
    """The same seed gives bit-equal results twice; whether another seed gives others is said as a fact."""
    for one in probe.maps():
        subject = f"map {one.name}"
        try:
            first, again = probe.seen(one), probe.output(one)
            other = probe.output(one, seed=probe.seed + 1)
        except NoPoints as error:
            yield Check("determinism", subject, "does not apply", words=str(error))
            continue
        gap = difference(first, again)
        if gap > 0:
            words = "the same seed gave another result: something random in it does not follow the seed"
            yield Check("determinism", subject, "fail", gap, 0.0, words)
        else:
            stochastic = difference(first, other) > 0
            words = "stochastic: another seed gives another result" if stochastic else "the seed changes nothing"
            yield Check("determinism", subject, "pass", gap, 0.0, words)


def check_batch_invariance(probe: Probe) -> Iterator[Check]:
    """A row alone gives what it gives in a batch; the value is the largest difference, relative to the largest entry.

    The limit leaves room for sums taken in another order (and for TF32 on CUDA), not for statistics of the batch.
    """
    limit = 5e-3 if probe.device.startswith("cuda") else 1e-4
    for one in probe.maps():
        subject = f"map {one.name}"
        try:
            whole, again = probe.seen(one), probe.output(one, seed=probe.seed + 1)
            batch = probe.batch(one.source)
            if difference(whole, again) > 0:
                raise NoPoints("the map is stochastic: a row's draw depends on its place in the batch")
            if any(len(part) != ROWS for part in whole.parts()):
                raise NoPoints("the map does not give a row for each row")
            worst = 0.0
            for row in (0, ROWS // 2):
                alone = probe.call(one, rows_of(batch, row, row + 1)).parts()
                for mine, theirs in zip(alone, whole.parts(), strict=True):
                    worst = max(worst, _relative(mine, theirs, row))
        except NoPoints as error:
            yield Check("batch invariance", subject, "does not apply", words=str(error))
            continue
        except Exception as error:  # noqa: BLE001 - a map that refuses one row is what is reported
            words = f"it does not take a batch of one row: {type(error).__name__}: {error}"
            yield Check("batch invariance", subject, "fail", words=words)
            continue
        good = worst <= limit
        words = "largest relative difference between a row alone and in a batch"
        yield Check("batch invariance", subject, "pass" if good else "fail", worst, limit, words)


def _relative(alone: np.ndarray, whole: np.ndarray, row: int) -> float:
    """Difference of the single row of ``alone`` from that row of ``whole``, over the largest entry of ``whole``."""
    if len(alone) != 1:
        return float("inf")
    if whole.dtype.kind not in "fiub":
        return float(np.mean(alone[0] != whole[row]))
    with np.errstate(invalid="ignore"):
        gap = np.abs(alone[0].astype(np.float64) - whole[row].astype(np.float64))
    if not np.isfinite(gap).all():
        return 0.0 if np.array_equal(alone[0], whole[row], equal_nan=True) else float("inf")
    return largest(gap) / max(largest(whole.astype(np.float64)), 1e-12)
