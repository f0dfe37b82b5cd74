# SPDX-License-Identifier: Apache-2.0
"""The result of a style shift: metrics with their intervals and controls, tables, arrays, charts, journeys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.style_shift import charts
from plugins.style_shift.findings import FEWEST, findings_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.style_shift.decoding import InWords
    from plugins.style_shift.journeys import Journey
    from plugins.style_shift.measuring import Band, Order, Shift
    from plugins.style_shift.plane import Plane
    from plugins.style_shift.probing import Probe
    from plugins.style_shift.samples import Style

SHOWN: Final = 12  # texts of each map that are listed in words


@dataclass
class Found:
    """All that was measured.

    Attributes
    ----------
    source, target, against : styles; the probe of the gain tells ``target`` from ``against``
    judges : the probe of the gain first, then that of ``target`` against ``source``
    turn : the latter
    """

    styles: Mapping[str, Style]
    source: str
    target: str
    against: str
    metric: str
    moved: Shift
    judges: Mapping[str, Probe]
    turn: Probe
    words: list[InWords]
    pairs: pd.DataFrame
    averaged: pd.DataFrame
    plane: Plane
    journeys: list[Journey]
    notes: tuple[str, ...]
    strength: float = 1.0

    def settle(self, strength: float) -> None:
        """Measure at the strength of the run."""
        probe = next(iter(self.judges.values()))
        self.strength, self.n = strength, len(self.moved.points)
        self.gain, self.gain_from = self.moved.gain(probe, strength), self.moved.gain(self.turn, strength)
        self.share, self.share_before = self.moved.share(probe, strength), self.moved.share(probe, 0.0)
        self.kept, self.retrieved = self.moved.similarity(strength), self.moved.retrieved(strength)
        self.order: Order = self.moved.order(self.turn)


def result_of(found: Found, params: Any) -> wb.Result:
    """Everything of a run that is kept."""
    import pandas as pd

    found.settle(params.strength)
    curve = found.moved.curve(dict(found.judges))
    told = pd.concat([one.table for one in found.words], ignore_index=True) if found.words else _no_words()
    stops = _stops(found)
    styles = pd.DataFrame([{"source": found.source, "target": found.target, "against": found.against}])
    tables = {
        "styles": styles,
        "strengths": curve,
        "matrix": found.pairs,
        "averaging": found.averaged,
        "in_words": told,
        "texts": _texts(found),
        "journeys": stops,
        "told": _told(found),
        "order": _order(found),
    }
    ground = charts.ground(found.plane, {name: one.train for name, one in found.styles.items()})
    return wb.Result(
        metrics=_metrics(found),
        tables={name: one for name, one in tables.items() if len(one)},
        arrays={
            "direction": (found.moved.vector / found.moved.length).astype(np.float32),
            "difference": found.moved.vector.astype(np.float32),
            "means": np.stack([one.train.mean(axis=0) for one in found.styles.values()]).astype(np.float32),
            "plane": np.concatenate([found.plane.middle[None], found.plane.axes]).astype(np.float32),
            "rows": found.styles[found.source].test_rows,
        },
        charts={
            "style": charts.style(curve, told, found),
            "content": charts.content(curve, told, found),
            "averaging": charts.averaging(found.averaged, found.source),
            "matrix": charts.matrix(found.pairs),
            **{
                f"journey_{at + 1}": charts.journey(one, ground, found.plane)
                for at, one in enumerate(found.journeys)
            },
        },
        findings=findings_of(found),
        notes=[*found.notes, *_notes(found)],
    )  # fmt: skip


def _metrics(found: Found) -> dict[str, wb.Metric]:
    probe_name, probe = next(iter(found.judges.items()))
    one = found.target
    said = f"strength {found.strength:g}"
    documents = "95 % bootstrap interval over documents (over texts where there are fewer than 8)"
    metrics = {
        "style_gain": _metric(
            found.gain, f"Gain in probability of {one}", f"mean change by the probe {probe_name}, {said}; {documents}",
            found.n, "higher",
        ),
        "style_gain_random": _random(found.gain, "Gain along random directions", found.moved),
        "style_share": wb.Metric(
            found.share, n=found.n, label=f"Share of moved points told as {one}", better="higher",
            note=f"by the probe {probe_name}; before they were moved {found.share_before:.0%}",
        ),
        "style_gain_from": _metric(
            found.gain_from, f"Gain by the probe {one} against {found.source}",
            f"mean change of probability, {said}; nearly arithmetic, as the means that make the vector come from the "
            f"texts that the probe was learned of; {documents}", found.n, "higher",
        ),
        "content_kept": _metric(
            found.kept, "Similarity to the text moved", f"mean cosine, {said}; {documents}", found.n, "higher"
        ),
        "content_kept_random": _random(found.kept, "Similarity along random directions", found.moved),
        "content_retrieved": _metric(
            found.retrieved, "Own text still the nearest",
            f"among {len(found.styles[found.source].corpus):,} texts of {found.source}, {said}; {documents}", found.n,
            "higher",
        ),
        "content_retrieved_random": _random(found.retrieved, "Own text nearest, along random directions", found.moved),
        "content_lost_first": wb.Metric(
            found.order.share, found.order.low, found.order.high, n=found.order.of,
            label="Texts that lose their content before the style turns", better="lower",
            note=f"another text of {found.source} is nearest at a lower strength than the one at which the probe of "
            f"{one} against {found.source} flips; both are exact",
        ),
        "probe_accuracy": wb.Metric(
            probe.accuracy, probe.low, probe.high, n=probe.n, label=f"Held-out accuracy, {probe_name}", better="higher",
            note="each style counts half; Wilson's intervals of both, combined by Newcombe's method",
        ),
        "probe_accuracy_from": wb.Metric(
            found.turn.accuracy, found.turn.low, found.turn.high, n=found.turn.n,
            label=f"Held-out accuracy, {one} against {found.source}", better="higher",
        ),
        "length": wb.Metric(found.moved.length, label="Length of the style vector", note="in the units of the space"),
    }  # fmt: skip
    for told in found.words:
        name = plain(told.name)
        metrics |= {
            f"style_gain_{name}": _metric(
                told.gain, f"Gain in probability of {one}, told by {told.name}",
                f"texts read again, {said}, against the texts told without a shift; {documents}", told.n, "higher",
            ),
            f"style_gain_{name}_random": _random_words(
                told.gain, told.n, f"Gain along random directions, told by {told.name}"
            ),
            f"content_kept_{name}": _metric(
                told.kept, f"Similarity to the text moved, told by {told.name}",
                f"cosine of the text read again and the original, {said}; {documents}", told.n, "higher",
            ),
            f"content_kept_{name}_random": _random_words(
                told.kept, told.n, f"Similarity along random directions, told by {told.name}"
            ),
            f"content_retrieved_{name}": _metric(
                told.retrieved, f"Own text still the nearest, told by {told.name}", f"{said}; {documents}", told.n,
                "higher",
            ),
        }  # fmt: skip
    return metrics


def _metric(band: Band, label: str, note: str, n: int, better: Any) -> wb.Metric:
    return wb.Metric(band.value, band.low, band.high, n=n, label=label, note=note, better=better)


def _random(band: Band, label: str, moved: Shift) -> wb.Metric:
    note = f"mean of {len(moved.random)} random directions of the same length, and the middle 95 % of them"
    return wb.Metric(band.random, band.random_low, band.random_high, n=len(moved.random), label=label, note=note)


def _random_words(band: Band, n: int, label: str) -> wb.Metric:
    return wb.Metric(
        band.random, band.random_low, band.random_high, n=n, label=label,
        note="mean over random directions of the same length, and the lowest and highest of them (of 20 and more the "
        "middle 95 %)",
    )  # fmt: skip


def plain(name: str) -> str:
    """The name of a map as part of the name of a metric.

    >>> plain("To Text")
    'to-text'
    """
    return re.sub(r"[^a-z0-9_.-]+", "-", name.lower())


def _no_words() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=["map", "strength", "measure", "value", "low", "high"])


def _texts(found: Found) -> pd.DataFrame:
    """A few texts as each map tells them, by strength."""
    import pandas as pd

    rows = [
        {"map": one.name, "text": number + 1, "strength": strength, "told": said[number]}
        for one in found.words
        for number in range(min(SHOWN, one.n))
        for strength, said in one.texts.items()
    ]
    return pd.DataFrame(rows, columns=["map", "text", "strength", "told"])


def _stops(found: Found) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for at, one in enumerate(found.journeys):
        places = found.plane(np.stack([stop.point for stop in one.stops]))
        for stop, (x, y) in zip(one.stops, places, strict=True):
            rows.append({"journey": at + 1, "kind": stop.kind, "label": stop.label, "text": stop.text, "x": x, "y": y})
    return pd.DataFrame(rows, columns=["journey", "kind", "label", "text", "x", "y"])


def _told(found: Found) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "journey": at + 1, "start": one.start.text, "map": told.name, "not_shifted": told.plain,
            "shifted": told.styled, "to_start": told.to_start, "to_shifted": told.to_shifted,
            "plane_keeps": found.plane.kept(np.stack([stop.point for stop in one.stops])),
        }
        for at, one in enumerate(found.journeys)
        for told in one.told
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _order(found: Found) -> pd.DataFrame:
    import pandas as pd

    order = found.order
    limited = [np.where(np.isfinite(one), one, np.nan) for one in (order.flip, order.loss)]
    rows = found.styles[found.source].test_rows
    return pd.DataFrame({"row": rows, "style_turns_at": limited[0], "content_lost_at": limited[1]})


def _notes(found: Found) -> list[str]:
    notes = [
        f"Means and probes come from texts for training alone; all numbers are of {found.n:,} other texts of "
        f"{found.source}.",
        "That the points gain in style is close to arithmetic: the vector ends in the mean of the texts that the probe "
        "was learned of. What the texts told of them gain is the harder question.",
    ]
    if not found.words:
        notes.append("No map leads back to text here (or 'decoded' is 0): nothing says what the shift does in words.")
    for one in found.words:
        if one.first.of < FEWEST:
            notes.append(
                f"Whether {one.name} loses the content before the style turns cannot be said: of {one.n} texts, told "
                f"without a shift, {one.first.asked} have their own text nearest and are in the old style, and of "
                f"{one.first.of} of these one came before the other."
            )
    return notes
