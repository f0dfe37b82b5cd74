# SPDX-License-Identifier: Apache-2.0
"""The contract: everything that is measured of every direction, in the same way, beside random directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.directions.finding.found import Found, random_directions
from plugins.directions.measuring.effects import (
    Chance,
    Effects,
    effects_of,
    linearity,
    matched_step,
    monotonicity,
    near_steps,
    recognised,
    selectivity_interval,
    slopes_of,
    strongest,
)
from plugins.directions.measuring.readers import Reader, read_all, varying
from plugins.directions.measuring.travel import Decoder, Float32, Journey, locality, travel

Float64 = NDArray[np.float64]

LEVEL: Final = 0.05
MATCHED: Final = 1.0  # standard deviations of its attribute at which identity is compared
FAR: Final = 2.0  # standard deviations of the codes at which it is asked whether codes are still usual
PAIRS: Final = 400  # pairs of unmoved pictures that say how far apart pictures usually are


@dataclass(frozen=True)
class Candidate:
    """A direction to be measured.

    Attributes
    ----------
    name : its own, unique
    method, index : who found it, and its place among what the method found
    vector : float64 ``[d]`` of length 1
    strength : the method's own number
    attribute : name of the reader that it was found for; ``None``: the one that it changes most
    stability : mean |cosine| with what the method finds on other subsamples; NaN where it was not asked
    """

    name: str
    method: str
    index: int
    vector: Float64
    strength: float
    attribute: str | None = None
    stability: float = float("nan")


def candidates_of(found: Sequence[tuple[Found, Float64]]) -> list[Candidate]:
    """One candidate for each vector; each method comes with the stability ``[k]`` of its vectors."""
    listed: list[Candidate] = []
    for one, stability in found:
        for index, vector in enumerate(one.vectors):
            stem = one.method if one.attribute is None else f"{one.method} {one.attribute}"
            name = str(one.extra.get("name", stem if len(one) == 1 else f"{stem} {index + 1}"))
            strength, stable = float(one.strength[index]), float(stability[index])
            listed.append(Candidate(name, one.method, index, vector, strength, one.attribute, stable))
    return listed


@dataclass
class Measured:
    """What the contract gives.

    Attributes
    ----------
    candidates : the directions, pointed so that each raises its own attribute, by codes that do not judge it
    readers : the attributes that vary
    spread, level : float64 ``[j]``, standard deviation and mean of each attribute over unmoved pictures
    scales : float64 ``[k]``, standard deviation of the codes along each direction: the length of a step
    own : int ``[k]``, the attribute that each is about
    effects : of each candidate, on every attribute
    chance : effects of the random directions
    rows : the measures of each direction by name
    curves : float64 ``[k, a, 3]``, own attribute less its unmoved value by step, in standard deviations: mean, interval
    journeys : what was decoded
    accuracy : of the classifier that tells directions apart, with its interval; chance is one in the number of them
    notes : attributes that were left out, and why
    """

    candidates: list[Candidate]
    readers: list[Reader]
    spread: Float64
    level: Float64
    scales: Float64
    own: list[int]
    effects: list[Effects]
    chance: Chance
    rows: list[dict[str, Any]]
    curves: Float64
    journeys: list[Journey]
    accuracy: tuple[float, float, float]
    steps: Float64
    n: int
    notes: list[str] = field(default_factory=list)


def measure(
    decode: Decoder,
    codes: Float64,
    candidates: Sequence[Candidate],
    readers: Sequence[Reader],
    *,
    steps: Float64,
    random: int,
    rng: np.random.Generator,
    unusual: Callable[[Float64], NDArray[np.bool_]],
    features: Callable[[Float32], Float32] | None = None,
    few: int = 4,
    progress: Callable[[float], None] = lambda _: None,
) -> Measured:
    """Measure every candidate on the same codes.

    Parameters
    ----------
    decode : codes ``[m, d]`` to float32 pixels ``[m, c, h, w]`` in 0..1
    codes : float64 ``[n, d]``, none of those that the directions were found on
    steps : ``[a]``, evenly spaced about 0, in standard deviations of the codes along the direction
    random : random directions, at least 10
    unusual : codes ``[m, d]`` to bool ``[m]``, whether each lies farther out than one in a hundred
    features : pixels to ``[m, f]``, in which identity is compared; the pixels themselves if left out

    Raises
    ------
    DataError
        When no attribute varies over the unmoved pictures, or there are too few codes or directions.
    """
    if len(codes) < 8 or random < 10 or not candidates:
        raise wb.DataError("a measure needs at least 8 codes, 10 random directions and 1 direction")
    seen = features if features is not None else (lambda pixels: pixels.reshape(len(pixels), -1))
    pixels = decode(codes)
    unmoved = read_all(readers, pixels)
    kept, notes = varying(readers, unmoved)
    if not kept:
        raise wb.DataError("no attribute varies over the decoded pictures: there is nothing to measure directions by")
    readers = [readers[at] for at in kept]
    unmoved = np.asarray(unmoved[:, kept], dtype=np.float64)
    spread, level = np.nanstd(unmoved, axis=0), np.nanmean(unmoved, axis=0)
    at_start = seen(pixels)
    typical = _typical_distance(at_start, rng)
    covariance = np.atleast_2d(np.cov(codes, rowvar=False))

    def length(vector: Float64) -> float:
        return float(np.sqrt(max(float(vector @ covariance @ vector), 0.0)))

    every = len(candidates) + random / len(steps)
    null = random_directions(random, codes.shape[1], rng).vectors
    near = steps[near_steps(steps) & (steps != 0)]  # the same steps as those of the directions
    some = codes[: max(8, len(codes) // 2)]  # enough for the scale of many directions
    drawn = []
    for at, vector in enumerate(null):
        journey = travel(decode, some, vector * length(vector), near, readers)
        drawn.append(effects_of(slopes_of(journey.scores, near, spread)).mean)
        progress((at + 1) / len(steps) / every)
    chance = Chance(np.array(drawn))
    names = [one.name for one in readers]
    result = Measured(
        [], list(readers), spread, level, np.array([length(one.vector) for one in candidates]), [], [], chance, [],
        np.empty((len(candidates), len(steps), 3)), [], (float("nan"),) * 3, steps, len(codes), notes,
    )  # fmt: skip
    tried = len(candidates)
    for at, one in enumerate(candidates):
        scale = float(result.scales[at])
        if not scale > 0:
            raise wb.DataError(f"the codes do not vary along '{one.name}': there is no step of a usual size")
        journey = travel(decode, codes, one.vector * scale, steps, readers, few=few, features=seen)
        slopes = slopes_of(journey.scores, steps, spread)
        told = one.attribute in names
        # one that was told an attribute points where its method found that it rises, on other codes
        own, sign, judged = (names.index(str(one.attribute)), 1.0, slopes) if told else strongest(slopes)
        if sign < 0:  # the sign is fixed by rule: along a direction its own attribute rises
            if one.attribute is not None:
                notes.append(f"'{one.name}' was turned round: along it {names[own]} rises, away from {one.attribute}.")
            one = replace(one, vector=-one.vector)
            journey, slopes, judged = journey.turned(), -slopes, -judged
        effects = effects_of(slopes)
        honest = effects_of(judged)
        row = _row(one, own, honest, slopes, chance, names, rng)
        row |= _corrected(row, tried, 1 if told else len(names))
        row |= _along(journey, own, steps, spread, level)
        row |= _identity(decode, codes, one.vector * scale, row["matched_step"], seen, at_start, typical)
        row["locality"] = locality(journey.changes[0])
        row["step"] = scale
        row |= _usual(unusual, codes, one.vector * scale)
        result.candidates.append(one)
        result.own.append(own)
        result.effects.append(effects)
        result.curves[at] = _curve(journey, own, steps, spread)
        result.rows.append(row)
        result.journeys.append(journey)
        progress((random / len(steps) + at + 1) / every)
    _tell_apart(result, at_start, rng)
    return result


def _typical_distance(features: Float32, rng: np.random.Generator) -> float:
    """Median distance of two unmoved pictures."""
    n = len(features)
    first, second = rng.integers(n, size=(2, PAIRS))
    second = np.where(first == second, (second + 1) % n, second)
    return float(np.median(np.linalg.norm(features[first].astype(np.float64) - features[second], axis=1)))


def _row(
    one: Candidate,
    own: int,
    honest: Effects,
    slopes: Float64,
    chance: Chance,
    names: list[str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    others = np.abs(honest.mean).copy()
    others[own] = -1.0
    leak = int(np.nanargmax(others)) if len(others) > 1 else own
    effect = float(honest.mean[own])
    share, low, high = selectivity_interval(slopes, own, rng)
    leaking = float(np.abs(honest.mean[leak])) if leak != own else float("nan")
    typical = float(chance.typical[own])
    return {
        "direction": one.name,
        "method": one.method,
        "index": one.index,
        "attribute": names[own],
        "told": one.attribute in names,
        "found_for": one.attribute or "",
        "strength": one.strength,
        "effect": effect,
        "effect_low": float(honest.low[own]),
        "effect_high": float(honest.high[own]),
        "random_effect": typical,
        "p": chance.p(effect, own),
        "selectivity": share,
        "selectivity_low": low,
        "selectivity_high": high,
        "leakage": leaking,
        "leaks_into": names[leak] if leak != own else "",
        "leak_share": leaking / abs(effect) if effect else float("nan"),
        "stability": one.stability,
    }


def _corrected(row: dict[str, Any], tried: int, choices: int) -> dict[str, Any]:
    """Bonferroni over the directions that were tried, and over the attributes where the strongest was chosen."""
    adjusted = min(row["p"] * tried * choices, 1.0) if row["p"] == row["p"] else float("nan")
    above = bool(adjusted <= LEVEL) and row["effect_low"] > 0
    return {"p_adjusted": adjusted, "compared": tried * choices, "beyond_random": above}


def _along(journey: Journey, own: int, steps: Float64, spread: Float64, level: Float64) -> dict[str, Any]:
    scores = (journey.scores[:, :, own] - level[own]) / spread[own]
    mean, low, high = monotonicity(scores, steps, 1.0)
    step, reached = matched_step(np.nanmean(scores, axis=0), steps, MATCHED)
    return {
        "monotonicity": mean,
        "monotonicity_low": low,
        "monotonicity_high": high,
        "linearity": linearity(scores, steps),
        "matched_step": step,
        "matched": reached,
    }


def _identity(
    decode: Decoder, codes: Float64, step: Float64, at: float, seen: Any, at_start: Float32, typical: float
) -> dict[str, Any]:
    """How far pictures are from themselves where the attribute has risen by one standard deviation.

    1 is unchanged, 0 as far as two pictures usually are from each other. Compared at equal effect, not at equal step: a
    direction that does nothing keeps everything.
    """
    from scipy.stats import t

    moved = np.concatenate([seen(decode(codes[s : s + 256] + at * step)) for s in range(0, len(codes), 256)])
    away = np.linalg.norm(moved.astype(np.float64) - at_start, axis=1)
    kept = 1 - away / typical if typical > 0 else np.full(len(away), np.nan)
    half = float(t.ppf(0.975, len(kept) - 1) * kept.std(ddof=1) / np.sqrt(len(kept)))
    mean = float(kept.mean())
    return {"identity": mean, "identity_low": mean - half, "identity_high": mean + half}


def _usual(unusual: Callable[[Float64], NDArray[np.bool_]], codes: Float64, step: Float64) -> dict[str, Any]:
    from plugins.homology.trust import wilson

    both = np.concatenate([unusual(codes + FAR * step), unusual(codes - FAR * step)])
    low, high = wilson([int(both.sum())], len(both))
    return {
        "unusual": float(both.mean()),
        "unusual_low": float(low[0]),
        "unusual_high": float(high[0]),
        "unusual_unmoved": float(np.mean(unusual(codes))),
    }


def _curve(journey: Journey, own: int, steps: Float64, spread: Float64) -> Float64:
    zero = int(np.abs(steps).argmin())
    rise = (journey.scores[:, :, own] - journey.scores[:, zero, own][:, None]) / spread[own]
    found = effects_of(rise)
    return np.stack([found.mean, found.low, found.high], axis=1)


def _tell_apart(result: Measured, at_start: Float32, rng: np.random.Generator) -> None:
    """Fill in how well a classifier tells the directions from the change that they make."""
    k, n = len(result.candidates), result.n
    for row in result.rows:
        row["recognised"] = float("nan")
    if k < 2 or n < 16:
        return
    change = np.concatenate([one.moved[0] - at_start for one in result.journeys])
    labels, codes = np.repeat(np.arange(k), n), np.tile(np.arange(n), k)
    accuracy, low, high, each = recognised(change, labels, codes, int(rng.integers(2**31)))
    result.accuracy = accuracy, low, high
    for row, share in zip(result.rows, each, strict=True):
        row["recognised"] = float(share)
