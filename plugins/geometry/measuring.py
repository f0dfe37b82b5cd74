# SPDX-License-Identifier: Apache-2.0
"""The work of the analysis: codes, singular values, bending, plane, and pictures of the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

import workbench as wb
from plugins.difference_direction.traversal import to_pixels
from plugins.geometry.analysis import BUDGET, LEAST, MOST
from plugins.geometry.curvature import bend
from plugins.geometry.decoding import check, evaluate, flat
from plugins.geometry.frame import Frame, frame_of
from plugins.geometry.jacobian import Strongest, singular_values, strongest
from plugins.geometry.region import Region, Volume, box_of, through, volume
from plugins.geometry.samples import rows_of, sample_of, tensor_of
from plugins.geometry.shape import Float64, Shape, shape_of
from registry.arrays import is_distribution, to_numpy

if TYPE_CHECKING:
    from plugins.geometry.analysis import Geometry

SHOWN: Final = 7  # pictures of a side of the plane


@dataclass(frozen=True)
class Measured:
    """Everything that the result is made of.

    Attributes
    ----------
    map : that was measured
    points : the sample
    values : singular values ``[n, k]``, descending
    partial : how they were found, where only the largest were
    turning, stretching : ``[n]``, for each step of one unit of the frame
    region, area : the plane and what its picture covers, or None with ``why``
    corners, places : rows that span the plane and where they lie on it (none: the space has one or two axes)
    pictures : uint8 ``[7, 7, h, w, c]``, or None
    stochastic : whether the map gives a distribution
    """

    map: wb.Map[Any, Any]
    points: wb.Points
    frame: Frame
    values: Float64
    partial: Strongest | None
    shape: Shape
    turning: Float64
    stretching: Float64
    region: Region | None
    area: Volume | None
    corners: tuple[int, ...]
    places: Float64 | None
    pictures: Any
    stochastic: bool
    outputs: int
    why: str = ""


def measure(job: wb.Job, map_: wb.Map[Any, Any], params: Geometry.Params) -> Measured:
    """All of it, in the units of the map's spaces."""
    job.progress(0.0, "codes")
    space = map_.source.name
    one = tensor_of(sample_of(job, space, 8, 3).flat(), job.device)
    check(map_, one)
    decode = flat(map_)
    size, outputs = one.shape[1], evaluate(decode, one[:1]).shape[1]
    count = params.codes or int(np.clip(BUDGET // (size * outputs), LEAST, MOST))
    points = sample_of(job, space, count, 3)
    codes = tensor_of(points.flat(), job.device)
    frame = frame_of(map_.source, points.flat().astype(np.float64))
    partial = None
    if size <= params.exact_up_to:
        values = singular_values(decode, codes, progress=lambda share: job.progress(0.05 + 0.54 * share, "Jacobians"))
    else:
        job.progress(0.05, "largest singular values")
        partial = strongest(decode, codes, params.strongest, seed=job.seed)
        values = partial.values
    singular = values.cpu().numpy()
    job.progress(0.6, "bending")
    towards = job.rng.standard_normal((params.directions, len(codes), size))
    towards = towards / np.linalg.norm(towards, axis=2, keepdims=True) * frame.unit  # one unit of the frame long
    bent = bend(decode, codes, tensor_of(towards, job.device), params.step)
    job.progress(0.7, "plane")
    region, corners, why = _region(job, points, params)
    area = pictures = None
    if region is not None:
        area = volume(decode, region, params.grid, like=codes)
        job.progress(0.95, "pictures")
        pictures = _pictures(map_, region, codes) if isinstance(map_.target, wb.Images) else None
    return Measured(
        map_,
        points,
        frame,
        singular,
        partial,
        shape_of(singular, size, outputs),
        bent.turning.cpu().numpy(),
        bent.stretching.cpu().numpy(),
        region,
        area,
        corners,
        region.coordinates(rows_of(job, space, list(corners))) if region is not None and corners else None,
        pictures,
        is_distribution(map_(codes[:1])),
        outputs,
        why,
    )


def _region(job: wb.Job, points: wb.Points, params: Geometry.Params) -> tuple[Region | None, tuple[int, ...], str]:
    """The plane: of chosen rows as they are asked for; of random ones unless they span none."""
    codes = points.flat().astype(np.float64)
    given = [one for one in (params.first, params.second, params.third) if one is not None]
    if codes.shape[1] <= 2 and not given:
        return box_of(codes), (), ""
    if codes.shape[1] < 2:
        raise wb.ParameterError("a space of one axis has no plane: leave 'first', 'second' and 'third' empty")
    others = [int(one) for one in job.rng.permutation(points.rows) if int(one) not in given]
    slots = [params.first, params.second, params.third]
    rows = [others.pop() if one is None else one for one in slots]
    try:
        return through(rows_of(job, points.space.name, rows)), tuple(rows), ""
    except wb.DataError as error:
        if given:
            raise
        return None, (), f"There is no plane: {error}."


def _pictures(map_: wb.Map[Any, Any], region: Region, like: torch.Tensor) -> Any:
    space = map_.target
    assert isinstance(space, wb.Images)
    codes = torch.from_numpy(region.grid(SHOWN)).to(like)
    with torch.no_grad():
        images = torch.cat([map_.point(part) for part in torch.split(codes, 16)])
    pixels = to_pixels(to_numpy(images), space.low, space.high)
    return pixels.reshape(*(SHOWN,) * len(region.low), *pixels.shape[1:])
