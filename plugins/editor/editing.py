# SPDX-License-Identifier: Apache-2.0
"""An edit: how far a code is moved along named directions, axes and a random direction. Plain arithmetic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.difference_direction.shell import Shell

Float64 = NDArray[np.float64]
Cap = Literal["none", "shell", "length"]

CAPS: Final[tuple[Cap, ...]] = ("none", "shell", "length")
_NUMBER: Final = r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?"
_NAMED: Final = re.compile(rf"([a-z0-9][a-z0-9._-]{{0,79}}):({_NUMBER})")
_AXIS: Final = re.compile(rf"@([0-9]{{1,6}}):({_NUMBER})")
_RANDOM: Final = re.compile(rf"!([0-9]{{1,9}}):({_NUMBER})")


@dataclass(frozen=True)
class Edit:
    """How far a code is moved; nothing that is not moved is named.

    Attributes
    ----------
    steps : named directions and how many of their steps, by name
    axes : numbers of axes and how far, in standard deviations of the axis, by number
    random, seed : how many steps along the random direction of that seed
    hold : directions that are taken out of every other one (conditional edit)
    cap, limit : what the whole edit is shortened to: ``"shell"``, the 99 % shell of the prior; ``"length"``, ``limit``
        standard deviations; ``"none"``
    """

    steps: tuple[tuple[str, float], ...] = ()
    axes: tuple[tuple[int, float], ...] = ()
    random: float = 0.0
    seed: int = 0
    hold: tuple[str, ...] = ()
    cap: Cap = "none"
    limit: float = 3.0

    @property
    def moves(self) -> bool:
        """Whether anything is moved at all."""
        return bool(self.steps or self.axes or self.random)

    def step(self, name: str) -> float:
        """Steps along a named direction."""
        return dict(self.steps).get(name, 0.0)

    def axis(self, number: int) -> float:
        """Standard deviations along an axis."""
        return dict(self.axes).get(number, 0.0)

    def stepped(self, name: str, amount: float) -> Edit:
        """The same with a named direction at ``amount`` steps.

        >>> Edit().stepped("smile", 1.5).stepped("smile", 0.0) == Edit()
        True
        """
        return replace(self, steps=_with(self.steps, name, amount))

    def on_axis(self, number: int, amount: float) -> Edit:
        """The same with an axis moved by ``amount`` standard deviations."""
        return replace(self, axes=_with(self.axes, number, amount))

    def text(self) -> str:
        """What is moved, as it stands in an address; :func:`edit_from` reads it.

        >>> Edit((("smile", 1.5),), ((12, -0.3),), 1.0, 7).text()
        'smile:1.5,@12:-0.3,!7:1'
        """
        parts = [f"{name}:{_plain(one)}" for name, one in self.steps]
        parts += [f"@{number}:{_plain(one)}" for number, one in self.axes]
        return ",".join([*parts, f"!{self.seed}:{_plain(self.random)}"] if self.random else parts)


def edit_from(text: str) -> tuple[Edit, list[str]]:
    """The edit of an address, and the parts of it that are none.

    >>> edit_from("smile:1.5,@12:-0.3,nonsense")[1]
    ['nonsense']
    """
    edit, bad = Edit(), []
    for part in filter(None, text.split(",")):
        if one := _NAMED.fullmatch(part):
            edit = edit.stepped(one[1], float(one[2]))
        elif one := _AXIS.fullmatch(part):
            edit = edit.on_axis(int(one[1]), float(one[2]))
        elif one := _RANDOM.fullmatch(part):
            edit = replace(edit, seed=int(one[1]), random=float(one[2]))
        else:
            bad.append(part)
    return edit, bad


def _with(items: Iterable[tuple[Any, float]], name: Any, amount: float) -> tuple[tuple[Any, float], ...]:
    kept = {**dict(items), name: float(amount)}
    return tuple(sorted((one, value) for one, value in kept.items() if value != 0))


def _plain(value: float) -> str:
    """A number without an exponent and without zeros at its end."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Frame:
    """The space in which codes are edited.

    Attributes
    ----------
    mean, std : float64 ``[d]``, where codes lie and how far they spread along each axis
    spread_of : of what that is: ``"the prior"``, or of which codes
    shell : where the draws of a normal prior lie; ``None`` for another prior or none
    vectors : usable named directions, float64 ``[d]`` at their stored length
    """

    mean: Float64
    std: Float64
    spread_of: str
    shell: Shell | None = None
    vectors: Mapping[str, Float64] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many axes there are."""
        return len(self.mean)

    def random_direction(self, seed: int) -> Float64:
        """A direction drawn evenly in standard deviations, as long as a named one is on average (else one of those)."""
        drawn = np.random.default_rng(seed).standard_normal(self.size) * self.std
        lengths = [float(np.linalg.norm(one)) for one in self.vectors.values()]
        if lengths:
            return np.asarray(drawn * (np.mean(lengths) / np.linalg.norm(drawn)))
        return np.asarray(drawn / np.linalg.norm(drawn / self.std))

    def vector(self, name: str, hold: Iterable[str] = ()) -> Float64:
        """A named direction at its stored length, with those of ``hold`` taken out.

        Raises
        ------
        DataError
            When the direction is not usable here, or nothing is left of it.
        """
        if name not in self.vectors:
            raise wb.DataError(f"the direction '{name}' cannot be used here")
        return self._freed(self.vectors[name], [one for one in hold if one != name], f"'{name}'")

    def _freed(self, vector: Float64, hold: list[str], what: str) -> Float64:
        from plugins.directions.finding.found import without

        held = [self.vectors[one] for one in hold if one in self.vectors]
        if not held:
            return vector
        try:
            return np.asarray(without(vector, held) * np.linalg.norm(vector))
        except wb.DataError as error:
            raise wb.DataError(f"{what} cannot be moved with {', '.join(hold)} held: {error}") from None

    def wanted(self, edit: Edit) -> Float64:
        """By how much the edit moves a code before any cap, float64 ``[d]``; raises as :meth:`vector`."""
        total = np.zeros(self.size)
        for name, amount in edit.steps:
            if name in self.vectors:
                total += amount * self.vector(name, edit.hold)
        for number, amount in edit.axes:
            if number < self.size:
                total[number] += amount * self.std[number]
        if edit.random:
            total += edit.random * self._freed(
                self.random_direction(edit.seed), list(edit.hold), "the random direction"
            )
        return total

    def applied(self, edit: Edit, starts: Float64) -> tuple[Float64, Float64]:
        """The edited codes ``[n, d]`` of ``starts [n, d]``, and which share of the edit each was given ``[n]``."""
        rows = np.atleast_2d(np.asarray(starts, dtype=np.float64))
        delta = self.wanted(edit)
        share = np.ones(len(rows))
        if edit.cap == "length":
            share[:] = length_share(delta / self.std, edit.limit)
        elif edit.cap == "shell" and self.shell is not None:
            share = shell_share(self.shell, rows, delta)
        return rows + share[:, None] * delta, share

    def distance(self, codes: Float64) -> Float64:
        """Distances of codes ``[n, d]`` from the mean, in standard deviations, float64 ``[n]``."""
        return np.asarray(np.linalg.norm((np.atleast_2d(codes) - self.mean) / self.std, axis=1))

    def outside(self, codes: Float64) -> NDArray[np.bool_]:
        """Which codes lie beyond the 99 % shell of the prior (none where there is no shell), bool ``[n]``."""
        if self.shell is None:
            return np.zeros(len(np.atleast_2d(codes)), dtype=bool)
        return np.asarray(self.distance(codes) > self.shell.outer * (1 + 1e-9))


def length_share(delta: Float64, limit: float) -> float:
    """The share of ``delta`` that is no longer than ``limit``, at most 1.

    >>> length_share(np.array([3.0, 4.0]), 2.5)
    0.5
    """
    length = float(np.linalg.norm(delta))
    return 1.0 if length <= limit else limit / length


def shell_share(shell: Shell, starts: Float64, delta: Float64) -> Float64:
    """The largest share in 0..1 of ``delta`` at which each of ``starts [n, d]`` is still within the 99 % shell ``[n]``.

    A code that starts outside may move as far as it comes no further out than it was. The root of the quadratic
    ``|s + t v|^2 = r^2`` in standard deviations.

    >>> flat = Shell(1, np.zeros(1), np.ones(1))
    >>> bool(abs(shell_share(flat, np.array([[1.0]]), np.array([10.0]))[0] * 10 + 1 - flat.outer) < 1e-9)
    True
    """
    start, along = shell.standardised(starts), delta / shell.std
    squared = float(along @ along)
    if squared == 0:
        return np.ones(len(start))
    own = np.square(start).sum(axis=1)
    reach = np.maximum(shell.outer**2, own)
    crossed = start @ along
    root = (-crossed + np.sqrt(np.maximum(crossed**2 + squared * (reach - own), 0))) / squared
    return np.asarray(np.clip(root, 0, 1))
