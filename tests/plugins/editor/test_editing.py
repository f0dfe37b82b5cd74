# SPDX-License-Identifier: Apache-2.0
"""Arithmetic of edits: what is moved, held and capped, the text of an address, undo and redo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.difference_direction.shell import Shell
from plugins.editor.editing import Edit, Frame, edit_from, shell_share
from plugins.editor.history import LONGEST, History

D = 6
AMOUNTS = st.integers(-60, 60).map(lambda one: one / 10)
EDITS = st.builds(
    lambda steps, axes, random, seed: Edit(
        tuple(sorted((name, one) for name, one in steps.items() if one)),
        tuple(sorted((number, one) for number, one in axes.items() if one)),
        random,
        seed if random else 0,
    ),
    st.dictionaries(st.sampled_from(["smile", "glasses", "a.b-c_d", "7"]), AMOUNTS),
    st.dictionaries(st.integers(0, D - 1), AMOUNTS),
    AMOUNTS,
    st.integers(0, 999),
)


def frame(**vectors: list[float]) -> Frame:
    std = np.array([1.0, 2.0, 0.5, 1.0, 1.0, 3.0])
    mean = np.arange(D, dtype=np.float64)
    named = {name: np.array(one, dtype=np.float64) for name, one in vectors.items()}
    return Frame(mean, std, "the prior", Shell(D, mean, std), named)


SMILE, GLASSES = [3.0, 4.0, 0, 0, 0, 0], [0.0, 2.0, 0, 0, 0, 0]


@given(EDITS)
def test_the_text_of_an_address_is_read_back_as_the_same_edit(edit: Edit) -> None:
    assert edit_from(edit.text()) == (edit, [])


@pytest.mark.parametrize("text", ["smile", "smile:nan", "smile:1e9", "@x:1", "@1:inf", "<script>:1", "!:1", "a:1:2"])
def test_what_is_no_edit_is_named_and_moves_nothing(text: str) -> None:
    assert edit_from(text) == (Edit(), [text])


def test_an_edit_is_the_sum_of_its_parts() -> None:
    ground = frame(smile=SMILE, glasses=GLASSES)
    edit = Edit((("glasses", -1.0), ("smile", 2.0)), ((5, 0.5),), 1.0, 7)
    expected = 2 * np.array(SMILE) - np.array(GLASSES) + ground.random_direction(7)
    expected[5] += 0.5 * 3.0
    np.testing.assert_allclose(ground.wanted(edit), expected)
    start = np.random.default_rng(0).standard_normal((4, D))
    codes, share = ground.applied(edit, start)
    np.testing.assert_allclose(codes - start, np.broadcast_to(expected, (4, D)))
    assert share.tolist() == [1.0] * 4


@given(EDITS, EDITS)
def test_edits_of_one_frame_add_up(one: Edit, two: Edit) -> None:
    ground = frame(smile=SMILE, glasses=GLASSES)
    one, two = replace(one, random=0.0), replace(two, random=0.0)
    steps = {name: one.step(name) + two.step(name) for name in {*dict(one.steps), *dict(two.steps)}}
    axes = {number: one.axis(number) + two.axis(number) for number in range(D)}
    both = Edit(tuple(steps.items()), tuple(axes.items()))
    np.testing.assert_allclose(ground.wanted(both), ground.wanted(one) + ground.wanted(two), atol=1e-9)


def test_the_random_direction_is_as_long_as_named_ones_and_depends_on_its_seed() -> None:
    ground = frame(smile=SMILE, glasses=GLASSES)
    assert np.linalg.norm(ground.random_direction(3)) == pytest.approx((5 + 2) / 2)
    np.testing.assert_array_equal(ground.random_direction(3), ground.random_direction(3))
    assert abs(ground.random_direction(3) - ground.random_direction(4)).max() > 0.1
    assert np.linalg.norm(frame().random_direction(3) / ground.std) == pytest.approx(1)


def test_what_is_held_does_not_change_and_the_step_keeps_its_length() -> None:
    ground = frame(smile=SMILE, glasses=GLASSES)
    moved = ground.wanted(Edit((("smile", 1.0),), hold=("glasses",)))
    assert moved @ np.array(GLASSES) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(moved, [5.0, 0, 0, 0, 0, 0], atol=1e-12)
    random = ground.wanted(Edit(random=2.0, seed=1, hold=("glasses", "smile")))
    assert abs(random @ np.array([SMILE, GLASSES]).T).max() < 1e-9
    own = ground.wanted(Edit((("glasses", 1.5),), hold=("glasses",)))
    np.testing.assert_allclose(own, 1.5 * np.array(GLASSES)), "a direction is not taken out of itself"


def test_a_direction_of_which_nothing_is_left_is_refused_by_its_name() -> None:
    ground = frame(smile=SMILE, same=[6.0, 8.0, 0, 0, 0, 0])
    with pytest.raises(wb.DataError, match=r"'smile' cannot be moved with same held: nothing is left"):
        ground.wanted(Edit((("smile", 1.0),), hold=("same",)))
    with pytest.raises(wb.DataError, match="'gone' cannot be used here"):
        ground.vector("gone")


def test_the_cap_of_the_length_is_in_standard_deviations() -> None:
    ground = frame(smile=SMILE)
    edit = Edit((("smile", 2.0),), cap="length", limit=1.0)
    codes, share = ground.applied(edit, np.zeros((1, D)))
    assert np.linalg.norm(codes[0] / ground.std) == pytest.approx(1.0)
    assert share[0] == pytest.approx(1 / np.linalg.norm(2 * np.array(SMILE) / ground.std))
    assert ground.applied(replace(edit, limit=100.0), np.zeros((1, D)))[1][0] == 1.0


@settings(deadline=None)  # the first call imports scipy
@given(st.integers(0, 10_000))
def test_the_cap_of_the_shell_stops_on_it_and_never_takes_a_code_further_out(seed: int) -> None:
    ground = frame()
    random = np.random.default_rng(seed)
    assert ground.shell is not None
    start = ground.mean + ground.std * random.standard_normal((5, D)) * random.uniform(0.1, 3, (5, 1))
    delta = random.standard_normal(D) * 20
    share = shell_share(ground.shell, start, delta)
    before, after = ground.distance(start), ground.distance(start + share[:, None] * delta)
    limit = np.maximum(ground.shell.outer, before)
    assert (after <= limit * (1 + 1e-9)).all() and ((share >= 0) & (share <= 1)).all()
    stopped = (share > 1e-9) & (share < 1)
    np.testing.assert_allclose(after[stopped], limit[stopped], rtol=1e-9)
    assert not ground.outside((start + share[:, None] * delta)[before <= ground.shell.outer]).any()


def test_nothing_is_outside_where_there_is_no_normal_prior() -> None:
    ground = Frame(np.zeros(2), np.ones(2), "codes")
    assert not ground.outside(np.full((1, 2), 1e6)).any()
    assert ground.applied(Edit(axes=((0, 9.0),), cap="shell"), np.zeros((1, 2)))[1][0] == 1.0


@given(st.lists(st.sampled_from(["undo", "redo", "a", "b", "c"]), max_size=60))
def test_history_undoes_and_redoes_as_a_plain_list_does(actions: list[str]) -> None:
    line, edits, at = History(), [Edit()], 0
    for one in actions:
        if one == "undo":
            line, at = line.undone(), max(0, at - 1)
        elif one == "redo":
            line, at = line.redone(), min(len(edits) - 1, at + 1)
        else:
            edit = Edit().stepped(one, 1.0)
            line = line.then(edit)
            if edit != edits[at]:
                edits = [*edits[: at + 1], edit]
                at += 1
        assert line.present == edits[at]
        assert (len(line.past), len(line.future)) == (at, len(edits) - 1 - at)


def test_history_forgets_the_oldest_edits() -> None:
    line = History()
    for one in range(LONGEST + 20):
        line = line.then(Edit(seed=one + 1))
    assert len(line.past) == LONGEST and line.past[0].seed == 20
