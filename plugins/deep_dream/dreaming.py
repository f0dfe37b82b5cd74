# SPDX-License-Identifier: Apache-2.0
"""A run: the start, the layer and its objective, the sizes that the map takes, the climb, and the random control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from plugins.deep_dream.octaves import Amplified, amplify, sizes_of
from plugins.feature_visualisation.optimising import objectives, pictures
from plugins.feature_visualisation.optimising.ascending import Climb
from plugins.feature_visualisation.optimising.choosing import at_share, rows_of, settled, trunk
from plugins.feature_visualisation.optimising.parametrisations import Fourier
from plugins.feature_visualisation.optimising.reading import Reader
from plugins.feature_visualisation.optimising.transformations import Shaking

if TYPE_CHECKING:
    from plugins.deep_dream.analysis import DeepDream

Float64 = NDArray[np.float64]

SHARE: Final = 0.6  # of the way, where no layer is named
SIZE: Final = 224
FRAME: Final = 96  # pixels of the longer side of a frame
DRAWS: Final = 8  # random changes beside the dream
REDIRECTED: Final = 2  # steps of each size in which shut rectifiers let gradients through


@dataclass(frozen=True)
class Dreamed:
    """All that the run knows.

    Attributes
    ----------
    words : what grew; ``layer`` where
    start, picture, guide : uint8 ``[h, w, 1 or 3]``
    frames, marks : small frames ``[k, h, w, ...]`` and the number of steps before each
    sizes, values : height and width of each octave, and the objective before each of its steps
    before, after, random : the objective at the start, at the picture as it is shown, and at the start changed as much
        at random ``[r]``
    change : root mean squared change of a value, as a share of the range; ``clipped`` share of values at its ends,
        before and after
    """

    words: str
    layer: str
    start: pictures.Pixels
    picture: pictures.Pixels
    guide: pictures.Pixels | None
    frames: pictures.Pixels
    marks: NDArray[np.int64]
    sizes: tuple[tuple[int, int], ...]
    values: tuple[Float64, ...]
    before: float
    after: float
    random: Float64
    change: float
    clipped: tuple[float, float]
    flat: bool
    seconds: float
    notes: tuple[str, ...]


def dream(job: wb.Job, model: wb.Model, params: DeepDream.Params) -> Dreamed:
    """Do it.

    Raises
    ------
    ParameterError
        When there is no such row or channel, or it would take too long.
    MapError
        When the map cannot take the picture at its size, or the layer cannot be read or differentiated.
    """
    through = model.maps[params.through]
    space: Any = through.source  # its pick asks for images
    start, guide = _pictures(job, space, params)
    size = int(start.shape[2]), int(start.shape[3])
    layer = str(params.layer or _usual(model, through, start))
    reader = Reader(through, model.layers(), [layer])
    with torch.no_grad():
        activations = reader.probe(start)[layer]
        features = None if guide is None else reader.one(guide)
    objective, words = _objective(params, features, layer)
    objective(activations)  # whether there is such a channel
    sizes, left = _sizes(reader, start, params)
    notes = (*pictures.size_note(space, size), *left)
    seconds = pictures.seconds_of(pictures.one_step(lambda one: objective(reader.one(one)), start))
    area = sum(high * wide for high, wide in sizes) / (size[0] * size[1])
    expected = seconds * params.steps * area
    pictures.check_time(expected, params.minutes, "take fewer steps or sizes, or a smaller picture")
    job.log(f"expected to take about {pictures.in_words(expected)}")
    frames = _Frames(job, space, params, len(sizes), words, expected)

    def how(at: tuple[int, int]) -> Climb:
        jitter = max(1, min(at) // 16) if params.jitter is None else params.jitter
        rate = params.rate * (space.high - space.low)
        return Climb(params.steps, "mean", rate, Shaking(jitter), min(REDIRECTED, params.steps // 2))

    amplified = amplify(start, (space.low, space.high), reader.one, objective, sizes, how, job.generator, frames.told)
    return _measured(
        job, space, start, guide, amplified, reader, objective, frames, sizes, words, layer, expected, notes
    )


def _usual(model: wb.Model, through: wb.Map[Any, Any], start: Tensor) -> str:
    chain = trunk(model, through, start)
    return settled(model, chain, at_share(chain, SHARE))


def _pictures(job: wb.Job, space: wb.Images, params: DeepDream.Params) -> tuple[Tensor, Tensor | None]:
    """The start and the guide, at their size, on the device."""
    wanted = ([params.row] if params.start == "picture" else []) + ([params.guide] if params.guide is not None else [])
    found = [torch.from_numpy(one)[None].to(job.device) for one in rows_of(job, space.name, wanted)] if wanted else []
    at_size = []
    for one in found:
        own = (int(one.shape[2]), int(one.shape[3]))
        longest = max(own) if params.size is None else params.size
        at_size.append(pictures.resized(one, pictures.size_of(space, longest, SIZE, own)).clamp(space.low, space.high))
    guide = at_size.pop() if params.guide is not None else None
    if at_size:
        return at_size[0], guide
    size = pictures.size_of(space, params.size, SIZE)
    with torch.no_grad():
        drawn = Fourier((1, space.channels, *size), space.low, space.high, job.generator, spread=0.3).points()
    return drawn.to(job.device), guide


def _objective(params: DeepDream.Params, features: Tensor | None, layer: str) -> tuple[Callable[[Tensor], Tensor], str]:
    """By activation or position, so that sizes can be compared; the direction of its gradient is the sum's."""
    if params.goal == "channel":
        assert params.channel is not None
        return objectives.channel(params.channel), f"channel {params.channel} of {layer}"
    if features is not None:
        if features.ndim != 4:
            raise wb.ParameterError(f"a guide needs a layer with positions, and '{layer}' has none")
        matched = objectives.guide(features)
        return (
            lambda one: matched(one) / one[0, 0].numel(),
            f"likeness of {layer} to the guide",
        )
    return lambda one: 2 * objectives.whole_layer(one) / one[0].numel(), f"mean square of {layer}"


def _sizes(reader: Reader, start: Tensor, params: DeepDream.Params) -> tuple[list[tuple[int, int]], tuple[str, ...]]:
    """The sizes that the map takes, the last one that of the start."""
    height, width = start.shape[2:]
    wanted = sizes_of(height, width, params.octaves, params.ratio)
    taken, left = [], []
    for size in wanted[:-1]:
        try:
            with torch.no_grad():
                reader.one(pictures.resized(start, size))
            taken.append(size)
        except wb.MapError:
            left.append(size)
    taken.append(wanted[-1])  # the start has been read at it
    told = ", ".join(f"{one[0]} x {one[1]}" for one in left)
    return taken, ((f"Sizes left out, since the map does not take pictures of them: {told}.",) if left else ())


class _Frames:
    """Progress, the picture on the page of the run, and small frames of the way."""

    def __init__(
        self, job: wb.Job, space: wb.Images, params: DeepDream.Params, octaves: int, words: str, expected: float
    ) -> None:
        self.job, self.space, self.words, self.expected = job, space, words, expected
        self.steps, self.total = params.steps, params.steps * octaves
        wanted = np.unique(np.linspace(0, self.total, params.frames).round().astype(np.int64))
        self.wanted = set(wanted[:-1].tolist())  # the last is the picture itself
        self.kept: list[tuple[int, Tensor]] = []

    def told(self, octave: int, step: int, picture: Tensor, value: float) -> None:
        at = octave * self.steps + step
        if at in self.wanted:
            self.kept.append((at, picture.cpu().clone()))
        high, wide = picture.shape[2:]
        where = f"{wide} x {high} pixels, step {step + 1} of {self.steps}"
        self.job.progress(
            0.05 + 0.9 * (at + 1) / self.total, f"{where}; about {pictures.in_words(self.expected)} in all"
        )
        self.job.picture(
            lambda: pictures.sheet(pictures.shown(picture, self.space), least=SIZE),
            f"{self.words}: {value:.4g}; {where}",
        )

    def small(self, last: Tensor, size: tuple[int, int]) -> tuple[pictures.Pixels, NDArray[np.int64]]:
        """The frames at one small size, and how many steps were made before each."""
        factor = min(1.0, FRAME / max(size))
        to = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
        kept = [*self.kept, (self.total, last.cpu())]
        drawn = [pictures.shown(pictures.resized(one, to), self.space)[0] for _, one in kept]
        return np.stack(drawn), np.array([at for at, _ in kept])


def _measured(
    job: wb.Job,
    space: wb.Images,
    start: Tensor,
    guide: Tensor | None,
    amplified: Amplified,
    reader: Reader,
    objective: Callable[[Tensor], Tensor],
    frames: _Frames,
    sizes: list[tuple[int, int]],
    words: str,
    layer: str,
    expected: float,
    notes: tuple[str, ...],
) -> Dreamed:
    width = space.high - space.low
    ended = pictures.rounded(amplified.picture, space)
    change = ended - start
    with torch.no_grad():
        before, after = (float(objective(reader.one(one))[0]) for one in (start, ended))
        random = [float(objective(reader.one(one))[0]) for one in _shuffled(start, change, space, job.generator)]

    def at_ends(one: Tensor) -> float:
        share = (one - space.low) / width
        return float(((share <= 0.5 / 255) | (share >= 1 - 0.5 / 255)).float().mean())

    small, marks = frames.small(ended, sizes[-1])
    return Dreamed(
        words, layer, pictures.shown(start, space)[0], pictures.shown(ended, space)[0],
        None if guide is None else pictures.shown(guide, space)[0], small, marks, tuple(sizes), amplified.values,
        before, after, np.array(random), float(change.square().mean().sqrt() / width), (at_ends(start), at_ends(ended)),
        amplified.flat, expected, notes,
    )  # fmt: skip


def _shuffled(start: Tensor, change: Tensor, space: wb.Images, generator: torch.Generator) -> list[Tensor]:
    """The start with the same changes at shuffled places: as large, without their structure."""
    flat = change.flatten(2)
    made: list[Any] = []
    for _ in range(DRAWS):
        order = torch.randperm(flat.shape[2], generator=generator).to(flat.device)
        made.append((start + flat[:, :, order].reshape(change.shape)).clamp(space.low, space.high))
    return made
