# SPDX-License-Identifier: Apache-2.0
"""Principal component analysis of streamed batches, exact.

Idea: the axes along which the points spread most, and how much. Nothing but the batch in hand and a small square matrix
is held, in float64:

- `covariance` (d <= 4096): the shifted sum of outer products; memory batch + 2 d^2. Forming squares halves the digits
  of small variances, so where a wanted variance is below 1e-9 of the largest, a second pass with `qr` takes over.
- `qr` (d <= 4096): triangular factor of the centred points, updated batch by batch; as accurate as an SVD of the whole;
  memory batch + 4 d^2.
- `gram` (d > 4096, n <= 8192, n < d, points within `memory_limit`): the same two ways for the transpose; memory n d
  (in the dtype of the points) + 4 n^2.
- `subspace` (all else): block Krylov subspace iteration, one pass of the data per step, until every residual
  |C v - variance v| is below `tolerance` times its variance; memory batch + 12 d (components + 10).

Sources: Chan, Golub & LeVeque 1983 (combining means of parts); Demmel et al. 2012, "Communication-optimal parallel and
sequential QR" (the streamed factor); Saad 2011, "Numerical methods for large eigenvalue problems", chapters 5 and 6
(Rayleigh-Ritz, restarts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray, as_points
from plugins.projection.subspace import leading_eigenvectors

Float64Array = NDArray[np.float64]
Solver = Literal["auto", "covariance", "qr", "gram", "subspace"]
Batches = Callable[[], Iterable[Any]]
SQUARE_LIMIT = 4096  # coordinates up to which a d x d matrix is formed
GRAM_LIMIT = 8192  # points up to which an n x n matrix is formed
SQUARE_ACCURACY = 1e-9  # least variance, relative to the largest, that a covariance in float64 still holds to 1e-6


@dataclass(frozen=True)
class PrincipalComponents:
    """Axes of largest variance.

    Attributes
    ----------
    mean : [d].
    components : [k, d], orthonormal rows by falling variance; the largest entry of each by absolute value is
        positive.
    explained_variance : [k], variances along them (divided by n - 1).
    explained_variance_ratio : [k], share of the total variance (zeros where all points are equal).
    total_variance : sum of the variances of all coordinates.
    count : n, the number of points.
    solver : which way they were computed.
    """

    mean: Float64Array
    components: Float64Array
    explained_variance: Float64Array
    explained_variance_ratio: Float64Array
    total_variance: float
    count: int
    solver: str

    def transform(self, points: Any) -> Float64Array:
        """Coordinates [b, k] of points [b, d] along the components.

        Raises
        ------
        ValueError
            wrong number of coordinates, NaN or infinity.
        """
        array = as_points(points)
        if array.shape[1] != len(self.mean):
            raise ValueError(f"points have {array.shape[1]} coordinates, but the components have {len(self.mean)}.")
        return (array - self.mean) @ self.components.T

    def inverse_transform(self, coordinates: Any) -> Float64Array:
        """Points [b, d] at coordinates [b, k] along the components.

        Raises
        ------
        ValueError
            wrong number of coordinates, NaN or infinity.
        """
        array = as_points(coordinates, "coordinates").astype(np.float64)
        if array.shape[1] != len(self.components):
            raise ValueError(
                f"coordinates have {array.shape[1]} columns, but there are {len(self.components)} components."
            )
        return self.mean + array @ self.components


def principal_components(
    points: Any,
    components: int | None = None,
    *,
    solver: Solver = "auto",
    tolerance: float = 1e-6,
    passes: int = 200,
    memory_limit: int = 2 * 2**30,
    seed: int = 0,
    device: str = "cpu",
    progress: Callable[[float], None] | None = None,
) -> PrincipalComponents:
    """Principal components of points that come in batches.

    Parameters
    ----------
    points : array [n, d], or a callable that gives a fresh iterator of batches [b, d] each time (its first
        batch is looked at, then it is read at most twice; once per step for `subspace`). Arithmetic is in float64
        whatever the dtype.
    components : how many, 1 to min(n, d); default all (at most 50 for `subspace`).
    solver : see the top of this file; "auto" chooses.
    tolerance : of `subspace`: residual relative to each variance; the relative error of a variance is of its square.
    passes : of `subspace`: bound on the steps.
    memory_limit : bytes of points that `gram` may hold.
    seed : of `subspace`: start of the iteration; the result does not depend on it beyond the tolerance.
    device : "cuda..." sums the covariance there, in float64 as well; all else is done on the processor.
    progress : called with the fraction of points seen, where their number is known beforehand.

    Returns
    -------
    PrincipalComponents.

    Raises
    ------
    ValueError
        fewer than two points, more components than min(n, d), NaN or infinity, batches of different widths.
    RuntimeError
        `subspace` has not reached the tolerance in `passes` steps.

    Examples
    --------
    >>> line = principal_components(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), 1)
    >>> line.explained_variance.round(6).tolist(), line.explained_variance_ratio.round(6).tolist()
    ([2.0], [1.0])
    """
    stream = _Stream(points, progress)
    if solver == "auto":
        solver = "covariance" if stream.width <= SQUARE_LIMIT else "gram"
        if solver == "gram" and not stream.small(memory_limit):
            solver = "subspace"
    elif solver not in ("covariance", "qr", "gram", "subspace"):
        raise ValueError(f"There is no solver {solver!r}; choose auto, covariance, qr, gram or subspace.")
    if solver == "gram":
        return _by_gram(stream, components)
    if solver == "subspace":
        return _by_subspace(stream, components, tolerance, passes, seed)
    if solver == "covariance":
        on_device = device.startswith("cuda")
        mean, covariance, count = _covariance_on(stream, device) if on_device else _shifted_covariance(stream)
        wanted = _wanted(components, count, stream.width)
        variances, vectors = _largest(covariance, wanted)
        if _accurate(variances):
            total = float(np.trace(covariance))
            return _result(mean, vectors.T, variances, total, count, "covariance")
        return _by_qr(stream, components, mean, count)
    return _by_qr(stream, components, *stream.mean())


class _Stream:
    """The batches as checked float64 arrays, from the start each time."""

    def __init__(self, points: Any, progress: Callable[[float], None] | None = None) -> None:
        self.source: Batches
        self.length: int | None = None
        if callable(points):
            self.source = points
        else:
            whole = as_points(points)
            self.length = len(whole)
            step = max(1, 2**22 // whole.shape[1])
            self.source = lambda: (whole[start : start + step] for start in range(0, len(whole), step))
        self.progress = progress
        first = next(self.raw(), None)
        if first is None:
            raise ValueError("There are no points.")
        self.width = first.shape[1]

    def raw(self) -> Iterator[FloatArray]:
        """Batches in their own dtype (float32 or float64)."""
        seen, width = 0, None
        for batch in self.source():
            array = as_points(batch, f"points from row {seen}")
            if width is not None and array.shape[1] != width:
                raise ValueError(f"Batches differ in width: {width}, then {array.shape[1]} from row {seen}.")
            width = array.shape[1]
            seen += len(array)
            yield array
            if self.progress is not None and self.length:
                self.progress(seen / self.length)

    def __iter__(self) -> Iterator[Float64Array]:
        for batch in self.raw():
            yield batch.astype(np.float64, copy=False)

    def small(self, memory_limit: int) -> bool:
        """Whether the points fit the Gram form; reads no further than needed to know."""
        rows = size = 0
        for batch in self.raw():
            rows, size = rows + len(batch), size + batch.nbytes
            if rows > GRAM_LIMIT or rows >= self.width or size > memory_limit:
                return False
        return True

    def mean(self) -> tuple[Float64Array, int]:
        """Mean [d], summed about the mean of the first batch, and the number of points."""
        shift: Float64Array | None = None
        total, count = np.zeros(self.width), 0
        for batch in self:
            shift = batch.mean(axis=0) if shift is None else shift
            total += (batch - shift).sum(axis=0)
            count += len(batch)
        return (np.zeros(self.width) if shift is None else shift) + total / max(count, 1), count


def _wanted(components: int | None, count: int, width: int, default: int | None = None) -> int:
    """The number of components, checked against the points."""
    if count < 2:
        raise ValueError("Principal components need at least 2 points, but there is 1.")
    most = min(count, width)
    if components is None:
        return most if default is None else min(most, default)
    if not 1 <= components <= most:
        raise ValueError(
            f"{count} points with {width} coordinates have {most} principal components, but {components} are asked for."
        )
    return components


def _result(
    mean: Float64Array, components: Float64Array, variances: Float64Array, total: float, count: int, solver: str
) -> PrincipalComponents:
    """Sign fixed, rounding below zero cut, ratios taken."""
    components = np.array(components, order="C")
    largest = np.abs(components).argmax(axis=1)
    components *= np.where(components[np.arange(len(components)), largest] < 0, -1.0, 1.0)[:, None]
    variances = np.maximum(variances, 0.0)
    ratio = variances / total if total > 0 else np.zeros_like(variances)
    return PrincipalComponents(mean, components, variances, ratio, total, count, solver)


def _shifted_covariance(stream: _Stream) -> tuple[Float64Array, Float64Array, int]:
    """Mean, covariance (n - 1) and count in one pass, about the mean of the first batch."""
    d = stream.width
    shift: Float64Array | None = None
    products, total, count = np.zeros((d, d)), np.zeros(d), 0
    for batch in stream:
        shift = batch.mean(axis=0) if shift is None else shift
        centred = batch - shift
        products += centred.T @ centred
        total += centred.sum(axis=0)
        count += len(batch)
    offset = total / count
    products -= count * np.outer(offset, offset)
    return (offset if shift is None else shift + offset), products / max(count - 1, 1), count


def _covariance_on(stream: _Stream, device: str) -> tuple[Float64Array, Float64Array, int]:
    """As `_shifted_covariance`, summed on a device; a batch is moved as it is and widened there."""
    import torch

    d = stream.width
    shift: torch.Tensor | None = None
    products, total, count = (
        torch.zeros((d, d), dtype=torch.float64, device=device),
        torch.zeros(d, dtype=torch.float64, device=device),
        0,
    )
    for batch in stream.raw():
        moved = torch.from_numpy(np.array(batch)).to(device=device, dtype=torch.float64)
        shift = moved.mean(dim=0) if shift is None else shift
        moved -= shift
        products.addmm_(moved.T, moved)
        total += moved.sum(dim=0)
        count += len(batch)
    offset = total / count
    products -= count * torch.outer(offset, offset)
    mean = offset if shift is None else shift + offset
    return mean.cpu().numpy(), (products / max(count - 1, 1)).cpu().numpy(), count


def _largest(matrix: Float64Array, count: int) -> tuple[Float64Array, Float64Array]:
    """The largest eigenvalues [count], falling, of a symmetric matrix, and their vectors [size, count]."""
    from scipy.linalg import eigh

    size = len(matrix)
    values, vectors = eigh(matrix, subset_by_index=None if count == size else [size - count, size - 1])
    return values[::-1], vectors[:, ::-1]


def _accurate(variances: Float64Array) -> bool:
    """Whether squares have left enough digits to the smallest of these; where all are zero they are zero exactly."""
    return bool(variances[-1] > SQUARE_ACCURACY * variances[0] or variances[0] <= 0)


def _triangular(blocks: Iterable[Float64Array], width: int) -> Float64Array:
    """R [<= width, width] with R^T R = sum over blocks of B^T B, by Householder QR of stacked rows."""
    held: list[Float64Array] = []
    rows, enough = 0, 2 * width + 1024  # few, tall factorisations: each repeats the work on R
    for block in blocks:
        held.append(block)
        rows += len(block)
        if rows >= enough:
            held = [_factor(held)]
            rows = len(held[0])
    return _factor(held)


def _factor(rows: list[Float64Array]) -> Float64Array:
    factor: Any = np.linalg.qr(np.concatenate(rows), mode="r")
    return np.asarray(factor, dtype=np.float64)


def _by_qr(stream: _Stream, components: int | None, mean: Float64Array, count: int) -> PrincipalComponents:
    """From the singular values of the triangular factor of the centred points."""
    wanted = _wanted(components, count, stream.width)
    factor = _triangular((batch - mean for batch in stream), stream.width)
    _, singular, vectors = np.linalg.svd(factor, full_matrices=False)
    variances = singular**2 / (count - 1)
    return _result(mean, vectors[:wanted], variances[:wanted], float(variances.sum()), count, "qr")


def _by_gram(stream: _Stream, components: int | None) -> PrincipalComponents:
    """Fewer points than coordinates: the same factor of the transpose, by blocks of coordinates."""
    held = np.concatenate(list(stream.raw()))
    count, width = held.shape
    wanted = _wanted(components, count, width)
    mean = np.empty(width)
    step = max(1, 2**23 // count)
    parts = [slice(start, start + step) for start in range(0, width, step)]

    def transposed(part: slice) -> Float64Array:
        block = held[:, part].astype(np.float64)
        mean[part] = block.mean(axis=0)
        return np.ascontiguousarray((block - mean[part]).T)

    products = np.zeros((count, count))
    for part in parts:
        block = transposed(part)
        products += block.T @ block
    total = float(np.trace(products)) / (count - 1)
    variances, left = _largest(products / (count - 1), wanted)
    if not _accurate(variances):
        factor = _triangular((transposed(part) for part in parts), count)
        _, singular, right = np.linalg.svd(factor, full_matrices=False)
        variances, left = singular[:wanted] ** 2 / (count - 1), right[:wanted].T
    vectors = np.empty((wanted, width))
    for part in parts:
        vectors[:, part] = (transposed(part) @ left).T
    # orthonormal also where a variance is zero (as for n centred points, always the last)
    vectors = np.linalg.qr(vectors.T)[0].T
    return _result(mean, vectors, variances, total, count, "gram")


def _by_subspace(
    stream: _Stream, components: int | None, tolerance: float, passes: int, seed: int
) -> PrincipalComponents:
    """By products with the covariance, which is never formed."""
    mean, count = stream.mean()
    wanted = _wanted(components, count, stream.width, default=50)
    total = 0.0
    for batch in stream:
        total += float(np.square(batch - mean).sum()) / (count - 1)

    def multiply(block: Float64Array) -> Float64Array:
        product = np.zeros_like(block)
        for batch in stream:
            centred = batch - mean
            product += centred.T @ (centred @ block)
        return product / (count - 1)

    variances, vectors = leading_eigenvectors(
        multiply, stream.width, wanted, tolerance=tolerance, passes=passes, seed=seed, scale=total
    )
    return _result(mean, vectors.T, variances, total, count, "subspace")
