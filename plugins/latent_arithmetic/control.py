# SPDX-License-Identifier: Apache-2.0
"""What the sum does to every score, against sums in which random exemplars take the place of the groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.latent_arithmetic.settling import other_choices
from plugins.latent_arithmetic.sums import Split

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_arithmetic.decoding import Decoder
    from plugins.latent_arithmetic.groups import Group

Float64 = NDArray[np.float64]

EACH: Final = 64  # exemplars of a group whose own pictures are scored


@dataclass(frozen=True)
class Scored:
    """What was scored.

    Attributes
    ----------
    table : one row for each scorer; see :func:`control`
    attribute : place of the scorer that tells the groups apart best, in the table; ``None`` where none does
    trials : random sums
    """

    table: pd.DataFrame
    attribute: int | None
    trials: int


def control(
    decoder: Decoder,
    groups: Sequence[Group],
    parts: Split,
    pool: Float64,
    result: Float64,
    pixel_sum: Any,
    *,
    trials: int,
    attribute: str | None,
    finish: Callable[[Float64], Float64],
    rng: np.random.Generator,
) -> Scored:
    """Score the result, what it started from, other choices of exemplars, and sums with random exemplars.

    Parameters
    ----------
    pool : float64 ``[n, d]``, points that random groups are taken from
    pixel_sum : float32 ``[c, h, w]`` in 0..1, the same sum made of pictures
    finish : what is done to every sum (bringing it to the shell, or nothing)

    The table has, for each scorer: ``scorer``, ``title``, ``unit``; ``base`` (the group that is changed; where there
    is none, the median of decoded points of the pool), ``result``, ``pixel_sum``, ``change`` with ``change_low`` and
    ``change_high`` (middle 95 % over other choices of the exemplars that change it), ``wanted`` (difference of the mean
    scores of the exemplars, plus less minus, in the change), ``apart`` (the same in pooled standard deviations),
    ``random_low``, ``random_high`` (middle 95 % of the change with random exemplars), ``p`` (share of random sums that
    change it as much, in either sense; for the attribute in the wanted one; this one included) and ``n``.
    """
    import pandas as pd

    starts = _starts(decoder, groups, parts, pool, rng)
    before, after = starts, decoder.read(decoder(result[None]))[0]
    sizes = [len(one.chosen) for one in groups]
    others, _ = other_choices(groups, parts.edit, trials, rng)
    if parts.base is not None:  # what is changed stays as it is
        others = others + groups[parts.base].mean
    repeated = decoder.read(decoder(np.stack([finish(one) for one in others]))) - before
    replaced = _replaced(groups, parts, sizes, pool, trials, rng)
    chance = decoder.read(decoder(np.stack([finish(one) for one in replaced]))) - before
    change = after - before
    wanted, apart = _wanted(decoder, groups, parts, rng)
    ghost = decoder.read(np.asarray(pixel_sum, dtype=np.float32)[None])[0]
    rows = []
    for place, reader in enumerate(decoder.readers):
        known = chance[:, place][np.isfinite(chance[:, place])]
        rows.append(
            {
                "scorer": reader.name,
                "title": reader.title,
                "unit": reader.unit,
                "base": float(before[place]),
                "result": float(after[place]),
                "pixel_sum": float(ghost[place]),
                "change": float(change[place]),
                **_middle("change", repeated[:, place]),
                "wanted": float(wanted[place]),
                "apart": float(apart[place]),
                **_middle("random", known),
                "p": _share(float(change[place]), known, 0.0),
                "n": len(known),
            }
        )
    table = pd.DataFrame(rows)
    chosen = _attribute(table, attribute)
    if chosen is not None:  # the sense in which it should change is known: one-sided
        known = chance[:, chosen][np.isfinite(chance[:, chosen])]
        table.loc[chosen, "p"] = _share(float(change[chosen]), known, float(wanted[chosen]))
    return Scored(table, chosen, trials)


def _starts(decoder: Decoder, groups: Sequence[Group], parts: Split, pool: Float64, rng: Any) -> Float64:
    """Scores of what is changed, ``[readers]``."""
    if parts.base is not None:
        return np.asarray(decoder.read(decoder(groups[parts.base].mean[None]))[0])
    some = pool[np.sort(rng.choice(len(pool), min(len(pool), 100), replace=False))]
    scores = decoder.read(decoder(some))
    return np.array([np.median(one[np.isfinite(one)]) if np.isfinite(one).any() else np.nan for one in scores.T])


def _replaced(
    groups: Sequence[Group], parts: Split, sizes: Sequence[int], pool: Float64, trials: int, rng: np.random.Generator
) -> Float64:
    """The sum with random points in the place of every group of the change, ``[trials, d]``."""
    total = np.zeros((trials, pool.shape[1]))
    for place, (one, size) in enumerate(zip(groups, sizes, strict=True)):
        if place in parts.edit:
            picked = rng.integers(len(pool), size=(trials, size))
            total += one.term.sign * np.stack([pool[rows].mean(axis=0) for rows in picked])
        else:
            total += one.term.sign * one.mean
    return total


def _wanted(
    decoder: Decoder, groups: Sequence[Group], parts: Split, rng: np.random.Generator
) -> tuple[Float64, Float64]:
    """How the exemplars of the change differ in each score, plus less minus; in pooled standard deviations as well."""
    sides: dict[int, list[Float64]] = {1: [], -1: []}
    for place in parts.edit:
        one = groups[place]
        among = rng.choice(len(one.codes), min(len(one.codes), EACH), replace=False)
        sides[one.term.sign].append(decoder.read(decoder(one.codes[among])))
    size = len(decoder.readers)
    if not sides[1] or not sides[-1]:
        return np.full(size, np.nan), np.full(size, np.nan)
    plus, minus = np.concatenate(sides[1]), np.concatenate(sides[-1])
    wanted, apart = np.full(size, np.nan), np.full(size, np.nan)
    for place in range(size):
        left, right = (one[:, place][np.isfinite(one[:, place])] for one in (plus, minus))
        if len(left) and len(right):
            wanted[place] = left.mean() - right.mean()
            pooled = np.sqrt((left.var() * len(left) + right.var() * len(right)) / max(len(left) + len(right) - 2, 1))
            if len(left) + len(right) > 2 and pooled > decoder.readers[place].resolution:
                apart[place] = wanted[place] / pooled
    return wanted, apart


def _middle(name: str, values: Float64) -> dict[str, float]:
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return {f"{name}_low": float(low), f"{name}_high": float(high)}


def _share(change: float, chance: Float64, wanted: float) -> float:
    """Share of random sums with as much of a change; this one counts too (Phipson and Smyth 2010).

    >>> _share(2.0, np.array([0.0, 1.0, 3.0]), 1.0), _share(-2.0, np.array([0.0, 1.0, 3.0]), 1.0)
    (0.5, 1.0)
    """
    if not np.isfinite(change) or not len(chance):
        return float("nan")
    if np.isfinite(wanted) and wanted != 0:
        beaten = np.sign(wanted) * chance >= np.sign(wanted) * change - 1e-12
    else:
        middle = np.median(chance)
        beaten = np.abs(chance - middle) >= abs(change - middle) - 1e-12
    return float((1 + beaten.sum()) / (1 + len(chance)))


def _attribute(table: pd.DataFrame, named: str | None) -> int | None:
    if named is not None:
        return int(table.index[table["scorer"] == named][0])
    apart = table["apart"].abs().to_numpy(dtype=np.float64)
    return int(np.nanargmax(apart)) if np.isfinite(apart).any() else None
