# SPDX-License-Identifier: Apache-2.0
"""Follow loops from step to step by their samples: a loop is kept where the angles that it gives them come back.

Idea: the bottleneck distance does not know which samples make a bar. The circular coordinate does: two loops are the
same where one angle is the other up to a start and a direction, for the samples that have both. Chance alone makes
angles agree when most samples have nearly the same one, so that what permuted samples reach is taken off. Where an
angle is twice or three times the other, the layer winds the loop around that often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from plugins.homology.circular import carry
from plugins.homology.trust import wilson

if TYPE_CHECKING:
    from plugins.layer_homology.loops import Loop
    from plugins.layer_homology.rows import Rows
    from plugins.layer_homology.steps import Shaped

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
State = Literal["start", "new", "kept", "wound", "back", "fades", "removed", "absent", "not measured"]

AGREES = 0.5  # agreement from which on two loops are one
FEWEST = 10  # samples that must have both angles
SHARED = 0.5  # of the samples of the smaller loop
WOUND = (1, 2, 3)  # times that a layer may wind a loop around
PERMUTED, FEW = 200, 30  # permutations, for the landmarks and for each draw


@dataclass(frozen=True)
class Agreement:
    """How far two angles of the same samples agree.

    Attributes
    ----------
    correlation : 0 to 1, length of the mean of exp(2 pi i (times first - second)), or of the sum
    control : what 95 % of the permutations of the samples stay below
    value : correlation less the mean of the permutations, over one less it: 0 by chance, 1 the same
    times : how often the second goes round while the first goes round once
    n : samples that have both
    """

    correlation: float
    control: float
    value: float
    times: int
    n: int


NONE = Agreement(float("nan"), float("nan"), 0.0, 1, 0)


def agreement(first: Float64, second: Float64, *, permutations: int = PERMUTED, seed: int = 0) -> Agreement:
    """Compare two circular coordinates ``[n]``, shares of a turn; NaN where a sample has none.

    Source: mean resultant length (Mardia and Jupp, "Directional statistics", 2000), corrected for chance as the Rand
    index is by Hubert and Arabie, Journal of Classification 2, 1985.

    >>> turn = np.linspace(0, 1, 100, endpoint=False)
    >>> found = agreement(turn, 0.3 - turn)
    >>> round(found.value, 6), found.times, found.control < 0.3
    (1.0, 1, True)
    >>> agreement(turn, 2 * turn % 1).times
    2
    """
    both = np.isfinite(first) & np.isfinite(second)
    n = int(both.sum())
    least = min(int(np.isfinite(first).sum()), int(np.isfinite(second).sum()))
    if n < max(FEWEST, SHARED * least):
        return NONE
    other = np.exp(2j * np.pi * second[both])
    random = np.random.default_rng([n, seed])
    mixed = np.stack([other[random.permutation(n)] for _ in range(permutations)])
    best = NONE
    for times in WOUND:
        one = np.exp(2j * np.pi * times * first[both])
        found = max(abs((one * other).mean()), abs((one * other.conj()).mean()))
        chance = np.maximum(np.abs(mixed @ one), np.abs(mixed @ one.conj())) / n
        middle = float(chance.mean())
        value = (float(found) - middle) / (1 - middle) if middle < 1 - 1e-9 else 0.0
        if times == 1 or value > best.value:
            best = Agreement(float(found), float(np.quantile(chance, 0.95)), value, times, n)
    return best


@dataclass
class Track:
    """One loop through the steps.

    Attributes
    ----------
    number : from 1
    group : its place among the groups
    states : at each step
    seen : the loop at the steps where it is more than noise
    agreements : with the loop that it was followed from
    followed_from : at which step that was
    present : bool ``[draws]`` at each step that is measured: whether a loop that stands out in the draw agrees with it
    """

    number: int
    group: int
    states: list[State] = field(default_factory=list)
    seen: dict[int, Loop] = field(default_factory=dict)
    agreements: dict[int, Agreement] = field(default_factory=dict)
    followed_from: dict[int, int] = field(default_factory=dict)
    present: dict[int, Bool] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The step at which it was seen last."""
        return max(self.seen)

    def reference(self, at: int) -> int:
        """The step whose angles say what the loop is at step ``at``: the last one seen up to there, else the first."""
        return max((one for one in self.seen if one <= at), default=min(self.seen))


def follow(shaped: Sequence[Shaped], rows: Rows) -> list[Track]:
    """All loops of all groups through all steps, and in which draws each is present."""
    tracks: list[Track] = []
    for group in range(len(rows.groups)):
        mine = _tracks(shaped, group, len(tracks))
        for track in mine:
            _presence(track, shaped, rows)
        tracks += mine
    return tracks


def _tracks(shaped: Sequence[Shaped], group: int, start: int) -> list[Track]:
    tracks: list[Track] = []
    first = True
    for at, step in enumerate(shaped):
        if step.state in ("not finite", "no direction"):
            for track in tracks:
                track.states.append("not measured")
            continue
        loops = step.groups[group].loops if step.state == "measured" else []
        free = [one for one in loops if one.told]
        matched = _matched(tracks, free, at)
        for track in tracks:
            found = matched.get(track.number)
            if found is None:
                track.states.append(_without(track, [one for one in loops if not one.told], at))
                continue
            loop, agreed = found
            alive = _before(track) not in ("removed", "absent")
            track.states.append("back" if not alive else "kept" if agreed.times == 1 else "wound")
            track.followed_from[at], track.agreements[at] = track.last, agreed
            track.seen[at] = loop
        taken = {id(loop) for loop, _ in matched.values()}
        for loop in free:
            if id(loop) not in taken:
                track = Track(start + len(tracks) + 1, group)
                track.states = [*(["absent"] * at), "start" if first else "new"]  # type: ignore[list-item]
                track.seen[at] = loop
                tracks.append(track)
        first = False
    return tracks


def _matched(tracks: Sequence[Track], free: Sequence[Loop], at: int) -> dict[int, tuple[Loop, Agreement]]:
    """One to one, the best agreement first."""
    offers = []
    for track in tracks:
        for place, loop in enumerate(free):
            agreed = agreement(track.seen[track.last].theta, loop.theta)
            if agreed.value >= AGREES:
                offers.append((agreed.value, track.number, place, agreed))
    found: dict[int, tuple[Loop, Agreement]] = {}
    taken: set[int] = set()
    for _, number, place, agreed in sorted(offers, key=lambda one: -one[0]):
        if number not in found and place not in taken:
            found[number] = free[place], agreed
            taken.add(place)
    return found


def _without(track: Track, weak: Sequence[Loop], at: int) -> State:
    """What becomes of a loop that no significant one is like."""
    best = max((agreement(track.seen[track.last].theta, one.theta) for one in weak), key=_value, default=NONE)
    track.followed_from[at], track.agreements[at] = track.last, best
    if best.value >= AGREES:
        return "fades"
    return "removed" if _before(track) not in ("removed", "absent") else "absent"


def _before(track: Track) -> State:
    """What it was at the last step that could be measured."""
    return next(one for one in reversed(track.states) if one != "not measured")


def _value(one: Agreement) -> float:
    return one.value


def _presence(track: Track, shaped: Sequence[Shaped], rows: Rows) -> None:
    draws = rows.groups[track.group].draws
    for at, step in enumerate(shaped):
        if step.state == "constant":
            track.present[at] = np.zeros(len(draws), dtype=np.bool_)
        if step.state != "measured":
            continue
        known = track.reference(at)
        nearest = shaped[known].groups[track.group].measured.nearest
        angles = carry(track.seen[known].theta, nearest)
        found = [
            any(agreement(angles[draw], theta, permutations=FEW).value >= AGREES for theta in thetas)
            for draw, thetas in zip(draws, step.groups[track.group].drawn_loops, strict=True)
        ]
        track.present[at] = np.array(found, dtype=np.bool_)


@dataclass(frozen=True)
class Share:
    """A share of the draws with its 95 % interval (Wilson)."""

    value: float
    low: float
    high: float
    n: int


def share_of(hits: Bool) -> Share:
    """The share of draws of which something is true; NaN without draws."""
    n = len(hits)
    if n == 0:
        return Share(float("nan"), float("nan"), float("nan"), 0)
    low, high = wilson([int(hits.sum())], n)
    return Share(float(hits.mean()), float(low[0]), float(high[0]), n)
