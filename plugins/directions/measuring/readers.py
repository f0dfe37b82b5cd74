# SPDX-License-Identifier: Apache-2.0
"""Readers: what tells an attribute off decoded pictures; a scorer, or a probe that learned a column of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from registry.scorers import Scorer, scorers_named

if TYPE_CHECKING:
    from pydantic import BaseModel

Float64 = NDArray[np.float64]

LEAST: Final = 1e-9  # spread below which an attribute is the same for all pictures


@dataclass(frozen=True)
class Reader:
    """An attribute and what tells it.

    Attributes
    ----------
    name, title, unit : as tables and pages call it
    source : who measured it: ``"scorer brightness"``, ``"probe of the column label"``
    read : float32 pixels ``[n, c, h, w]`` in 0..1 to float64 ``[n]``, NaN where a picture has no such number
    resolution : standard deviation over pictures below which it means nothing
    quality : of a probe, its held-out area under the curve or share explained; NaN of a scorer, which is a definition
    """

    name: str
    title: str
    unit: str
    source: str
    read: Callable[[Any], Float64]
    resolution: float = 0.0
    quality: float = float("nan")


def readers_of(params: BaseModel, space: wb.Images) -> tuple[list[Reader], list[str]]:
    """A reader for each scorer that the parameters name, or each that applies to such images; and notes of the others.

    Raises
    ------
    ParameterError
        When one that is named does not apply.
    """
    known = wb.catalogue().scorers
    asked = {one for name in type(params).model_fields for one in _names(getattr(params, name))}
    found, notes = [], []
    for name in scorers_named(params, known) or []:
        scorer = known[name]
        why = scorer.lacks(space)
        if why is None:
            found.append(_scored(scorer))
        elif name in asked:
            raise wb.ParameterError(f"the scorer '{name}' does not apply to these pictures: {why}")
        elif scorer.requires is not None and scorer.requires() == why:
            notes.append(f"{scorer.label} was not measured: {why}.")
    return found, notes


def _names(value: Any) -> list[str]:
    return [str(one) for one in value if isinstance(one, wb.Scored)] if isinstance(value, tuple | list) else []


def _scored(scorer: Scorer) -> Reader:
    return Reader(scorer.name, scorer.label, scorer.unit, f"scorer {scorer.name}", scorer, scorer.resolution)


def read_all(readers: Iterable[Reader], pixels: Any) -> Float64:
    """Every attribute of pictures, float64 ``[n, readers]``."""
    columns = [one.read(pixels) for one in readers]
    return np.stack(columns, axis=1) if columns else np.empty((len(pixels), 0))


def varying(readers: Sequence[Reader], unmoved: Float64) -> tuple[list[int], list[str]]:
    """Which attributes vary over unmoved pictures ``[n, j]`` by more than their resolution; and why the others not."""
    kept, notes = [], []
    for at, one in enumerate(readers):
        known = np.isfinite(unmoved[:, at])
        if known.sum() < max(8, len(unmoved) // 2):
            notes.append(f"{one.title} was left out: {int((~known).sum())} of {len(unmoved)} pictures have none.")
        elif not float(np.std(unmoved[known, at])) > max(LEAST, one.resolution):
            notes.append(f"{one.title} was left out: it is (nearly) the same for all pictures.")
        else:
            kept.append(at)
    return kept, notes
