# SPDX-License-Identifier: Apache-2.0
"""Round trip: there, back and there again, where a model has maps both ways."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from registry.arrays import to_numpy
from registry.conformance.probe import NoPoints, Probe, has_floats
from registry.conformance.report import Check


def check_round_trip(probe: Probe) -> Iterator[Check]:
    """For maps ``f: X -> Y`` and ``g: Y -> X``, how far ``f(g(f(x)))`` is from ``f(x)``.

    The value is ``||f(g(f(x))) - f(x)|| / ||f(x)||`` over all rows (for items and texts the share that differs). It
    is a fact without a limit: no contract says how well a model inverts itself; only what is not finite fails.
    """
    pairs = [
        (there, back)
        for there in probe.maps()
        for back in probe.maps()
        if there.source.name != there.target.name
        and (there.source.name, there.target.name) == (back.target.name, back.source.name)
    ]
    if not pairs:
        yield Check("round trip", "model", "does not apply", words="it has no two maps that lead there and back")
    for there, back in pairs:
        subject = f"{there.name}, {back.name}"
        try:
            first = probe.seen(there).point
            second = probe.call(there, probe.call(back, first).point).point
        except NoPoints as error:
            yield Check("round trip", subject, "does not apply", words=f"'{there.name}': {error}")
            continue
        except Exception as error:  # noqa: BLE001 - the error is what is reported
            words = f"what '{there.name}' gives cannot go back and there again: {type(error).__name__}: {error}"
            yield Check("round trip", subject, "fail", words=words)
            continue
        words = f"relative difference of {there.name} after {there.name}, {back.name}, {there.name}"
        mine, again = to_numpy(first), to_numpy(second)
        if has_floats(first):
            mine, again = mine.astype(np.float64), again.astype(np.float64)
            scale = max(float(np.linalg.norm(mine)), 1e-12)
            error_size = float(np.linalg.norm(again - mine)) / scale
            finite = bool(np.isfinite(error_size))
            yield Check(
                "round trip", subject, "pass" if finite else "fail", error_size if finite else None, None, words
            )
        else:
            share = float(np.mean(mine != again))
            yield Check("round trip", subject, "pass", share, None, "share that comes back as another")
