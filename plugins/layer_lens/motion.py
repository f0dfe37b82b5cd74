# SPDX-License-Identifier: Apache-2.0
"""One dense layer as the motion of its points: multiply by W, add b, apply the nonlinearity.

The first step is drawn along a path of matrices from the identity to W, the second and third along straight lines. For
a square W the path follows its polar form ``W = Q P`` (a turn ``Q`` after a symmetric stretch ``P``): the stretch grows
evenly while the turn goes along the shortest way, so that nothing is folded on the way that W does not fold. Where W
mirrors (negative determinant) one axis is turned over out of the plane, which a drawing shows as a squeeze through a
line.

Source of the idea: C. Olah, *Neural Networks, Manifolds, and Topology*, 2014.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.layer_lens.nonlinearities import keeps_apart, with_slope

if TYPE_CHECKING:
    import torch

Array = NDArray[Any]

FRAMES: Final = 25  # matrices on the path from the identity to W, both ends among them
LINES: Final = 13  # lines of the grid in each direction
ALONG: Final = 33  # points on a line of the grid
SINGULAR: Final = 1e-6  # of the largest singular value: below it a matrix counts as singular
MARGIN: Final = 0.15


@dataclass(frozen=True)
class Motion:
    """A dense layer and where it takes points.

    Attributes
    ----------
    frames : float32 ``[FRAMES + 2, n + grid, 2]``: along W, then after ``+ b``, then after the nonlinearity; the points
        first, then the lines of the grid one after another
    points, lines : how many points, and how many lines of ``ALONG`` points each
    entering, leaving : width of the layer
    singular : singular values of W, largest first
    determinant : of W; NaN where it is not square
    slopes : ``log10 |det J|`` at each point, float64 ``[n]``; -inf where a unit is flat; NaN where W is not square
    explained : share of the variance of all clouds together that the drawing shows; 1 in the plane
    activation : class of the nonlinearity, ``""`` for none
    homeomorphism : whether the layer keeps apart what is apart, both ways continuously
    """

    frames: Array
    points: int
    lines: int
    entering: int
    leaving: int
    singular: Array
    determinant: float
    slopes: Array
    explained: float
    activation: str
    homeomorphism: bool

    @property
    def square(self) -> bool:
        """Whether as many numbers leave as enter."""
        return self.entering == self.leaving

    @property
    def full_rank(self) -> bool:
        """Whether W has full rank in double precision, its smallest singular value well above rounding."""
        return bool(self.singular[-1] > SINGULAR * self.singular[0]) if self.singular[0] > 0 else False


def path_to(weight: Array, frames: int = FRAMES) -> Array:
    """Matrices float64 ``[frames, d, d]`` from the identity to a square ``weight``, by its polar form.

    With ``W = U S V^T``: ``Q = U V^T``, ``P = V S V^T``. The matrix at time ``t`` is ``Q^t ((1 - t) I + t P)``, ``Q^t``
    by the real logarithm of ``Q``. Where ``det Q = -1``, ``Q = R F`` with the mirror ``F`` across the direction of the
    least singular value, which is replaced by ``cos(pi t)`` on that direction. All matrices but those of a mirror at
    half time are non-singular where W is.
    """
    left, singular, right = np.linalg.svd(weight)
    size = len(weight)
    mirrors = np.linalg.det(left) * np.linalg.det(right) < 0
    along = np.ones(size)
    if mirrors:
        along[-1] = -1.0
    turn = left @ np.diag(along) @ right  # a rotation: the mirror is taken out
    power = _powers(turn)
    made = np.empty((frames, size, size))
    for at, t in enumerate(np.linspace(0.0, 1.0, frames)):
        stretch = (1 - t) + t * singular
        if mirrors:
            stretch[-1] *= np.cos(np.pi * t)
        made[at] = power(t) @ (right.T * stretch) @ right
    made[0], made[-1] = np.eye(size), weight
    return made


def _powers(turn: Array) -> Any:
    """``t -> turn^t`` for a rotation, along the shortest way; half turns are taken in the plane of their two axes."""
    from scipy.linalg import schur

    blocks, basis = schur(turn, output="real")
    size, at = len(turn), 0
    planes: list[tuple[int, int, float]] = []
    flipped: list[int] = []
    while at < size:
        if at + 1 < size and abs(blocks[at + 1, at]) > 1e-9:
            planes.append((at, at + 1, float(np.arctan2(blocks[at + 1, at], blocks[at, at]))))
            at += 2
            continue
        if blocks[at, at] < 0:
            flipped.append(at)
        at += 1
    planes += [(one, two, float(np.pi)) for one, two in zip(flipped[::2], flipped[1::2], strict=False)]

    def power(t: float) -> Array:
        turned = np.eye(size)
        for one, two, angle in planes:
            cosine, sine = np.cos(t * angle), np.sin(t * angle)
            turned[np.ix_([one, two], [one, two])] = [[cosine, -sine], [sine, cosine]]
        return np.asarray(basis @ turned @ basis.T)

    return power


def motion_of(weight: Array, bias: Array | None, activation: torch.nn.Module | None, points: Array) -> Motion:
    """The motion of ``points [n, entering]`` by a dense layer ``weight [leaving, entering]`` and its nonlinearity.

    Layers wider than two are drawn by one fixed linear projection: the first two principal components of all four
    clouds together (before, after W, after b, after the nonlinearity). Where W is not square, the narrower space is a
    part of the wider one (zeros behind), and the first step goes along straight lines.
    """
    import torch

    weight, points = weight.astype(np.float64), points.astype(np.float64)
    leaving, entering = weight.shape
    shift = np.zeros(leaving) if bias is None else bias.astype(np.float64)
    start = np.concatenate([points, grid_of(points)])
    turned = start @ weight.T
    moved = turned + shift
    ended_tensor, slope = with_slope(_double(activation), torch.from_numpy(moved))
    ended = ended_tensor.numpy()
    n, width = len(points), max(entering, leaving)
    wide = [_padded(one, width) for one in (start, turned, moved, ended)]
    basis, explained = _projection([one[:n] for one in wide])
    if entering == leaving:
        first = [start @ matrix.T @ basis for matrix in path_to(weight)]
    else:
        first = [((1 - t) * wide[0] + t * wide[1]) @ basis for t in np.linspace(0.0, 1.0, FRAMES)]
    frames = np.stack([*first, wide[2] @ basis, wide[3] @ basis]).astype(np.float32)
    singular = np.linalg.svd(weight, compute_uv=False)
    determinant, slopes = float("nan"), np.full(n, np.nan)
    if entering == leaving:
        sign, logarithm = np.linalg.slogdet(weight)
        determinant = float(sign * np.exp(logarithm))
        with np.errstate(divide="ignore"):
            slopes = (logarithm + np.log(np.abs(slope[:n].numpy())).sum(axis=1)) / np.log(10)
    full = bool(singular[-1] > SINGULAR * singular[0])
    return Motion(
        frames,
        n,
        2 * LINES,
        entering,
        leaving,
        singular,
        determinant,
        slopes,
        explained,
        "" if activation is None else type(activation).__name__,
        entering == leaving and full and keeps_apart(activation),
    )


def grid_of(points: Array) -> Array:
    """Lines of a square grid through the points' principal plane, ``[2 * LINES * ALONG, entering]``.

    In the plane itself: the box of the points, its axes their own.
    """
    width = points.shape[1]
    if width <= 2:
        middle, axes = np.zeros(width), np.eye(width, 2)
    else:
        middle = points.mean(axis=0)
        _, _, right = np.linalg.svd(points - middle, full_matrices=False)
        axes = np.zeros((width, 2))
        axes[:, : len(right[:2])] = right[:2].T
    seen = (points - middle) @ axes
    low, high = seen.min(axis=0), seen.max(axis=0)
    centre, reach = (low + high) / 2, float(max((high - low).max(), 1e-9)) * (0.5 + MARGIN)
    steps, fine = np.linspace(-reach, reach, LINES), np.linspace(-reach, reach, ALONG)
    across = np.stack([np.stack([np.full(ALONG, one), fine], axis=1) for one in steps])
    flat = np.concatenate([across, across[:, :, ::-1]]).reshape(-1, 2) + centre
    return np.asarray(middle + flat @ axes.T)


def _padded(values: Array, width: int) -> Array:
    return np.pad(values, ((0, 0), (0, width - values.shape[1])))


def _projection(clouds: list[Array]) -> tuple[Array, float]:
    """The drawing's axes as columns ``[d, 2]``, and the share of the variance on them; planes stay as they are."""
    width = clouds[0].shape[1]
    if width <= 2:
        return np.eye(width, 2), 1.0
    together = np.concatenate(clouds)
    centred = together - together.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    total = float(values.clip(0).sum())
    axes = vectors[:, ::-1][:, :2]
    signs = np.where(axes[np.abs(axes).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    return axes * signs, float(values[::-1][:2].clip(0).sum() / total) if total > 0 else 1.0


def _double(activation: torch.nn.Module | None) -> torch.nn.Module | None:
    """A copy that may be applied to other numbers: not in place, on the processor, in double precision."""
    import copy

    if activation is None:
        return None
    copied = copy.deepcopy(activation).cpu().double()
    if getattr(copied, "inplace", False):
        copied.inplace = False  # type: ignore[assignment]
    return copied
