# SPDX-License-Identifier: Apache-2.0
"""Units of pictures of four quarters: each is the brightness of one, so that all there is to find is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from plugins.unit_drivers.attributes import attributes_of, mostly_known
from plugins.unit_drivers.relating import related
from plugins.unit_drivers.selectivity import selectivity

FOLDER = Path(__file__).parents[1] / "attribution" / "plugins_folder"
NAMES = ("top-left", "top-right", "bottom-left", "bottom-right")


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(FOLDER))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "unit-drivers,attribution,quarters")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("drivers") / "store")


def run(location: str, space: str = "z", **params: Any) -> wb.Result:
    given = {"shuffles": 39, "per_class": 6, "steps": 4, **params}
    data = given.pop("data", "pictures")
    return wb.run("unit-drivers", model="quarters", data=data, store=location, inline=True, space=space, **given)


# -- arithmetic


def test_ranks_are_correlated_as_scipy_does_and_a_copy_is_found_beyond_chance() -> None:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    units, attributes = rng.normal(size=(60, 5)).round(1), rng.normal(size=(60, 3)).round(1)
    units[:, 4] = attributes[:, 1] ** 3
    found = related(units, attributes, 99, rng)
    for u in range(5):
        for a in range(3):
            assert found.rho[u, a] == pytest.approx(spearmanr(units[:, u], attributes[:, a]).statistic)
    assert found.rho[4, 1] == pytest.approx(1) and found.p[4, 1] == 0.01
    assert (found.low <= found.rho + 1e-9).all() and (found.high >= found.rho - 1e-9).all()
    assert np.isnan(related(np.ones((20, 1)), attributes[:20], 19, rng).rho).all()


def test_units_that_follow_nothing_are_called_following_as_often_as_the_level_says() -> None:
    hits = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found = related(rng.normal(size=(30, 6)), rng.normal(size=(30, 4)), 39, rng)
        hits += bool((found.p < 0.05).any())
    assert hits <= 8  # 1.5 are expected at 1 / 40, and 8 is beyond one in ten thousand


def test_an_interval_covers_the_truth_nineteen_times_of_twenty() -> None:
    truth = 6 / np.pi * np.arcsin(0.5 / 2)  # of a normal pair of correlation 0.5
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        pair = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 80)
        found = related(pair[:, :1], pair[:, 1:], 0, rng)
        covered += bool(found.low[0, 0] <= truth <= found.high[0, 0])
    assert 180 <= covered <= 198


def test_the_class_that_a_unit_tells_apart() -> None:
    classes = np.array(["a"] * 10 + ["b"] * 10 + ["c"] * 10 + [""] * 5)
    values = np.zeros((35, 2))
    values[10:20, 0], values[:, 1] = 1.0, np.arange(35) % 5
    table = selectivity(values, np.array([3, 7]), classes)
    first = table.iloc[0]
    assert first["unit"] == 3 and first["class"] == "b" and first["auc"] == 1 and first["p"] < 0.001
    assert table.iloc[1]["auc"] == 0.5 and table.iloc[1]["p"] == 1
    assert selectivity(values, np.array([3, 7]), np.full(35, "")).empty


def test_columns_become_numbers_and_what_says_nothing_is_left_out() -> None:
    columns = pd.DataFrame(
        {
            "kind": ["x", "y", "z", "x"] * 5,
            "size": np.arange(20) / 3,
            "same": 1.5,
            "name": [f"row {one}" for one in range(40)][:20],
            "rare": [1.25, 2.5, 3.1] + [np.nan] * 17,
            "split": ["train", "test"] * 10,
            "yes": [True, False] * 10,
        }
    )
    columns["name"] = [f"{one}-{one}" for one in range(20)]
    found = mostly_known(attributes_of(columns))
    assert found.names == ("kind = x", "kind = y", "kind = z", "size", "name = 0-0") + found.names[5:]
    assert "rare" in " ".join(found.notes) and "same" in " ".join(found.notes)
    assert any(one.startswith("yes") for one in found.names) and not any(one.startswith("split") for one in found.names)


# -- runs


def test_each_unit_follows_its_quarter_and_looks_there(location: str) -> None:
    result = run(location, unit=2)
    table = result.tables["units"].set_index("unit")
    for unit, name in enumerate(NAMES):
        assert table.loc[unit, "attribute"] == f"quarter = {name}" and table.loc[unit, "rho"] > 0.6
        assert table.loc[unit, "class"] == name and table.loc[unit, "auc"] == 1 and table.loc[unit, "p"] < 0.05
    maps = np.abs(result.arrays["maps"]).sum(axis=1)
    assert maps.shape == (4, 12, 12)
    np.testing.assert_allclose(maps[:, 6:, :6].sum(axis=(1, 2)), maps.sum(axis=(1, 2)), rtol=1e-5)
    order, rows = result.arrays["order"], result.arrays["rows"]
    values = result.arrays["values"][:, 2]
    assert (np.diff(values[order]) >= 0).all() and len(rows) == 80
    codes = {one.code for one in result.findings}
    assert "unit-drivers.follows-attribute" in codes and "unit-drivers.dead-units" not in codes
    assert result.metrics["unit"].value == 2


def test_channels_of_a_layer_count_as_one_unit(location: str) -> None:
    result = run(location, "net.0", method="input-x-gradient")
    assert result.arrays["units"].tolist() == [0]
    assert any("channel" in one for one in result.notes)
    assert result.arrays["maps"].shape == (4, 1, 12, 12)


def test_draws_without_columns_have_no_attributes_but_ends_and_a_map(location: str) -> None:
    result = run(location, "draw.0", data=None, limit=40)
    assert "relations" not in result.tables
    assert any("No column or score" in one for one in result.notes)
    assert result.arrays["maps"].shape == (1, 4)  # of the units of z, all samples as one class
    unit = int(result.metrics["unit"].value)
    assert np.abs(result.arrays["errors"][0]).argmax() == unit


@pytest.mark.parametrize(
    ("params", "error", "words"),
    [
        ({"unit": 9}, wb.WorkbenchError, "0 to 3"),
        ({"scorers": ("nothing",)}, wb.WorkbenchError, "nothing"),
    ],
)
def test_what_cannot_be_asked_is_refused(location: str, params: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        run(location, **params)


def test_dead_units_and_attributes_that_nothing_follows_are_stated() -> None:
    from plugins.unit_drivers.attributes import Attributes
    from plugins.unit_drivers.findings import findings_of
    from plugins.unit_drivers.ground import Ground
    from plugins.unit_drivers.results import Found, chosen_unit, result_of

    rng = np.random.default_rng(1)
    values = rng.normal(size=(30, 4)).astype(np.float32)
    values[:, 2:] = 0
    points = wb.Points(values, np.arange(30), wb.vectors(4), "points", pd.DataFrame(index=range(30)))
    ground = Ground(points, values, np.arange(4), False, None, None)
    attributes = Attributes(("noise",), rng.normal(size=(30, 1)), ())
    relation = related(values, attributes.values, 39, rng)
    found = Found(
        ground, attributes, relation, 30, "", pd.DataFrame(), chosen_unit(ground, relation, None), None, "no map"
    )
    result = result_of(found)
    codes = {one.code: one for one in result.findings}
    assert codes["unit-drivers.dead-units"].value == 0.5
    assert set(codes) == {"unit-drivers.dead-units", "unit-drivers.nothing-followed"}
    assert any("no map" in one for one in result.notes)
    assert findings_of(found, result.tables["units"])


def test_every_code_has_an_entry() -> None:
    import re

    import plugins.unit_drivers as plugin
    from workbench.compendium.entry import read_entry

    stated = set(
        re.findall(r'"(unit-drivers\.[a-z-]+)"', Path(plugin.__file__ or "").with_name("findings.py").read_text())
    )
    known = {code for path in plugin.workbench_entries() for code in read_entry(path).codes}
    assert len(stated) == 5 and stated <= known
