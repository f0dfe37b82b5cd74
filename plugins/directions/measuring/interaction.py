# SPDX-License-Identifier: Apache-2.0
"""How much the directions of a method work into each other: their Hessian penalty beside that of random ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.directions.finding.curvature import hessian_penalty
from plugins.directions.finding.found import random_directions

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from plugins.directions.measuring.contract import Candidate

Float64 = NDArray[np.float64]

AT_CODES: Final = 4
PROBES: Final = 4
SETS: Final = 3  # random sets of as many directions


def interaction_table(
    decode: Callable[[torch.Tensor], torch.Tensor],
    codes: Float64,
    candidates: Sequence[Candidate],
    scales: Float64,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row for each method with two directions or more: penalty, its standard error, and that of random sets.

    In units of the outputs, squared, with steps in standard deviations of the codes; the mean over outputs, not their
    largest: one pixel alone says little.

    Raises
    ------
    DataError
        When the decoder gives other outputs at each call.
    """
    import pandas as pd

    covariance = np.atleast_2d(np.cov(codes, rowvar=False))
    some = codes[:AT_CODES]

    def penalty(vectors: Float64) -> Float64:
        return hessian_penalty(decode, some, vectors, probes=PROBES, reduce="mean", seed=int(rng.integers(2**31)))

    rows: list[dict[str, Any]] = []
    for method in dict.fromkeys(one.method for one in candidates):
        mine = [at for at, one in enumerate(candidates) if one.method == method]
        if len(mine) < 2:
            continue
        found = penalty(np.stack([candidates[at].vector * scales[at] for at in mine]))
        random = []
        for _ in range(SETS):
            drawn = random_directions(len(mine), codes.shape[1], rng).vectors
            lengths = np.sqrt(np.maximum(np.einsum("kd,de,ke->k", drawn, covariance, drawn), 0))
            random.append(penalty(drawn * lengths[:, None]).mean())
        rows.append(
            {
                "method": method,
                "directions": len(mine),
                "penalty": float(found.mean()),
                "standard_error": float(found.std(ddof=1) / np.sqrt(len(found))),
                "random": float(np.mean(random)),
                "random_low": float(np.min(random)),
                "random_high": float(np.max(random)),
                "codes": len(some),
            }
        )
    names = ("method", "directions", "penalty", "standard_error", "random", "random_low", "random_high", "codes")
    return pd.DataFrame(rows, columns=list(names))
