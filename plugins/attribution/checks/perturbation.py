# SPDX-License-Identifier: Apache-2.0
"""Infidelity and sensitivity, by ``captum.metrics``.

Yeh, Hsieh, Suggala, Inouye and Ravikumar, "On the (in)fidelity and sensitivity of explanations", NeurIPS 2019,
definitions 2.1 and 2.3. The least sensitive map of all is a constant one (their section 4), so that sensitivity is
told beside infidelity and has no verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.attribution.checks.means import Float64

if TYPE_CHECKING:
    import torch

ROWS: Final = 256  # rows in a pass
SHARE: Final = 0.3  # of the parts, at most, that one change takes away


def infidelity(
    function: Callable[[torch.Tensor], torch.Tensor],
    inputs: torch.Tensor,
    values: Any,
    baseline: torch.Tensor,
    *,
    local: bool = False,
    changes: int = 32,
    seed: int = 0,
) -> Float64:
    """Share of what changes of the input do to the answer that the map does not foretell, float64 ``[n]``.

    Each change takes squares of a picture (or single numbers) back to the baseline. The map foretells the fall of the
    answer by the sum of its values there, times one factor for each sample that fits best (``normalize=True`` of
    captum: maps are not asked for a scale). 0 is all of it, 1 is none; NaN where no change moves the answer.

    Parameters
    ----------
    function : asked in batches of :data:`ROWS` at most; a :class:`Remembered` one answers for several maps of the same
        inputs, baseline, changes and seed while it is asked once
    local : whether the values are derivatives, which are multiplied by the change, and not shares of the answer
    """
    import torch
    from captum.metrics import infidelity as captum_infidelity

    baseline = baseline.expand_as(inputs)
    given = torch.as_tensor(np.array(values), dtype=inputs.dtype, device=inputs.device).expand_as(inputs)
    difference = inputs - baseline
    if not local:  # captum multiplies by the change: shares of the answer are first divided by it
        zero = difference == 0
        given = torch.where(zero, 0, given / torch.where(zero, 1, difference))
    answer = function if isinstance(function, Remembered) else Remembered(function)

    def measured(attributions: torch.Tensor, normalise: bool) -> Float64:
        generator = torch.Generator().manual_seed(seed)
        answer.again()

        def change(some: torch.Tensor, there: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            moved = torch.where(_chosen(some.shape, generator).to(some.device), some - there, 0)
            return moved, some - moved

        with torch.no_grad():
            found = captum_infidelity(
                answer,
                change,
                inputs,
                attributions,
                baselines=baseline if len(inputs) > 1 else baseline[:1],
                n_perturb_samples=changes,
                max_examples_per_batch=_rows(inputs, changes),
                normalize=normalise,
            )
        return np.asarray(found.detach().double().cpu().numpy())

    whole = measured(torch.zeros_like(inputs), False)
    left = measured(given, True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, left / whole, np.nan)


def sensitivity(
    attribute_with: Callable[[torch.Tensor], Any],
    inputs: torch.Tensor,
    *,
    radius: float = 0.02,
    changes: int = 4,
    seed: int = 0,
) -> Float64:
    """Largest change of the map, in its own length, when every number of the input moves by up to ``radius``; ``[n]``.

    ``attribute_with`` is given inputs, several times as many, and gives their maps. NaN where a map is 0 or not finite.
    """
    import torch
    from captum.metrics import sensitivity_max

    generator = torch.Generator().manual_seed(seed)
    lengths: list[Float64] = []

    def explained(some: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor | tuple[torch.Tensor, ...]:
        plain = some[0] if isinstance(some, tuple) else some  # captum gives a tuple at first, then bare tensors
        with torch.enable_grad():
            found = torch.as_tensor(np.array(attribute_with(plain)), dtype=torch.float64)
        if not lengths:
            lengths.append(found.reshape(len(found), -1).norm(dim=1).numpy())
        return (found,) if isinstance(some, tuple) else found  # and iterates over what it gets for the tuple

    def moved(some: torch.Tensor) -> torch.Tensor:
        noise = torch.rand(some.shape, generator=generator, dtype=torch.float32) * 2 - 1
        return some + radius * noise.to(some)

    found = sensitivity_max(
        explained, inputs, perturb_func=moved, n_perturb_samples=changes, max_examples_per_batch=_rows(inputs, changes)
    )
    told = np.asarray(found.detach().double().cpu().numpy())
    return np.where((lengths[0] > 0) & np.isfinite(lengths[0]), told, np.nan)


def _rows(inputs: torch.Tensor, changes: int) -> int:
    """Rows in a pass, within what captum does not warn of."""
    return min(max(ROWS, len(inputs)), len(inputs) * changes)


class Remembered:
    """A function that is asked the same questions in the same order again and again, and answers each once."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self._function, self._answers, self._at = function, list[Any](), 0

    def again(self) -> None:
        """Start from the first question."""
        self._at = 0

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        if self._at == len(self._answers):
            self._answers.append(self._function(inputs).detach())
        self._at += 1
        answer: torch.Tensor = self._answers[self._at - 1]
        assert len(answer) == len(inputs)
        return answer


def _chosen(shape: Any, generator: torch.Generator) -> torch.Tensor:
    """Which numbers a change takes away: of pictures one square for each row, else each number by a coin; bool."""
    import torch

    if len(shape) != 4:
        probability = torch.rand((shape[0], *[1] * (len(shape) - 1)), generator=generator) * 0.8 + 0.1
        return torch.rand(shape, generator=generator) < probability
    n, _, height, width = shape
    side = torch.rand(n, generator=generator) * (SHARE**0.5 - 0.1) + 0.1
    tall, wide = (side * height).ceil(), (side * width).ceil()
    top = (torch.rand(n, generator=generator) * (height - tall + 1)).floor()
    left = (torch.rand(n, generator=generator) * (width - wide + 1)).floor()
    down, across = torch.arange(height), torch.arange(width)
    rows = (down >= top[:, None]) & (down < (top + tall)[:, None])
    columns = (across >= left[:, None]) & (across < (left + wide)[:, None])
    squares: torch.Tensor = (rows[:, :, None] & columns[:, None, :])[:, None]
    return squares.expand(tuple(shape))
