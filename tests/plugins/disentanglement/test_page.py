# SPDX-License-Identifier: Apache-2.0
"""The analysis on the sprites model through the public door, its page, and data that has no factors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb

ROOT = Path(__file__).resolve().parents[3]
QUICK: dict[str, Any] = {
    "limit": 1500, "learned": 600, "trees": 5, "halves": 2, "rotations": 19, "slow_rotations": 1
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A store with one run."""

    location: str
    run: str
    result: Any


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    location = tmp_path_factory.mktemp("disentanglement") / "store"
    with wb.Store.open(location) as store:
        result = wb.run("disentanglement", model="sprites-vae", space="z", store=store, inline=True, **QUICK)
        return Made(str(location), store.runs()[0].id, result)


def test_sprites_are_recovered_above_every_rotation(made: Made) -> None:
    table = made.result.tables["factors"].set_index("factor")
    assert list(table.index) == ["shape", "scale", "rotation", "x", "y"]
    assert table.loc[["x", "y", "scale"], "strongest"].tolist() == [7, 2, 6]
    assert (table.loc[["x", "y", "scale"], "strongest_share"] > 0.7).all()
    scores = made.result.tables["scores"].set_index("score")
    for name in ("mig", "sap", "irs"):
        assert scores.loc[name, "low"] > scores.loc[name, "rotated_high"]
    assert made.result.numbers()["active_axes"] == 6
    told = " ".join(made.result.notes)
    assert "1, 3 of 8 axes" in told and "x_index (the same as x)" in told


def test_moving_along_the_axis_of_a_factor_moves_the_sprite(made: Made) -> None:
    pictures = np.asarray(made.result.arrays["traversal"]).astype(float)[..., 0]
    places = np.arange(24) - 11.5
    ink = pictures.sum(axis=(2, 3))
    across, down = (pictures.sum(axis=axis) @ places / ink for axis in (2, 3))
    names = list(made.result.tables["factors"]["factor"])
    assert np.ptp(across[names.index("x")]) > 5 > 2 > np.ptp(down[names.index("x")])
    assert np.ptp(down[names.index("y")]) > 5 > 2 > np.ptp(across[names.index("y")])
    size = ink[names.index("scale")]
    assert max(size) > 2 * min(size)


def test_page_shows_matrices_controls_and_strips(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_STORE", made.location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = made.run
    test.run()
    assert not test.exception and not test.warning and not test.error
    kinds = ("subheader", "markdown", "caption")
    words = "\n".join(str(one.value) for kind in kinds for one in getattr(test, kind))
    for part in ("What the axes of z hold", "Scores beside their controls", "Along the strongest axis", "By factor"):
        assert part in words
    assert "axis 7, which tells" in words
    assert "Axis 2 holds the factor y" in words


def test_layers_have_scores_and_no_pictures(made: Made) -> None:
    with wb.Store.open(made.location) as store:
        layer = "net.encoder.narrow"
        assert layer in wb.describe(store, "sprites-vae").layers
        few = {**QUICK, "limit": 300, "learned": 200, "axes": 8, "rotations": 1, "halves": 0}
        result = wb.run("disentanglement", model="sprites-vae", space=layer, store=store, inline=True, **few)
    assert "traversal" not in result.arrays
    assert any("No map of the model leads from" in one for one in result.notes)
    assert any("beyond the 8 axes that vary most" in one for one in result.notes)


def test_data_with_one_column_of_factors_is_told_what_it_lacks(made: Made) -> None:
    with (
        wb.Store.open(made.location) as store,
        pytest.raises(wb.DoesNotApply, match="at least two columns of known factors"),
    ):
        wb.run("disentanglement", model="mnist-vae", space="z", store=store, inline=True)
