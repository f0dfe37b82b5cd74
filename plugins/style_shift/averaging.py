# SPDX-License-Identifier: Apache-2.0
"""The average of the k nearest texts, and how near it comes to the text that belongs to a point, by k.

A point that was guessed (of a picture, say) carries an error of its own, and so does the text nearest to it. The mean
of k texts whose errors are not the same has a smaller one: of n independent errors 1/n of the squared length is left.
But the further neighbours say other things. The best k lies where the two balance, and is measured, not assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.style_shift.shifting import cosines
from plugins.words.neighbours import nearest

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Float64 = NDArray[np.float64]
    Int64 = NDArray[np.int64]

COUNTS: Final = (1, 2, 3, 5, 8, 12, 20, 30, 50)
RESAMPLES: Final = 1000


def average(corpus: ArrayLike, positions: ArrayLike) -> Float64:
    """Mean of the texts at ``positions [k]`` of ``corpus [m, d]``, float64 ``[d]``; not brought back to unit length."""
    chosen = np.asarray(corpus, dtype=np.float64)[np.asarray(positions, dtype=np.int64)]
    return np.asarray(chosen.mean(axis=0), dtype=np.float64)


def averages(corpus: ArrayLike, positions: Int64) -> Float64:
    """Means of the first 1, 2 .. k texts of each row of ``positions [q, k]``, float64 ``[q, k, d]``."""
    chosen = np.asarray(corpus, dtype=np.float64)[positions]
    counts = np.arange(1, positions.shape[1] + 1)[None, :, None]
    return np.asarray(np.cumsum(chosen, axis=1) / counts, dtype=np.float64)


def curve(queries: ArrayLike, corpus: ArrayLike, truths: ArrayLike, seed: int) -> pd.DataFrame:
    """How near the average of the k nearest texts comes to the true text of each query, by k.

    Parameters
    ----------
    queries : points whose neighbours are averaged ``[q, d]``
    corpus : texts among which they are looked for ``[m, d]``; the true texts are none of them
    truths : the vectors of the true texts ``[q, d]``

    Returns
    -------
    One row for each k of :data:`COUNTS` that the corpus has: ``k``; ``similarity``, the mean cosine of the average and
    the true text, with ``low`` and ``high`` (bootstrap over queries); ``spread``, the mean squared distance of the k
    texts to their average, in units of the space; ``length``, the mean length of the average; ``n``. The row ``k`` = 0
    is the query itself.
    """
    import pandas as pd

    x, truth = np.asarray(queries, dtype=np.float64), np.asarray(truths, dtype=np.float64)
    texts = np.asarray(corpus, dtype=np.float32)
    counts = [one for one in COUNTS if one <= len(texts)]
    positions, _ = nearest(texts, x.astype(np.float32), counts[-1])
    complete = int((positions >= 0).all(axis=0).sum())  # fewer where some texts have no length
    counts, positions = [one for one in counts if one <= complete], positions[:, :complete]
    means = averages(texts, positions)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(x), np.full(len(x), 1 / len(x)), size=RESAMPLES) / len(x)
    rows = [_row(0, cosines(x, truth), drawn, 0.0, x)]
    chosen = np.asarray(texts, dtype=np.float64)[positions]
    for k in counts:
        here = means[:, k - 1]
        spread = float(np.square(chosen[:, :k] - here[:, None]).sum(axis=2).mean())
        rows.append(_row(k, cosines(here, truth), drawn, spread, here))
    return pd.DataFrame(rows)


def _row(k: int, similarity: Float64, drawn: Float64, spread: float, points: Float64) -> dict[str, Any]:
    low, high = np.quantile(drawn @ similarity, [0.025, 0.975])
    return {
        "k": k,
        "similarity": float(similarity.mean()),
        "low": float(low),
        "high": float(high),
        "spread": spread,
        "length": float(np.linalg.norm(points, axis=1).mean()),
        "n": len(points),
    }
