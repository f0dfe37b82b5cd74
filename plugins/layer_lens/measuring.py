# SPDX-License-Identifier: Apache-2.0
"""What is counted at a step while its numbers pass by: shape, spread, zeros, and units that are dead or saturated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.homology.trust import wilson
from plugins.layer_lens.nonlinearities import PASSING, RECTIFIERS, slope_left
from plugins.layer_lens.taps import Step

if TYPE_CHECKING:
    import torch

Array = NDArray[Any]
LEVEL = 0.95
Z = 1.959963984540054


def unit_axis(step: Step) -> int:
    """Which axis of what a step gives (the rows are axis 0) holds its units.

    Channels of maps (and of one-dimensional convolutions), the last axis of sequences, the axis of vectors.
    """
    if len(step.shape) == 2 and "1d" not in step.kind:
        return 2
    return 1


def never_bound(n: int) -> float:
    """Upper limit (95 %) of the rate of what never happened in ``n`` independent samples; about ``3 / n``.

    >>> round(never_bound(300), 4), round(3 / 300, 4)
    (0.0099, 0.01)
    """
    return float(1 - (1 - LEVEL) ** (1 / n)) if n else 1.0


@dataclass(frozen=True)
class Measured:
    """Everything counted at a step.

    Attributes
    ----------
    step : which
    n : points
    bad : points with NaN or infinity; where there are any, nothing else is measured
    mean, mean_low, mean_high : of all numbers; the interval is over points
    sd : standard deviation of all numbers
    low, high : smallest and largest number
    zeros, zeros_low, zeros_high : share of numbers that are exactly 0
    units : how many
    still : units that give one value for all points (at all positions)
    dead : bool ``[units]``, never above 0; ``None`` where the step is no rectifier
    rates : float ``[units]``, share of points at which a unit is above 0 somewhere; ``None`` as above
    saturated : bool ``[units]``; ``None`` where the step has no bounded activation
    flat : float ``[units]``, share of points at which a unit is saturated; ``None`` as above
    values : float32 ``[n, kept units]``, for the plane
    """

    step: Step
    n: int
    bad: int
    mean: float = float("nan")
    mean_low: float = float("nan")
    mean_high: float = float("nan")
    sd: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    zeros: float = float("nan")
    zeros_low: float = float("nan")
    zeros_high: float = float("nan")
    units: int = 0
    still: int = 0
    dead: Array | None = None
    rates: Array | None = None
    saturated: Array | None = None
    flat: Array | None = None
    values: Array | None = None

    @property
    def state(self) -> str:
        """``"measured"``, ``"constant"`` (all points equal) or ``"not finite"``."""
        if self.bad:
            return "not finite"
        if self.values is None or not np.any(np.ptp(self.values, axis=0) > 0):
            return "constant" if self.n > 1 else "one point"
        return "measured"


class Counter:
    """Counts one step over batches; :meth:`done` gives the result."""

    def __init__(self, step: Step, n: int, kept: Array, threshold: float, most: float) -> None:
        self.step, self.n, self.kept, self.threshold, self.most = step, n, kept, threshold, most
        self.axis = unit_axis(step)
        self.slope = slope_left(step.module)
        self.units = step.shape[self.axis - 1] if step.shape else 1
        self.values = np.empty((n, len(kept)), dtype=np.float32)
        self.point_means, self.point_zeros = np.empty(n), np.empty(n)
        self.square = self.bad = self.at = 0.0
        self.low, self.high = np.full(self.units, np.inf), np.full(self.units, -np.inf)
        self.above = np.zeros(self.units, dtype=np.int64)
        self.flat = np.zeros(self.units, dtype=np.int64)

    def see(self, output: torch.Tensor) -> None:
        """Count one batch ``[b, *shape]``."""
        import torch

        rows, start = len(output), int(self.at)
        self.at += rows
        flat = output.reshape(rows, -1)
        sums = flat.sum(dim=1)
        if not bool(torch.isfinite(sums).all()):  # a sum may overflow where no number does: look at them all
            self.bad += int((~torch.isfinite(flat).all(dim=1)).sum())
        if self.bad:
            return
        stop, width = start + rows, flat.shape[1]
        self.point_means[start:stop] = (flat.double().sum(dim=1) if sums.isinf().any() else sums).cpu().numpy() / width
        self.square += float(torch.linalg.vector_norm(flat, dim=1).double().square().sum())
        self.point_zeros[start:stop] = (flat == 0).sum(dim=1).cpu().numpy() / width
        chosen = flat if len(self.kept) == width else flat[:, torch.from_numpy(self.kept).to(flat.device)]
        self.values[start:stop] = chosen.float().cpu().numpy()
        places = self._by_unit(output)
        alone = places.shape[2] == 1
        lowest = places[:, :, 0] if alone else places.amin(dim=2)  # twice the reads, and far quicker than aminmax
        highest = lowest if alone else places.amax(dim=2)
        self.low = np.minimum(self.low, lowest.amin(dim=0).double().cpu().numpy())
        self.high = np.maximum(self.high, highest.amax(dim=0).double().cpu().numpy())
        self.above += (highest > 0).sum(dim=0).cpu().numpy()
        if self.slope is not None:
            share = (self.slope(places) < self.threshold).float().mean(dim=2)
            self.flat += (share > 0.5).sum(dim=0).cpu().numpy()

    def _by_unit(self, output: torch.Tensor) -> torch.Tensor:
        """``[b, units, places]``: what each unit gives at all its places."""
        if not self.step.shape:
            return output.reshape(len(output), 1, 1)
        moved = output.movedim(self.axis, 1)
        return moved.reshape(len(output), self.units, -1)

    def done(self) -> Measured:
        """The result."""
        if self.bad:
            return Measured(self.step, self.n, int(self.bad), units=self.units)
        mean, mean_low, mean_high = _with_interval(self.point_means)
        zeros, zeros_low, zeros_high = _with_interval(self.point_zeros)
        variance = self.square / (self.n * self.step.width) - mean * mean
        rectified = self.step.kind in RECTIFIERS or (
            self.step.kind not in PASSING and float(self.low.min()) == 0.0 and zeros > 0
        )
        flat = self.flat / self.n
        low_of_share = wilson(self.flat, self.n)[0]
        return Measured(
            self.step,
            self.n,
            0,
            mean,
            mean_low,
            mean_high,
            float(np.sqrt(max(variance, 0.0))),
            float(self.low.min()),
            float(self.high.max()),
            zeros,
            max(zeros_low, 0.0),
            min(zeros_high, 1.0),
            self.units,
            int((self.low == self.high).sum()),
            self.above == 0 if rectified else None,
            self.above / self.n if rectified else None,
            low_of_share > self.most if self.slope is not None else None,
            flat if self.slope is not None else None,
            self.values,
        )


def _with_interval(values: Array) -> tuple[float, float, float]:
    """Mean over points with a 95 % interval by the normal distribution; NaN limits for one point."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, float("nan"), float("nan")
    half = Z * float(values.std(ddof=1)) / len(values) ** 0.5
    return mean, mean - half, mean + half
