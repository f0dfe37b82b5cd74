# SPDX-License-Identifier: Apache-2.0
"""Latent holes end to end: a filled prior, a hole of known mass, a linear autoencoder, bad input, and the page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.latent_holes import workbench_entries
from tests.app.conftest import ROOT, said
from workbench.store import Store

HERE = Path(__file__).parent
RADIUS = 0.5
BALL = np.pi * RADIUS**2 / 4  # prior mass of the ball cut out of the square
SMALL: dict[str, Any] = {"limit": 1000, "half": 60, "max_dim": 1, "draws": 10}


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "latent-holes,coding")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("holes") / "store")


def run(location: str, data: str | None, encode: str = "encode", seed: int = 0, **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    given = {**SMALL, "encode": encode, **params}
    model = "linear-coding" if encode == "linear" else "coding"
    return wb.run("latent-holes", model=model, data=data, store=location, inline=True, seed=seed, **given)


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


def metric(result: wb.Result, name: str) -> tuple[float, float, float]:
    one = result.metrics[name]
    assert isinstance(one, wb.Metric) and one.low is not None and one.high is not None
    return one.value, one.low, one.high


def test_codes_that_fill_the_prior_leave_what_draws_leave(location: str) -> None:
    """On five seeds: at most one interval of 95 % may miss what it is for."""
    missed = 0
    for seed in range(5):
        result = run(location, "full", seed=seed)
        assert codes(result) == []
        _, low, high = metric(result, "uncovered_prior_mass")
        missed += not low <= result.numbers()["uncovered_if_perfect"] <= high
        _, low, high = metric(result, "hole_mass")
        assert low - 0.02 <= 0 <= high + 0.02
        assert result.numbers()["uncovered_if_perfect"] == pytest.approx(0.05, abs=0.018)
    assert missed <= 1


def test_a_ball_cut_out_of_the_codes_is_measured(location: str) -> None:
    result = run(location, "cut", limit=2000)
    value, low, high = metric(result, "hole_mass")
    rim = result.numbers()["typical_distance"]
    assert np.pi * (RADIUS - rim) ** 2 / 4 < value < BALL, "all of the ball but its rim"
    measured = (1 - 0.95) + 0.95 * _truth()
    assert metric(result, "uncovered_prior_mass")[0] == pytest.approx(measured, abs=0.02)
    assert low <= _truth() <= high
    (found,) = [one for one in result.findings if one.code == "latent-holes.uncovered-prior"]
    assert found.low is not None and found.threshold is not None and found.low > found.threshold


def _truth() -> float:
    """The same by plain code with other numbers: share of uniform draws far from 1,000 codes, beyond chance."""
    from scipy.spatial import cKDTree

    random = np.random.default_rng(99)
    sys.path.insert(0, str(HERE / "plugins_folder"))
    try:
        from coding import cut_square
    finally:
        sys.path.pop(0)
    shares = []
    for _ in range(60):
        kept, held = cut_square(1000, random), cut_square(1000, random)
        tree = cKDTree(kept)
        radius = np.quantile(tree.query(held)[0], 0.95)
        shares.append((tree.query(random.uniform(-1, 1, (1000, 2)))[0] > radius).mean())
    return float((np.mean(shares) - 0.05) / 0.95)


def test_the_largest_hole_is_the_ball(location: str) -> None:
    table = run(location, "cut").tables["holes"]
    assert list(table["mass"]) == sorted(table["mass"], reverse=True)
    first = table.iloc[0]
    assert first["distance"] == pytest.approx(RADIUS, abs=0.05)
    assert first["mass_low"] <= np.pi * first["distance"] ** 2 / 4 <= first["mass_high"]
    assert first["place"] == "between codes"
    assert np.linalg.norm(run(location, "cut").arrays["centres"][0]) < 0.1


def test_holes_stand_beside_those_of_draws_alone(location: str) -> None:
    """Of codes distributed as the prior both are alike; a ball cut out is far beyond the largest of ten controls."""
    cut, full = (run(location, one).tables["holes"] for one in ("cut", "full"))
    assert cut["mass"].iloc[0] > 3 * cut["mass_of_draws_most"].iloc[0]
    assert (cut["mass_of_draws"] <= cut["mass_of_draws_most"]).all()
    assert full["mass"].sum() == pytest.approx(full["mass_of_draws"].sum(), rel=0.5)
    assert list(full["mass_of_draws"]) == sorted(full["mass_of_draws"], reverse=True)


def test_a_hole_in_the_plane_is_a_loop(location: str) -> None:
    assert "latent-holes.void" in codes(run(location, "cut", half=150))
    assert "latent-holes.void" not in codes(run(location, "full", half=150))


def test_clumps_all_over_the_prior_are_no_hole(location: str) -> None:
    """Held-out codes are as near to others as clumps are small, and yet no part of the prior is without codes."""
    result = run(location, "clumps", limit=2000, quantile=0.8)
    assert metric(result, "uncovered_prior_mass")[1] > 0.5
    value = metric(result, "uncovered_at_prior_distance")[0]
    assert value < metric(result, "uncovered_prior_mass")[0] / 2
    assert "latent-holes.codes-outside-prior" not in codes(result)


def test_codes_outside_the_prior(location: str) -> None:
    result = run(location, "far")
    assert "latent-holes.codes-outside-prior" in codes(result)
    assert metric(result, "codes_outside_prior")[0] == pytest.approx(0.75, abs=0.1)
    assert "latent-holes.uncovered-prior" not in codes(result)
    assert result.numbers()["mmd_p"] <= 1 / 201 + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_posterior_of_a_linear_autoencoder_fills_its_prior(location: str, seed: int) -> None:
    """Its samples are distributed as the prior is, its means are narrower: hole score 0 by the former alone."""
    result = run(location, "gaussian", encode="linear", seed=seed)
    assert codes(result) == []
    value, low, high = metric(result, "hole_mass_samples")
    assert low - 0.01 <= 0 <= high + 0.01 and abs(value) < 0.04
    assert result.numbers()["mmd_p"] > 0.01
    assert result.numbers()["uncovered_prior_mass"] > 0.5, "three axes carry nothing: their means are all 0"
    assert any("posterior samples" in one for one in result.notes)


def test_p_values_of_the_kernel_test_are_even() -> None:
    """Under the null a permutation p value is uniform; of 100 fewer than 14 are below 0.05 (binomial, 0.9995)."""
    from plugins.latent_holes.discrepancy import discrepancy

    random = np.random.default_rng(0)
    p = []
    for _ in range(100):
        one, other = random.standard_normal((2, 40, 3)).astype(np.float32)
        p.append(discrepancy(one, other, 99, random).p)
    assert sum(each <= 0.05 for each in p) < 14
    assert 0.35 < np.mean(p) < 0.65


def test_codes_of_two_points_are_no_measure_of_distance(location: str) -> None:
    """Every code is there many times: the typical distance is 0, and no share measured by it is stated."""
    result = run(location, "full", encode="halve")
    assert any("collapsed" in one for one in result.notes)
    assert result.numbers()["typical_distance"] == 0
    assert "latent-holes.uncovered-prior" not in codes(result)


def test_directions_are_compared_by_angle(location: str) -> None:
    assert codes(run(location, "full", encode="turn")) == []


@pytest.mark.parametrize(
    ("data", "encode", "words"),
    [
        ("few", "encode", "at least 20 codes are needed"),
        ("full", "crack", "NaN or infinity"),
        ("full", "collapse", "all 1,000 codes of 'collapse' are one point.*latent-health"),
        ("full", "without_prior", "has no prior"),
        (None, "encode", "'x'"),
    ],
)
def test_bad_input_is_refused_in_words(location: str, data: str | None, encode: str, words: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        run(location, data, encode)


def test_a_model_without_a_prior_is_told_so(location: str) -> None:
    from plugins.latent_holes.analysis import LatentHoles

    with Store.open(location) as store:
        subject = wb.describe(store, "bare-coding", inline=True).subject()
    assert LatentHoles.missing(subject) == ["'encode' needs a map to a space of vectors with a prior"]


def test_same_run_gives_the_same_numbers(location: str, tmp_path: Path) -> None:
    assert run(location, "cut").numbers() == run(str(tmp_path / "other"), "cut").numbers()


def test_every_finding_has_an_entry() -> None:
    told = set(re.findall(r"(?<=- )latent-holes\.[a-z-]+", " ".join(one.read_text() for one in workbench_entries())))
    source = (ROOT / "plugins/latent_holes/findings.py").read_text()
    assert told == set(re.findall(r'"(latent-holes\.[a-z-]+)"', source))


@pytest.mark.parametrize(("data", "encode"), [("cut", "encode"), ("gaussian", "linear"), ("full", "halve")])
def test_page(monkeypatch: pytest.MonkeyPatch, location: str, data: str, encode: str) -> None:
    run(location, data, encode)
    with Store.open(location) as store:
        found = [
            one for one in store.runs(analysis="latent-holes", status="done")
            if one.params["encode"] == encode and one.data == data
        ]  # fmt: skip
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = found[0].id
    test.run()
    assert not test.exception, test.exception
    text = said(test)
    assert "does not work" not in text, text
    assert "The largest holes" in text
    assert ("posterior samples" in text) == (encode == "linear")
    assert len(test.get("vega_lite_chart")) == 2
