# SPDX-License-Identifier: Apache-2.0
"""Spaces: sets of points of one kind. Each validates a batch and says what is wrong in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from registry.arrays import bad_rows, is_floating, is_tensor, value_range
from registry.errors import SpaceError
from registry.priors import Prior, prior_from

if TYPE_CHECKING:
    import torch

METRICS = ("euclidean", "cosine")


@dataclass(frozen=True)
class Space:
    """A set of points of one kind; as an attribute of a model class it takes that attribute's name."""

    kind: ClassVar[str] = ""
    name: str = field(default="", compare=False, kw_only=True)

    def __set_name__(self, owner: type, name: str) -> None:
        if self.name and self.name != name:
            raise SpaceError(
                f"the space '{self.name}' of {owner.__name__} is given a second name, '{name}': make a new space"
            )
        object.__setattr__(self, "name", name)

    def named(self, name: str) -> Self:
        """The same space under another name."""
        return replace(self, name=name)

    def validate(self, batch: Any) -> None:
        """Check that ``batch`` holds points of this space.

        Raises
        ------
        SpaceError
            Naming the space, what was found and what was expected, in one sentence.
        """
        raise NotImplementedError

    def example(self, count: int, generator: torch.Generator) -> Any:
        """``count`` valid points for probing a map: from the prior if there is one, else random in range."""
        raise SpaceError(f"{self.label} has no way to make example points: give a data set")

    @property
    def label(self) -> str:
        """How messages call the space."""
        return f"space '{self.name}' ({self.kind})" if self.name else f"a space of {self.kind}"

    @property
    def row_shape(self) -> tuple[int | None, ...] | None:
        """Shape of one point as an array, ``None`` entries being free; ``None`` for points that are no arrays."""
        return None

    def describe(self) -> dict[str, Any]:
        """The space as plain JSON values; :func:`space_from` reads it back."""
        plain: dict[str, Any] = {"kind": self.kind}
        for one in fields(self):
            value = getattr(self, one.name)
            plain[one.name] = value.describe() if isinstance(value, Prior) else value
        return plain

    def _fail(self, sentence: str) -> SpaceError:
        return SpaceError(f"{self.label}: {sentence}")

    def _check_array(self, batch: Any, expected: tuple[int | None, ...]) -> None:
        if not (is_tensor(batch) or isinstance(batch, np.ndarray)):
            raise self._fail(f"got a {type(batch).__name__}, expected a tensor or array")
        shape = tuple(batch.shape)
        wanted = ", ".join(["n", *("any" if one is None else str(one) for one in expected)])
        fits = len(shape) == len(expected) + 1 and all(
            want is None or want == have for have, want in zip(shape[1:], expected, strict=True)
        )
        if not fits:
            raise self._fail(f"got shape {list(shape)}, expected [{wanted}]")

    def _check_numbers(self, batch: Any, expected: tuple[int | None, ...]) -> None:
        self._check_array(batch, expected)
        if not is_floating(batch):
            raise self._fail(f"got numbers of type {batch.dtype}, expected floating point")
        bad = bad_rows(batch)
        if bad.size:
            raise self._fail(f"{bad.size} of {batch.shape[0]} rows hold NaN or infinity (first: row {int(bad[0])})")


@dataclass(frozen=True)
class Images(Space):
    """Images, float ``[n, channels, height, width]`` with values in ``[low, high]``."""

    kind: ClassVar[str] = "images"
    channels: int = 3
    height: int | None = None
    width: int | None = None
    low: float = 0.0
    high: float = 1.0

    @property
    def row_shape(self) -> tuple[int | None, ...]:
        return (self.channels, self.height, self.width)

    def validate(self, batch: Any) -> None:
        self._check_numbers(batch, self.row_shape)
        if batch.shape[0] == 0:
            return
        low, high = value_range(batch)
        slack = 1e-3 * (self.high - self.low)  # float16 decoders overshoot tanh by rounding
        if low < self.low - slack or high > self.high + slack:
            raise self._fail(f"values run from {low:.4g} to {high:.4g}, expected {self.low:g} to {self.high:g}")

    def example(self, count: int, generator: torch.Generator) -> torch.Tensor:
        import torch

        shape = (count, self.channels, self.height or 64, self.width or 64)
        noise = torch.rand(shape, generator=generator, device=generator.device)
        return noise * (self.high - self.low) + self.low


@dataclass(frozen=True)
class Vectors(Space):
    """Vectors, float ``[n, size]``, with an optional prior, a metric and names of the axes."""

    kind: ClassVar[str] = "vectors"
    size: int = 1
    prior: Prior | None = None
    metric: str = "euclidean"
    axes: tuple[str, ...] | None = None

    @property
    def row_shape(self) -> tuple[int | None, ...]:
        return (self.size,)

    def validate(self, batch: Any) -> None:
        self._check_numbers(batch, (self.size,))

    def example(self, count: int, generator: torch.Generator) -> torch.Tensor:
        from registry.priors import Normal

        return (self.prior or Normal()).sample(count, self.size, generator)


@dataclass(frozen=True)
class Layer(Vectors):
    """Activations of one layer, flattened to vectors; ``shape`` is that of one activation, ``map`` what drives it."""

    kind: ClassVar[str] = "layer"
    shape: tuple[int, ...] = ()
    map: str = ""

    def example(self, count: int, generator: torch.Generator) -> torch.Tensor:
        raise self._fail("activations are captured, not made: sample the source of the map that drives the layer")


@dataclass(frozen=True)
class Items(Space):
    """A finite set of named things; a batch holds positions, integers ``[n]`` in ``0 .. len(names) - 1``."""

    kind: ClassVar[str] = "items"
    names: tuple[str, ...] = ()

    @property
    def row_shape(self) -> tuple[int | None, ...]:
        return ()

    def validate(self, batch: Any) -> None:
        self._check_array(batch, ())
        if is_floating(batch):
            raise self._fail(f"got numbers of type {batch.dtype}, expected whole positions")
        if batch.shape[0] and (int(batch.min()) < 0 or int(batch.max()) >= len(self.names)):
            raise self._fail(
                f"positions run from {int(batch.min())} to {int(batch.max())}, expected 0 to {len(self.names) - 1}"
            )

    def example(self, count: int, generator: torch.Generator) -> torch.Tensor:
        import torch

        return torch.randint(len(self.names), (count,), generator=generator, device=generator.device)

    def position(self, name: str) -> int:
        """Position of the item called ``name``; raises :class:`SpaceError` when there is none."""
        try:
            return self.positions[name]
        except KeyError:
            raise self._fail(f"has no item '{name}'") from None

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Position of each item by its name; of items of one name that of the first."""
        return MappingProxyType({name: place for place, name in reversed(list(enumerate(self.names)))})


@dataclass(frozen=True)
class Texts(Space):
    """Texts: a batch is a list of ``str``."""

    kind: ClassVar[str] = "texts"

    def validate(self, batch: Any) -> None:
        if not isinstance(batch, (list, tuple, np.ndarray)):
            raise self._fail(f"got a {type(batch).__name__}, expected a list of texts")
        for row, one in enumerate(batch):
            if not isinstance(one, str):
                raise self._fail(f"row {row} is a {type(one).__name__}, expected text")

    def example(self, count: int, generator: torch.Generator) -> list[str]:
        words = ("a", "small", "red", "boat", "on", "the", "lake", "at", "night")
        return [" ".join(words[: 1 + row % len(words)]) for row in range(count)]


@dataclass(frozen=True)
class Tables(Space):
    """Rows of a table with named columns: a batch is a pandas ``DataFrame``."""

    kind: ClassVar[str] = "table"
    columns: tuple[str, ...] = ()

    def validate(self, batch: Any) -> None:
        if not hasattr(batch, "columns"):
            raise self._fail(f"got a {type(batch).__name__}, expected a pandas DataFrame")
        missing = [one for one in self.columns if one not in batch.columns]
        if missing:
            raise self._fail(f"lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}")


@dataclass(frozen=True)
class Scalars(Space):
    """Named numbers, float ``[n, len(names)]``; ``logits`` says that a softmax over them gives probabilities."""

    kind: ClassVar[str] = "scalars"
    names: tuple[str, ...] = ("score",)
    logits: bool = False

    @property
    def row_shape(self) -> tuple[int | None, ...]:
        return (len(self.names),)

    def validate(self, batch: Any) -> None:
        self._check_numbers(batch, (len(self.names),))

    def example(self, count: int, generator: torch.Generator) -> torch.Tensor:
        import torch

        return torch.randn(count, len(self.names), generator=generator, device=generator.device)


def images(
    channels: int, height: int | None = None, width: int | None = None, *, low: float = 0.0, high: float = 1.0
) -> Images:
    """A space of images; ``None`` for a height or width that is free.

    >>> images(3, 64, 64, low=-1, high=1)
    Images(name='', channels=3, height=64, width=64, low=-1.0, high=1.0)
    """
    if channels < 1 or not low < high:
        raise SpaceError(f"images need at least one channel and low < high, got {channels}, {low}, {high}")
    return Images(channels, height, width, float(low), float(high))


def vectors(
    size: int, *, prior: Prior | None = None, metric: str = "euclidean", axes: Sequence[str] | None = None
) -> Vectors:
    """A space of vectors.

    >>> vectors(2).validate(np.zeros((5, 3), dtype="float32"))
    Traceback (most recent call last):
    registry.errors.SpaceError: a space of vectors: got shape [5, 3], expected [n, 2]
    """
    if size < 1:
        raise SpaceError(f"vectors need at least one axis, got {size}")
    if metric not in METRICS:
        raise SpaceError(f"the metric '{metric}' is not known: use one of {', '.join(METRICS)}")
    if axes is not None and len(axes) != size:
        raise SpaceError(f"{len(axes)} names were given for {size} axes")
    if prior is not None:
        prior.check(size)
    return Vectors(size, prior, metric, None if axes is None else tuple(axes))


def items(names: Sequence[str]) -> Items:
    """A finite space of named things: words, classes, people."""
    if not names:
        raise SpaceError("a space of items needs at least one name")
    return Items(tuple(names))


def texts() -> Texts:
    """A space of texts."""
    return Texts()


def table(columns: Sequence[str]) -> Tables:
    """A space of table rows with these columns."""
    return Tables(tuple(columns))


def scalars(names: Sequence[str] = ("score",)) -> Scalars:
    """A space of named numbers."""
    return Scalars(tuple(names))


def logits(classes: Sequence[str]) -> Scalars:
    """A space of unnormalised log-probabilities, one for each class."""
    return Scalars(tuple(classes), logits=True)


_KINDS: dict[str, type[Space]] = {one.kind: one for one in (Images, Vectors, Layer, Items, Texts, Tables, Scalars)}


def space_from(description: dict[str, Any]) -> Space:
    """The space whose :meth:`Space.describe` gave ``description``.

    >>> space_from(vectors(3).named("z").describe())
    Vectors(name='z', size=3, prior=None, metric='euclidean', axes=None)
    """
    plain: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in description.items()
    }
    if isinstance(plain.get("prior"), dict):
        plain["prior"] = prior_from(plain["prior"])
    kind = plain.pop("kind")
    if kind not in _KINDS:
        raise SpaceError(f"the kind of space '{kind}' is not known: use one of {', '.join(_KINDS)}")
    return _KINDS[kind](**plain)
