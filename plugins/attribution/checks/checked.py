# SPDX-License-Identifier: Apache-2.0
"""What the checks of a run found, as plain tables and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import workbench as wb
from plugins.attribution.checks.agreement import Pair
from plugins.attribution.checks.border import Border
from plugins.attribution.checks.deletion import Curves
from plugins.attribution.checks.gradients import Gradients
from plugins.attribution.checks.means import CORRELATION, Float64, Mean, mean_of
from plugins.attribution.checks.randomisation import Randomised
from plugins.attribution.checks.rows import Row

if TYPE_CHECKING:
    import pandas as pd

    from plugins.attribution.questions import Probe

ALL_CHECKS: Final = (
    "completeness", "deletion", "randomisation", "labels", "infidelity", "sensitivity", "agreement", "baselines",
    "border", "gradients",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """How much the checks spend.

    Attributes
    ----------
    checks : which are made
    most : samples of the checks that ask the network again (deletion, infidelity)
    random_orders, deletion_steps : of deletion and insertion
    randomised_samples, stages : samples, and layers of each kind, of the randomisation of weights; 0 stages: none
    alone : whether each layer is drawn anew by itself as well
    changes : changes of the input of infidelity
    moved_samples, moves, radius : of sensitivity; the radius is a share of the range of the inputs
    draws : probes of shuffled labels
    border : width of the frame, as a share of the shorter side
    steps, noises : the most steps and draws of a method that a check asks again; ``None``: as it was asked
    fewer : the methods that this changes: their maps are compared with maps made in the same way
    """

    checks: tuple[str, ...] = ALL_CHECKS
    most: int = 32
    random_orders: int = 5
    deletion_steps: int = 16
    randomised_samples: int = 8
    stages: int = 6
    alone: bool = True
    changes: int = 32
    moved_samples: int = 8
    moves: int = 3
    radius: float = 0.02
    draws: int = 3
    border: float = 0.1
    steps: int | None = None
    noises: int | None = None
    fewer: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """Everything that was checked; parts that were not applicable are ``None`` or empty, and a row says why.

    ``spent`` says what was left out for its cost.
    """

    rows: tuple[Row, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    baseline_name: str = ""
    n: int = 0
    curves: Curves | None = None
    randomised: Randomised | None = None
    labels: Mapping[str, Float64] = field(default_factory=dict)
    input_likeness: Mapping[str, Float64] = field(default_factory=dict)
    agreement: tuple[Pair, ...] = ()
    baselines: tuple[Pair, ...] = ()
    borders: Mapping[str, Border] = field(default_factory=dict)
    gradients: Gradients | None = None
    probe: Probe | None = None
    completeness: Mapping[str, Mean] = field(default_factory=dict)
    spent: str = ""

    def row(self, check: str, method: str = "") -> Row | None:
        """The row of a check of a method, if it was made."""
        return next((one for one in self.rows if one.check == check and one.method == method), None)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables of the result, by name; only those with rows."""
        import pandas as pd

        found = {
            "checks": self._checks(),
            "curves": self._curves(),
            "randomisation": self._randomisation(),
            "agreement": _pairs(self.agreement),
            "baselines": _pairs(self.baselines),
            "border": pd.DataFrame([_border(name, one) for name, one in self.borders.items()]),
        }
        return {name: one for name, one in found.items() if len(one)}

    def metrics(self) -> dict[str, wb.Metric]:
        """Numbers worth comparing over runs."""
        found: dict[str, wb.Metric] = {}
        for one in self.rows:
            if one.verdict == "not applicable" or not math.isfinite(one.value):
                continue
            name = ".".join(part for part in (one.check, one.method) if part)
            title = f"{self.titles.get(one.method, one.method)}: " if one.method else ""
            low, high = (None, None) if not math.isfinite(one.low) else (one.low, one.high)
            found[name] = wb.Metric(
                one.value, low, high, n=one.n, unit=one.unit, label=f"{title}{one.check}", note=one.why
            )
        return found

    def _checks(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "method": one.method,
                    "title": self.titles.get(one.method, one.method),
                    "check": one.check,
                    "words": one.words,
                    "verdict": one.verdict,
                    "value": one.value,
                    "low": one.low,
                    "high": one.high,
                    "threshold": one.threshold,
                    "unit": one.unit,
                    "n": one.n,
                    "why": one.why,
                }
                for one in self.rows
            ]
        )

    def _curves(self) -> pd.DataFrame:
        import pandas as pd

        if self.curves is None:
            return pd.DataFrame()
        rows = []
        for kind in ("deletion", "insertion"):
            for name, curves in getattr(self.curves, kind).items():
                for at, share in enumerate(self.curves.shares):
                    mean = mean_of(curves[:, at])
                    rows.append({"kind": kind, "order": name, "share": share, **_numbers(mean)})
        return pd.DataFrame(rows)

    def _randomisation(self) -> pd.DataFrame:
        import pandas as pd

        if self.randomised is None:
            return pd.DataFrame()
        rows = []
        for at, stage in enumerate(self.randomised.stages):
            for name in self.randomised.spearman:
                row = {"stage": at, "layer": stage.name, "cascade": stage.cascade, "drawn": len(stage.layers)}
                sizes = mean_of(self.randomised.sizes[name][at], within=CORRELATION)
                ssim = mean_of(self.randomised.ssim[name][at], within=CORRELATION)
                row |= {"method": name, **_numbers(mean_of(self.randomised.spearman[name][at], within=CORRELATION))}
                row["sizes"] = sizes.value
                rows.append(row | {f"ssim_{part}": value for part, value in _numbers(ssim).items() if part != "n"})
        return pd.DataFrame(rows)


def _numbers(mean: Mean) -> dict[str, Any]:
    return {"value": mean.value, "low": mean.low, "high": mean.high, "n": mean.n}


def _pairs(pairs: tuple[Pair, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [
            {"method": one.method, "first": one.first, "second": one.second, **_numbers(one.spearman)}
            | {f"signs_{part}": value for part, value in _numbers(one.signs).items() if part != "n"}
            for one in pairs
        ]
    )


def _border(name: str, one: Border) -> dict[str, Any]:
    found: dict[str, Any] = {"method": name, "width": one.width, "n": one.share.n, "corner": one.corner}
    for stem, mean in (
        ("share", one.share),
        ("input", one.control),
        ("corner_share", one.corner_share),
        ("corner_input", one.corner_control),
    ):
        found |= {stem: mean.value, f"{stem}_low": mean.low, f"{stem}_high": mean.high}
    return found | {"area": one.area, "corner_area": one.corner_area}
