# SPDX-License-Identifier: Apache-2.0
"""Paths between two codes: straight, spherical, round, and random; plain arithmetic on arrays.

Codes are relative to a centre (:class:`plugins.geometry.frame.Frame`); a path is ``[k, d]`` at times ``t [k]`` of 0..1.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]

PARALLEL: Final = 1e-6  # sine of the angle below which two directions count as one


def lerp(start: Float64, end: Float64, t: Float64) -> Float64:
    """The straight line, ``[k, d]``.

    >>> lerp(np.zeros(2), np.array([2.0, 4.0]), np.array([0.0, 0.5])).tolist()
    [[0.0, 0.0], [1.0, 2.0]]
    """
    return np.asarray(start + t[..., None] * (end - start), dtype=np.float64)


def slerp(start: Float64, end: Float64, t: Float64) -> Float64:
    """Along the sphere around the centre, the length going evenly from that of ``start`` to that of ``end``.

    The direction turns evenly (Shoemake, *Animating rotation with quaternion curves*, SIGGRAPH 1985; White, *Sampling
    Generative Networks*, 2016, section 2.1), and unlike in the formula with the codes themselves the length never
    leaves the interval between both lengths. Directions that are the same give the straight line.

    Raises
    ------
    DataError
        When the codes lie opposite to each other or at the centre: then every way round is as good.
    """
    lengths = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    if min(lengths) == 0:
        raise wb.DataError("a code lies at the centre of the space and has no direction: slerp has no way to go")
    first, last = start / lengths[0], end / lengths[1]
    cosine = float(np.clip(first @ last, -1, 1))
    across = last - cosine * first
    sine = float(np.linalg.norm(across))
    if sine < PARALLEL:
        if cosine < 0:
            raise wb.DataError("the codes lie opposite to each other: no way along the sphere is shorter than another")
        return lerp(start, end, t)
    angle = np.arctan2(sine, cosine)
    turned = np.cos(t * angle)[..., None] * first + np.sin(t * angle)[..., None] * (across / sine)
    return np.asarray((lengths[0] + t * (lengths[1] - lengths[0]))[..., None] * turned, dtype=np.float64)


def circle(start: Float64, end: Float64, t: Float64) -> Float64:
    """Once round the centre in the plane of both codes, from ``start`` through the direction of ``end`` and back.

    The radius goes from the length of ``start`` to that of ``end`` and back, as a cosine.

    Raises
    ------
    DataError
        When the codes and the centre lie on one line.
    """
    lengths = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    if min(lengths) == 0:
        raise wb.DataError("a code lies at the centre of the space: there is no circle through it")
    first, last = start / lengths[0], end / lengths[1]
    cosine = float(np.clip(first @ last, -1, 1))
    across = last - cosine * first
    sine = float(np.linalg.norm(across))
    if sine < PARALLEL:
        raise wb.DataError("the codes and the centre of the space lie on one line: there is no circle through them")
    angle = float(np.arctan2(sine, cosine))
    round_ = 2 * np.pi * t
    share = np.where(round_ <= angle, round_ / angle, (2 * np.pi - round_) / (2 * np.pi - angle))
    radius = lengths[0] + (lengths[1] - lengths[0]) * (1 - np.cos(np.pi * share)) / 2
    turned = np.cos(round_)[..., None] * first + np.sin(round_)[..., None] * (across / sine)
    return np.asarray(radius[..., None] * turned, dtype=np.float64)


def random_walk(start: Float64, steps: int, correlation: float, rng: np.random.Generator) -> Float64:
    """A walk that leaves a standard normal law as it is: ``c' = r c + sqrt(1 - r^2) e``; ``[steps + 1, d]``.

    The Ornstein-Uhlenbeck process at even times (Uhlenbeck and Ornstein, Physical Review 1930). With the correlation
    ``r`` below 1 it ends at a place that its start tells ever less about.
    """
    found = [np.asarray(start, dtype=np.float64)]
    for _ in range(steps):
        noise = rng.standard_normal(len(start))
        found.append(correlation * found[-1] + np.sqrt(1 - correlation**2) * noise)
    return np.stack(found)
