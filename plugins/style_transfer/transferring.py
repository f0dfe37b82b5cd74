# SPDX-License-Identifier: Apache-2.0
"""A run: both pictures, the layers, the search, and every picture's place in both spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from plugins.feature_visualisation.optimising import pictures
from plugins.feature_visualisation.optimising.choosing import at_share, rows_of, stages, trunk
from plugins.feature_visualisation.optimising.parametrisations import Fourier
from plugins.feature_visualisation.optimising.reading import Reader
from plugins.style_transfer.descending import Search, descend
from plugins.style_transfer.losses import Parts, Wanted, Weights, check_features, gram
from plugins.style_transfer.placing import Placed, placed

if TYPE_CHECKING:
    from plugins.style_transfer.analysis import StyleTransfer

Float64 = NDArray[np.float64]

SIZE: Final = 224
STYLES: Final = 5  # layers where none are named: the first at each size of maps, as Gatys et al. take of VGG
STYLE_SHARES: Final = (0.0, 0.2, 0.4, 0.6)  # of the way, where maps have fewer than three sizes
CONTENT_SHARE: Final = 0.5
WAYPOINTS: Final = 12  # pictures of the way that are placed
HELD_OUT: Final = 3  # layers at which nobody pulled, to be compared as well
FRAME: Final = 96


@dataclass(frozen=True)
class Transferred:
    """All that the run knows.

    Attributes
    ----------
    content, style, start, picture : uint8 ``[h, w, 1 or 3]``
    frames, marks : small frames of the way and the number of steps before each
    steps, content_curve, style_curve, variation_curve, total : what was measured before which steps
    names : what the points of both spaces are: "content", "style", "start", "step 40", ..., "result", "row 7", ...
    styles, contents : their places
    held_out : of layers at which nobody pulled, the style loss at the start and at the result
    """

    content: pictures.Pixels
    style: pictures.Pixels
    start: pictures.Pixels
    picture: pictures.Pixels
    frames: pictures.Pixels
    marks: NDArray[np.int64]
    content_layer: str
    style_layers: tuple[str, ...]
    weights: Weights
    steps: NDArray[np.int64]
    content_curve: Float64
    style_curve: Float64
    variation_curve: Float64
    total: Float64
    names: tuple[str, ...]
    styles: Placed
    contents: Placed
    held_out: dict[str, tuple[float, float]]
    notes: tuple[str, ...]


def transfer(job: wb.Job, model: wb.Model, params: StyleTransfer.Params) -> Transferred:
    """Do it.

    Raises
    ------
    ParameterError
        When there is no such row or layer, or it would take too long.
    DataError
        When a picture has nothing to carry over at a layer.
    MapError
        When the map cannot take the pictures at their size, or a layer cannot be read.
    """
    through: wb.Map[wb.Images, wb.Space] = model.maps[params.through]  # its pick asks for images
    space: Any = through.source
    content, style, others, rows = _pictures(job, space, params)
    size = (int(content.shape[2]), int(content.shape[3]))
    content_layer, style_layers, held = _layers(model, through, content, params)
    reader = Reader(through, model.layers(), list(dict.fromkeys([content_layer, *style_layers])))
    with torch.no_grad():
        at_content, at_style = reader.probe(content), reader.probe(style)
    for name in style_layers:
        if at_style[name].ndim != 4:
            raise wb.ParameterError(f"the layer '{name}' has no positions, so it has no Gram matrix: choose another")
        check_features(name, at_style[name], f"the style picture (row {params.style_row})")
    check_features(content_layer, at_content[content_layer], f"the content picture (row {params.content_row})")
    weights = Weights(params.content_weight, params.style_weight, params.variation_weight)
    width = space.high - space.low
    grams = {name: gram(at_style[name]) for name in style_layers}
    wanted = Wanted(content_layer, at_content[content_layer], grams, weights, width)
    start = _start(job, space, params, content, style)

    def losses(picture: Tensor) -> Parts:
        return wanted.losses(reader(picture), picture)

    parts = losses(content.clone().requires_grad_(True))
    if not any(one.requires_grad for one in (parts.content, *parts.style.values())):
        raise wb.MapError("the layers have no gradient by the picture: the map leaves the graph on the way")
    expected = pictures.seconds_of(pictures.one_step(lambda one: losses(one).total, content)) * params.steps
    expected *= 1.3 if params.optimiser == "lbfgs" else 1.0
    pictures.check_time(expected, params.minutes, "take fewer steps, a smaller picture or fewer layers")
    job.log(f"expected to take about {pictures.in_words(expected)}")
    way = _Way(job, space, params, expected)
    search = Search(params.optimiser, params.steps, params.rate)
    ended = pictures.rounded(descend(start, (space.low, space.high), losses, search, way.look), space)
    with torch.no_grad():
        way.keep(params.steps, ended, losses(ended))
    job.progress(0.96, "places in both spaces")
    names = ["content", "style", *(f"step {at}" if at else "start" for at, _ in way.kept[:-1]), "result", *rows]
    every = [content, style, *(one.to(job.device) for _, one in way.kept), *others]
    styles, contents = _places(reader, every, wanted, style_layers)
    small, marks = way.small(size)
    shown = [pictures.shown(one, space)[0] for one in (content, style, start, ended)]
    steps, content_curve, style_curve, variation_curve, total = way.curves()
    held_out = _held_out(_reader_of(through, model, held), held, start, ended, style)
    return Transferred(
        shown[0], shown[1], shown[2], shown[3], small, marks, content_layer, style_layers, weights, steps,
        content_curve, style_curve, variation_curve, total, tuple(names), styles, contents, held_out,
        tuple(pictures.size_note(space, size)),
    )  # fmt: skip


def _reader_of(through: wb.Map[wb.Images, wb.Space], model: wb.Model, names: Sequence[str]) -> Reader | None:
    """A reader of these layers; none where there are none."""
    return Reader(through, model.layers(), names) if names else None


def _pictures(
    job: wb.Job, space: wb.Images, params: StyleTransfer.Params
) -> tuple[Tensor, Tensor, list[Tensor], list[str]]:
    """Content, style and other pictures, all of the size of the content, on the device; and names of the others."""
    there = job.rows(space.name)
    free = np.setdiff1d(there, [params.content_row, params.style_row])
    chosen = np.sort(job.rng.permutation(free)[: params.others]).tolist()
    found = rows_of(job, space.name, [params.content_row, params.style_row, *chosen])
    own = (int(found[0].shape[1]), int(found[0].shape[2]))
    longest = max(own) if params.size is None else params.size
    size = pictures.size_of(space, longest, SIZE, own)
    made = [
        pictures.resized(torch.from_numpy(one)[None].to(job.device), size).clamp(space.low, space.high) for one in found
    ]
    return made[0], made[1], made[2:], [f"row {one}" for one in chosen]


def _layers(
    model: wb.Model, through: wb.Map[wb.Images, wb.Space], picture: Tensor, params: StyleTransfer.Params
) -> tuple[str, tuple[str, ...], list[str]]:
    """The content layer, the style layers, and layers at which nobody pulls."""
    known = model.layers()
    for one in params.style_layers:
        if one not in known:
            raise wb.ParameterError(f"'style_layers' names '{one}', and the model has no such layer")
    chain = trunk(model, through, picture)
    content, style = str(params.content_layer or ""), tuple(dict.fromkeys(params.style_layers))
    if not (content and style):
        own_content, own_style = _usual(chain, stages(model, through, picture))
        content, style = content or own_content, style or own_style
    last = max((chain.index(one) for one in style if one in chain), default=len(chain) - 1)
    free = [one for one in chain[: last + 1] if one not in style]
    places = np.linspace(0, len(free) - 1, min(HELD_OUT, len(free))).round().astype(int).tolist()
    return content, style, [free[at] for at in places]


def _usual(chain: Sequence[str], found: Sequence[Sequence[str]]) -> tuple[str, tuple[str, ...]]:
    """The content layer and the style layers where none are named.

    Gatys et al. take the first layer after each change of size for the style, and for the content the second one of the
    last size but one: of VGG conv1_1, conv2_1, ... conv5_1, and conv4_2.
    """
    if len(found) < 3:
        return at_share(chain, CONTENT_SHARE), tuple(dict.fromkeys(at_share(chain, share) for share in STYLE_SHARES))
    found = found[:STYLES]
    return found[-2][:2][-1], tuple(one[0] for one in found)


def _start(job: wb.Job, space: wb.Images, params: StyleTransfer.Params, content: Tensor, style: Tensor) -> Tensor:
    if params.start == "content":
        return content
    if params.start == "style":
        return style
    shape = (1, space.channels, int(content.shape[2]), int(content.shape[3]))
    with torch.no_grad():
        return Fourier(shape, space.low, space.high, job.generator, spread=0.3).points().to(content.device)


class _Way:
    """Progress, the picture on the page of the run, the curves, and pictures of the way."""

    def __init__(self, job: wb.Job, space: wb.Images, params: StyleTransfer.Params, expected: float) -> None:
        self.job, self.space, self.total, self.expected = job, space, params.steps, expected
        self.marks = set(np.unique(np.linspace(0, params.steps, WAYPOINTS).round().astype(int))[:-1].tolist())
        self.kept: list[tuple[int, Tensor]] = []
        self.rows: list[tuple[int, float, list[float], float, float]] = []

    def look(self, step: int, picture: Tensor, parts: Parts) -> None:
        self._note(step, parts)
        due = {one for one in self.marks if one <= step}
        if due:  # L-BFGS is looked at every few steps
            self.marks -= due
            self.kept.append((step, picture.cpu().clone()))
        _, content, style, _, _ = self.rows[-1]
        told = f"step {step} of {self.total}: content {content:.3g}, style {np.mean(style):.3g}"
        self.job.progress(0.03 + 0.92 * step / self.total, f"{told}; about {pictures.in_words(self.expected)} in all")
        self.job.picture(lambda: pictures.sheet(pictures.shown(picture, self.space), least=SIZE), told)

    def keep(self, step: int, picture: Tensor, parts: Parts) -> None:
        self._note(step, parts)
        self.kept.append((step, picture.cpu()))

    def _note(self, step: int, parts: Parts) -> None:
        content, rough, total = (float(one.detach()) for one in (parts.content, parts.variation, parts.total))
        self.rows.append((step, content, [float(one.detach()) for one in parts.style.values()], rough, total))

    def curves(self) -> tuple[NDArray[np.int64], Float64, Float64, Float64, Float64]:
        """Steps ``[t]``, content ``[t]``, style ``[t, layers]``, variation ``[t]``, weighted sum ``[t]``."""
        steps, content, style, rough, total = zip(*self.rows, strict=True)
        one, two, three, four = (np.array(values, dtype=np.float64) for values in (content, style, rough, total))
        return np.array(steps), one, two, three, four

    def small(self, size: tuple[int, int]) -> tuple[pictures.Pixels, NDArray[np.int64]]:
        factor = min(1.0, FRAME / max(size))
        to = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
        drawn = [pictures.shown(pictures.resized(one, to), self.space)[0] for _, one in self.kept]
        return np.stack(drawn), np.array([at for at, _ in self.kept])


def _places(reader: Reader, every: list[Tensor], wanted: Wanted, layers: Sequence[str]) -> tuple[Placed, Placed]:
    """Both spaces. The square of a distance to the style (content) picture is its loss."""
    styles, contents = [], []
    content_size = float(wanted.features.norm())
    sizes = {name: float(wanted.grams[name].norm()) for name in layers}
    with torch.no_grad():
        for one in every:
            found = reader(one)
            parts = [gram(found[name]).flatten() / (sizes[name] * len(layers) ** 0.5) for name in layers]
            styles.append(torch.cat(parts).double().cpu().numpy())
            contents.append((found[wanted.layer].flatten() / content_size).double().cpu().numpy())
    return placed(np.stack(styles)), placed(np.stack(contents))


def _held_out(
    reader: Reader | None, layers: Sequence[str], start: Tensor, ended: Tensor, style: Tensor
) -> dict[str, tuple[float, float]]:
    if reader is None:
        return {}
    with torch.no_grad():
        at_start, at_end, at_style = (reader(one) for one in (start, ended, style))
    found = {}
    for name in layers:
        aim = gram(at_style[name])
        size = float(aim.square().sum())
        if size > 0:
            both = [float((gram(one[name]) - aim).square().sum()) / size for one in (at_start, at_end)]
            found[name] = (both[0], both[1])
    return found
