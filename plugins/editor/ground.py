# SPDX-License-Identifier: Apache-2.0
"""What one session of editing stands on: the model, the space, the directions, and the code at its start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.difference_direction.shell import shell_of
from plugins.editor.decoding import Decoder, decoder_of, spread_of_codes
from plugins.editor.editing import Edit, Float64, Frame
from plugins.editor.inversion_results import frame_of
from plugins.editor.scores import networks, quick, spreads
from plugins.editor.starts import code_of
from workbench.app import engine, subjects

if TYPE_CHECKING:
    from plugins.editor.offered import Offered
    from plugins.editor.starts import Start
    from registry.arrays import Array
    from workbench.points import Description

DRAWN = 48  # pictures over which scores are compared


@dataclass(frozen=True)
class Ground:
    """All that a change of a slider does not change."""

    model: str
    description: Description
    space: str
    start: Start
    code: Float64
    before: Array
    decoder: Decoder
    frame: Frame
    directions: tuple[Offered, ...]
    spread: dict[str, float]

    @property
    def key(self) -> str:
        """What keys of widgets and of the history begin with."""
        return f"editor.{self.model}.{self.space}"

    def axis_name(self, number: int) -> str:
        """What an axis is called."""
        names = getattr(self.description.spaces[self.space], "axes", None)
        return names[number] if names else f"axis {number}"

    def label(self, which: str) -> str:
        """A direction as the address names it, in words."""
        if which == "!":
            return "random direction"
        return self.axis_name(int(which[1:])) if which.startswith("@") else which

    def moved(self, edit: Edit, which: str, amount: float) -> Edit:
        """The edit with one direction, as the address names it, at ``amount``."""
        if which == "!":
            return replace(edit, random=float(amount))
        if which.startswith("@"):
            return edit.on_axis(int(which[1:]), amount)
        return edit.stepped(which, amount)

    def amount(self, edit: Edit, which: str) -> float:
        """How far the edit goes along one direction."""
        if which == "!":
            return edit.random
        return edit.axis(int(which[1:])) if which.startswith("@") else edit.step(which)

    def applied(self, edit: Edit) -> tuple[Float64, float]:
        """The edited code ``[d]`` and which share of the edit it was given."""
        codes, share = self.frame.applied(edit, self.code)
        return codes[0], float(share[0])


@dataclass(frozen=True)
class Loaded:
    """What takes the model: the code and picture at the start, and how codes and scores spread."""

    code: Float64
    before: Array
    mean: Float64
    std: Float64
    spread_of: str
    spread: dict[str, float]


def load(start: Start, model: str, stamp: str, description: Description, space: str) -> Loaded:
    """Everything of a start; called in a thread. Raises as :func:`~plugins.editor.starts.code_of`."""
    code = code_of(start, model, description, space)
    decoder = decoder_of(model, description, space)
    mean, std, spread_of, spread, _ = _spread(engine.store().location, model, stamp, description, space)
    return Loaded(code, decoder(code)[0], mean, std, spread_of, spread)


@st.cache_resource(show_spinner=False, max_entries=16)
def _spread(location: str, model: str, stamp: str, _description: Description, space: str) -> Any:
    """Where codes lie, and how scores of pictures of such codes differ."""
    one: Any = _description.spaces[space]
    if getattr(one, "prior", None) is not None:
        mean, std = frame_of(one)
        spread_of = "the prior"
        codes = np.asarray(engine.live(model).sample(space, np.arange(DRAWN), 0), dtype=np.float64)
    else:
        mean, std, spread_of = spread_of_codes(model, _description, space)
        codes = mean + std * np.random.default_rng(0).standard_normal((DRAWN, len(mean)))
    decoder = decoder_of(model, _description, space)
    images = decoder(codes)
    return mean, std, spread_of, spreads(decoder, images, quick(decoder)), images


def slow_spread(ground: Ground) -> dict[str, float]:
    """How the scores of networks differ over pictures of the model; made when it is first asked for."""
    return _slow_spread(engine.store().location, ground.model, subjects.stamp(ground.model), ground.space, ground)


@st.cache_resource(show_spinner="Scoring pictures of the model", max_entries=16)
def _slow_spread(location: str, model: str, stamp: str, space: str, _ground: Ground) -> dict[str, float]:
    images = _spread(location, model, stamp, _ground.description, space)[4]
    return spreads(_ground.decoder, images, networks(_ground.decoder))


def ground_of(
    loaded: Loaded,
    start: Start,
    model: str,
    description: Description,
    space: str,
    directions: list[Offered],
) -> Ground:
    """The ground of a session."""
    vectors = {one.name: one.vector for one in directions if one.vector is not None}
    frame = Frame(loaded.mean, loaded.std, loaded.spread_of, shell_of(description.spaces[space]), vectors)
    return Ground(
        model,
        description,
        space,
        start,
        loaded.code,
        loaded.before,
        decoder_of(model, description, space),
        frame,
        tuple(directions),
        loaded.spread,
    )
