# SPDX-License-Identifier: Apache-2.0
"""RunSpec: what is asked for, one analysis on one model and one sample with fixed parameters and seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RunSpec:
    """A run as it is asked for.

    Attributes
    ----------
    analysis : name of the analysis
    model : name of the model, ``None`` for a data set or bare points alone
    data : name of a data set, or a path to one; ``None`` takes the model's own where the analysis can use it
    points : path of an array of points (``.npy``, ``.npz``, ``.parquet``, ``.csv``, ``.safetensors``)
    slice : name of a saved selection of rows of the data, or of draws from a prior of the model
    params : parameters by name; those left out take their defaults
    seed : everything random in the run is derived from it
    device : ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"cuda:N"``
    time_limit : seconds of wall clock, ``None`` for no limit
    memory_limit : bytes of main memory for the run's processes together, ``None`` for no limit
    """

    analysis: str
    model: str | None = None
    data: str | None = None
    points: str | None = None
    slice: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    time_limit: float | None = None
    memory_limit: int | None = None
