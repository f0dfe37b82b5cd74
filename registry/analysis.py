# SPDX-License-Identifier: Apache-2.0
"""Analysis: asks for spaces and maps by their kind, and turns points into a result."""

from __future__ import annotations

import importlib.util
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from registry.arrays import Array
from registry.cards import check_name
from registry.data import Dataset
from registry.directions import Direction
from registry.errors import PluginError
from registry.model import Model
from registry.parameters import Params, Subject, missing_for
from registry.result import Result
from registry.spaces import Space

if TYPE_CHECKING:
    import pandas as pd
    import torch


@dataclass(frozen=True)
class Points:
    """A sample of points of one space.

    Attributes
    ----------
    values : float32 ``[n, ...]``, possibly a read-only memory map; rows as the space has them (layers flattened)
    rows : int64 ``[n]``, positions in the data set, or numbers of the draws from the prior
    space : the space they are of
    source : what they came from: a data set's name, ``"prior"`` or ``"points"``
    columns : labels and attributes of these rows (index 0 .. n-1); without columns where there are none
    spread : float32 like ``values``, the standard deviation where the map gave a distribution; else ``None``
    device : where :meth:`tensor` puts them
    """

    values: Array
    rows: Array
    space: Space
    source: str
    columns: pd.DataFrame
    spread: Array | None = None
    device: str = "cpu"

    def __len__(self) -> int:
        return len(self.values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.values, dtype=dtype)

    def flat(self) -> Array:
        """Points as vectors, float32 ``[n, d]`` (images flattened)."""
        return self.values.reshape(len(self.values), -1)

    def tensor(self) -> torch.Tensor:
        """The values as a float32 tensor on the job's device."""
        import torch

        return torch.from_numpy(np.array(self.values, dtype=np.float32)).to(self.device)


class Job(Protocol):
    """What an analysis is given to work with; everything random in it is derived from ``seed``."""

    seed: int
    device: str

    @property
    def model(self) -> Model:
        """The model, loaded on the device; raises :class:`DoesNotApply` when the run has none."""

    @property
    def data(self) -> Dataset | None:
        """The data set of the run, if there is one."""

    @property
    def rng(self) -> np.random.Generator:
        """The run's numpy generator."""

    @property
    def generator(self) -> torch.Generator:
        """The run's torch generator, on the CPU so that draws do not depend on the device."""

    def rows(self, space: str, *, slice: str | None = None) -> Array:
        """Every row that :meth:`points` samples from, int64 in ascending order; nothing is computed for it."""

    def points(
        self,
        space: str,
        *,
        limit: int | None = None,
        spread: bool = False,
        slice: str | None = None,
        rows: Array | None = None,
    ) -> Points:
        """A sample of at most ``limit`` points of ``space``: sampled, mapped or captured, and cached.

        Rows come from the run's slice (or the named one), else from the whole data set, else from the prior.
        A random subset of fixed seed is taken when there are more than ``limit``; rows are in ascending order.
        ``rows`` (int64, ascending) asks for exactly these instead, of the source that the slice is of.
        """

    def direction(self, name: str) -> Direction:
        """The kept direction of this name, one of those that a parameter ``tuple[wb.Kept, ...]`` of the run names."""

    def batches(self, space: str, *, limit: int | None = None, size: int = 256) -> Iterator[Points]:
        """The same sample in batches of ``size``, for what must not be held in memory at once."""

    def progress(self, fraction: float, stage: str = "") -> None:
        """Report progress: ``fraction`` of the whole in 0..1 and what is being done."""

    def picture(self, image: Callable[[], Array], told: str = "") -> None:
        """Show a picture of what there is so far, with a sentence about it.

        ``image`` makes it (uint8 ``[height, width]`` or ``[height, width, 3 or 4]``) and is called at most once a
        second. The page of the run shows the last one while it goes on, and keeps it when it is cancelled or fails.
        """

    def log(self, text: str) -> None:
        """Write a line to the run's log."""


class Analysis(ABC):
    """Base of every analysis. Its docstring is what the page says of it.

    Attributes
    ----------
    name : unique; lower-case letters, digits, dashes
    title : what the page calls it (by default made from the name)
    version : raised whenever the same input gives another result; part of the run key
    needs_model : whether it cannot run on bare points or a data set alone
    gallery : parameter settings worth a first look on every model (picks left out are filled in)
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    version: ClassVar[str] = "1"
    tags: ClassVar[tuple[str, ...]] = ()
    needs_model: ClassVar[bool] = False
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(Params):
        """No parameters."""

    @abstractmethod
    def run(self, job: Job, params: Any) -> Result:
        """Do the analysis; ``params`` is an instance of this class's ``Params``."""

    @classmethod
    def description(cls) -> str:
        """The docstring."""
        return inspect.getdoc(cls) or ""

    @classmethod
    def missing(cls, subject: Subject) -> list[str]:
        """What the subject lacks for this analysis, one clause each; empty when it applies."""
        lacking = missing_for(cls.Params, subject)
        if cls.needs_model and not subject.has_model:
            lacking.insert(0, "it needs a model")
        return lacking

    @classmethod
    def view(cls) -> str | None:
        """Name of the module that draws the result: the sibling ``view`` of the module the analysis is in."""
        package = cls.__module__.rpartition(".")[0]
        sibling = f"{package}.view" if package else ""
        return sibling if sibling and importlib.util.find_spec(sibling) else None


def check_analysis_class(candidate: Any) -> None:
    """Raise :class:`PluginError` unless ``candidate`` is an analysis as the contract wants it."""
    if not (isinstance(candidate, type) and issubclass(candidate, Analysis)):
        raise PluginError(f"{candidate!r} is not a subclass of workbench.Analysis")
    if inspect.isabstract(candidate):
        raise PluginError(f"the analysis {candidate.__name__} has no method 'run'")
    check_name(candidate.name, f"the analysis {candidate.__name__}")
    if not (isinstance(candidate.Params, type) and issubclass(candidate.Params, Params)):
        raise PluginError(f"the Params of the analysis '{candidate.name}' must be a subclass of workbench.Params")
    if not isinstance(candidate.version, str):
        raise PluginError(f"the version of the analysis '{candidate.name}' must be text")
