# SPDX-License-Identifier: Apache-2.0
"""What the run states: units that never change, units that follow something, and a unit that looks the same for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from plugins.homology.trust import wilson

if TYPE_CHECKING:
    import pandas as pd

    from plugins.unit_drivers.results import Found

LEVEL: Final = 0.05
DEAD: Final = 0.1  # share of units


def findings_of(found: Found, units: pd.DataFrame) -> list[wb.Finding]:
    """Of all units first, then of the chosen one."""
    return [*_dead(found, units), *_follows(found, units), *_same_maps(found)]


def _dead(found: Found, units: pd.DataFrame) -> list[wb.Finding]:
    still = ~units["changes"].to_numpy()
    share = float(still.mean())
    if share < DEAD:
        return []
    word, n = found.ground.word, len(found.ground.values)
    low, high = (float(np.asarray(one)) for one in wilson(np.array(still.sum()), len(still)))
    return [
        wb.Finding(
            "unit-drivers.dead-units",
            f"{int(still.sum())} of {len(still)} {word}s are the same for all {n:,} samples.",
            value=share,
            threshold=DEAD,
            low=low,
            high=high,
            n=len(still),
            wrong_if="samples of another kind would drive them",
            figure="values",
        )
    ]


def _follows(found: Found, units: pd.DataFrame) -> list[wb.Finding]:
    one = found.relation
    if one is None or not np.isfinite(one.rho).any():
        return []
    word = found.ground.word
    following = units[units["p"] < LEVEL]
    if following.empty:
        best = units.iloc[int(units["rho"].abs().argmax())]
        return [
            wb.Finding(
                "unit-drivers.nothing-followed",
                f"No {word} follows any of the {len(found.attributes.names)} attributes more than chance: the largest "
                f"rank correlation is {best['rho']:+.2f} ({word} {best['unit']}, {best['attribute']}), by chance "
                f"{one.chance:.2f}.",
                value=float(abs(best["rho"])),
                threshold=one.chance,
                n=one.n,
                wrong_if=f"several {word}s hold an attribute together, or as something that does not only rise or fall",
                figure="relations",
            )
        ]
    best = following.iloc[int(following["rho"].abs().argmax())]
    others = f"; {len(following)} of {len(units)} {word}s follow one" if len(following) > 1 else ""
    return [
        wb.Finding(
            "unit-drivers.follows-attribute",
            f"{word.capitalize()} {best['unit']} follows {best['attribute']}: rank correlation {best['rho']:+.2f} (by "
            f"chance up to {one.chance:.2f}; p {best['p']:.3f}, corrected for all pairs){others}.",
            value=float(best["rho"]),
            threshold=one.chance,
            low=float(best["low"]),
            high=float(best["high"]),
            n=one.n,
            severity="info",
            wrong_if="something that goes with the attribute among these samples drives it",
            figure="relations",
        )
    ]


def _same_maps(found: Found) -> list[wb.Finding]:
    maps = found.maps
    if maps is None or len(maps.names) < 2 or not np.isfinite([maps.within.low, maps.between.value]).all():
        return []
    word = found.ground.word
    if maps.within.high < 0.2:
        return [
            wb.Finding(
                "unit-drivers.unsettled-maps",
                f"The mean maps of {word} {found.unit} are not settled: those of two halves of a class have a rank "
                f"correlation of {maps.within.value:.2f}.",
                value=maps.within.value,
                threshold=0.2,
                low=maps.within.low,
                high=maps.within.high,
                n=sum(maps.counts),
                wrong_if="the parts it looks at stand at another place in every sample, so that no mean can show them",
                figure="values",
            )
        ]
    if maps.between.low < maps.within.value - 0.1 or maps.within.value < 0.5:
        return []
    return [
        wb.Finding(
            "unit-drivers.same-for-all-classes",
            f"{word.capitalize()} {found.unit} looks at the same places whatever the class: mean maps of halves of two "
            f"classes are as alike ({maps.between.value:.2f}) as those of halves of one ({maps.within.value:.2f}).",
            value=maps.between.value,
            threshold=maps.within.value - 0.1,
            low=maps.between.low,
            high=maps.between.high,
            n=sum(maps.counts),
            severity="info",
            wrong_if="the method's maps show the input's ground whatever the network: see its check by random weights",
            figure="values",
        )
    ]
