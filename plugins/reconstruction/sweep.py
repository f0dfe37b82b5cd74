# SPDX-License-Identifier: Apache-2.0
"""The sweep: at which values of a whole-number condition of the decoder a reconstruction is measured."""

from __future__ import annotations

import numpy as np

import workbench as wb
from registry.maps import Condition

STEPS = 8


def condition_of(decode: wb.Map, wanted: str | None) -> Condition | None:  # type: ignore[type-arg]
    """The condition that is swept: the one asked for, else the first whole number the map takes; ``None`` without one.

    Raises
    ------
    ParameterError
        When the one asked for is no whole-number condition of the map.
    """
    whole = [one for one in decode.conditions if one.type == "int" and one.choices is None]
    if not wanted:
        return next(iter(whole), None)
    for one in whole:
        if one.name == wanted:
            return one
    has = ", ".join(one.name for one in whole) or "none"
    raise wb.ParameterError(
        f"'condition' = '{wanted}' is no whole-number condition of map '{decode.name}': it has {has}"
    )


def values_of(condition: Condition, listed: tuple[int, ...]) -> tuple[int, ...]:
    """The values that are tried, ascending: those listed, else eight from 1 to the default, evenly on a log scale.

    >>> values_of(Condition("components", "int", 100), ())
    (1, 2, 4, 7, 14, 27, 52, 100)
    """
    if listed:
        return tuple(sorted(set(listed)))
    last = max(int(condition.default), 1)
    return tuple(int(one) for one in np.unique(np.round(np.geomspace(1, last, STEPS)).astype(int)))


def parse(text: str) -> tuple[int, ...]:
    """Whole numbers separated by commas or blanks; raises ``ValueError`` for anything else.

    >>> parse("1, 5,20")
    (1, 5, 20)
    """
    try:
        return tuple(int(one) for one in text.replace(",", " ").split())
    except ValueError:
        raise ValueError("write whole numbers separated by commas, e.g. 1, 5, 20") from None
