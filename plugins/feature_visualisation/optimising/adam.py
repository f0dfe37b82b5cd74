# SPDX-License-Identifier: Apache-2.0
"""Adam for one tensor: that of torch imports its compiler first, which takes seconds in every new process."""

from __future__ import annotations

import torch
from torch import Tensor


class Adam:
    """Steps down a gradient (Kingma and Ba, 2015, algorithm 1), with the customary decay rates 0.9 and 0.999.

    >>> moved = torch.tensor([3.0])
    >>> Adam(moved, 0.1).step(torch.tensor([20.0]))
    >>> round(moved.item(), 6)
    2.9
    """

    def __init__(self, numbers: Tensor, rate: float) -> None:
        self.numbers, self.rate, self.count = numbers, rate, 0
        self.mean, self.square = torch.zeros_like(numbers), torch.zeros_like(numbers)

    def step(self, gradient: Tensor) -> None:
        """One step against ``gradient``, written into the numbers."""
        self.count += 1
        with torch.no_grad():
            self.mean.lerp_(gradient, 0.1)
            self.square.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
            size = (self.square / (1 - 0.999**self.count)).sqrt_().add_(1e-8)
            self.numbers.addcdiv_(self.mean, size, value=-self.rate / (1 - 0.9**self.count))
