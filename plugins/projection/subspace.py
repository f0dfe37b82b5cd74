# SPDX-License-Identifier: Apache-2.0
"""Leading eigenvectors of a symmetric positive matrix known only by its products with blocks of vectors.

Idea: keep an orthonormal basis, widen it with the residuals of the best vectors in it (a block Krylov space), and read
the eigenvectors off the small projected matrix; when the basis is full, begin again with the best.

Source: Saad 2011, "Numerical methods for large eigenvalue problems", sections 6.6 and 7.3 (block Lanczos with
restarts).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]
BLOCKS = 6  # width of the basis in blocks: memory is two bases


def leading_eigenvectors(
    multiply: Callable[[Float64Array], Float64Array],
    width: int,
    count: int,
    *,
    tolerance: float = 1e-6,
    passes: int = 200,
    seed: int = 0,
    scale: float = 1.0,
) -> tuple[Float64Array, Float64Array]:
    """Eigenvectors of the largest eigenvalues.

    Parameters
    ----------
    multiply : takes a block [width, b] to the matrix times the block.
    width : size of the matrix.
    count : how many, at most `width`.
    tolerance : largest |C v - value v| / value allowed (an eigenvalue below rounding of `scale` counts as zero).
    passes : bound on the calls of `multiply`.
    seed : start of the iteration.
    scale : trace of the matrix, to know what rounding is.

    Returns
    -------
    Eigenvalues [count], falling, and eigenvectors [width, count].

    Raises
    ------
    RuntimeError
        not converged in that many passes.
    """
    block_width = min(width, count + 10)  # ten more than wanted: a gap to converge by (Halko et al. 2011, section 4.2)
    block = np.linalg.qr(np.random.default_rng(seed).standard_normal((width, block_width)))[0]
    basis = np.empty((width, 0))
    image = np.empty((width, 0))
    worst = np.inf
    for _ in range(passes):
        basis = np.concatenate([basis, block], axis=1)
        image = np.concatenate([image, multiply(block)], axis=1)
        projected = basis.T @ image
        values, small = np.linalg.eigh((projected + projected.T) / 2)
        values, small = values[::-1], small[:, ::-1]
        best = basis @ small[:, :block_width]
        residual = image @ small[:, :block_width] - best * values[:block_width]
        # rounding in the products is of the order of the trace: below it there is nothing to converge to
        allowed = np.maximum(tolerance * values[:count], 1e-13 * scale)
        sizes = np.linalg.norm(residual[:, :count], axis=0)
        if (sizes <= allowed).all() or basis.shape[1] >= width:
            return np.maximum(values[:count], 0.0), best[:, :count]
        worst = float((sizes / np.maximum(values[:count], 1e-300)).max())
        if basis.shape[1] + block_width > min(width, BLOCKS * block_width):
            keep = min(2 * block_width, basis.shape[1])
            basis, image = basis @ small[:, :keep], image @ small[:, :keep]
        block = _orthogonal(residual, basis, width)
    raise RuntimeError(
        f"The leading {count} principal components have not converged in {passes} passes: the residual is {worst:.1e} "
        f"of the variance, {tolerance:.1e} is asked for. Ask for fewer components or a larger tolerance."
    )


def _orthogonal(block: Float64Array, basis: Float64Array, width: int) -> Float64Array:
    """Orthonormal columns of the block, orthogonal to the basis; at most as many as there is room for."""
    block = block / np.maximum(np.linalg.norm(block, axis=0), 1e-300)
    for _ in range(2):  # twice is enough (Giraud et al. 2005)
        block = block - basis @ (basis.T @ block)
        block = np.linalg.qr(block)[0]
    return block[:, : width - basis.shape[1]]
