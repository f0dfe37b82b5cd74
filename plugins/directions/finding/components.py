# SPDX-License-Identifier: Apache-2.0
"""Directions without labels from what a layer does: principal components of its activations (GANSpace)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

import workbench as wb
from plugins.directions.finding.found import Found, unit

Float64 = NDArray[np.float64]

FLAT: Final = 1e-10  # share of the first component's variance below which there is no component


def ganspace(codes: ArrayLike, activations: ArrayLike, count: int, *, layer: str = "") -> Found:
    """Principal components of activations, taken back to the latent space by least squares.

    With y = mean + V x the activations and their principal components, and s_k the standard deviations of x, each
    direction is the row u_k of M in z = M (x / s) + constant, of length 1: the change of the code that goes with one
    standard deviation along component k.

    Parameters
    ----------
    codes : ``[n, d]``, drawn from the prior or encoded
    activations : ``[n, u]``, what a layer makes of them
    count : directions asked for; fewer where the activations have fewer components
    layer : its name, for the notes

    Returns
    -------
    Found
        ``strength``: share of the variance of the activations. ``extra``: ``r2`` (float64 ``[k]``), the share of each
        component that is a linear function of the code, held out: where it is low, the layer is too far from the code
        for a straight direction to follow its component; ``deviation`` (float64 ``[k]``), the length of the step in
        the code that one standard deviation of the component takes.

    Raises
    ------
    DataError
        When there are too few points for the axes of the code (a regression would fit noise), or the activations do not
        vary.

    Source: Härkönen, Hertzmann, Lehtinen and Paris, "GANSpace: discovering interpretable GAN controls", NeurIPS 33,
    2020, section 2.2. Their code fits components and regression on different draws; here both are of the same
    points and the share explained is of points held out.
    """
    z = np.asarray(codes, dtype=np.float64)
    y = np.asarray(activations, dtype=np.float64).reshape(len(z), -1)
    n, d = z.shape
    if n < 2 * (d + 2):
        raise wb.DataError(f"{n} points are too few for a code of {d} axes: give at least {2 * (d + 2)}")
    scores, shares = components(y, count)
    if not len(shares):
        raise wb.DataError(f"the activations{f' of {layer}' if layer else ''} are the same for all points")
    deviation = scores.std(axis=0)
    away = z - z.mean(axis=0)
    rows: Any = np.linalg.lstsq(scores / deviation, away, rcond=None)[0]
    note = f"Principal components of {layer or 'the activations'} ({y.shape[1]:,} units) at {n:,} points."
    extra = {"r2": explained(z, scores), "deviation": np.linalg.norm(rows, axis=1)}
    return Found("ganspace", unit(rows), shares, "share of the variance of the layer", notes=(note,), extra=extra)


def components(values: Float64, count: int) -> tuple[Float64, Float64]:
    """Scores float64 ``[n, k]`` on the first principal components and their shares of the variance ``[k]``, exact.

    From the smaller of the two matrices of products, of points or of units.
    """
    away = values - values.mean(axis=0)
    n, width = away.shape
    if width <= n:
        variances, vectors = np.linalg.eigh(away.T @ away)
    else:
        variances, vectors = np.linalg.eigh(away @ away.T)
    variances = np.maximum(variances[::-1], 0.0)
    kept = min(count, int((variances > FLAT * variances[0]).sum())) if variances[0] > 0 else 0
    vectors = vectors[:, ::-1][:, :kept]
    scores = away @ vectors if width <= n else vectors * np.sqrt(variances[:kept])
    return scores, variances[:kept] / max(float(variances.sum()), np.finfo(float).tiny)


def explained(codes: Float64, scores: Float64) -> Float64:
    """Share of each column of ``scores [n, k]`` that is linear in the codes: fitted on half, told of the other half.

    The mean of both ways round; below 0 where a line is worse than the mean.
    """
    half = np.arange(len(codes)) % 2 == 0
    parts = []
    for fitted in (half, ~half):
        with_one = [np.column_stack([np.ones(int(one.sum())), codes[one]]) for one in (fitted, ~fitted)]
        weights = np.linalg.lstsq(with_one[0], scores[fitted], rcond=None)[0]
        missed = np.square(scores[~fitted] - with_one[1] @ weights).sum(axis=0)
        parts.append(1 - missed / np.square(scores[~fitted] - scores[fitted].mean(axis=0)).sum(axis=0))
    return np.asarray(np.mean(parts, axis=0))
