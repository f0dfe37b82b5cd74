# SPDX-License-Identifier: Apache-2.0
"""How much directions work into each other: the Hessian penalty, from decoded points alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import workbench as wb

if TYPE_CHECKING:
    import torch

Float64 = NDArray[np.float64]


def hessian_penalty(
    decode: Callable[[torch.Tensor], torch.Tensor],
    codes: ArrayLike,
    vectors: ArrayLike | None = None,
    *,
    probes: int = 8,
    step: float = 0.1,
    reduce: str = "max",
    seed: int = 0,
) -> Float64:
    """The Hessian penalty at each code, float64 ``[n]``: 0 where no direction changes what another one does.

    The variance over random signs v of the second difference along them, (G(z + hv) - 2 G(z) + G(z - hv)) / h^2, which
    is twice the sum of the squares of the off-diagonal entries of the Hessian, of each output; then the largest output
    (``reduce="max"``, as the authors) or the mean of all. In double precision: differences of differences leave nothing
    of single precision.

    Parameters
    ----------
    decode : points ``[n, d]`` to outputs ``[n, ...]``, without randomness
    codes : ``[n, d]``
    vectors : ``[k, d]``, the directions that are asked about; the axes where left out
    probes : random sign vectors; the variance is the unbiased one
    step : h, in units of the code

    Raises
    ------
    DataError
        With fewer than 2 probes, or a decoder whose outputs differ from call to call (their noise would be taken for
        curvature).

    Source: Peebles, Peebles, Zhu, Efros and Torralba, "The Hessian penalty: a weak prior for unsupervised
    disentanglement", ECCV 2020, equations 4 and 5. With the population variance it would come out smaller, by half of
    it with two probes.
    """
    import torch

    if probes < 2:
        raise wb.DataError("a variance needs at least 2 probes")
    start = torch.as_tensor(np.asarray(codes), dtype=torch.float64)
    basis = np.eye(start.shape[1]) if vectors is None else np.asarray(vectors, dtype=np.float64)
    rng = np.random.default_rng(seed)
    ways = torch.as_tensor(rng.choice([-1.0, 1.0], (probes, len(basis))) @ basis) * step
    with torch.no_grad():
        middle = decode(start).double()
        if not torch.equal(middle, decode(start).double()):
            raise wb.DataError("the decoder gives other outputs at each call: its noise would be taken for curvature")
        seconds = torch.stack([decode(start + one) - 2 * middle + decode(start - one) for one in ways]) / step**2
    spread = seconds.double().var(dim=0, unbiased=True).flatten(1)
    found: Any = spread.amax(dim=1) if reduce == "max" else spread.mean(dim=1)
    return np.asarray(found.cpu().numpy())
