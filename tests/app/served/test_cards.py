# SPDX-License-Identifier: Apache-2.0
"""Hover cards: one maker for each page and key, asked for positions only, in threads with a limit of time."""

from __future__ import annotations

import base64
import io
import json
import threading
from typing import Any

import numpy as np
import pytest
from PIL import Image

from registry.errors import ModelError
from workbench.app.served import cards, makers
from workbench.app.served.cards import Card

MARKUP = '<img src=x onerror="window.bad=1"> </script> "\\\u2028'


def picture(answer: Any) -> Any:
    head, _, coded = json.loads(answer.body)["image"].partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(coded))))


def test_a_card_comes_as_plain_text_and_a_picture(site: Any) -> None:
    token = site.page("one")
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4)
    path = cards.publish("map", lambda at: Card(f"{at} {MARKUP}", (MARKUP, "b"), pixels))
    answer = site.ask(f"{path}/7", token)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    words = json.loads(answer.body)
    plain = " ".join(MARKUP.split())
    assert (words["title"], words["lines"], words["error"]) == (f"7 {plain}", [plain, "b"], "")
    assert np.array_equal(picture(answer), pixels.repeat(28, axis=0).repeat(28, axis=1))
    assert json.loads(site.ask(f"{path}/8", token).body)["title"].startswith("8 ")
    assert site.ask(f"{path}/8", token, "HEAD").status == 200


@pytest.mark.parametrize(
    "shape, expected",
    [
        ((28, 28), (112, 112)),
        ((8, 8, 3), (112, 112, 3)),
        ((128, 64, 4), (128, 64, 4)),
        ((129, 60, 1), (65, 30)),
        ((64, 64, 1), (128, 128)),
        ((1024, 512, 3), (128, 64, 3)),
        ((1, 5000), (1, 125)),
        ((1, 1, 3), (112, 112, 3)),
    ],
)
def test_pictures_are_brought_to_about_a_hundred_pixels_by_whole_steps(
    site: Any, shape: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    token = site.page("one")
    pixels = np.full(shape, 9, dtype=np.uint8)
    path = cards.publish("map", lambda at: Card("", picture=pixels))
    made = picture(site.ask(f"{path}/0", token))
    assert made.shape == expected
    assert (made == 9).all()


def test_a_large_picture_is_the_mean_of_whole_blocks() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (256, 256), dtype=np.uint8)
    means = pixels.reshape(128, 2, 128, 2).mean(axis=(1, 3))
    assert np.abs(cards.fit(pixels) - means).max() <= 0.5


BAD = ["-1", "+1", "01", "1.0", "1e1", "x", "", " 1", "1%20", "%0A1", "1%00", "..", "%2e%2e", "10", "9" * 30, "\u0663"]


@pytest.mark.parametrize("position", BAD)
def test_a_position_is_a_number_below_the_length(site: Any, position: str) -> None:
    token = site.page("one")
    path = cards.publish("map", lambda at: Card(str(at)), length=10)
    assert site.ask(f"{path}/9", token).status == 200
    missing = site.ask("/workbench/cards/" + "0" * 32 + "/0", token)
    answer = site.ask(f"{path}/{position}", token)
    assert (answer.status, answer.body) == (404, missing.body)


def test_nobody_else_gets_a_card(site: Any) -> None:
    one, two = site.page("one"), site.page("two")
    path = cards.publish("map", lambda at: Card("of two"))
    for token in (one, None, "two." + "0" * 64):
        assert site.ask(f"{path}/0", token).status == 404
    site.current = "one"
    other = cards.publish("map", lambda at: Card("of one"))
    assert other != path
    assert json.loads(site.ask(f"{other}/0", one).body)["title"] == "of one"
    assert json.loads(site.ask(f"{path}/0", two).body)["title"] == "of two"
    site.open.remove("two")
    assert site.ask(f"{path}/0", two).status == 404


def test_the_address_stays_and_the_newest_maker_answers(site: Any) -> None:
    token = site.page("one")
    asked: list[int] = []

    def first(at: int) -> Card:
        asked.append(at)
        return Card("first")

    path = cards.publish("map", first)
    assert site.ask(f"{path}/0", token).body == site.ask(f"{path}/0", token).body
    assert asked == [0]
    assert cards.publish("map", lambda at: Card("second")) == path
    assert json.loads(site.ask(f"{path}/0", token).body)["title"] == "second"


def test_answers_kept_are_bounded(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "ANSWERS", 3)
    token, asked = site.page("one"), []
    path = cards.publish("map", lambda at: asked.append(at) or Card(str(at)))
    for at in (0, 1, 2, 0, 3, 0, 1):
        site.ask(f"{path}/{at}", token)
    assert asked == [0, 1, 2, 3, 1]


@pytest.mark.parametrize(
    "error, status, words",
    [
        (ModelError("The model 'x' is gone: start it again."), 200, "The model 'x' is gone: start it again."),
        (KeyError("secret/path"), 500, "The card of point 1,234 could not be made (KeyError)."),
        (StopIteration(), 500, "The card of point 1,234 could not be made (StopIteration)."),
    ],
)
def test_an_error_is_one_sentence(
    site: Any, caplog: pytest.LogCaptureFixture, error: Exception, status: int, words: str
) -> None:
    token = site.page("one")

    def broken(at: int) -> Card:
        raise error

    answer = site.ask(f"{cards.publish('map', broken)}/1234", token)
    assert answer.status == status
    assert json.loads(answer.body) == {"title": "", "lines": [], "image": None, "error": words}
    assert bool(caplog.records) == (status == 500)


def test_a_picture_that_is_none_is_one_sentence(site: Any) -> None:
    token = site.page("one")
    for pixels in (np.zeros((4, 4)), np.zeros((4, 4, 2), dtype=np.uint8), np.zeros((0, 4), dtype=np.uint8)):
        path = cards.publish("map", lambda at, pixels=pixels: Card("", picture=pixels))
        assert site.ask(f"{path}/0", token).status == 500


def test_two_at_a_time_for_a_page_and_the_others_go_on(site: Any) -> None:
    one, two = site.page("one"), site.page("two")
    lock, running, most = threading.Lock(), [0], [0]
    both = threading.Barrier(2)

    def slow(at: int) -> Card:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        both.wait(10)
        with lock:
            running[0] -= 1
        return Card(str(at))

    path = cards.publish("map", slow)
    answers = site.ask_all([f"{path}/{at}" for at in range(6)], two)
    assert [json.loads(answer.body)["title"] for answer in answers] == list("012345")
    assert most[0] == 2
    assert one != two


def test_a_late_card_is_given_up_and_those_after_it_wait_in_a_bounded_line(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "SECONDS", 1.5)  # long enough for all to stand in line on a busy machine
    token, goes_on, begun = site.page("one"), threading.Event(), []

    def stuck(at: int) -> Card:
        begun.append(at)
        goes_on.wait(20)
        return Card(str(at))

    path = cards.publish("map", stuck)
    answers = site.ask_all([f"{path}/{at}" for at in range(40)], token)
    assert {answer.status for answer in answers} == {503}
    words = [json.loads(answer.body)["error"] for answer in answers]
    assert sum("takes too long" in one for one in words) == 34
    assert sum("too many were asked for at once" in one for one in words) == 6
    other = site.page("two")
    assert site.ask(f"{cards.publish('map', lambda at: Card('quick'))}/0", other).status == 200
    goes_on.set()
    monkeypatch.setattr(cards, "SECONDS", 20.0)
    assert json.loads(site.ask(f"{path}/99", token).body)["title"] == "99"
    assert sorted(begun) == [0, 1, 99]  # what was given up while it stood in line was never begun


def test_makers_are_bounded_and_go_with_their_page(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "PAGE_LIMIT", 2)
    monkeypatch.setattr(makers.grants, "GRACE", -1.0)
    token = site.page("one")
    paths = [cards.publish(key, lambda at: Card("x")) for key in "abc"]
    assert [site.ask(f"{path}/0", token).status for path in paths] == [404, 200, 200]
    other = site.page("two")
    site.open.remove("one")
    path = cards.publish("a", lambda at: Card("x"))
    assert len(cards.registry) == 1
    assert site.ask(f"{path}/0", other).status == 200
    monkeypatch.setattr(makers, "LIMIT", 1)
    site.page("three")
    cards.publish("a", lambda at: Card("x"))
    assert len(cards.registry) == 1
