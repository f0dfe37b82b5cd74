# SPDX-License-Identifier: Apache-2.0
"""Points on the two principal components of the codes, for the eye alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plugins.coverage.neighbours import Float32, Float64


def axes_of(codes: Float32) -> tuple[Float64, Float64]:
    """Mean ``[d]`` and the first two principal axes ``[2, d]`` of codes ``[n, d]``, zeros where there are fewer.

    From the smaller of the two matrices of products, of codes or of axes.
    """
    points = codes.astype(np.float64)
    middle = points.mean(axis=0)
    points -= middle
    n, d = points.shape
    if d <= n:
        axes = np.linalg.eigh(points.T @ points)[1][:, ::-1][:, :2].T
    else:
        variances, vectors = np.linalg.eigh(points @ points.T)
        lengths = np.sqrt(np.maximum(variances[::-1][:2], np.finfo(float).tiny))
        axes = (vectors[:, ::-1][:, :2] / lengths).T @ points
    axes = np.vstack([axes, np.zeros((max(0, 2 - len(axes)), d))])
    signs = np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])
    return middle, axes * np.where(signs == 0, 1.0, signs)[:, None]


def flat_map_of(codes: Float32, groups: Sequence[Float32]) -> list[Float64]:
    """Each group ``[m, d]`` on the principal components of the codes, ``[m, 2]``."""
    middle, axes = axes_of(codes)
    return [(one.astype(np.float64) - middle) @ axes.T for one in groups]
