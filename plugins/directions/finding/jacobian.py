# SPDX-License-Identifier: Apache-2.0
"""Directions without labels from derivatives: what changes the output most, at a point and on average."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.directions.finding.found import Found

if TYPE_CHECKING:
    from torch import Tensor

    from plugins.geometry.decoding import Decode

Float64 = NDArray[np.float64]

WHOLE: Final = 256  # axes up to which the whole metric is made


def local_basis(decode: Decode, code: Tensor, count: int) -> Found:
    """Right singular vectors of the Jacobian at one code ``[1, d]``: the local basis there.

    ``strength``: singular values, change of the output (in its units, over all pixels) per unit of the code. They hold
    for this code; at another one the basis is another. Source: Choi, Lee, Park, Lee, Hwang and Kang, "Do not escape
    from the manifold: discovering the local coordinates on the latent space of GANs", ICLR 2022, section 3.
    """
    from plugins.geometry.jacobian import strongest

    found = strongest(decode, code, count)
    residual = float(found.residual.max())
    notes = () if residual < 1e-2 else (f"Singular values are known to {residual:.1g} of the largest only.",)
    return Found(
        "local-basis",
        found.directions[0].T.cpu().numpy().astype(np.float64),
        found.values[0].cpu().numpy().astype(np.float64),
        "singular value of the Jacobian",
        notes=notes,
        extra={"residual": residual},
    )


def local_metrics(decode: Decode, codes: Tensor, count: int) -> Tensor:
    """The pull-back metric J'J at each code ``[n, d]``, float64 ``[n, d, d]``.

    Beyond 256 axes of the part that the largest ``2 count`` singular values make.
    """
    import torch

    from plugins.geometry.jacobian import metric, strongest

    if codes.shape[1] <= WHOLE:
        return metric(decode, codes).double()
    found = strongest(decode, codes, max(2 * count, 8))
    scaled = found.directions * found.values[:, None]
    return torch.matmul(scaled, scaled.mT)


def mean_basis(metrics: Tensor, count: int) -> Found:
    """Eigenvectors of the mean of the metrics J'J ``[n, d, d]`` of several codes: what changes outputs most on average.

    The mean of the metrics has no sign or order to settle, which averaged singular vectors would.

    ``strength``: root mean square change of the output per unit step. ``extra["agreement"]`` (float64 ``[n]``): how
    much of the local basis of each code lies in the mean one, as the mean squared cosine of the two subspaces; near
    ``extra["chance"]``, that of two random subspaces, a global basis says nothing of single codes.
    """
    import torch

    n, width, _ = metrics.shape
    count = min(count, width)
    values, vectors = torch.linalg.eigh(metrics.mean(dim=0))
    if not float(values[-1]) > 0:
        raise wb.DataError("the output does not change with the code at any of these points")
    basis = vectors[:, -count:].flip(-1)
    locals_ = torch.linalg.eigh(metrics).eigenvectors[:, :, -count:]
    agreement = (locals_.mT @ basis).square().sum(dim=(1, 2)) / count
    return Found(
        "jacobian",
        basis.T.cpu().numpy().astype(np.float64),
        values.flip(-1)[:count].clamp(min=0).sqrt().cpu().numpy().astype(np.float64),
        "root mean square change of the output per unit step",
        notes=(f"Mean of the pull-back metric over {n} codes.",),
        extra={"agreement": agreement.cpu().numpy().astype(np.float64), "chance": count / width},
    )
