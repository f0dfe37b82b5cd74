# SPDX-License-Identifier: Apache-2.0
"""Deletion and insertion: how the answer moves as the parts that a map calls important go, or come, first.

Petsiuk, Das and Saenko, "RISE: randomized input sampling for explanation of black-box models", BMVC 2018, section 4.1.
What is put in the place of a deleted part (the baseline) decides the curve, so it is part of the result; and so are
the same curves for random orders and for the order of ``|input - baseline|``, which knows nothing of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.attribution.checks.means import Float64, Mean, mean_of

if TYPE_CHECKING:
    import torch

Int64 = NDArray[np.int64]
BATCH: Final = 256
RANDOM: Final = "random order"
INPUT: Final = "distance from the baseline"


@dataclass(frozen=True)
class Curves:
    """Answers along the way, each brought to 0 at the baseline and to 1 at the input, on average over the samples.

    Attributes
    ----------
    shares : float64 ``[s + 1]``, the share of parts that is deleted (or inserted)
    deletion, insertion : float64 ``[n, s + 1]`` by the name of the order; NaN rows for maps that have no order
    change : mean over samples of ``|f(x) - f(baseline)|``, the unit
    """

    shares: Float64
    deletion: Mapping[str, Float64]
    insertion: Mapping[str, Float64]
    change: float

    def area(self, kind: str, name: str) -> Float64:
        """Area under the curve of each sample, float64 ``[n]``; ``kind`` is ``"deletion"`` or ``"insertion"``."""
        curves = (self.deletion if kind == "deletion" else self.insertion)[name]
        return np.asarray(np.trapezoid(curves, self.shares, axis=1))

    def difference(self, kind: str, name: str, other: str) -> Mean:
        """Mean over samples of the area under one order less that under another: paired."""
        return mean_of(self.area(kind, name) - self.area(kind, other))


def parts_of(values: Any) -> Float64:
    """What is deleted at once: positions of pictures ``[n, c, h, w]`` (channels summed), else each number; ``[n, m]``.

    >>> parts_of(np.ones((2, 3, 4, 4))).shape, parts_of(np.ones((2, 5))).shape
    ((2, 16), (2, 5))
    """
    given = np.asarray(values, dtype=np.float64)
    return (given.sum(axis=1) if given.ndim == 4 else given).reshape(len(given), -1)


def order_of(parts: Float64, rng: np.random.Generator) -> Int64:
    """Parts ``[n, m]`` from the largest to the smallest, ties in random order."""
    broken = rng.random(parts.shape)
    return np.asarray(np.lexsort((broken, -parts), axis=1), dtype=np.int64)


def deletion_insertion(
    function: Callable[[torch.Tensor], torch.Tensor],
    inputs: torch.Tensor,
    values: Mapping[str, Any],
    baseline: torch.Tensor,
    *,
    steps: int = 16,
    random_orders: int = 5,
    seed: int = 0,
    progress: Callable[[float], None] = lambda part: None,
) -> Curves:
    """Curves of each method's order, of random orders (their mean), and of ``|input - baseline|``.

    A sample whose answer falls towards its baseline is asked by its fall, one whose answer rises by its rise: signed
    maps are turned with it, so that "important" always means "makes it differ from the baseline".

    Parameters
    ----------
    values : by method ``[n, ...]`` of the shape of the inputs, or ``[n, 1, h, w]`` for pictures
    baseline : ``[1, ...]`` or ``[n, ...]``, what stands where something is deleted

    Raises
    ------
    DataError
        When input and baseline give the same answer for all samples, or an answer is not finite.
    """
    rng = np.random.default_rng(seed)
    baseline = baseline.expand_as(inputs)
    start, end = (_answers(function, one) for one in (inputs, baseline))
    change = float(np.abs(start - end).mean())
    if not np.isfinite(change):
        raise wb.DataError("the answer is not finite at an input or at its baseline")
    if change <= 1e-12 * (1 + float(np.abs(start).mean())):
        raise wb.DataError("inputs and their baseline give the same answer, so that nothing can be deleted from it")
    sign = np.where(start >= end, 1.0, -1.0)
    distance = (inputs - baseline).abs().cpu().numpy()
    many = parts_of(distance).shape[1]
    counts = np.unique(np.linspace(0, many, min(steps, many) + 1).round().astype(int))
    orders: list[tuple[str, Int64, Any]] = []
    for name, given in values.items():
        parts = parts_of(given)
        known = np.isfinite(parts).all(axis=1) & (np.ptp(np.nan_to_num(parts), axis=1) > 0)
        signed = bool((np.nan_to_num(parts) < 0).any())
        turned = np.where(known[:, None], parts * sign[:, None] if signed else parts, 0.0)
        orders.append((name, order_of(turned, rng), known))
    everything = np.ones(len(inputs), dtype=bool)
    orders.append((INPUT, order_of(parts_of(distance), rng), everything))
    orders += [(RANDOM, order_of(np.zeros((len(inputs), many)), rng), everything) for _ in range(random_orders)]
    found: dict[str, dict[str, list[Float64]]] = {"deletion": {}, "insertion": {}}
    for at, (name, order, known) in enumerate(orders):
        for kind, (here, there) in (("deletion", (inputs, baseline)), ("insertion", (baseline, inputs))):
            told = np.full((len(inputs), len(counts)), np.nan)
            told[known, 0], told[known, -1] = (start[known], end[known])[:: 1 if kind == "deletion" else -1]
            if known.any():
                between = _replaced(here[known], there[known], order[known], counts[1:-1])
                for place, one in enumerate(between, start=1):
                    told[known, place] = _answers(function, one)
            found[kind].setdefault(name, []).append((sign * (told.T - end)).T / change)
        progress((at + 1) / len(orders))
    mean = {kind: {name: np.mean(each, axis=0) for name, each in one.items()} for kind, one in found.items()}
    return Curves(counts / many, mean["deletion"], mean["insertion"], change)


def _replaced(here: torch.Tensor, there: torch.Tensor, order: Int64, counts: Any) -> Iterator[torch.Tensor]:
    """``here`` with the first parts of each order taken from ``there``, for each count."""
    import torch

    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
    shape = (len(here), 1, *here.shape[2:]) if here.ndim == 4 else here.shape
    ranks = torch.from_numpy(rank).to(here.device).reshape(shape)
    for count in counts:
        yield torch.where(ranks < int(count), there, here)


def _answers(function: Callable[[torch.Tensor], torch.Tensor], inputs: torch.Tensor) -> Float64:
    import torch

    with torch.no_grad():
        parts = [function(inputs[at : at + BATCH]).detach() for at in range(0, len(inputs), BATCH)]
    return np.asarray(torch.cat(parts).double().cpu().numpy())
