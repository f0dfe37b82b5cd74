# SPDX-License-Identifier: Apache-2.0
"""Retrieval on two small towers: above chance, at chance with false pairs, ridge on held-out rows, faulty captions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.modality_gap.analysis import ModalityGap
from plugins.retrieval.analysis import Retrieval, aligned
from plugins.retrieval.gallery import framed, small
from plugins.retrieval.pairs import pairs_of
from registry.parameters import Subject
from tests.app.conftest import ROOT, said
from tests.plugins.retrieval.jobs import PairJob, run, shapes, towers
from tests.plugins.retrieval.plugins_folder.towers import CAPTIONS

HERE = Path(__file__).parent


def test_the_towers_retrieve_pictures_that_they_never_saw_far_above_chance() -> None:
    result = run(Retrieval)
    for end in ("", "_back"):
        chance = result.metrics[f"chance_at_1{end}"]
        found = result.metrics[f"recall_at_1{end}"]
        assert chance.value == pytest.approx(1 / 108) and found.low is not None and found.low > 0.5
        assert result.metrics[f"recall_at_10{end}"].value > 0.95 > 0.2 > result.metrics[f"shuffled_at_10{end}"].value
        assert result.metrics[f"median_rank{end}"].value == 1.0
    assert result.findings == []
    queries, answers = result.tables["queries"], result.arrays["answers"]
    assert ((answers[:, 0] == np.arange(108)) == (queries["rank"] == 1)).mean() > 0.99
    assert queries["second"].tolist() == list(CAPTIONS)
    assert {"way", "k", "recall", "chance", "shuffled", "kind", "corrected"} <= set(result.tables["ways"].columns)


def test_captions_in_false_order_are_no_better_than_shuffled_and_that_is_a_finding() -> None:
    result = run(Retrieval, column="mixed")
    assert [one.code for one in result.findings] == ["retrieval.no-better-than-shuffled"] * 2
    one = result.findings[0]
    assert one.threshold is not None and one.value <= one.threshold
    assert one.low is not None and one.high is not None and one.low < one.value < one.high


def test_ridge_is_measured_on_held_out_rows_only() -> None:
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((32, 32)))[0]
    job = PairJob()
    points = job.points("shared").values
    turned = np.concatenate([points @ turn, points @ turn[::-1]], axis=1)  # other axes, and more of them
    with pytest.raises(wb.ParameterError, match="set align to 'ridge'"):
        run(Retrieval, PairJob(points={"shared": turned}))
    result = run(Retrieval, PairJob(points={"shared": turned}), align="ridge")
    rows = result.arrays["rows"]
    assert 20 < len(rows) <= 33 and len(np.unique(rows)) == len(rows)
    found = result.metrics["recall_at_5"]
    assert found.n == len(rows) and found.low is not None and found.low > 5 / len(rows)
    assert int(result.tables["strengths"]["chosen"].sum()) == 1
    split = run(Retrieval, PairJob(points={"shared": turned}), align="ridge", split="split")
    held = np.flatnonzero(shapes().columns["split"] == "test")
    assert split.arrays["rows"].tolist() == held.tolist()
    assert any("was fitted on" in one for one in split.notes)
    assert run(Retrieval, split="split").arrays["rows"].tolist() == held.tolist()


def test_ridge_refuses_its_own_training_rows_and_leaves_leaks_out() -> None:
    columns = {"caption": list(CAPTIONS[:40]), "all": [True] * 40, "none": ["train"] * 40}
    with pytest.raises(wb.DataError, match="marks every row as held out"):
        run(Retrieval, PairJob(columns=columns), align="ridge", split="all")
    with pytest.raises(wb.DataError, match="marks no row as held out"):
        run(Retrieval, PairJob(columns=columns), align="ridge", split="none")
    doubled = {"caption": [*CAPTIONS[:20], *CAPTIONS[:20]]}
    pairs = pairs_of(PairJob(columns=doubled), Retrieval.Params())  # type: ignore[arg-type]
    training = np.arange(40) < 25
    rest, _ = aligned(pairs, training, np.random.default_rng(0))
    assert len(rest) == 15 and any("20 rows share a text" in one for one in rest.notes) is False
    assert any("20 other rows" in one or "10 other rows" in one for one in rest.notes)
    with pytest.raises(wb.DataError, match="no row is used for both"):
        aligned(pairs, np.arange(40) < 20, np.random.default_rng(0))


def test_rows_without_captions_are_left_out_and_counted() -> None:
    result = run(Retrieval, column="faulty")
    assert result.arrays["rows"].tolist() == list(range(3, 108))
    assert "3 of 108 rows have no text in 'faulty' and were left out." in result.notes
    zero = PairJob().points("shared").values.copy()
    zero[[5, 9]] = 0
    result = run(Retrieval, PairJob(points={"shared": zero}))
    assert len(result.arrays["rows"]) == 106 and any("2 pairs were left out" in one for one in result.notes)


def test_repeated_captions_count_against_the_model() -> None:
    result = run(Retrieval, column="shape")
    ways = result.tables["ways"]
    first = ways[(ways["k"] == 10)].iloc[0]
    assert first["recall"] == 0.0 < first["kind"]  # each caption ties with 35 others
    assert set(result.tables["queries"]["kind_rank"]) <= {1, 37, 73}
    assert any("repeat another exactly" in one for one in result.notes)


def test_few_candidates() -> None:
    result = run(Retrieval, column="few")
    assert np.isnan(result.metrics["recall_at_10"].value) and not np.isnan(result.metrics["recall_at_5"].value)
    assert "There are 8 candidates, so that recall at 10 would be 1 for any model: it is not given." in result.notes


@pytest.mark.parametrize(
    ("params", "columns", "points", "told"),
    [
        ({"column": "number"}, None, None, "holds numbers, and no texts"),
        ({"column": "caption", "first_column": "caption"}, None, None, "would find itself"),
        ({}, {"where": ["x"] * 9}, None, "choose one with 'column': where"),
        ({}, {"caption": ["", None, " ", "", ""]}, None, "holds no text"),
        ({}, {"caption": ["a", "b", None, "d"]}, None, "at least 5 pairs"),
        ({"other": "shared"}, None, None, "name them with 'space'|would find itself"),
        ({}, None, np.full((108, 32), np.nan), r"NaN or infinity \(first: row 0\)"),
        ({}, None, np.zeros((108, 32)), "not zero on both sides"),
    ],
)
def test_bad_input_is_told_in_a_sentence(params: Any, columns: Any, points: Any, told: str) -> None:
    job = PairJob(columns=columns, points=None if points is None else {"shared": points})
    with pytest.raises(wb.WorkbenchError, match=told):
        run(Retrieval, job, **params)


def test_two_columns_and_two_spaces_are_pairs_too() -> None:
    result = run(Retrieval, first_column="caption", column="mixed")
    assert result.tables["ways"]["way"].iloc[0] == "caption → mixed"
    own = PairJob().points("shared").values

    class Two(wb.Model):
        """Two spaces and no text."""

        one = wb.vectors(32)
        two = wb.vectors(32)

    result = run(Retrieval, PairJob(points={"one": own, "two": own[::-1]}, model=Two()))
    assert result.tables["ways"]["way"].iloc[0] == "one → two"
    assert result.metrics["recall_at_1"].value == 0.0
    assert Retrieval.missing(Subject(spaces={"z": wb.vectors(3)}, has_model=True)) != []
    assert Retrieval.missing(Subject(spaces=Two().spaces, has_model=True)) == []
    assert Retrieval.missing(Subject()) == ["it needs a model"]


def test_the_towers_have_a_gap_that_is_measured_and_closed() -> None:
    assert towers().maps["look"].target.name == "shared"
    result = run(ModalityGap)
    metrics = result.metrics
    gap, apart = metrics["gap"], metrics["separability"]
    assert gap.low is not None and gap.low > metrics["gap_centred"].value
    assert apart.low is not None and apart.low > 0.8
    assert [one.code for one in result.findings] == ["modality-gap.separate"]
    closing = result.tables["closing"]
    assert (closing["before"] > closing["chance"]).all() and len(closing) == 6
    curve = result.tables["curve"]
    assert curve.loc[curve["closed"] == 0, "gap"].iloc[0] > 0.15 > abs(curve.loc[curve["closed"] == 1, "gap"].iloc[0])
    with pytest.raises(wb.DataError, match="at least 20 are needed"):
        run(ModalityGap, column="few")
    with pytest.raises(wb.ParameterError, match="points of one space"):
        run(ModalityGap, PairJob(points={"shared": np.ones((108, 7))}))


def test_pictures_of_the_gallery_are_of_one_size() -> None:
    large, tiny = np.zeros((200, 100, 1), np.uint8), np.zeros((16, 16, 1), np.uint8)
    assert small(large).shape == (96, 48, 1) and small(tiny).shape == (96, 96, 1)
    assert framed(small(tiny)).shape == (96, 96, 3) and framed(small(tiny))[0, 0].any()


def test_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "retrieval,modality-gap,towers")
    location = str(tmp_path / "store")
    monkeypatch.setenv("WORKBENCH_STORE", location)
    wb.run("retrieval", model="towers", store=location, inline=True, draws=50)
    wb.run("modality-gap", model="towers", store=location, inline=True, draws=50)
    with wb.Store.open(location) as store:
        runs = {one.analysis: one.id for one in store.runs()}
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    page._page_hash = calc_hash("runs")
    for analysis, words in (
        ("retrieval", ("picture → caption", "Whether the same answers come again and again", "The worst queries")),
        ("modality-gap", ("Both clouds in one map", "What closing the gap does to retrieval")),
    ):
        page.query_params["run"] = runs[analysis]
        page.run()
        assert not page.exception
        told = said(page)
        assert "does not work" not in told and all(one in told for one in words)
