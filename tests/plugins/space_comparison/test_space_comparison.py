# SPDX-License-Identifier: Apache-2.0
"""Two spaces of a small model compared, end to end: kept, cut and scrambled shapes, bad input, and the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.space_comparison import workbench_entries
from tests.app.conftest import ROOT, said
from workbench.store import Store

HERE = Path(__file__).parent
SMALL: dict[str, Any] = {"trials": 5, "batch": 80, "half": 60, "max_dim": 1}
MEASURES = [f"{kind}_h{dimension}" for kind in ("bottleneck", "wasserstein") for dimension in (0, 1, 2)]


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "space-comparison,folding")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("comparison") / "store")


def run(location: str, second: str, first: str = "x", **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    given = {**SMALL, "first": first, "second": second, **params}
    return wb.run("space-comparison", model="folding", data="ring", store=location, inline=True, **given)


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


def test_a_turned_space_is_the_same(location: str) -> None:
    result = run(location, "turned", max_dim=2)
    assert list(result.metrics) == ["rtd", *MEASURES]
    for name, one in result.metrics.items():
        assert isinstance(one, wb.Metric)
        assert one.value == pytest.approx(0, abs=1e-3), name
        assert one.low is not None and one.high is not None and one.low <= one.value <= one.high
    assert codes(result) == ["space-comparison.order-kept"]
    mixed = result.tables["divergence"].set_index("points")["rtd"]["random order"]
    assert mixed > 1


def test_a_circle_that_is_cut_open_loses_its_loop(location: str) -> None:
    result = run(location, "cut")
    table = result.tables["distances"].set_index(["measure", "dimension"])
    loops = table.loc[("bottleneck", 1)]
    assert loops["same_points"] > 2 * max(loops["halves_of_first"], loops["halves_of_second"])
    assert loops["same_points_low"] > 0.2  # half the length of the bar of a circle in median distances
    (found,) = [one for one in result.findings if "loops" in one.statement]
    assert found.code == "space-comparison.shapes-differ"
    assert found.low is not None and found.low > 0
    assert "bottleneck" in found.statement


def test_scrambled_points_have_no_order_in_common(location: str) -> None:
    result = run(location, "scrambled", trials=20)
    (found,) = [one for one in result.findings if one.code == "space-comparison.order-lost"]
    assert found.value == pytest.approx(1, abs=0.1)
    assert found.threshold is not None and found.low is not None and found.low > found.threshold


def test_same_run_gives_the_same_numbers_and_another_seed_others(location: str, tmp_path: Path) -> None:
    here, again = run(location, "cut"), run(str(tmp_path / "other"), "cut")
    assert here.numbers() == again.numbers()
    other = wb.run(
        "space-comparison", model="folding", data="ring", store=location, inline=True, seed=1,
        first="x", second="cut", **SMALL,
    )  # fmt: skip
    assert other.numbers()["rtd"] != here.numbers()["rtd"]
    assert other.numbers()["rtd"] == pytest.approx(here.numbers()["rtd"], rel=0.3)


def test_without_other_points_there_is_no_interval(location: str) -> None:
    result = run(location, "cut", limit=60, batch=100, half=100)
    for one in result.metrics.values():
        assert isinstance(one, wb.Metric)
        assert one.low is None and one.high is None
    assert not [one for one in result.findings if one.code.endswith("differ")]
    assert any("no interval for any number" in one for one in result.notes)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("holes", "layer 'holes' gave NaN or infinity in 200 of 400 rows"),
        ("crushed", "most points of 'crushed' are equal"),
        ("elsewhere", "'x' come from ring and those of 'elsewhere' from prior"),
    ],
)
def test_bad_input_is_refused_in_words(location: str, second: str, words: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        run(location, second)


def test_few_points_that_are_repeated_are_refused_and_others_taken_once(location: str) -> None:
    def on(data: str) -> wb.Result:
        return wb.run(
            "space-comparison",
            model="folding",
            data=data,
            store=location,
            inline=True,
            first="x",
            second="cut",
            **SMALL,
        )

    with pytest.raises(wb.WorkbenchError, match="of 400 points only 10 differ"):
        on("few")
    result = on("twice")
    assert any("Only 400 of 800 points are different" in one for one in result.notes)
    assert len(set(result.arrays["rows"] % 400)) == len(result.arrays["rows"]) == 400


def test_points_alone_are_compared_with_themselves(location: str, tmp_path: Path) -> None:
    import numpy as np

    np.save(tmp_path / "points.npy", np.random.default_rng(0).standard_normal((200, 4)).astype(np.float32))
    result = wb.run(
        "space-comparison", points=tmp_path / "points.npy", store=location, inline=True,
        first="points", second="points", **SMALL,
    )  # fmt: skip
    assert result.numbers() == dict.fromkeys(result.numbers(), 0.0)


def test_every_finding_has_an_entry() -> None:
    told = set(re.findall(r"space-comparison\.[a-z-]+", " ".join(one.read_text() for one in workbench_entries())))
    source = (ROOT / "plugins/space_comparison/findings.py").read_text()
    assert told == set(re.findall(r'"(space-comparison\.[a-z-]+)"', source))


@pytest.mark.parametrize(("second", "params"), [("cut", {}), ("cut", {"limit": 60, "batch": 100, "half": 100})])
def test_page(monkeypatch: pytest.MonkeyPatch, location: str, second: str, params: dict[str, Any]) -> None:
    run(location, second, **params)
    with Store.open(location) as store:
        found = [
            one
            for one in store.runs(analysis="space-comparison")
            if one.params["second"] == second
            and one.params["limit"] == params.get("limit", 2000)
            and one.data == "ring"
        ]
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = found[0].id
    test.run()
    assert not test.exception, test.exception
    assert len(test.get("vega_lite_chart")) == 3
    text = said(test)
    assert "Two halves of the first" in text
    assert ("no interval" in text) == bool(params)
    assert "seed 0" in text or "seed 0" in " ".join(str(one.value) for one in test.caption)


def test_distances_can_be_of_another_kind(location: str) -> None:
    result = run(location, "turned", metric="geodesic")
    for name, one in result.metrics.items():
        assert isinstance(one, wb.Metric)
        assert one.value == pytest.approx(0, abs=1e-3), name
    assert any("geodesic distance" in one for one in result.notes)
    by_angle = run(location, "cut", metric="cosine")
    assert any("cosine distance" in one for one in by_angle.notes)
    rtd = [one.metrics["rtd"] for one in (by_angle, run(location, "cut"))]
    assert isinstance(rtd[0], wb.Metric) and isinstance(rtd[1], wb.Metric)
    assert rtd[0].value != rtd[1].value


def test_the_sparsest_points_can_be_left_out_of_both(location: str) -> None:
    whole, trimmed = run(location, "cut"), run(location, "cut", trim=0.2)
    n = len(whole.arrays["rows"])
    assert len(trimmed.arrays["rows"]) == n - int(0.2 * n)
    assert any("left out of both" in one for one in trimmed.notes)


def test_a_graph_in_pieces_is_refused(location: str) -> None:
    with pytest.raises(wb.WorkbenchError, match="falls into pieces"):
        run(location, "scrambled", metric="geodesic", neighbours=1)


def test_what_it_computes_with_is_in_its_key() -> None:
    from plugins.space_comparison.analysis import SpaceComparison
    from workbench.runs.stamps import source_files, with_imports

    own = source_files(SpaceComparison)
    counted = {f"{one.parent.name}/{one.name}" for one in with_imports(own)}
    assert {"space_comparison/measures.py", "homology/engines.py", "homology/tables.py"} <= counted
    assert "homology/engines.py" not in {f"{one.parent.name}/{one.name}" for one in own}
