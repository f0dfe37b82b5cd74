# SPDX-License-Identifier: Apache-2.0
"""Style shifts in worlds whose answer is known: styles on axes of their own, content along the style, no difference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from plugins.style_shift.samples import choose
from tests.plugins.style_shift.toys import Job, Line, World, run


@pytest.fixture(scope="module")
def result() -> wb.Result:
    return run(Job(World()))


def codes(found: wb.Result) -> list[str]:
    return [one.code for one in found.findings]


def test_style_moves_and_content_stays_where_they_have_axes_of_their_own(result: wb.Result) -> None:
    metrics: Any = result.metrics
    gain, kept = metrics["style_gain"], metrics["content_kept"]
    assert gain.low <= gain.value <= gain.high and kept.low <= kept.value <= kept.high
    assert gain.low > metrics["style_gain_random"].high
    assert gain.value > 0.3 and metrics["style_share"].value == 1.0
    assert kept.value == pytest.approx(0.5, abs=0.05)  # (1, 0, 1) and (0, 1, 1) share one axis of two
    assert metrics["content_retrieved"].value > 0.25  # six texts share each content: one in six by chance
    assert metrics["probe_accuracy"].low > 0.9
    assert gain.n == kept.n == 40


def test_a_map_back_that_inverts_keeps_both_and_one_that_does_not_is_found_out(result: wb.Result) -> None:
    metrics: Any = result.metrics
    assert metrics["style_gain_tell"].low > 0.2 and metrics["content_kept_tell"].value > 0.4
    assert metrics["style_gain_mumble"].value == 0.0 and metrics["content_kept_mumble"].value < 0.8
    assert "style-shift.not-in-words" in codes(result)
    (lost,) = [one for one in result.findings if one.code == "style-shift.not-in-words"]
    assert "mumble" in lost.statement and lost.value == 0.0
    told = result.tables["texts"]
    by_tell = told[(told["map"] == "tell") & (told["strength"] == 2.0)]["told"]
    assert by_tell.str.startswith("romance").all()
    assert by_tell.str.endswith(" 8").all()  # the search of the run, not the map's own
    assert told[(told["map"] == "tell") & (told["strength"] == 0.0)]["told"].str.startswith("caption").all()


def test_the_style_vector_is_the_difference_of_the_means_of_training_texts(result: wb.Result) -> None:
    job = Job(World())
    train = (job.data.columns["split"] == "train").to_numpy()
    means = {}
    for style in ("caption", "romance"):
        rows = np.flatnonzero(train & (job.data.columns["style"] == style).to_numpy())
        means[style] = job.points("points", rows=rows).flat().astype(np.float64).mean(axis=0)
    assert np.allclose(result.arrays["difference"], means["romance"] - means["caption"], atol=1e-6)
    assert np.linalg.norm(result.arrays["direction"]) == pytest.approx(1, abs=1e-6)


def test_journeys_are_whole_and_the_matrix_has_every_pair(result: wb.Result) -> None:
    stops = result.tables["journeys"]
    first = stops[stops["journey"] == 1]
    assert first["kind"].value_counts().to_dict() == {"caption": 5, "told": 2, "start": 1, "average": 1, "shifted": 1}
    assert first[first["kind"] == "caption"]["text"].str.startswith("caption").all()
    pairs = result.tables["matrix"]
    assert len(pairs) == 6 and (pairs["style_gain"] > pairs["style_gain_random"]).all()
    averaged = result.tables["averaging"].set_index("k")["similarity"]
    assert averaged[3] > averaged[1]  # three texts of one content are nearer to another of it than one of them is


def test_content_along_the_style_is_lost_first() -> None:
    found = run(Job(Line()), limit=60)
    (said,) = [one for one in found.findings if one.code == "style-shift.content-over-style"]
    assert said.value == 39 / 40 and said.low is not None and said.low > 0.5 and said.threshold == 0.5
    assert found.metrics["content_retrieved"].value == 1 / 40  # nothing lies beyond the last
    assert found.tables["order"]["content_lost_at"].median() < 0.02
    assert "style_gain_tell" not in found.metrics
    assert any("No map leads back" in one for one in found.notes)


def test_styles_that_are_one_are_not_judged() -> None:
    rng = np.random.default_rng(1)
    shuffled = run(
        Job(World(), columns=lambda one: one.assign(style=rng.permutation(one["style"].to_numpy()))), decoded=0
    )
    assert codes(shuffled) == ["style-shift.styles-not-told-apart"]
    assert "style_gain_tell" not in shuffled.metrics


def test_one_seed_gives_one_result_and_halves_are_drawn_without_a_split() -> None:
    first, second = (run(Job(World(), splits=False), decoded=0, journeys=0) for _ in range(2))
    assert first.numbers() == second.numbers()
    assert any("random half" in one for one in first.notes)
    assert "journeys" not in first.tables


def test_halves_keep_documents_whole_and_styles_even() -> None:
    rows = [(style, f"{style}{book}") for style in "ab" for book in range(6) for _ in range(5 + 20 * (book == 0))]
    frame = pd.DataFrame(rows, columns=["style", "document"]).assign(text=[f"text {at}" for at in range(len(rows))])
    for seed in range(5):
        chosen = choose(frame, None, None, 1000, 1000, np.random.default_rng(seed))
        for train, test in chosen.rows.values():
            assert not set(frame["document"].iloc[train]) & set(frame["document"].iloc[test])
            assert abs(len(train) - len(test)) <= 25
        assert "whole documents together" in chosen.notes[0]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"target": "poetry"}, "'poetry' is no style .*choose from caption, romance, news"),
        ({"target": "caption"}, "both 'caption'"),
        ({"by": "mood"}, "no column 'mood' of styles"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(params: dict[str, Any], told: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=told):
        run(Job(World()), decoded=0, **params)


def test_too_few_texts_and_texts_in_both_parts() -> None:
    few = Job(World(), columns=lambda one: one.assign(style=["rare", *one["style"][1:]]))
    found = run(few, decoded=0, journeys=0)
    assert any("rare (1 and 0)" in one for one in found.notes)
    alone = Job(World(), columns=lambda one: one.assign(style="only"))
    with pytest.raises(wb.DataError, match="two are needed"):
        run(alone)
