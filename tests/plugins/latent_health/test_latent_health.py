# SPDX-License-Identifier: Apache-2.0
"""Health of latent spaces end to end: a linear autoencoder, collapse, repeats, copies, bad input, and the page."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.latent_health import workbench_entries
from tests.app.conftest import ROOT, said
from workbench.store import Store

HERE = Path(__file__).parent
SMALL: dict[str, Any] = {"limit": 1000, "draws": 400, "permutations": 50, "trials": 5}


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "latent-health,healthy")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("health") / "store")


def run(location: str, model: str = "linear-vae", data: str | None = "gaussian", **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    return wb.run("latent-health", model=model, data=data, store=location, inline=True, **{**SMALL, **params})


def codes(result: wb.Result) -> list[str]:
    return [one.code.partition(".")[2] for one in result.findings]


def metric(result: wb.Result, name: str) -> tuple[float, float, float]:
    one = result.metrics[name]
    assert isinstance(one, wb.Metric) and one.low is not None and one.high is not None
    return one.value, one.low, one.high


def test_a_linear_autoencoder_is_healthy_but_for_its_spare_axes(location: str) -> None:
    """Its posteriors together are the prior: no gap, no shift beyond chance, all in the shell."""
    result = run(location, limit=2000)
    numbers = result.numbers()
    assert numbers["active_units"] == 5 and numbers["collapsed_units"] == 3
    assert metric(result, "active_units")[1:] == (5, 5)
    assert codes(result) == ["posterior-collapse"]
    (spare,) = result.findings
    assert (spare.severity, spare.value, spare.low, spare.high) == ("info", 3 / 8, 3 / 8, 3 / 8)
    assert metric(result, "uncovered_prior_mass")[1] < numbers["uncovered_if_perfect"] + 0.02
    assert numbers["uncovered_prior_mass"] == pytest.approx(0.05, abs=0.03)
    assert abs(numbers["hole_mass"]) < 0.03
    assert numbers["uncovered_prior_mass_means"] > 0.5, "the means of three axes are all 0"
    assert numbers["mmd_p"] > 0.01
    assert metric(result, "outside_shell")[1] < 0.015 < 0.05 < numbers["outside_shell_means"]
    table = result.tables["aggregate"].set_index("measure")
    assert table.loc["mean_shift", "value"] < 1.5 * table.loc["mean_shift", "control_high"]
    assert table.loc["covariance_shift", "value"] < 1.5 * table.loc["covariance_shift", "control_high"]


def test_information_lies_between_its_bounds(location: str) -> None:
    """Where the aggregated posterior is the prior, the mutual information is the total divergence: 2.4943 nats."""
    result = run(location, limit=2000)
    truth = sum(0.5 * math.log(one) for one in (9, 4, 2.25, 1.5, 1.21))
    value, low, high = metric(result, "mutual_information")
    assert low - 0.05 < truth < high + 0.1 and abs(value - truth) < 0.15
    assert metric(result, "mutual_information_upper")[2] >= truth - 0.01
    assert abs(run(location, encode="nothing").numbers()["mutual_information"]) < 1e-9


def test_total_collapse_is_told(location: str) -> None:
    result = run(location, encode="nothing")
    assert result.numbers()["active_units"] == 0 and result.numbers()["kl_vanished"] == 1
    found = next(one for one in result.findings if one.code == "latent-health.posterior-collapse")
    assert found.severity == "serious" and "Total posterior collapse" in found.statement
    assert result.numbers()["uncovered_prior_mass"] == pytest.approx(0.05, abs=0.04), "the prior fills itself"


def test_codes_far_out_are_outside_the_shell(location: str) -> None:
    result = run(location, encode="far")
    assert "outside-shell" in codes(result)
    assert metric(result, "beyond_shell")[1] > 0.3 and result.numbers()["mmd_p"] < 0.05
    assert metric(result, "outside_shell_draws")[1] <= 0.01 <= metric(result, "outside_shell_draws")[2]


def test_codes_in_a_corner_leave_gaps_and_have_no_divergence(location: str) -> None:
    result = run(location, encode="near")
    assert {"gaps", "posterior-collapse"} <= set(codes(result))
    assert "kl" not in result.tables["dimensions"] and "kl_total" not in result.metrics
    assert "mutual_information" not in result.metrics
    assert any("without a spread" in one for one in result.notes)
    assert result.numbers()["uncovered_prior_mass"] > 0.9


def test_an_axis_without_spread_has_no_divergence(location: str) -> None:
    result = run(location, encode="sure")
    table = result.tables["dimensions"]
    assert np.isnan(table["kl"][2]) and table["kl"].drop(2).notna().all()
    assert np.isnan(result.numbers()["kl_total"])
    assert any("infinite" in one for one in result.notes)


def test_draws_of_a_good_generator_are_new_and_different(location: str) -> None:
    result = run(location, "generator", "pictures", decode="decode")
    assert codes(result) == []
    assert not [name for name in result.metrics if name.startswith(("active", "kl", "mmd"))]
    assert any("no encoder" in one for one in result.notes)
    numbers = result.numbers()
    for name in ("near_duplicates", "memorised"):
        value, low, high = metric(result, name)
        assert low <= 0.01 <= high and abs(value - numbers[f"{name}_control"]) < 0.04
    value, low, high = metric(result, "modes_covered")
    assert low - 0.01 <= numbers["modes_covered_control"] <= high + 0.02
    table = result.tables["shell"]
    assert list(table["set"]) == ["draws"]


def test_a_generator_of_sixteen_pictures_repeats_them(location: str) -> None:
    result = run(location, "generator", "pictures", decode="repeat")
    value, low, high = metric(result, "near_duplicates")
    assert low > 0.9
    assert metric(result, "support_size")[1] <= 16 <= metric(result, "support_size")[2]
    found = [one for one in result.findings if one.code == "latent-health.mode-collapse"]
    assert any("near duplicate" in one.statement and one.severity == "serious" for one in found)
    assert metric(result, "memorised")[1] < 0.05


def test_repeats_are_seen_without_data(location: str) -> None:
    assert codes(run(location, "generator", None, decode="repeat")) == ["mode-collapse"]
    assert codes(run(location, "generator", None, decode="same")) == ["mode-collapse"]
    result = run(location, "generator", None, decode="decode")
    assert codes(result) == [] and "memorised" not in result.metrics
    assert any("No data" in one for one in result.notes)


def test_few_dimensions_are_no_collapse(location: str) -> None:
    """Without data, draws stand beside their codes: four numbers and all that can be made of them lie near together."""
    result = run(location, "generator", None, decode="decode", draws=2000)
    assert codes(result) == []
    numbers = result.numbers()
    assert numbers["near_duplicates"] > 0.05, "which would be told as a collapse without the control"
    assert numbers["near_duplicates"] == pytest.approx(numbers["near_duplicates_control"], abs=0.15)


def test_a_missing_class_is_named(location: str) -> None:
    result = run(location, "generator", "pictures", decode="half", draws=800)
    (found,) = [one for one in result.findings if "kind 1" in one.statement]
    assert found.code == "latent-health.mode-collapse" and found.figure == "classes"
    assert found.high is not None and found.threshold is not None and found.high < found.threshold


def test_copies_of_training_samples_are_told(location: str) -> None:
    result = run(location, "generator", "pictures", decode="copy")
    assert "memorised" in codes(result)
    assert metric(result, "memorised")[1] > 0.95
    assert result.arrays["copies"].shape == result.arrays["copied"].shape
    assert np.array_equal(result.arrays["copies"], result.arrays["copied"])


def test_a_prior_that_is_not_normal_has_no_divergence_and_no_shell(location: str) -> None:
    result = run(location, "uniform-codes")
    assert "kl" not in result.tables["dimensions"] and not [one for one in result.metrics if "shell" in one]
    assert any("no closed form" in one for one in result.notes)
    assert any("no decoder" in one for one in result.notes)
    assert "uncovered_prior_mass" in result.metrics


def test_codes_themselves_as_data(location: str) -> None:
    """They are set against the shell; nothing stands for real pictures then."""
    result = run(location, "generator", "codes")
    assert list(result.tables["shell"]["set"]) == ["codes", "draws"]
    truth = float(chi2.sf(chi2.ppf(0.995, 4) / 4, 4))  # of 4 axes, twice as far out: 0.446
    assert metric(result, "beyond_shell")[1] <= truth <= metric(result, "beyond_shell")[2]
    assert codes(result) == ["outside-shell"]
    assert "modes_covered" not in result.metrics and "memorised" not in result.metrics


def test_same_codes_everywhere(location: str) -> None:
    result = run(location, data="constant")
    assert result.numbers()["active_units"] == 0
    assert all(np.isfinite(one) for name, one in result.numbers().items() if name.startswith("kl"))


@pytest.mark.parametrize(
    ("model", "data", "params", "words"),
    [
        ("linear-vae", "few", {}, "at least 20 codes are needed"),
        ("linear-vae", "gaussian", {"encode": "crack"}, "deviation that is no number"),
        ("linear-vae", "gaussian", {"space": "x"}, "has no prior"),
        ("linear-vae", "gaussian", {"encode": "decode"}, "no prior"),
        ("linear-vae", "gaussian", {"threshold": 0}, "threshold"),
        ("no-prior", None, {}, "a space of vectors with a prior"),
    ],
)
def test_bad_input_is_refused_in_words(
    location: str, model: str, data: str | None, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        run(location, model, data, **params)


def test_same_run_gives_the_same_numbers(location: str, tmp_path: Path) -> None:
    first, again = run(location), run(str(tmp_path / "other"))
    assert first.numbers() == pytest.approx(again.numbers(), nan_ok=True, abs=0)


@settings(deadline=None, max_examples=50)
@given(st.floats(-5, 5), st.floats(0.05, 5), st.floats(-5, 5), st.floats(0.05, 5))
def test_divergence_agrees_with_torch(mean: float, spread: float, prior_mean: float, prior_std: float) -> None:
    import torch
    from torch.distributions import Normal, kl_divergence

    from plugins.latent_health.posterior import kl_of_axes

    ours = kl_of_axes(np.array([mean]), np.array([spread]), prior_mean, prior_std)[0]
    numbers = (torch.tensor(one, dtype=torch.float64) for one in (mean, spread, prior_mean, prior_std))
    one, other, third, fourth = numbers
    assert ours == pytest.approx(float(kl_divergence(Normal(one, other), Normal(third, fourth))), abs=1e-9)
    assert ours >= -1e-12


def test_moments_agree_where_axes_are_more_than_points() -> None:
    from plugins.latent_health.aggregate import moments

    points = np.random.default_rng(0).standard_normal((30, 50))
    mean, covariance = moments(points)
    assert mean == pytest.approx(np.sqrt(np.square(points.mean(axis=0)).mean()))
    assert covariance == pytest.approx(np.linalg.norm(np.cov(points.T) - np.eye(50)) / np.sqrt(50))


def test_support_of_equal_frequencies() -> None:
    from plugins.latent_health.duplicates import support

    random = np.random.default_rng(0)
    which = random.integers(0, 40, 800)
    table = (which[:, None] != which[None]).astype(np.float32)
    value, low, high = support(table, 0.5, random)
    assert low <= 40.5 and high >= 39 and value == pytest.approx(40, rel=0.05)
    assert np.isnan(support(1 - np.eye(5, dtype=np.float32), 0.5, random)[0])


def test_every_finding_has_an_entry() -> None:
    told = set(re.findall(r"(?<=- )latent-health\.[a-z-]+", " ".join(one.read_text() for one in workbench_entries())))
    source = (ROOT / "plugins/latent_health/findings.py").read_text()
    assert told == set(re.findall(r'"(latent-health\.[a-z-]+)"', source))


@pytest.mark.parametrize(
    ("model", "data", "params"),
    [
        ("linear-vae", "gaussian", {"limit": 2000}),
        ("linear-vae", "gaussian", {"encode": "near"}),
        ("generator", "pictures", {"decode": "copy"}),
        ("generator", None, {"decode": "decode"}),
        ("uniform-codes", "gaussian", {}),
    ],
)
def test_page(
    monkeypatch: pytest.MonkeyPatch, location: str, model: str, data: str | None, params: dict[str, Any]
) -> None:
    run(location, model, data, **params)
    with Store.open(location) as store:
        found = [
            one for one in store.runs(analysis="latent-health", status="done")
            if (one.model, one.data) == (model, data) and params.items() <= one.params.items()
        ]  # fmt: skip
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = found[0].id
    test.run()
    assert not test.exception, test.exception
    text = said(test)
    assert "does not work" not in text, text
    assert "What each axis carries" in text
    assert ("Codes against the prior" in text) == (model != "generator")
    assert ("The shell of the prior" in text) == (model == "generator")
    assert ("Draws: repeated, missing, copied" in text) == (model != "uniform-codes")
