# SPDX-License-Identifier: Apache-2.0
"""What a layer's logits say: ranks, probabilities, entropy, distance from the model's own end, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Float = NDArray[np.float64]
RESAMPLES: Final = 2000


def ranks(logits: torch.Tensor, chosen: Any) -> Any:
    """Rank of one token of each row, 1 the most likely, int64 ``[n]``; tokens that tie with it count against it.

    >>> import torch
    >>> ranks(torch.tensor([[3.0, 1.0, 1.0], [0.0, 0.0, 9.0]]), np.array([0, 1]))
    array([1, 3])
    """
    import torch

    own = logits.gather(1, torch.as_tensor(chosen, device=logits.device)[:, None])
    return (logits >= own).sum(dim=1).cpu().numpy()


def entropy(logs: torch.Tensor) -> Float:
    """Entropy of distributions ``[n, tokens]`` of log-probabilities, in bits."""
    return np.asarray(-(logs.exp() * logs).sum(dim=1).cpu().numpy() / np.log(2), dtype=np.float64)


def divergence(final: torch.Tensor, logs: torch.Tensor) -> Float:
    """Kullback-Leibler divergence of ``logs`` from the end's ``final`` (both log-probabilities), in bits.

    >>> import torch
    >>> divergence(torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[0.25, 0.75]]).log()).round(4)
    array([0.2075])
    """
    total = (final.exp() * (final - logs)).sum(dim=1).clamp_min(0)
    return np.asarray(total.cpu().numpy() / np.log(2), dtype=np.float64)


def without_prompt(final: torch.Tensor) -> Float:
    """How far the mean of all *other* prompts' final distributions is from each one's own, in bits ``[n]``.

    What a guess that does not look at the prompt comes to: a layer that is no closer says nothing in these words.
    """
    import torch

    total, found = final.exp().sum(dim=0), []
    for own in final:
        rest = ((total - own.exp()) / (len(final) - 1)).clamp_min(1e-12)
        found.append(float((own.exp() * (own - torch.log(rest))).sum()) / np.log(2))
    return np.asarray(found, dtype=np.float64)


def settled(same: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The first layer from which a prompt's most likely token is the final one to the end, for ``same [layers, n]``.

    >>> settled(np.array([[True, False], [False, True], [True, True]])).tolist()
    [2, 1]
    """
    to_the_end = np.flip(np.cumprod(np.flip(same, axis=0), axis=0), axis=0)
    return np.asarray(len(same) - to_the_end.sum(axis=0), dtype=np.int64)


def means_with_interval(values: Float, rng: np.random.Generator) -> tuple[Float, Float, Float]:
    """Means of ``values [..., n]`` over the last axis with the 95 % percentile bootstrap over the n prompts."""
    n = values.shape[-1]
    weights = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n
    drawn = np.tensordot(values, weights.T, axes=1)
    low, high = np.quantile(drawn, (0.025, 0.975), axis=-1)
    return values.mean(axis=-1), low, high
