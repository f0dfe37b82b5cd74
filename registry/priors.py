# SPDX-License-Identifier: Apache-2.0
"""Priors: the distributions from which a generator's latents are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from registry.errors import SpaceError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Prior:
    """A distribution over a vector space that can be sampled."""

    kind: ClassVar[str] = ""

    def sample(self, count: int, size: int, generator: torch.Generator) -> torch.Tensor:
        """``count`` draws, float32 ``[count, size]`` on the generator's device."""
        raise NotImplementedError

    def check(self, size: int) -> None:
        """Raise :class:`SpaceError` when the prior cannot be that of a space with ``size`` axes."""

    def describe(self) -> dict[str, Any]:
        """The prior as plain JSON values; :func:`prior_from` reads it back."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Normal(Prior):
    """Independent normal axes; ``mean`` and ``std`` are numbers, or one per axis."""

    kind: ClassVar[str] = "normal"
    mean: float | tuple[float, ...] = 0.0
    std: float | tuple[float, ...] = 1.0

    def check(self, size: int) -> None:
        for label, value in (("mean", self.mean), ("std", self.std)):
            if isinstance(value, tuple) and len(value) != size:
                raise SpaceError(f"the prior's {label} has {len(value)} axes, the space has {size}")

    def sample(self, count: int, size: int, generator: torch.Generator) -> torch.Tensor:
        import torch

        self.check(size)
        draw = torch.randn(count, size, generator=generator, device=generator.device)
        std = torch.as_tensor(self.std, dtype=draw.dtype, device=draw.device)
        mean = torch.as_tensor(self.mean, dtype=draw.dtype, device=draw.device)
        return draw * std + mean


@dataclass(frozen=True)
class Uniform(Prior):
    """Independent axes, uniform on ``[low, high)``."""

    kind: ClassVar[str] = "uniform"
    low: float = -1.0
    high: float = 1.0

    def sample(self, count: int, size: int, generator: torch.Generator) -> torch.Tensor:
        import torch

        draw = torch.rand(count, size, generator=generator, device=generator.device)
        return draw * (self.high - self.low) + self.low


@dataclass(frozen=True)
class Sphere(Prior):
    """Uniform on the sphere of the given radius around the origin."""

    kind: ClassVar[str] = "sphere"
    radius: float = 1.0

    def sample(self, count: int, size: int, generator: torch.Generator) -> torch.Tensor:
        import torch

        draw = torch.randn(count, size, generator=generator, device=generator.device)
        length: torch.Tensor = torch.linalg.vector_norm(draw, dim=1, keepdim=True)
        return draw / length * self.radius


def _axes(value: float | Sequence[float]) -> float | tuple[float, ...]:
    return float(value) if isinstance(value, (int, float)) else tuple(float(one) for one in value)


def normal(mean: float | Sequence[float] = 0.0, std: float | Sequence[float] = 1.0) -> Normal:
    """Independent normal axes.

    >>> normal()
    Normal(mean=0.0, std=1.0)
    """
    return Normal(_axes(mean), _axes(std))


def uniform(low: float = -1.0, high: float = 1.0) -> Uniform:
    """Independent axes, uniform on ``[low, high)``."""
    if not low < high:
        raise SpaceError(f"a uniform prior needs low < high, got {low} and {high}")
    return Uniform(float(low), float(high))


def sphere(radius: float = 1.0) -> Sphere:
    """Uniform on a sphere around the origin."""
    return Sphere(float(radius))


def prior_from(description: dict[str, Any] | None) -> Prior | None:
    """The prior whose :meth:`Prior.describe` gave ``description``.

    >>> prior_from(normal(0, [1, 2]).describe())
    Normal(mean=0.0, std=(1.0, 2.0))
    """
    if description is None:
        return None
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in description.items()
    }
    kinds: dict[str, type[Prior]] = {"normal": Normal, "uniform": Uniform, "sphere": Sphere}
    kind = fields.pop("kind")
    if kind not in kinds:
        raise SpaceError(f"the prior '{kind}' is not known: use one of {', '.join(kinds)}")
    return kinds[kind](**fields)
