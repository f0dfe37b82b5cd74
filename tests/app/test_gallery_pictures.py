# SPDX-License-Identifier: Apache-2.0
"""The picture of a run on its card: a map in the colours of the data's classes, or without where it holds more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.app.parts import gallery, pictures


@pytest.mark.parametrize(("points", "coloured"), [(20, True), (45, False)])
def test_a_map_of_more_than_the_rows_has_no_classes(
    monkeypatch: pytest.MonkeyPatch, points: int, coloured: bool
) -> None:
    arrays = {"coordinates": np.random.default_rng(0).normal(size=(points, 2)), "rows": np.arange(20)}
    stored: Any = SimpleNamespace(arrays=list(arrays), array=arrays.__getitem__)
    asked: list[Any] = []
    monkeypatch.setattr(pictures, "source_of", lambda record, result: "data")
    monkeypatch.setattr(gallery.engine, "columns_of", lambda source: pd.DataFrame({"kind": ["a", "b"] * 10}))
    drawn = gallery.draw.of_points
    monkeypatch.setattr(
        gallery.draw, "of_points", lambda at, codes, **size: (asked.append(codes), drawn(at, codes, **size))[1]
    )
    record: Any = None
    pixels = gallery._map(record, stored)
    assert pixels.ndim == 3 and pixels.any()
    assert (asked[0] is not None) is coloured
