# SPDX-License-Identifier: Apache-2.0
"""The points that the test app draws and that its test knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.app.served.cards import Card

MARKUP: Final = "<img src=x onerror='window.attacked=1'><script>window.attacked=1</script>"


@dataclass(frozen=True)
class Case:
    """Coordinates and further arguments of one map."""

    coordinates: npt.NDArray[np.float32]
    options: dict[str, Any] = field(default_factory=dict)
    linked: bool = False


def _plane(count: int = 2000, dimensions: int = 2) -> npt.NDArray[np.float32]:
    return np.random.default_rng(7).uniform(-3, 5, (count, dimensions)).astype(np.float32)


def _with_gaps() -> npt.NDArray[np.float32]:
    points = _plane(50)
    points[[0, 7], 0] = np.nan
    points[3, 1] = np.inf
    return points


def _clusters(count: int, dimensions: int = 2) -> npt.NDArray[np.float32]:
    generator = np.random.default_rng(2)
    centres = generator.uniform(-4, 4, (5, dimensions))
    spread = generator.normal(size=(count, dimensions)) * 0.6
    points = (centres[np.arange(count) % 5] + spread).astype(np.float32)
    points[11] = np.nan
    return points


def card(row: int) -> Card:
    """A card with markup in its words and a picture of one colour."""
    return Card(f"{MARKUP} {row}", (f"line of {row}",), np.full((4, 4), row % 256, dtype=np.uint8))


CASES: Final[dict[str, Case]] = {
    "plane": Case(
        _plane(), {"colour": np.arange(2000) % 4, "labels": [f"{MARKUP} {row}" for row in range(2000)], "point_size": 4}
    ),
    "named": Case(_plane(), {"names": [f"{MARKUP if row == 0 else 'name'} {row}" for row in range(2000)]}),
    "space": Case(_plane(2000, 3), {"colour": np.linspace(-1, 2, 2000), "diverging": True}),
    "large": Case(_plane(50000), {"colour": np.linspace(0, 1, 50000)}),
    "empty": Case(np.empty((0, 2), dtype=np.float32), {"colour": np.empty(0)}),
    "one": Case(np.array([[3, 4]], dtype=np.float32), {"colour": ["only"]}),
    "equal": Case(np.full((20, 3), 2, dtype=np.float32), {"colour": np.full(20, 0.5)}),
    "gaps": Case(_with_gaps(), {"selected": [1, 2, 3], "size_by": np.arange(50.0)}),
    "flat": Case(np.full((20, 2), 2, dtype=np.float32), {"colour": np.full(20, 0.5)}),
    "many": Case(_plane(6000), {"colour": [f"<b>class {row % 60}</b>" for row in range(6000)]}),
    "clusters": Case(
        _clusters(120_000),
        {"colour": [f"{MARKUP} {row % 5}" for row in range(120_000)], "size_by": np.arange(120_000.0)},
    ),
    "volume": Case(_clusters(120_000, 3), {"colour": np.arange(120_000) % 5}),
    "pair": Case(_plane(), {"colour": np.arange(2000) % 4, "link": "pair"}, linked=True),
    "morph": Case(_plane(), {"other": _plane()[::-1].copy(), "colour": np.linspace(0, 1, 2000)}),
    "asked": Case(_plane(60), {"probe": True, "cards": card}),
}
