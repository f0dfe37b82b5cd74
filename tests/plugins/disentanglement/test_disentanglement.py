# SPDX-License-Identifier: Apache-2.0
"""The analysis: codes whose structure is known are told apart by findings; controls, masks, intervals, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import workbench as wb
from plugins.disentanglement.analysis import Disentanglement
from plugins.disentanglement.measuring import reach, rotation

RNG = np.random.default_rng(0)
N = 1200
LEVELS = RNG.integers(6, size=(N, 3))
COLUMNS = pd.DataFrame({"x": LEVELS[:, 0] * 1.0, "y": LEVELS[:, 1] * 1.0, "size": LEVELS[:, 2] * 1.0})
PERFECT = (LEVELS - 2.5) / 1.7


class Decoder(wb.Model):
    """Decodes the first axis to the brightness of 4 x 4 pixels."""

    z = wb.vectors(4, prior=wb.normal())
    pixels = wb.images(1, 4, 4)

    @wb.maps(z, to=pixels)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(z[:, 0])[:, None, None, None].expand(-1, 1, 4, 4)


class Job:
    """A job on given codes."""

    device, data = "cpu", None

    def __init__(self, codes: Any, columns: pd.DataFrame = COLUMNS, seed: int = 0) -> None:
        self.codes, self.columns, self.seed = np.asarray(codes, np.float32), columns, seed
        self.rng, self.model = np.random.default_rng(seed), Decoder()
        self.fractions: list[float] = []

    def points(self, space: str, **_: Any) -> wb.Points:
        width = self.codes.shape[1]
        return wb.Points(
            self.codes, np.arange(len(self.codes)), wb.vectors(width, prior=wb.normal()), "data", self.columns
        )

    def progress(self, fraction: float, stage: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, text: str) -> None: ...


def run(codes: Any, columns: pd.DataFrame = COLUMNS, seed: int = 0, **params: Any) -> wb.Result:
    quick = {"space": "z", "trees": 10, "learned": 600, "halves": 4, "rotations": 19, "slow_rotations": 2}
    return Disentanglement().run(Job(codes, columns, seed), Disentanglement.Params.read({**quick, **params}))  # type: ignore[arg-type]


def codes_of(result: wb.Result) -> list[str]:
    return [one.code.removeprefix("disentanglement.") for one in result.findings]


@pytest.fixture(scope="module")
def recovered() -> wb.Result:
    """Factors on axes 2, 0 and 3 with a little noise; axis 1 does not vary."""
    noise = 0.02 * np.random.default_rng(1).standard_normal((N, 3))
    x, y, size = (PERFECT + noise).T
    return run(np.stack([y, np.full(N, 0.1), x, size], axis=1))


def test_recovered_factors_are_found_on_their_axes(recovered: wb.Result) -> None:
    table = recovered.tables["factors"].set_index("factor")
    assert table["strongest"].to_dict() == {"x": 2, "y": 0, "size": 3}
    assert codes_of(recovered) == ["factor-recovered"] * 3
    assert all("holds the factor" in one.statement for one in recovered.findings)
    numbers = recovered.numbers()
    for name in ("dci_disentanglement", "dci_completeness", "dci_informativeness", "mig", "modularity", "sap", "irs"):
        assert numbers[name] > 0.9, name


def test_inactive_axes_are_masked_and_said(recovered: wb.Result) -> None:
    assert recovered.numbers()["active_axes"] == 3
    assert np.asarray(recovered.arrays["axes"]).tolist() == [0, 2, 3]
    table = recovered.tables["dimensions"]
    assert table["active"].tolist() == [True, False, True, True]
    assert any("inactive" in one and ": 1 of 4 axes" in one for one in recovered.notes)
    assert set(recovered.tables["factors_by_dimension"]["dimension"]) == {0, 2, 3}


def test_controls_stand_below_and_intervals_around_the_scores(recovered: wb.Result) -> None:
    table = recovered.tables["scores"].set_index("score")
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()
    for name in ("mig", "dci_disentanglement", "sap", "irs"):
        assert table.loc[name, "rotated_high"] < table.loc[name, "low"]
        assert table.loc[name, "permuted_high"] < 0.3
    # a rotation keeps what can be read linearly
    assert table.loc["explicitness", "rotated"] == pytest.approx(table.loc["explicitness", "value"], abs=0.02)
    assert table["rotated_trials"].to_dict()["mig"] == 19
    assert table["rotated_trials"].to_dict()["dci_completeness"] == 2


def test_traversal_follows_the_axis(recovered: wb.Result) -> None:
    pictures = np.asarray(recovered.arrays["traversal"])
    assert pictures.shape == (3, 9, 4, 4, 1)
    brightness = pictures[:, :, 0, 0, 0].astype(int)
    assert (np.diff(brightness[1]) > 0).all()  # y is on axis 0, which is brightness
    assert (np.diff(brightness[0]) == 0).all()
    ends = np.quantile(PERFECT[:, 1], [0.02, 0.98])
    assert np.asarray(recovered.arrays["traversal_values"])[1, [0, -1]] == pytest.approx(ends, abs=0.1)


def test_the_same_seed_gives_the_same_numbers(recovered: wb.Result) -> None:
    codes = PERFECT @ rotation(3, np.random.default_rng(5))
    first, again, other = (run(codes, seed=seed, halves=2, rotations=2).numbers() for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_rotated_codes_are_entangled_and_no_better_than_rotated() -> None:
    basis = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / np.sqrt([[3], [2], [6]])
    result = run(PERFECT @ basis.T, trees=20)
    assert {"entangled-latents", "no-better-than-rotated"} <= set(codes_of(result))
    finding = next(one for one in result.findings if one.code.endswith("no-better-than-rotated"))
    assert finding.value > finding.threshold == 0.05
    assert "factor-not-encoded" not in codes_of(result)


def test_a_factor_that_is_not_encoded() -> None:
    codes = PERFECT.copy()
    codes[:, 2] = np.random.default_rng(2).standard_normal(N)
    result = run(codes)
    (finding,) = [one for one in result.findings if one.code.endswith("not-encoded")]
    assert "size" in finding.statement
    assert finding.high is not None and finding.high < finding.threshold == 0.1
    assert codes_of(result).count("factor-recovered") == 2


def test_a_factor_on_many_axes_is_spread() -> None:
    random = np.random.default_rng(3)
    copies = [PERFECT[:, :1] + 0.05 * random.standard_normal((N, 1)) for _ in range(4)]
    result = run(np.hstack([*copies, PERFECT[:, 1:]]), learner="forest", trees=20)
    spread = [one for one in result.findings if one.code.endswith("factor-spread")]
    assert [one.statement.split(" is spread")[0] for one in spread] == ["The factor x"]


def test_collapsed_codes_are_said_and_crash_nothing() -> None:
    result = run(np.full((N, 4), 0.1) + 1e-4 * RNG.standard_normal((N, 4)))
    (finding,) = result.findings
    assert (finding.code, finding.severity) == ("disentanglement.collapsed", "serious")
    numbers = result.numbers()
    assert numbers["active_axes"] == numbers["mig"] == numbers["sap"] == numbers["irs"] == 0
    assert numbers["explicitness"] == 0.5
    assert "traversal" not in result.arrays and len(result.tables["factors_by_dimension"]) == 0


def test_one_active_axis_has_no_gap_to_another() -> None:
    result = run(np.hstack([PERFECT[:, :1], np.zeros((N, 1))]))
    assert result.numbers()["active_axes"] == 1
    assert any("one active axis" in one for one in result.notes)
    assert "no-better-than-rotated" not in codes_of(result)


def test_dependent_factors_are_said() -> None:
    same = np.random.default_rng(4).random(N) < 0.6
    columns = COLUMNS.assign(y=np.where(same, COLUMNS["x"], COLUMNS["y"]))
    result = run(PERFECT, columns, halves=2, rotations=0)
    finding = result.findings[0]
    assert finding.code == "disentanglement.dependent-factors"
    assert "x and y depend" in finding.statement
    assert finding.value > 0.2


def test_without_rotations_or_halves_there_are_no_intervals_and_no_verdicts_on_them() -> None:
    result = run(PERFECT, halves=0, rotations=0)
    assert result.metrics["mig"].low is None  # type: ignore[union-attr]
    assert result.findings == []
    assert result.tables["scores"]["rotated"].isna().all()


def test_codes_with_nan_are_refused() -> None:
    codes = PERFECT.copy()
    codes[7, 1] = np.nan
    with pytest.raises(wb.DataError, match="1 of 1,200 codes in z hold NaN .* that of row 7"):
        run(codes)


def test_points_without_columns_are_refused() -> None:
    with pytest.raises(wb.DataError, match="known factors, so name a data set"):
        run(PERFECT, pd.DataFrame(index=range(N)))


def test_it_applies_only_where_there_are_two_columns() -> None:
    spaces = {"z": wb.vectors(4)}
    assert Disentanglement.missing(_subject(spaces, ("digit", "split")))
    assert not Disentanglement.missing(_subject(spaces, ("digit", "slant")))


def _subject(spaces: Any, columns: tuple[str, ...]) -> Any:
    from registry.parameters import Subject

    return Subject(spaces=spaces, columns=columns, has_model=True)


def test_jackknife_of_halves_is_the_standard_error_of_a_mean() -> None:
    """The spread of means of random halves is the standard error of the mean of all, here 1 / sqrt(400)."""
    random = np.random.default_rng(0)
    values = random.standard_normal(400)
    halves = np.array([random.permutation(values)[:200].mean() for _ in range(2000)])
    assert reach(halves) == pytest.approx(1.96 * values.std(ddof=1) / 20, rel=0.06)
    assert np.isnan(reach(halves[:1]))


def test_every_finding_has_an_entry() -> None:
    from plugins.disentanglement import workbench_entries

    words = "".join(one.read_text() for one in workbench_entries())
    for code in (
        "collapsed", "dependent-factors", "entangled-latents", "factor-not-encoded", "factor-recovered",
        "factor-spread", "no-better-than-rotated",
    ):  # fmt: skip
        assert f"disentanglement.{code}" in words
