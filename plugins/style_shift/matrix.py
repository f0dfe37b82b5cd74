# SPDX-License-Identifier: Apache-2.0
"""Every style to every other: gain, content and length of the vector, each beside random directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.style_shift.measuring import Shift
from plugins.style_shift.probing import Probe, fit_probe
from plugins.style_shift.shifting import Corpus, Metric, style_vector

if TYPE_CHECKING:
    import pandas as pd

    from plugins.style_shift.samples import Style


class Probes:
    """Probes of two styles, each pair learned once and turned round for the other way.

    The penalty is chosen for the first pair that is asked for, and is that of all.
    """

    def __init__(self, styles: Mapping[str, Style], seed: int) -> None:
        self._styles, self._seed, self._known = styles, seed, dict[tuple[str, str], Probe]()
        self._penalty: float | None = None

    def __call__(self, toward: str, away: str) -> Probe:
        """The probe of ``toward`` against ``away``."""
        if (toward, away) not in self._known:
            one, other = self._styles[toward], self._styles[away]
            made = fit_probe(one.train, other.train, one.test, other.test, self._seed, self._penalty)
            self._penalty = made.penalty
            self._known[toward, away] = made
            self._known[away, toward] = replace(made, weights=-made.weights, bias=-made.bias)
        return self._known[toward, away]


def every_pair(
    styles: Mapping[str, Style],
    probes: Probes,
    metric: Metric,
    strength: float,
    draws: int,
    rng: np.random.Generator,
    progress: Callable[[float], None],
) -> pd.DataFrame:
    """A row for each ordered pair: the probe is that of the new style against the old one."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for at, (source, one) in enumerate(styles.items()):
        corpus = Corpus(one.corpus, np.arange(len(one.test)), metric)
        for target, other in styles.items():
            if source == target:
                continue
            probe = probes(target, source)
            vector = style_vector(one.train, other.train)
            moved = Shift(one.test, vector, corpus, one.documents, draws, rng)
            gain, kept, found = moved.gain(probe, strength), moved.similarity(strength), moved.retrieved(strength)
            order = moved.order(probe)
            rows.append(
                {
                    "from": source,
                    "to": target,
                    "style_gain": gain.value,
                    "low": gain.low,
                    "high": gain.high,
                    "style_gain_random": gain.random,
                    "content_kept": kept.value,
                    "content_kept_random": kept.random,
                    "content_retrieved": found.value,
                    "content_retrieved_random": found.random,
                    "content_lost_first": order.share,
                    "length": moved.length,
                    "accuracy": probe.accuracy,
                    "n": len(one.test),
                }
            )
        progress((at + 1) / len(styles))
    return pd.DataFrame(rows)
