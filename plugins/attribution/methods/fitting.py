# SPDX-License-Identifier: Apache-2.0
"""Lines through numbers at random sets of parts: KernelSHAP and LIME."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


def coalitions(count: int, most: int, rng: np.random.Generator) -> tuple[Bool, Float64]:
    """Sets of parts, bool ``[m, count]``, neither empty nor whole, and their weights ``[m]``.

    All of them with the kernel's weights where there are no more than ``most``; else drawn by the kernel, each with its
    complement (Covert and Lee, Improving KernelSHAP, 2021, section 4), with equal weights.

    >>> masks, weights = coalitions(3, 100, np.random.default_rng(0))
    >>> masks.sum(axis=1).tolist(), weights.round(3).tolist()
    ([1, 1, 1, 2, 2, 2], [0.333, 0.333, 0.333, 0.333, 0.333, 0.333])
    """
    if count < 2:
        return np.empty((0, count), dtype=bool), np.empty(0)
    sizes = np.arange(1, count)
    kernel = (count - 1) / (sizes * (count - sizes))  # of all sets of a size together
    if 2**count - 2 <= most:
        chosen = [set(one) for size in sizes for one in combinations(range(count), int(size))]
        masks = np.array([[part in one for part in range(count)] for one in chosen])
        return masks, np.array([kernel[len(one) - 1] / math.comb(count, len(one)) for one in chosen])
    drawn = rng.choice(sizes, size=most // 2, p=kernel / kernel.sum())
    half = np.argsort(rng.random((len(drawn), count)), axis=1) < drawn[:, None]
    return np.concatenate([half, ~half]), np.ones(2 * len(half))


def kernel_shap_fit(masks: Bool, weights: Float64, numbers: Float64, change: float) -> Float64:
    """Values ``[count]`` of the weighted line through 0 at the empty set and ``change`` at the whole.

    The last value is put in terms of the others, so that they sum to the change to the last bit (Lundberg and Lee,
    2017, equation 6 and the constraint after it).
    """
    count = masks.shape[1]
    if count == 1:
        return np.array([change])
    inside = masks.astype(np.float64)
    rest = inside[:, :-1] - inside[:, -1:]
    wanted = numbers - inside[:, -1] * change
    root = np.sqrt(weights)
    found = np.linalg.lstsq(rest * root[:, None], wanted * root, rcond=None)[0]
    return np.append(found, change - found.sum())


def lime_masks(count: int, most: int, rng: np.random.Generator) -> Bool:
    """Random sets of parts, each part there with probability one half; the whole first."""
    masks = rng.random((most, count)) < 0.5
    masks[0] = True
    return masks


def lime_fit(masks: Bool, numbers: Float64, width: float = 0.25, ridge: float = 1e-3) -> Float64:
    """Coefficients of a weighted ridge line; weights fall with the cosine distance from the whole.

    Ribeiro, Singh and Guestrin, 2016, section 3.4, with the kernel width 0.25 of their code for images. The penalty is
    a share of the largest possible: their 1 for a number of any size would shrink small ones to 0.
    """
    inside = masks.astype(np.float64)
    cosine = np.sqrt(inside.mean(axis=1))
    weights = np.sqrt(np.exp(-((1 - cosine) ** 2) / width**2))
    design = inside - np.average(inside, axis=0, weights=weights)
    wanted = numbers - np.average(numbers, weights=weights)
    gram = (design * weights[:, None]).T @ design
    penalty = ridge * np.trace(gram) / len(gram)
    return np.asarray(np.linalg.solve(gram + penalty * np.eye(len(gram)), (design * weights[:, None]).T @ wanted))
