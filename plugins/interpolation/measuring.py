# SPDX-License-Identifier: Apache-2.0
"""The work: pairs of codes, six paths between each, their lengths, and the control of the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

import workbench as wb
from plugins.difference_direction.traversal import to_pixels
from plugins.geometry.decoding import Decode, check, evaluate, flat
from plugins.geometry.frame import Float64, Frame, frame_of
from plugins.geometry.geodesic import Geodesic, geodesic, measured, richardson, with_ridge
from plugins.geometry.paths import circle, lerp, random_walk, slerp
from plugins.geometry.samples import rows_of, sample_of, tensor_of
from registry.arrays import is_distribution, to_numpy

if TYPE_CHECKING:
    from plugins.interpolation.analysis import Interpolation

BUDGET: Final = 40_000  # numbers of the output, all pairs together, that the automatic number of pairs allows
FEWEST, MOST = 2, 5
EFFORT: Final = 120_000  # numbers of the output, all iterations together, that their automatic number allows
SHORT, LONG = 30, 100
DETAIL: Final = 30_000  # numbers of the output, all segments together, that their automatic number allows
COARSE, FINE = 12, 32
SAMPLE: Final = 2000  # codes for the distances from the centre
STRIP: Final = 9  # pictures of each path
LINEAR: Final = 64  # outputs of the linear decoder of the control
NAMES: Final = ("blend", "lerp", "slerp", "geodesic", "circle", "walk")


@dataclass(frozen=True)
class Travelled:
    """One path as decoded at 2 K + 1 places.

    Attributes
    ----------
    length : of the limit of ever more segments, by Richardson's rule (a random walk is a polygon: the sum itself)
    energy, speed_ratio : of 2 K segments
    steps : lengths of the segments, ``[2 K]``
    distance : of the codes from the centre, ``[2 K + 1]``; None for the pixel blend, which has no codes
    codes : ``[2 K + 1, d]``, or None
    pictures : uint8 ``[9, h, w, c]``, or None
    """

    length: float
    energy: float
    speed_ratio: float
    steps: Float64
    distance: Float64 | None
    codes: Float64 | None
    pictures: Any


@dataclass(frozen=True)
class Pair:
    """Both rows, the paths by name, the certificate, and what could not be drawn."""

    rows: tuple[int, int]
    paths: dict[str, Travelled]
    certificate: Geodesic  # of the metric with the ridge
    missing: dict[str, str]


@dataclass(frozen=True)
class Measured:
    """Everything that the result is made of.

    ``straight`` and ``ends`` hold, of many random pairs, the share of draws that lie nearer to the centre than the
    innermost point of the straight line, and than the inner one of its ends. ``control`` is the ratio of lengths that
    the search finds for a linear decoder when it starts off the straight line.
    """

    map: wb.Map[Any, Any]
    source: str
    frame: Frame
    pairs: list[Pair]
    straight: Float64
    ends: Float64
    outer: Float64
    control: float
    segments: int
    stochastic: bool
    low: float = 0.0
    high: float = 1.0
    notes: list[str] = field(default_factory=list)


def measure(job: wb.Job, map_: wb.Map[Any, Any], params: Interpolation.Params) -> Measured:
    """All of it."""
    job.progress(0.0, "codes")
    space = map_.source.name
    points = sample_of(job, space, SAMPLE, 2)
    codes = points.flat().astype(np.float64)
    few = tensor_of(codes[:8], job.device)
    check(map_, few)
    decode = flat(map_)
    outputs = evaluate(decode, few[:1]).shape[1]
    frame = frame_of(map_.source, codes)
    segments = params.segments or int(np.clip(DETAIL // outputs, COARSE, FINE))
    ends, rows = _pairs(job, points, params, outputs)
    found = []
    for number, (pair, (start, end)) in enumerate(zip(rows, ends, strict=True)):
        job.progress(0.05 + 0.9 * number / len(rows), f"pair {number + 1} of {len(rows)}")
        found.append(_travel(job, map_, decode, frame, pair, start, end, params, segments))
    job.progress(0.95, "distances from the centre")
    straight, at_ends, outer = _straight_lines(codes, frame, job.rng)
    target = map_.target
    low, high = (target.low, target.high) if isinstance(target, wb.Images) else (0.0, 1.0)
    return Measured(
        map_,
        points.source,
        frame,
        found,
        straight,
        at_ends,
        outer,
        control(codes.shape[1], params, segments, job.seed),
        segments,
        is_distribution(map_(few[:1])),
        low,
        high,
    )


def _pairs(
    job: wb.Job, points: wb.Points, params: Interpolation.Params, outputs: int
) -> tuple[list[Float64], list[tuple[int, int]]]:
    space = points.space.name
    if params.first is not None and params.second is not None:
        if params.first == params.second:
            raise wb.DataError(f"'first' and 'second' are the same row {params.first}: there is no path to find")
        both = rows_of(job, space, [params.first, params.second])
        if (both[0] == both[1]).all():
            raise wb.DataError(
                f"rows {params.first} and {params.second} have the same code in '{space}': there is no path to find"
            )
        return [both], [(params.first, params.second)]
    wanted = params.pairs or int(np.clip(BUDGET // outputs, FEWEST, MOST))
    codes = points.flat().astype(np.float64)
    order = job.rng.permutation(len(codes))
    half = len(codes) // 2
    chosen = [
        (int(a), int(b))
        for a, b in zip(order[:half], order[half : 2 * half], strict=True)
        if (codes[a] != codes[b]).any()
    ][:wanted]
    if not chosen:
        raise wb.DataError(f"the codes of '{space}' are all equal: there is no path between them")
    return [codes[list(one)] for one in chosen], [(int(points.rows[a]), int(points.rows[b])) for a, b in chosen]


def _travel(
    job: wb.Job,
    map_: wb.Map[Any, Any],
    decode: Decode,
    frame: Frame,
    rows: tuple[int, int],
    start: Float64,
    end: Float64,
    params: Interpolation.Params,
    segments: int,
) -> Pair:
    """Six paths between two codes."""
    count = 2 * segments
    t = np.linspace(0, 1, count + 1)
    first, last = frame.inside(start), frame.inside(end)
    makers: dict[str, Callable[[], Float64]] = {
        "lerp": lambda: lerp(first, last, t),
        "slerp": lambda: slerp(first, last, t),
        "circle": lambda: circle(first, last, t),
        "walk": lambda: random_walk(first, count, params.walk, job.rng),
    }
    lines: dict[str, Float64] = {}
    missing: dict[str, str] = {}
    for name, make in makers.items():
        try:
            lines[name] = frame.outside(make())
        except wb.DataError as error:  # opposite codes, or one at the centre: the other paths stand
            missing[name] = str(error)
    outputs = evaluate(decode, tensor_of(start[None], job.device)).shape[1]
    iterations = params.iterations or int(np.clip(EFFORT // outputs, SHORT, LONG))
    starts: dict[str, torch.Tensor] = {
        name: tensor_of(lines[name], job.device) for name in ("lerp", "slerp") if name in lines
    }
    for one in starts.values():  # the same ends to the last bit, whichever way their frame was left
        one[0], one[-1] = tensor_of(start, job.device), tensor_of(end, job.device)
    ridged = decode
    if params.ridge > 0:
        ridged = with_ridge(decode, starts["lerp"], tensor_of(frame.unit, job.device), params.ridge)
    best = geodesic(ridged, starts, segments=segments, iterations=iterations)
    lines["geodesic"] = best.codes.cpu().numpy().astype(np.float64)
    shape = map_.point(tensor_of(start[None], job.device)).shape[1:]
    paths = {}
    for name in NAMES:
        if name == "blend":
            ends = evaluate(decode, tensor_of(np.stack([start, end]), job.device)).to(torch.float64)
            share = torch.from_numpy(t).to(ends)[:, None]
            paths[name] = _travelled(map_, None, (1 - share) * ends[0] + share * ends[1], frame, shape)
        elif name in lines:
            codes = tensor_of(lines[name], job.device)
            paths[name] = _travelled(map_, lines[name], evaluate(decode, codes), frame, shape, polygon=name == "walk")
    return Pair(rows, paths, best, missing)


def _travelled(
    map_: wb.Map[Any, Any],
    codes: Float64 | None,
    outputs: torch.Tensor,
    frame: Frame,
    shape: torch.Size,
    *,
    polygon: bool = False,
) -> Travelled:
    fine, coarse = measured(outputs), measured(outputs[::2])
    space = map_.target
    pictures = None
    if isinstance(space, wb.Images):
        chosen = np.linspace(0, len(outputs) - 1, STRIP).round().astype(int)
        images = outputs[chosen][:, : shape.numel()].reshape(len(chosen), *shape)  # of a distribution the mean alone
        pictures = to_pixels(to_numpy(images), space.low, space.high)
    return Travelled(
        fine.length if polygon else richardson(coarse.length, fine.length),
        fine.energy,
        fine.speed_ratio,
        fine.segments.cpu().numpy(),
        None if codes is None else frame.distance(codes),
        codes,
        pictures,
    )


def _straight_lines(codes: Float64, frame: Frame, rng: np.random.Generator) -> tuple[Float64, Float64, Float64]:
    """Of all codes in random pairs: shares of draws inside the innermost point of the line, and inside its ends."""
    order = rng.permutation(len(codes))
    half = len(codes) // 2
    first, last = frame.inside(codes[order[:half]]), frame.inside(codes[order[half : 2 * half]])
    along = last - first
    squared = np.square(along).sum(axis=1)
    nearest = np.clip(-(first * along).sum(axis=1) / np.where(squared > 0, squared, 1.0), 0, 1)
    inner = np.linalg.norm(first + nearest[:, None] * along, axis=1)
    lengths = np.linalg.norm(np.stack([first, last]), axis=2)
    return (
        frame.share_below(inner),
        frame.share_below(lengths.min(axis=0)),
        frame.share_below(lengths.max(axis=0)),
    )


def control(size: int, params: Interpolation.Params, segments: int, seed: int) -> float:
    """Geodesic over straight length for a random linear decoder, the search starting off the line: 1 if it works."""
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.randn(size, LINEAR, generator=generator) / size**0.5
    ends = torch.randn(2, size, generator=generator)
    t = torch.linspace(0, 1, segments + 1)[:, None]
    bowed = (1 - t) * ends[0] + t * ends[1] + torch.sin(torch.pi * t) * torch.randn(size, generator=generator)
    bowed[0], bowed[-1] = ends[0], ends[1]

    def linear(codes: torch.Tensor) -> torch.Tensor:
        moved: torch.Tensor = codes @ matrix
        return moved

    best = geodesic(linear, {"bowed": bowed}, segments=segments, iterations=params.iterations or LONG)
    return best.length / float((ends[1] @ matrix - ends[0] @ matrix).norm())
