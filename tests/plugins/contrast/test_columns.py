# SPDX-License-Identifier: Apache-2.0
"""Labels and attributes: shares and their intervals, kinds of columns, and the correction for many tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from plugins.contrast.columns import compare_columns, is_category
from plugins.contrast.proportions import compare_shares
from plugins.contrast.strongest import strongest
from plugins.contrast.table import q_values


@pytest.mark.parametrize(
    ("inside", "m", "outside", "n", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_intervals_of_a_difference_as_newcombe_printed_them(
    inside: int, m: int, outside: int, n: int, low: float, high: float
) -> None:
    found = compare_shares(inside, m, outside, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_small_counts_are_tested_exactly_and_large_ones_by_chi_square() -> None:
    exact, approximate = compare_shares(3, 8, 0, 12), compare_shares(30, 80, 12, 90)
    assert exact.test == "Fisher"
    assert exact.p == pytest.approx(stats.fisher_exact([[3, 5], [0, 12]])[1])
    assert approximate.test == "chi-square"
    assert approximate.p == pytest.approx(stats.chi2_contingency([[30, 50], [12, 78]], correction=False)[1])


def test_what_all_have_is_no_difference() -> None:
    found = compare_shares(9, 9, 12, 12)
    assert (found.difference, found.p, found.test) == (0, 1, "none")


def test_the_interval_of_a_difference_covers() -> None:
    random = np.random.default_rng(0)
    inside, outside = random.binomial(25, 0.1, 2000), random.binomial(60, 0.4, 2000)
    held = 0
    for first, second in zip(inside.tolist(), outside.tolist(), strict=True):
        found = compare_shares(first, 25, second, 60)
        held += found.low <= -0.3 <= found.high
    assert 0.935 <= held / 2000 <= 0.97


def test_levels_are_features_with_their_shares() -> None:
    inside = pd.DataFrame({"digit": [3] * 8 + [5] * 2})
    outside = pd.DataFrame({"digit": [3] * 5 + [5] * 10 + [8] * 5})
    found = compare_columns(inside, outside, 0.95)
    table = found.rows.features("benjamini-hochberg").set_index("level")
    assert set(table.index) == {"3", "5", "8"}
    assert table.loc["3", ["inside", "outside", "difference"]].tolist() == pytest.approx([0.8, 0.25, 0.55])
    assert table.loc["3", "effect"] == pytest.approx(0.775)  # (1 + 0.55) / 2
    assert table.loc["3", "low"] == pytest.approx((1 + table.loc["3", "difference_low"]) / 2)
    assert found.counts["digit"].loc["3"].tolist()[:2] == [8, 5]


def test_effect_of_a_level_is_the_area_of_its_indicator() -> None:
    from plugins.contrast.effects import compare

    random = np.random.default_rng(1)
    first, second = random.random(40) < 0.7, random.random(60) < 0.3
    table = compare_columns(pd.DataFrame({"on": first}), pd.DataFrame({"on": second}), 0.95).rows.features(
        "benjamini-hochberg"
    )
    assert len(table) == 1  # two levels say the same once
    assert table["level"][0] == "True"
    assert table["effect"][0] == pytest.approx(compare(first[:, None] * 1.0, second[:, None] * 1.0).auc[0])


def test_kinds_of_columns() -> None:
    def kind(values: Any) -> bool:
        column = pd.Series(values)
        return is_category(column, column)

    assert kind([0, 1, 2] * 5)
    assert kind([True, False])
    assert kind(["a", "b"])
    assert kind(pd.Categorical(["a", "b"]))
    assert kind([1.0, 2.0, np.nan])  # labels with gaps
    assert not kind(range(30))
    assert not kind([0.5, 1.5])
    assert not kind(pd.date_range("2020", periods=30))


def test_numbers_dates_gaps_constants_and_names() -> None:
    random = np.random.default_rng(2)
    n = 40
    sides = []
    for shift in (2.0, 0.0):
        size = random.standard_normal(n) + shift
        size[:3] = np.nan
        sides.append(
            pd.DataFrame(
                {
                    "size": size,
                    "when": pd.date_range("2020-01-01", periods=n) + pd.Timedelta(days=int(200 * shift)),
                    "same": 7,
                    "gone": [np.nan] * (n - 2) + [1.5, 2.5],
                    "file": [f"{shift}-{row}" for row in range(n)],
                    "rare": ["usual"] * (n - 2) + ["odd", "strange"],
                    "only here" if shift else "only there": 1,
                }
            )
        )
    found = compare_columns(*sides, 0.95)
    table = found.rows.features("benjamini-hochberg").set_index("name")
    assert set(table.index) == {"size", "when", "rare"}
    assert table.loc["size", ["n_inside", "n_outside"]].tolist() == [37, 37]
    assert table.loc["when", "effect"] == 1
    why = found.rows.untested().set_index("name")["why"]
    assert why["same"] == "constant"
    assert why["gone"].startswith("fewer than 5 values")
    assert why["file"].startswith("80 different values for 80 rows")
    assert why["rare"].startswith("levels with fewer than 5 rows")


def test_q_values_of_one_kind_are_those_of_scipy() -> None:
    p = np.random.default_rng(3).random(50) ** 3
    assert q_values(p, ["pixel"] * 50) == pytest.approx(stats.false_discovery_control(p))
    strict = q_values(p, ["pixel"] * 50, "benjamini-yekutieli")
    assert strict == pytest.approx(stats.false_discovery_control(p, method="by"))


def test_units_that_differ_do_not_loosen_the_limit_of_a_column() -> None:
    kinds = ["column"] * 2 + ["layer unit"] * 1000
    differing = q_values([0.04, 0.9] + [1e-9] * 1000, kinds)
    alone = q_values([0.04, 0.9], ["column"] * 2)
    assert differing[0] == pytest.approx(alone[0]) == 0.08  # over all tests it would be 0.0401
    null = q_values([0.04, 0.9, *np.linspace(0.5, 1, 1000)], kinds)
    assert null[0] > 0.9  # over all 1,002 tests it is no surprise


def test_drawn_are_the_strongest_of_every_kind_and_few_of_one_layer() -> None:
    strengths = np.linspace(0.99, 0.6, 40)
    table = pd.DataFrame(
        {
            "kind": ["layer unit"] * 30 + ["dimension"] * 5 + ["column"] * 5,
            "space": ["conv"] * 25 + ["linear"] * 5 + ["z"] * 5 + [""] * 5,
            "name": [str(one) for one in range(40)],
            "effect": strengths,
        }
    )
    chosen = strongest(table, 12)
    assert len(chosen) == 12
    assert (chosen["space"] == "conv").sum() == 3
    assert {"column", "dimension", "layer unit"} == set(chosen["kind"])
    assert chosen["effect"].is_monotonic_decreasing
    assert len(strongest(table.head(25), 12)) == 12  # filled up where there is nothing else
    assert list(strongest(table, 1)["name"]) == ["0"]


def test_complex_numbers_are_left_out_and_not_cut_to_their_real_part() -> None:
    inside, outside = (pd.DataFrame({"wave": np.arange(8) * (1 + 1j) + one}) for one in (0, 3))
    found = compare_columns(inside, outside, 0.95)
    assert not found.rows.parts
    assert found.rows.left_out == [("column", "", "wave", 1, "complex numbers have no order")]


def test_numbers_too_large_for_a_variance_keep_their_effect_and_have_no_g() -> None:
    inside, outside = (pd.DataFrame({"huge": np.linspace(low, low + 1, 30) * 1e200}) for low in (0.0, 5.0))
    found = compare_columns(inside, outside, 0.95).rows.features("benjamini-hochberg").iloc[0]
    assert found["effect"] == 0.0
    assert np.isnan([found["g"], found["g_low"], found["spread_ratio"]]).all()
