# SPDX-License-Identifier: Apache-2.0
"""A column of numbers as the browser gets it, with the name of its content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Column:
    """Numbers of uint8, uint16 or float32, one row of them a point; read-only from now on.

    Attributes:
        name: what the browser calls it.
        array: [n] or [n, parts], in C order.
    """

    name: str
    array: npt.NDArray[Any]

    def __post_init__(self) -> None:
        self.array.setflags(write=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes, computed once: it is the address at which a page fetches them."""
        from workbench.app.served import columns

        return columns.digest(self.array)
