# SPDX-License-Identifier: Apache-2.0
"""Draws from a prior as something that slices are of: draw number 7 under a seed is the same point in every run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.store import RunRecord, StoredResult

_SOURCE = re.compile(r"prior:([^/]+)/(.+)@([0-9]{1,19})", re.DOTALL)
_ROUTE = re.compile(r"prior -> (.+?)(?: -> .*)?", re.DOTALL)


@dataclass(frozen=True)
class Draws:
    """Draws from the prior of a space of a model under a seed."""

    model: str
    space: str
    seed: int

    def __str__(self) -> str:
        return f"prior:{self.model}/{self.space}@{self.seed}"

    @property
    def in_words(self) -> str:
        """What messages and pages call them."""
        return f"draws from the prior of '{self.space}' of '{self.model}' under seed {self.seed}"


def draws_source(model: str, space: str, seed: int) -> str:
    """The ``data`` of a slice of draws from a prior.

    >>> draws_source("faces-dcgan", "z", 3)
    'prior:faces-dcgan/z@3'
    """
    return str(Draws(model, space, seed))


def read_draws(data: str) -> Draws | None:
    """What :func:`draws_source` has written; ``None`` for the name of a data set.

    >>> read_draws("prior:faces-dcgan/z@3").space, read_draws("mnist")
    ('z', None)
    """
    found = _SOURCE.fullmatch(data)
    return None if found is None else Draws(found[1], found[2], int(found[3]))


def in_words(data: str) -> str:
    """What a slice is of, for messages and pages.

    >>> in_words("mnist")
    "rows of 'mnist'"
    """
    draws = read_draws(data)
    return f"rows of '{data}'" if draws is None else draws.in_words


def slice_source(record: RunRecord, result: StoredResult, space: str | None = None) -> str | None:
    """The ``data`` under which rows of a finished run are saved as a slice; ``None`` for bare points and items.

    Parameters
    ----------
    space : which of the run's samples; by default that of its parameter ``space``, else the one source of all of them
    """
    samples: Mapping[str, Mapping[str, Any]] = result.manifest.get("samples") or {}
    name = space if space is not None else record.params.get("space")
    if name in samples:
        return _source(record, samples[str(name)])
    found = {_source(record, one) for one in samples.values()}
    if len(found) == 1:
        return found.pop()
    return None if found else record.data


def items_of(record: RunRecord, result: StoredResult, space: str | None = None) -> str | None:
    """Name of the finite space whose items the points of a finished run are, ``None`` where they are something else.

    ``space`` as in :func:`slice_source`.
    """
    samples: Mapping[str, Mapping[str, Any]] = result.manifest.get("samples") or {}
    name = space if space is not None else record.params.get("space")
    chosen = [samples[str(name)]] if name in samples else list(samples.values())
    steps = {tuple(str(one.get("route", "")).split(" -> ")[:2]) for one in chosen}
    first = steps.pop() if len(steps) == 1 else ()
    return first[1] if len(first) == 2 and first[0] == "items" else None


def _source(record: RunRecord, sample: Mapping[str, Any]) -> str | None:
    """Of one sample; those of earlier versions say their route alone, and their draws were under the run's seed."""
    if "of" in sample:
        return None if sample["of"] is None else str(sample["of"])
    route = str(sample.get("route", ""))
    drawn = _ROUTE.fullmatch(route)
    if drawn is not None and record.model is not None:
        return draws_source(record.model, drawn[1], record.seed)
    return record.data if route.startswith("data ") else None
